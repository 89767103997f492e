"""The project itself, run by dbt in this process on a warehouse that holds a workload's tables."""

import os
from pathlib import Path

from dbt.cli.main import dbtRunner
from pyspark.sql import SparkSession

from benchmarks.overlap_join import TOP_K

PROJECT = Path(__file__).resolve().parents[1]
DATABASE = "pinlanding"
VARS = f"{{relevance_threshold: 0.0, min_collection_size: 1, retire_size: 1, top_k: {TOP_K}}}"


class Project:
    """One Spark session for all works, the one that the profile `local` describes."""

    def __init__(self, folder: Path) -> None:
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

    def load(self, folder: Path) -> None:
        """Make `collections` and `product_attributes` of the workload in `folder`, and name its catalogue."""
        os.environ["PINLANDING_CATALOG"] = str(folder / "catalog.parquet")
        self._dbt("run-operation", "check_functions")
        self.spark.sql(f"create database if not exists {DATABASE}")
        for name in ("collections", "product_attributes"):
            self.spark.sql(f"drop table if exists {DATABASE}.{name}")
            self.spark.sql(
                f"create table {DATABASE}.{name} using parquet as select * from parquet.`{folder}/{name}.parquet`"
            )

    def build_collection_products(self) -> float:
        """Build the table with the latest version of the model; seconds that it took, dbt's start-up excluded."""
        return self._dbt("run", "--select", "collection_products,version:latest", "--vars", VARS)

    def _dbt(self, *command: str) -> float:
        quiet = ("--quiet", "--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT))
        result = dbtRunner().invoke([*command, *quiet])
        if not result.success:
            raise RuntimeError(f"dbt {' '.join(command)}: {result.exception or result.result}")
        return sum(float(one.execution_time) for one in getattr(result.result, "results", []))
