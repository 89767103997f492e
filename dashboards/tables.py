"""The warehouse's tables as a build left them: folders under `<warehouse>/<schema>.db`, Parquet or Delta."""

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.dataset as ds

from dbt_pinlanding.settings import tables_folder
from python_udfs.warehouse import open_folder


class NotBuilt(Exception):
    """A table that is not there; the message says what to run."""


def open_table(warehouse: str, name: str, columns: Sequence[str] = ()) -> ds.Dataset:
    """The table, unread; it has at least these columns. Raises NotBuilt."""
    try:
        dataset = open_folder(f"{tables_folder(warehouse)}/{name}")
    except (FileNotFoundError, pa.ArrowInvalid):
        dataset = None
    # A folder without a data file has no schema: a build has dropped the table and not yet written it.
    if dataset is None or not dataset.schema.names:
        raise NotBuilt(f"There is no table {name} under {warehouse}: run make build first (WAREHOUSE=… names another).")
    missing = [column for column in columns if column not in dataset.schema.names]
    if missing:
        raise NotBuilt(f"The table {name} under {warehouse} has no column {missing[0]}: run make build again.")
    return dataset


def read_table(warehouse: str, name: str, columns: Sequence[str]) -> pa.Table:
    """These columns of the table. Raises NotBuilt."""
    dataset = open_table(warehouse, name, columns)
    try:
        return dataset.to_table(columns=list(columns))
    except FileNotFoundError:
        raise NotBuilt(f"The table {name} under {warehouse} is being written: wait for the build to end.") from None
