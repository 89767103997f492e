"""Every function SQL can call: its name, argument types, result type, and what a failing row returns."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd
import pyarrow as pa
from pyspark.sql import SparkSession
from pyspark.sql.functions import arrow_udf, pandas_udf

Evaluate = Callable[..., Any]


@dataclass(frozen=True)
class Function:
    """One SQL function.

    `factory()` runs once a task and returns the function that is called with one column a argument: pandas Series
    (struct arguments: DataFrame), or pyarrow arrays where `columns` is "arrow"; it returns a Series, a DataFrame for
    a struct, or an arrow array.
    """

    name: str
    arguments: dict[str, str]
    returns: str
    factory: Callable[[], Evaluate]
    on_failure: str
    columns: Literal["pandas", "arrow"] = "pandas"


def _stat_image() -> Evaluate:
    from python_udfs.images import stat_image

    return stat_image


def _inspect_image() -> Evaluate:
    from python_udfs.images import inspect_image

    return inspect_image


def _clear_orphan_folders() -> Evaluate:
    from python_udfs.warehouse import clear_orphan_folders

    return clear_orphan_folders


def _draw_sample() -> Evaluate:
    from python_udfs.sampling import draw_sample

    return draw_sample


IMAGE = {"image_uri": "string", "roots": "string"}

FUNCTIONS = (
    Function(
        name="clear_orphan_folders",
        arguments={"warehouse": "string", "database": "string", "tables": "string"},
        returns="struct<removed string, error string>",
        factory=_clear_orphan_folders,
        on_failure="error says why; the run goes on",
    ),
    Function(
        name="draw_sample",
        arguments={"folder": "string", "products": "int", "seed": "int", "shard": "int", "shards": "int"},
        returns="struct<products int, error string>",
        factory=_draw_sample,
        on_failure="error says why; what was drawn stays",
    ),
    Function(
        name="stat_image",
        arguments=IMAGE,
        returns="struct<size bigint, modified string, error string>",
        factory=_stat_image,
        on_failure="error names the reason",
    ),
    Function(
        name="inspect_image",
        arguments=IMAGE,
        returns="struct<sha256 string, width int, height int, error string>",
        factory=_inspect_image,
        on_failure="error names the reason",
    ),
)


def register(spark: SparkSession) -> None:
    """Register every function on the session under its SQL name."""
    for function in FUNCTIONS:
        make = arrow_udf if function.columns == "arrow" else pandas_udf
        spark.udf.register(function.name, make(_shell(function), function.returns))


def _shell(function: Function) -> Callable[[Iterator[Any]], Iterator[Any]]:
    """The function as Spark wants it: an iterator over batches, so that `factory` runs once a task, not once a batch."""
    single = len(function.arguments) == 1

    def shell(batches: Iterator[Any]) -> Iterator[Any]:
        evaluate = function.factory()
        for batch in batches:
            yield evaluate(batch) if single else evaluate(*batch)

    column = pa.Array if function.columns == "arrow" else pd.Series
    row = pd.DataFrame if function.returns.startswith("struct") and column is pd.Series else column
    # Spark chooses the kind of function by its type hints.
    shell.__annotations__ = {
        "batches": Iterator[column] if single else Iterator[tuple[column, ...]],  # type: ignore[valid-type]
        "return": Iterator[row],  # type: ignore[valid-type]
    }
    return shell
