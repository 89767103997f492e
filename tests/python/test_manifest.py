"""What dbt's manifest promises of the public tables: a contract, a grain, every column in words."""

import json
import re
from typing import Any

import pytest
from dbt.cli.main import dbtRunner

from dashboards.boards import Board, load_boards, tables_of

from .conftest import PROJECT
from .test_end_to_end import PUBLIC

# "public tables" of the house's rules, whatever their grain.
DESIGN = {
    "products", "attributes", "product_attributes", "collections", "collection_attributes", "collection_products",
    "landing_pages", "redirects", "training_pairs", "demand_gaps", "search_log_collections",
    "search_log_collection_products", "topic_coverage", "collection_precision", "attribute_recall", "threshold_sweep",
    "collection_history", "releases", "llm_calls",
}  # fmt: skip


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The models of the manifest by name, the latest version of each."""
    folder = tmp_path_factory.mktemp("manifest")
    arguments = ["--quiet", "parse", "--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)]
    assert dbtRunner().invoke([*arguments, "--target-path", str(folder), "--log-path", str(folder)]).success
    nodes = json.loads((folder / "manifest.json").read_text())["nodes"].values()
    return {
        node["name"]: node
        for node in nodes
        if node["resource_type"] == "model" and node.get("version") == node.get("latest_version")
    }


def test_every_public_table_has_a_contract_a_grain_and_words_for_each_column(models: dict[str, Any]) -> None:
    shown = {table for board in load_boards() for table in _read(board)}
    public = DESIGN | set(PUBLIC) | {"metric_changes", "collection_calls"} | shown
    assert public <= set(models)
    broken = {name: problem for name in sorted(public) for problem in [_problem(models[name])] if problem}
    assert broken == {}


def test_who_calls_itself_public_has_a_contract(models: dict[str, Any]) -> None:
    said = {name for name, node in models.items() if re.search(r"\bPublic\b", node["description"])}
    assert {name for name in said if not models[name]["contract"]["enforced"]} == set()


def test_readme_names_every_public_table(models: dict[str, Any]) -> None:
    readme = (PROJECT / "README.md").read_text(encoding="utf-8")
    public = {name for name, node in models.items() if node["contract"]["enforced"]}
    assert len(public) > 30 and {name for name in public if f"`{name}`" not in readme} == set()


def _read(board: Board) -> set[str]:
    return {table for part in board.parts for table in tables_of(part.sql)}


def _problem(node: dict[str, Any]) -> str | None:
    if not node["contract"]["enforced"]:
        return "no enforced contract"
    if "One row per" not in node["description"]:
        return "its description does not say what a row is"
    blank = [name for name, column in node["columns"].items() if not column["description"].strip()]
    return f"columns without a description: {blank}" if blank else None
