"""Fixtures for runs on the real engine: dbt in this process, Spark below it, a small catalogue of the sample's kind."""

import os
import socket
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from dbt.cli.main import dbtRunner

PROJECT = Path(__file__).resolve().parents[2]
SMALL_VARS = "{min_collection_size: 4, retire_size: 4, min_attribute_products: 3}"


# Longest first.
RUNS_OF_SPARK = (
    "test_end_to_end", "test_page_addresses", "test_model_provider", "test_bad_inputs", "test_serve",
    "test_consumer_project", "test_fashion200k", "test_vocabulary", "test_model_calls",
)  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that start Spark come first: one that is handed out last keeps one process busy and the other waiting."""
    order = {name: place for place, name in enumerate(RUNS_OF_SPARK)}
    items.sort(key=lambda item: order.get(item.path.stem, len(order)))


@pytest.fixture(scope="session")
def small_catalog(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a drawn catalogue of 300 products with its bad rows, search log and labels."""
    folder = tmp_path_factory.mktemp("catalog")
    command = [sys.executable, "-m", "sample", "--folder", str(folder), "--products", "300", "--seed", "5"]
    subprocess.run(command, check=True, cwd=PROJECT)
    return folder


def environment(warehouse: Path, catalog: Path | None = None, **settings: str) -> dict[str, str]:
    """The environment of one dbt run: this one without its own settings, plus those given."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PINLANDING_", "OPENAI_"))}
    kept |= {
        "PINLANDING_WAREHOUSE": str(warehouse),
        "DBT_TARGET_PATH": str(warehouse / "target"),
        "DBT_LOG_PATH": str(warehouse / "logs"),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }
    if catalog:
        kept |= {
            "PINLANDING_CATALOG": str(catalog / "catalog.parquet"),
            "PINLANDING_SEARCH_LOG": str(catalog / "search_log.parquet"),
            "PINLANDING_LABELS": str(catalog / "labels.parquet"),
        }
    return kept | settings


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Run:
    succeeded: bool
    said: str


Dbt = Callable[..., Run]


@pytest.fixture(scope="session")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The warehouse of all runs in this process: Spark fixes its folder when the session opens."""
    return tmp_path_factory.mktemp("warehouse")


@pytest.fixture
def dbt(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Dbt:
    """`dbt(environment, "build", …)` runs dbt in this process, so that one Spark session serves every test."""

    def run(env: dict[str, str], *arguments: str) -> Run:
        for name in set(os.environ) - set(env):
            monkeypatch.delenv(name)
        for name, value in env.items():
            monkeypatch.setenv(name, value)
        capfd.readouterr()
        result = dbtRunner().invoke([*arguments, "--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)])
        captured = capfd.readouterr()
        said = " ".join((captured.out + captured.err + str(result.exception or "")).split())
        return Run(succeeded=result.success, said=said)

    return run
