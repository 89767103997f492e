"""The warehouse's folders: housekeeping that SQL cannot do, and reading a table without Spark."""

from pathlib import PurePosixPath

import fsspec
import pandas as pd
import pyarrow.dataset as ds

# A first run that is killed leaves as many folders without a table at most: dbt's threads.
MOST_HALF_WRITTEN = 4


def open_folder(location: str) -> ds.Dataset:
    """A table by its folder or file, Parquet or Delta (its current version), local or behind a URL; unread.

    Raises FileNotFoundError where nothing is, and ValueError (pyarrow's ArrowInvalid) for what is no table.
    """
    filesystem, path = fsspec.core.url_to_fs(location)
    if filesystem.exists(f"{path}/_delta_log"):
        from deltalake import DeltaTable
        from deltalake.exceptions import TableNotFoundError

        try:
            return DeltaTable(location).to_pyarrow_dataset()
        except TableNotFoundError:
            raise FileNotFoundError(f"{location} has no version yet") from None
    return ds.dataset(path, filesystem=filesystem, format="parquet", partitioning="hive")


def clear_orphan_folders(warehouse: pd.Series, database: pd.Series, tables: pd.Series) -> pd.DataFrame:
    """Remove table folders of a database that its catalogue does not know; one warehouse a row.

    `tables` is the comma-separated list of tables that exist. Where there are none, but many lie in the folder, it is
    the catalogue that is missing, and nothing is removed. Returns `removed` (comma-separated folder names) and
    `error` (string or None), one row a row.
    """
    rows = [_clear(*row) for row in zip(warehouse, database, tables, strict=True)]
    return pd.DataFrame(rows, columns=["removed", "error"])


def _clear(warehouse: str, database: str, tables: str) -> tuple[str, str | None]:
    known = {name.lower() for name in tables.split(",") if name}
    # Spark lowers the name.
    folder = f"{warehouse.rstrip('/')}/{database.lower()}.db"
    removed = []
    try:
        filesystem, path = fsspec.core.url_to_fs(folder)
        if not filesystem.exists(path):
            return "", None
        folders = [entry["name"] for entry in filesystem.ls(path, detail=True) if entry["type"] == "directory"]
        if len(folders) > MOST_HALF_WRITTEN and not known:
            return "", (
                f"{len(folders)} tables lie in {folder}, and the catalogue of this session knows none of them: it is "
                "new, or that of another warehouse. Nothing was removed or written. Use the catalogue that has them "
                "(where the warehouse is a URL, the checkout that built them), or name another warehouse."
            )
        for one in folders:
            name = PurePosixPath(one).name
            if name.lower() not in known:
                filesystem.rm(one, recursive=True)
                removed.append(name)
    except OSError as error:
        return ",".join(removed), f"could not clear {folder}: {error.strerror or error}"
    return ",".join(sorted(removed)), None
