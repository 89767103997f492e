"""A build up to the pages whose texts come from a model: a real server on this machine, asked through SQL."""

import json
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest

from .conftest import PROJECT, SMALL_VARS, environment
from .model_server import ModelServer, Reply, Request, answer, sensible, status

GARMENTS = {"dress", "shirt", "blouse", "jacket", "coat", "jeans", "skirt", "handbag", "hat", "scarf", "watch", "boots"}
COLORS = {"black", "blue", "white", "red", "grey", "green", "brown", "beige"}
KEY = "sk-secret-0123456789"
BUILD = ("build", "--exclude-resource-type", "test", "unit_test", "--vars", SMALL_VARS, "--select")
ANSWERS = (
    "attribute_answers",
    "vocabulary_review_answers",
    "title_answers",
    "search_log_title_answers",
    "judgement_answers",
    "llm_calls",
)


def behave(request: Request) -> Reply:
    """Reads garments and colors; finds white unsafe; fails for good on titles about blue things."""
    if request.stage not in ("review", "title", "judgement"):
        words = set(re.findall("[a-z]+", request.data.get("title", "").lower()))
        kinds = [{"facet": "product_type", "value": word} for word in sorted(words & GARMENTS)]
        colors = [{"facet": "color", "value": word} for word in sorted(words & COLORS)]
        return answer({"attributes": kinds + colors}, tokens=(1000, 300))
    if request.stage == "review" and request.data["value"] == "white":
        return answer({"decision": "unsafe", "reason": "Not today."})
    if request.stage == "title" and "blue" in str(request.data):
        return status(400)
    return sensible(request)


def table(warehouse: Path, name: str) -> pd.DataFrame:
    return pd.read_parquet(warehouse / "pinlanding.db" / name)


# Several invocations on one Spark session. Each step: its name, the budget (or none), dbt's arguments.
# The last one is in a schema of its own.
STEPS: dict[str, tuple[str | None, tuple[str, ...]]] = {
    "no budget": (None, (*BUILD, "+attribute_answers")),
    "estimate": (None, ("run-operation", "estimate_cost", "--vars", SMALL_VARS)),
    "small budget": ("0.1", (*BUILD, "attribute_answers")),
    "build": ("5", (*BUILD, "+landing_pages", "+llm_calls", "+collection_judgements")),
    "refresh": ("5", (*BUILD, *ANSWERS, "--full-refresh")),
    "pull request": ("5", (*BUILD, "title_answers", "--defer", "--state", "STATE")),
}
DRIVER = """
import json
import os
import shutil
import sys
from dbt.cli.main import dbtRunner
target = os.environ["DBT_TARGET_PATH"]
for name, (budget, arguments) in json.loads(sys.argv[1]).items():
    os.environ["PINLANDING_BUDGET_USD"] = budget or ""
    if name == "pull request":
        os.environ["PINLANDING_SCHEMA"] = "pull_request"
        os.makedirs(target + "/state")
        shutil.copy(target + "/manifest.json", target + "/state")
    arguments = [argument.replace("STATE", target + "/state") for argument in arguments]
    succeeded = dbtRunner().invoke(arguments).success
    print(f"\\nSTEP {name}: {succeeded}", flush=True)
"""


@dataclass(frozen=True)
class Step:
    """What an invocation printed, whether it succeeded, and the requests that the server has seen by its end."""

    said: str
    succeeded: bool
    requests: int


@dataclass(frozen=True)
class Built:
    warehouse: Path
    steps: dict[str, Step]

    def requests(self, name: str) -> int:
        """Requests of one step."""
        names = list(self.steps)
        before = names[names.index(name) - 1] if name != names[0] else None
        return self.steps[name].requests - (self.steps[before].requests if before else 0)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, small_catalog: Path) -> Built:
    """The warehouse after all STEPS."""
    warehouse = tmp_path_factory.mktemp("by_model")
    steps: dict[str, Step] = {}
    with ModelServer(behave) as server:
        env = environment(
            warehouse,
            small_catalog,
            PINLANDING_PROVIDER="openai",
            PINLANDING_MODEL="gpt-4.1-mini",
            OPENAI_BASE_URL=server.url,
            OPENAI_API_KEY=KEY,
        )
        command = [sys.executable, "-c", DRIVER, json.dumps(STEPS)]
        with subprocess.Popen(command, env=env, cwd=PROJECT, stdout=subprocess.PIPE, text=True) as run:
            lines: list[str] = []
            for line in run.stdout or ():
                print(line, end="")
                lines.append(line)
                if ended := re.fullmatch(r"STEP (.+): (True|False)\n", line):
                    steps[ended[1]] = Step(" ".join("".join(lines).split()), ended[2] == "True", len(server.requests))
                    lines = []
    assert run.returncode == 0
    return Built(warehouse, steps)


