"""What README shows of reading tables without Spark, run as it is written."""

import re
import subprocess
import sys
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import write_deltalake

from .conftest import PROJECT

README = (PROJECT / "README.md").read_text(encoding="utf-8")
COLLECTIONS = pa.table({"title": ["Red Dresses", "Blue Dresses"], "products": [20, 30]})


@pytest.fixture
def tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path / "warehouse" / "pinlanding.db"


def test_duckdb_reads_parquet_tables(tables: Path) -> None:
    (tables / "collections").mkdir(parents=True)
    pq.write_table(COLLECTIONS, tables / "collections" / "part-0.snappy.parquet")
    (query,) = re.findall(r'`duckdb -c "(.+)"`', README)
    assert duckdb.sql(query).fetchall() == [("Blue Dresses", 30), ("Red Dresses", 20)]


def test_duckdb_reads_delta_tables_in_their_last_version(tables: Path) -> None:
    for rows in (COLLECTIONS.slice(0, 1), COLLECTIONS):
        write_deltalake(tables / "collections", rows, mode="overwrite")
    (script,) = (code for code in re.findall(r"```python\n(.+?)```", README, re.DOTALL) if "duckdb" in code)
    shown = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert [line for line in re.findall(r"(\w+ Dresses) +│ +(\d+)", shown)] == [
        ("Blue Dresses", "30"),
        ("Red Dresses", "20"),
    ]
