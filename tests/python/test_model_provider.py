"""A build up to the pages whose texts come from a model: a real server on this machine, asked through SQL."""

import re
import subprocess
from pathlib import Path

import pandas as pd
import pytest

from .conftest import PROJECT, SMALL_VARS, environment
from .model_server import ModelServer, Reply, Request, answer, sensible, status

GARMENTS = {"dress", "shirt", "blouse", "jacket", "coat", "jeans", "skirt", "handbag", "hat", "scarf", "watch", "boots"}
COLORS = {"black", "blue", "white", "red", "grey", "green", "brown", "beige"}
KEY = "sk-secret-0123456789"
RUN = ("dbt", "build", "--exclude-resource-type", "test", "unit_test", "--vars", SMALL_VARS)
ANSWERS = ("attribute_answers", "vocabulary_review_answers", "title_answers", "search_log_title_answers", "llm_calls")


def behave(request: Request) -> Reply:
    """Reads garments and colors; finds white unsafe; fails for good on titles about blue things."""
    if request.stage not in ("review", "title"):
        words = set(re.findall("[a-z]+", request.data.get("title", "").lower()))
        kinds = [{"facet": "product_type", "value": word} for word in sorted(words & GARMENTS)]
        return answer({"attributes": kinds + [{"facet": "color", "value": word} for word in sorted(words & COLORS)]})
    if request.stage == "review" and request.data["value"] == "white":
        return answer({"decision": "unsafe", "reason": "Not today."})
    if request.stage == "title" and "blue" in str(request.data):
        return status(400)
    return sensible(request)


def table(warehouse: Path, name: str) -> pd.DataFrame:
    return pd.read_parquet(warehouse / "pinlanding.db" / name)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, small_catalog: Path) -> tuple[Path, int, int]:
    """The warehouse after a build and a full refresh of everything that asks; the requests after each."""
    warehouse = tmp_path_factory.mktemp("by_model")
    with ModelServer(behave) as server:
        env = environment(
            warehouse,
            small_catalog,
            PINLANDING_PROVIDER="openai",
            PINLANDING_MODEL="some-model",
            PINLANDING_BUDGET_USD="1",
            OPENAI_BASE_URL=server.url,
            OPENAI_API_KEY=KEY,
        )
        subprocess.run([*RUN, "--select", "+landing_pages", "+llm_calls"], env=env, cwd=PROJECT, check=True)
        first = len(server.requests)
        failed = table(warehouse, "llm_calls").error.notna().sum()
        subprocess.run([*RUN, "--full-refresh", "--select", *ANSWERS], env=env, cwd=PROJECT, check=True)
        return warehouse, first, len(server.requests) - first - int(failed)


def test_titles_and_attributes_are_the_models(built: tuple[Path, int, int]) -> None:
    collections = table(built[0], "collections")
    assert len(collections) >= 3
    assert set(collections.quality_source) == {"openai"}
    assert collections.description.str.startswith("All ").all()
    assert "openai" in set(table(built[0], "extracted_attributes").provider)


def test_a_value_that_the_model_calls_unsafe_is_not_published(built: tuple[Path, int, int]) -> None:
    decisions = table(built[0], "vocabulary_decisions").set_index(["facet", "value"])
    assert decisions.loc[("color", "white"), "state"] == "unsafe"
    assert decisions.loc[("color", "white"), "reason"] == "model: Not today."
    assert "white" not in set(table(built[0], "attributes").value)


def test_a_title_that_failed_is_named_and_not_published(built: tuple[Path, int, int]) -> None:
    titled = table(built[0], "titled_combinations").titled
    failed = [each["error"] for each in titled if each["error"]]
    assert failed
    assert all("400" in error for error in failed)
    assert not table(built[0], "collections").title.str.contains("Blue").any()


def test_answers_are_bought_once(built: tuple[Path, int, int]) -> None:
    warehouse, first, bought_again = built
    assert first > 100
    assert bought_again <= 0
    ledger = table(warehouse, "llm_calls")
    assert ledger[ledger.error.isna()].cache_hit.all()


def test_the_key_is_nowhere(built: tuple[Path, int, int]) -> None:
    files = [path for path in built[0].rglob("*") if path.is_file()]
    assert files
    assert not [path for path in files if KEY.encode() in path.read_bytes()]