def test_without_a_budget_no_call_leaves_and_the_estimate_says_what_it_would_cost(built: Built) -> None:
    said = built.steps["no budget"].said
    assert not built.steps["no budget"].succeeded and built.requests("no budget") == 0
    assert "PINLANDING_BUDGET_USD is not set, so no call was made. Calls to gpt-4.1-mini" in said
    assert re.search(r"extract_attributes \d+ exact", said)
    assert "Set PINLANDING_BUDGET_USD to the most that a build may cost" in said


def test_the_estimate_is_exact_for_the_next_stage_and_bounds_the_bill(built: Built) -> None:
    said = built.steps["estimate"].said
    assert built.steps["estimate"].succeeded and built.requests("estimate") == 0
    figures = re.search(r"extract_attributes (\d+) exact [\d,]+ [\d,]+ [\d.]+ ([\d.]+)", said)
    assert figures, said
    extracted = table(built.warehouse, "attribute_answers").answer
    assert int(figures[1]) == len({answer["key"] for answer in extracted})
    calls = table(built.warehouse, "llm_calls")
    assert calls[calls.stage == "extract_attributes"].usd.sum() < float(figures[2])
    assert re.search(r"review_attribute \? [\d,]+ \? \? \? [\d.,]+", said), said


def test_a_build_stops_before_its_budget_says_what_is_left_and_the_next_one_buys_the_rest(built: Built) -> None:
    step = built.steps["small budget"]
    bought = built.requests("small budget")
    assert step.succeeded and bought > 0
    said = r"Model calls: (\d+) made for ([\d.]+) dollars, 0 answered from the cache\. Left to ask: (\d+)"
    left = re.search(said, step.said)
    assert left, step.said
    assert int(left[1]) == bought and 0 < float(left[2]) <= 0.1 and int(left[3]) > 0
    assert "budget)" in step.said and "Raise PINLANDING_BUDGET_USD" in step.said
    ledger = table(built.warehouse, "llm_calls")
    kept, failed = ledger[ledger.cache_hit].drop_duplicates("key"), ledger[~ledger.cache_hit]
    assert bought + built.requests("build") == kept.attempts.sum() + failed.attempts.sum()


def test_the_model_judges_both_systems_apart_from_labels(built: Built) -> None:
    answers = table(built.warehouse, "judgement_answers")
    assert set(answers.approach) == {"content_first", "search_log"}
    assert answers.answer.map(lambda answer: answer["correct"] in (True, False)).all()
    judged = table(built.warehouse, "collection_judgements")
    by_model = judged[judged.judge == "model"]
    assert set(by_model.collection_id) == set(answers.collection_id) and set(by_model.facet) == {"all"}


def test_titles_and_attributes_are_the_models(built: Built) -> None:
    collections = table(built.warehouse, "collections")
    assert len(collections) >= 3
    assert set(collections.quality_source) == {"openai"}
    assert collections.description.str.startswith("All ").all()
    assert "openai" in set(table(built.warehouse, "extracted_attributes").provider)


def test_a_value_that_the_model_calls_unsafe_is_not_published(built: Built) -> None:
    decisions = table(built.warehouse, "vocabulary_decisions").set_index(["facet", "value"])
    assert decisions.loc[("color", "white"), "state"] == "unsafe"
    assert decisions.loc[("color", "white"), "reason"] == "model: Not today."
    assert "white" not in set(table(built.warehouse, "attributes").value)


def test_a_title_that_failed_is_named_and_not_published(built: Built) -> None:
    titled = table(built.warehouse, "titled_combinations").titled
    failed = [each["error"] for each in titled if each["error"]]
    assert failed
    assert all("400" in error for error in failed)
    assert not table(built.warehouse, "collections").title.str.contains("Blue").any()


def test_answers_are_bought_once(built: Built) -> None:
    assert built.steps["build"].requests > 100
    assert built.steps["build"].succeeded
    ledger = table(built.warehouse, "llm_calls")
    assert ledger[ledger.error.isna()].cache_hit.all()
    failed = ledger.error.notna().sum()
    assert built.steps["refresh"].succeeded and built.requests("refresh") <= failed
    # Another schema has the same answers; only what failed is asked again.
    assert built.steps["pull request"].succeeded and built.requests("pull request") <= failed


def test_the_key_is_nowhere(built: Built) -> None:
    files = [path for path in built.warehouse.rglob("*") if path.is_file()]
    assert files
    assert not [path for path in files if KEY.encode() in path.read_bytes()]
