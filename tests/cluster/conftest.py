"""What every build past one process is compared with: one local build of a small sample, as Parquet."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from python_udfs.warehouse import open_folder
from tests.python.conftest import PROJECT, SMALL_VARS, environment

PRODUCTS = os.environ.get("PINLANDING_SAMPLE_PRODUCTS") or "300"
# Seeds and models: `make test` runs the data and unit tests.
BUILD = ("build", "--exclude-resource-type", "test", "unit_test")
HISTORIES = {"releases", "collection_history", "page_history"}
# When, and from which commit: somebody may commit between two builds.
OF_THE_BUILD = ("last_modified", "built_at", "created_at", "code_version")


@pytest.fixture(scope="session")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("catalog")
    command = [sys.executable, "-m", "sample", "--folder", str(folder), "--products", PRODUCTS, "--seed", "5"]
    subprocess.run(command, check=True, cwd=PROJECT)
    return folder


@pytest.fixture(scope="session")
def local(tmp_path_factory: pytest.TempPathFactory, catalog: Path) -> Path:
    """A warehouse that one process built, as Parquet."""
    warehouse = tmp_path_factory.mktemp("local")
    subprocess.run(["dbt", *BUILD, "--vars", SMALL_VARS], env=environment(warehouse, catalog), cwd=PROJECT, check=True)
    return warehouse


def public_tables(warehouse: Path) -> set[str]:
    """The tables with a contract that a build left; a history has what no other build has."""
    nodes = json.loads((warehouse / "target" / "manifest.json").read_text())["nodes"].values()
    public = {node["alias"] for node in nodes if node["config"].get("contract", {}).get("enforced")}
    return {name for name in public - HISTORIES if (warehouse / "pinlanding.db" / name).is_dir()}


def rows(warehouse: Path, name: str) -> list[str]:
    """The table's rows, without what is of the build, in an order of their own, to nine digits: sums add up anyhow."""
    table = open_folder(str(warehouse / "pinlanding.db" / name)).to_table()
    table = table.drop_columns([column for column in OF_THE_BUILD if column in table.column_names])
    return sorted(json.dumps(_rounded(row), sort_keys=True, default=str) for row in table.to_pylist())


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 9)
    if isinstance(value, dict):
        return {name: _rounded(each) for name, each in value.items()}
    return [_rounded(each) for each in value] if isinstance(value, list) else value
