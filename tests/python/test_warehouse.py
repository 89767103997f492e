from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import write_deltalake

from python_udfs.warehouse import clear_orphan_folders, open_folder


def test_only_folders_that_no_table_owns_go(tmp_path: Path) -> None:
    database = tmp_path / "pinlanding.db"
    for name in ("products", "attributes", "half_written"):
        (database / name).mkdir(parents=True)
        (database / name / "part-0.parquet").write_text("x")
    # Spark writes the schema's name, and a table's, in small letters.
    result = clear_orphan_folders(
        pd.Series([str(tmp_path)]), pd.Series(["PinLanding"]), pd.Series(["Products,attributes"])
    )
    assert result.to_dict("records") == [{"removed": "half_written", "error": None}]
    assert sorted(path.name for path in database.iterdir()) == ["attributes", "products"]


def test_a_warehouse_without_tables_is_left_alone(tmp_path: Path) -> None:
    result = clear_orphan_folders(pd.Series([str(tmp_path)]), pd.Series(["pinlanding"]), pd.Series([""]))
    assert result.to_dict("records") == [{"removed": "", "error": None}]


def test_nothing_goes_where_the_catalogue_is_another(tmp_path: Path) -> None:
    database = tmp_path / "pinlanding.db"
    for name in ("products", "attributes", "collections", "page_history", "landing_pages"):
        (database / name).mkdir(parents=True)
    result = clear_orphan_folders(pd.Series([str(tmp_path)]), pd.Series(["pinlanding"]), pd.Series([""]))
    assert result.removed[0] == "" and "5 tables lie in" in result.error[0]
    assert len(list(database.iterdir())) == 5


def test_what_a_first_run_left_half_written_goes(tmp_path: Path) -> None:
    (tmp_path / "pinlanding.db" / "facets" / "_temporary").mkdir(parents=True)
    result = clear_orphan_folders(pd.Series([str(tmp_path)]), pd.Series(["pinlanding"]), pd.Series([""]))
    assert result.to_dict("records") == [{"removed": "facets", "error": None}]


def test_both_formats_read_alike_and_delta_without_what_was_replaced(tmp_path: Path) -> None:
    old, new = pa.table({"id": [1, 2], "tags": [["a"], []]}), pa.table({"id": [3], "tags": [["b", "c"]]})
    (tmp_path / "parquet").mkdir()
    pq.write_table(new, tmp_path / "parquet" / "part-0.parquet")
    for version in (old, new):
        write_deltalake(tmp_path / "delta", version, mode="overwrite")
    assert len(list((tmp_path / "delta").glob("*.parquet"))) == 2
    for name in ("parquet", "delta"):
        assert open_folder(str(tmp_path / name)).to_table().to_pylist() == new.to_pylist()


def test_a_delta_folder_without_a_version_is_no_table(tmp_path: Path) -> None:
    (tmp_path / "_delta_log").mkdir()
    with pytest.raises(FileNotFoundError):
        open_folder(str(tmp_path))
