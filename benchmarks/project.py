"""The project itself, run by dbt in this process on a warehouse that holds a workload's tables."""

import os
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from dbt.cli.main import dbtRunner
from pyspark.sql import SparkSession

PROJECT = Path(__file__).resolve().parents[1]
DATABASE = "pinlanding"
FILES = 4


class Project:
    """One Spark session for all works, the one that the profile `local` describes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.warehouse = folder / "warehouse"
        for name in [name for name in os.environ if name.startswith("PINLANDING_")]:
            del os.environ[name]
        os.environ |= {
            "PINLANDING_WAREHOUSE": str(self.warehouse),
            "PINLANDING_TABLE_FORMAT": "parquet",
            "DBT_TARGET_PATH": str(folder / "target"),
            "DBT_LOG_PATH": str(folder / "logs"),
        }

    @property
    def spark(self) -> SparkSession:
        return SparkSession.builder.getOrCreate()

    def table(self, name: str) -> Path:
        return self.warehouse / f"{DATABASE}.db" / name

    def open(self, catalog: Path) -> None:
        """Open the session with a workload's catalogue, whose folder is where images may come from."""
        os.environ["PINLANDING_CATALOG"] = str(catalog)
        self._dbt("run-operation", "check_functions")
        self.spark.sql(f"create database if not exists {DATABASE}")

    def write(self, name: str, rows: pa.Table) -> None:
        """Make a table that a model reads."""
        file = self.folder / "inputs" / f"{name}.parquet"
        file.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(rows, file, row_group_size=20_000)
        self.load(name, file)

    def load(self, name: str, file: Path) -> None:
        """Make a table of a file, in a few files as a model's tasks leave them."""
        rows = f"select /*+ repartition({FILES}) */ * from parquet.`{file}`"
        self.spark.sql(f"drop table if exists {DATABASE}.{name}")
        self.spark.sql(f"create table {DATABASE}.{name} using parquet as {rows}")

    def build(self, model: str, *options: str) -> float:
        """Build a model; seconds from the start of its first version to the end of its last.

        dbt's start-up and the hooks before and after a run are no model's.
        """
        times = [
            time
            for one in self._dbt("run", "--select", model, *options).results
            if one.node.resource_type == "model"
            for time in one.timing
        ]
        first, last = min(time.started_at for time in times), max(time.completed_at for time in times)
        return float((last - first).total_seconds())

    def _dbt(self, *command: str) -> Any:
        quiet = ("--quiet", "--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT))
        result = dbtRunner().invoke([*command, *quiet])
        if not result.success:
            raise RuntimeError(f"dbt {' '.join(command)}: {result.exception or result.result}")
        return result.result
