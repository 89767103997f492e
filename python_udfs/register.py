"""Every function SQL can call: its name, argument types, result type, and what a failing row returns."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

import numpy as np
import pandas as pd
import pyarrow as pa
from pyspark.sql import SparkSession
from pyspark.sql.functions import arrow_udf, arrow_udtf, pandas_udf  # type: ignore[attr-defined]
from pyspark.sql.types import ArrayType, DataType, StringType, StructField, StructType
from pyspark.sql.utils import is_remote

from python_udfs.model_calls.ledger import ESTIMATE, LEDGER
from python_udfs.model_calls.terms import TERMS

Evaluate = Callable[..., Any]


@dataclass(frozen=True)
class Function:
    """One SQL function.

    `factory()` imports the function and returns it; it runs in the worker when the first rows come, so that a step
    with nothing to do imports nothing. The function is called with one column an argument: pandas Series (struct
    arguments: DataFrame), or pyarrow arrays where `columns` is "arrow"; it returns a Series, a DataFrame for a struct,
    or an arrow array. With `whole_task` it is called once a task, with an iterator over batches of such columns, and
    gives an iterator over as many rows.
    """

    name: str
    arguments: dict[str, str]
    returns: str
    factory: Callable[[], Evaluate]
    on_failure: str
    columns: Literal["pandas", "arrow"] = "pandas"
    whole_task: bool = False


@dataclass(frozen=True)
class TableFunction:
    """One SQL function over the rows of a table: `f(table(select … cluster by <key>), …)`.

    `factory()` imports the function and returns it. It is called once for each run of rows with the same `key` (one of
    the `rows`, never null), with these rows as a pyarrow Table and the other arguments as Python values, and gives
    pyarrow RecordBatches. Rows of one key are held in the worker until the last one is there. Spark's own
    `partition by` would make the runs too, but compares the keys of 10,000 rows one by one in Python.
    """

    name: str
    rows: dict[str, str]
    key: str
    arguments: dict[str, str]
    returns: str
    factory: Callable[[], Callable[..., Iterator[pa.RecordBatch]]]
    on_failure: str


def _match_products() -> Evaluate:
    from python_udfs.matching import match_products

    return match_products


def _mine_combinations() -> Evaluate:
    from python_udfs.mining import mine_combinations

    return mine_combinations


def _stat_image() -> Evaluate:
    from python_udfs.images import stat_image

    return stat_image


def _inspect_image() -> Evaluate:
    from python_udfs.images import inspect_image

    return inspect_image


def _clear_orphan_folders() -> Evaluate:
    from python_udfs.warehouse import clear_orphan_folders

    return clear_orphan_folders


def _title_collection() -> Evaluate:
    from python_udfs.titles import title_collection

    return title_collection


def _draw_sample() -> Evaluate:
    from python_udfs.sampling import draw_sample

    return draw_sample


def _describe_encoder() -> Evaluate:
    from python_udfs.encoder_location import describe_encoder

    return describe_encoder


def _embed_product() -> Evaluate:
    from python_udfs.embedding import embed_product

    return embed_product


def _embed_text() -> Evaluate:
    from python_udfs.embedding import embed_text

    return embed_text


def _score_attributes() -> Evaluate:
    from python_udfs.scoring import score_attributes

    return score_attributes


def _score_product() -> Evaluate:
    from python_udfs.scoring import score_product

    return score_product


def _extract_attributes() -> Evaluate:
    from python_udfs.extraction import extract_attributes

    return extract_attributes


def _review_attribute() -> Evaluate:
    from python_udfs.review import review_attribute

    return review_attribute


def _title_collection_by_model() -> Evaluate:
    from python_udfs.titling import title_collection_by_model

    return title_collection_by_model


def _judge_product() -> Evaluate:
    from python_udfs.judging import judge_product

    return judge_product


def _estimate_judge_product() -> Evaluate:
    from python_udfs.judging import estimate_judge_product

    return estimate_judge_product


def _estimate_extract_attributes() -> Evaluate:
    from python_udfs.extraction import estimate_extract_attributes

    return estimate_extract_attributes


def _estimate_review_attribute() -> Evaluate:
    from python_udfs.review import estimate_review_attribute

    return estimate_review_attribute


def _estimate_title_collection() -> Evaluate:
    from python_udfs.titling import estimate_title_collection

    return estimate_title_collection


def _with_ledger(fields: str) -> str:
    return f"struct<{fields}, {', '.join(f'{name} {kind}' for name, kind in LEDGER.items())}>"


_ESTIMATE = f"struct<{', '.join(f'{name} {kind}' for name, kind in ESTIMATE.items())}>"

# What every function that asks a model takes beside its input, and on what terms it may ask.
MODEL = {"model": "string", "cache": "string"}
ASKED = MODEL | {"terms": f"struct<{', '.join(f'{name} {kind}' for name, kind in TERMS.items())}>"}
PRODUCT = {
    "image_uri": "string",
    "title": "string",
    "description": "string",
    "price": "string",
    "tags": "string",
    "roots": "string",
    "facets": "array<string>",
}
VALUE = {"facet": "string", "value": "string", "products": "bigint"}
COMBINATION = {"attributes": "array<struct<facet string, value string>>"}
LISTED = {
    "page_title": "string",
    "title": "string",
    "description": "string",
    "image_uri": "string",
    "roots": "string",
}
IMAGE = {"image_uri": "string", "roots": "string"}


def _estimate(name: str, question: dict[str, str], factory: Callable[[], Evaluate]) -> Function:
    """What the function that asks this question would take, for the same arguments but for the terms."""
    failure = "error is `kind: message`, every other field is null"
    return Function(name=name, arguments=question | MODEL, returns=_ESTIMATE, factory=factory, on_failure=failure)


FUNCTIONS = (
    Function(
        name="clear_orphan_folders",
        arguments={"warehouse": "string", "database": "string", "tables": "string"},
        returns="struct<removed string, error string>",
        factory=_clear_orphan_folders,
        on_failure="error says why, and the run stops",
    ),
    Function(
        name="draw_sample",
        arguments={"folder": "string", "products": "int", "seed": "int", "shard": "int", "shards": "int"},
        returns="struct<products int, error string>",
        factory=_draw_sample,
        on_failure="error says why; what was drawn stays",
    ),
    Function(
        name="title_collection",
        arguments={
            "attributes": "array<struct<facet string, value string, position int>>",
            "evidence": "struct<carriers bigint, enough bigint, together double, modifiers array<struct<facet string, "
            "value string, lift double, share double>>, conflicts array<string>>",
        },
        returns="struct<valid boolean, title string, description string, quality double, quality_source string, "
        "problems array<string>, error string>",
        factory=_title_collection,
        on_failure="error says why; every other field is null",
        columns="arrow",
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
    Function(
        name="describe_encoder",
        arguments={"encoder": "string", "warehouse": "string"},
        returns=(
            "struct<name string, key string, location string, trained_here boolean, trained_on string, dimension int, "
            "error string>"
        ),
        factory=_describe_encoder,
        on_failure="error says which encoders there are",
    ),
    Function(
        name="embed_product",
        arguments={
            "image_uri": "string",
            "title": "string",
            "description": "string",
            "roots": "string",
            "encoder": "string",
        },
        returns="struct<image_embedding array<float>, text_embedding array<float>, error string>",
        factory=_embed_product,
        on_failure="the embedding is null, error names the reason; without an address the image's is null, no error",
        columns="arrow",
    ),
    Function(
        name="embed_text",
        arguments={"text": "string", "encoder": "string"},
        returns="struct<embedding array<float>, error string>",
        factory=_embed_text,
        on_failure="the embedding is null, error names the reason; so it is without text, but no error",
        columns="arrow",
    ),
    Function(
        name="score_attributes",
        arguments={
            "product_block": "array<struct<product_id string, embedding array<float>>>",
            "attribute_block": "array<struct<attribute_id string, embedding array<float>, bias float>>",
            "top_n": "int",
        },
        returns="array<struct<product_id string, attribute_id string, similarity float>>",
        factory=_score_attributes,
        on_failure="an entry without an embedding gives no result; embeddings of two encoders in a block end the query",
        columns="arrow",
    ),
    Function(
        name="score_product",
        arguments={
            "embedding": "array<float>",
            "attribute_block": "array<struct<attribute_number int, embedding array<float>, bias float>>",
            "top_n": "int",
        },
        returns="array<struct<attribute_number int, similarity float>>",
        factory=_score_product,
        on_failure="null without an embedding; embeddings of two encoders, or a product before any attributes, end the "
        "query",
        columns="arrow",
        whole_task=True,
    ),
    Function(
        name="extract_attributes",
        arguments=PRODUCT | ASKED,
        returns=_with_ledger("attributes array<struct<facet string, value string>>"),
        factory=_extract_attributes,
        on_failure="error is `kind: message`, attributes is null; nothing is cached",
    ),
    Function(
        name="review_attribute",
        arguments=VALUE | ASKED,
        returns=_with_ledger("decision string, reason string"),
        factory=_review_attribute,
        on_failure="error is `kind: message`, decision and reason are null; nothing is cached",
    ),
    Function(
        name="title_collection_by_model",
        arguments=COMBINATION | ASKED,
        returns=_with_ledger("valid boolean, title string, description string, quality double, problems array<string>"),
        factory=_title_collection_by_model,
        on_failure="error is `kind: message`, every other field of the answer is null; nothing is cached",
    ),
    Function(
        name="judge_product",
        arguments=LISTED | ASKED,
        returns=_with_ledger("correct boolean, reason string"),
        factory=_judge_product,
        on_failure="error is `kind: message`, correct and reason are null; nothing is cached",
    ),
    _estimate("estimate_extract_attributes", PRODUCT, _estimate_extract_attributes),
    _estimate("estimate_review_attribute", VALUE, _estimate_review_attribute),
    _estimate("estimate_title_collection", COMBINATION, _estimate_title_collection),
    _estimate("estimate_judge_product", LISTED, _estimate_judge_product),
)

TABLE_FUNCTIONS = (
    TableFunction(
        name="match_products",
        rows={
            "task_number": "int",
            "id": "string",
            "entry": "bigint",
        },
        key="task_number",
        arguments={"relevance_threshold": "double", "top_k": "int"},
        returns="collection_id string, products bigint, best array<string>",
        factory=_match_products,
        on_failure="a score outside 0 to 1, or more than 8.4 million products or 1.05 million attributes in a group, "
        "ends the query",
    ),
    TableFunction(
        name="mine_combinations",
        rows={
            "task_number": "int",
            "product_type": "bigint",
            "modifiers": "array<bigint>",
            "part": "int",
            "parts": "int",
            "item": "string",
            "id_hash": "bigint",
            "other_id_hash": "bigint",
        },
        key="task_number",
        arguments={"min_carriers": "int", "max_size": "int", "relevance_threshold": "double"},
        returns="attributes array<int>, carriers bigint, products bigint, items bigint, hash_xor bigint, "
        "hash_sum bigint",
        factory=_mine_combinations,
        on_failure="a score outside 0 to 1 ends the query",
    ),
)


def register(spark: SparkSession) -> None:
    """Register every function on the session under its SQL name."""
    for function in FUNCTIONS:
        make = arrow_udf if function.columns == "arrow" else pandas_udf
        returns = _without_collation(DataType.fromDDL(function.returns)) if is_remote() else function.returns
        spark.udf.register(function.name, make(_shell(function), returns))
    for table_function in TABLE_FUNCTIONS:
        handler = arrow_udtf(_table_shell(table_function), returnType=table_function.returns)
        spark.udtf.register(table_function.name, handler)  # type: ignore[arg-type]


def _without_collation(kind: DataType) -> DataType:
    """The type with strings whose collation is not named.

    Spark Connect's client names the default one. The server takes it for a choice and Delta writes it into a table's
    log, as a type that other readers of Delta do not know.
    """
    match kind:
        case StringType():
            return StringType(collation="")
        case ArrayType():
            return ArrayType(_without_collation(kind.elementType), kind.containsNull)
        case StructType():
            return StructType([StructField(f.name, _without_collation(f.dataType), f.nullable) for f in kind.fields])
    return kind


def _shell(function: Function) -> Callable[[Iterator[Any]], Iterator[Any]]:
    """The function as Spark wants it: an iterator over batches."""
    single = len(function.arguments) == 1

    def shell(batches: Iterator[Any]) -> Iterator[Any]:
        if function.whole_task:
            yield from function.factory()(batches)
            return
        for batch in batches:
            evaluate = function.factory()
            yield evaluate(batch) if single else evaluate(*batch)

    column = pa.Array if function.columns == "arrow" else pd.Series
    row = pd.DataFrame if function.returns.startswith("struct") and column is pd.Series else column
    # Spark chooses the kind of function by its type hints.
    shell.__annotations__ = {
        "batches": Iterator[column] if single else Iterator[tuple[column, ...]],  # type: ignore[valid-type]
        "return": Iterator[row],  # type: ignore[valid-type]
    }
    return shell


def _table_shell(function: TableFunction) -> type:
    """The function as Spark wants it: a class, one of it a partition."""

    class Shell:
        def __init__(self) -> None:
            self.key: Any = None
            self.batches: list[pa.RecordBatch] = []
            self.arguments: list[Any] = []

        def eval(self, rows: pa.RecordBatch, *arguments: pa.Array) -> Iterator[pa.RecordBatch]:
            keys = rows.column(function.key).to_numpy()
            starts = [0, *(np.flatnonzero(keys[1:] != keys[:-1]) + 1).tolist(), len(keys)]
            for start, end in pairwise(starts):
                if end > start and self.batches and keys[start] != self.key:
                    yield from self.call()
                if end > start:
                    self.key = keys[start]
                    self.batches.append(rows.slice(start, end - start))
                    self.arguments = self.arguments or [argument[0].as_py() for argument in arguments]

        def terminate(self) -> Iterator[pa.RecordBatch]:
            yield from self.call()

        def call(self) -> Iterator[pa.RecordBatch]:
            batches, self.batches = self.batches, []
            return function.factory()(pa.Table.from_batches(batches), *self.arguments) if batches else iter(())

    return Shell
