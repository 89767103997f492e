from pathlib import Path

import pandas as pd

from python_udfs.warehouse import clear_orphan_folders


def test_only_folders_that_no_table_owns_go(tmp_path: Path) -> None:
    database = tmp_path / "pinlanding.db"
    for name in ("products", "attributes", "half_written"):
        (database / name).mkdir(parents=True)
        (database / name / "part-0.parquet").write_text("x")
    result = clear_orphan_folders(
        pd.Series([str(tmp_path)]), pd.Series(["pinlanding"]), pd.Series(["Products,attributes"])
    )
    assert result.to_dict("records") == [{"removed": "half_written", "error": None}]
    assert sorted(path.name for path in database.iterdir()) == ["attributes", "products"]


def test_a_warehouse_without_tables_is_left_alone(tmp_path: Path) -> None:
    result = clear_orphan_folders(pd.Series([str(tmp_path)]), pd.Series(["pinlanding"]), pd.Series([""]))
    assert result.to_dict("records") == [{"removed": "", "error": None}]
