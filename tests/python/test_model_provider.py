"""A build up to the pages whose texts come from a model: a real server on this machine, asked through SQL."""

import hashlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest

from .conftest import PROJECT, SMALL_VARS, environment
from .model_server import (
    ModelServer,
    Reply,
    Request,
    answer,
    no_choices,
    not_json,
    refusal,
    sensible,
    status,
    truncated,
)

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
    """Reads garments and colors; finds white unsafe; fails for good on titles about blue; one model has faults."""
    if request.body["model"] == FAULTY:
        return with_faults(request)
    if request.stage not in ("review", "title", "judgement"):
        words = set(re.findall("[a-z]+", request.data.get("title", "").lower()))
        kinds = [{"facet": "product_type", "value": word} for word in sorted(words & GARMENTS)]
        colors = [{"facet": "color", "value": word} for word in sorted(words & COLORS)]
        # So long that all calls that may be in flight are.
        return answer({"attributes": kinds + colors}, tokens=(1000, 300), wait=0.1)
    if request.stage == "review" and request.data["value"] == "white":
        return answer({"decision": "unsafe", "reason": "Not today."})
    if request.stage == "title" and "blue" in str(request.data):
        return status(400)
    return sensible(request)


# Every fifth product, by the kind of its error; what passes by itself is tried again and fails no row.
FAULTS = {
    "malformed answer": lambda: answer("no JSON here"),
    "empty answer": no_choices,
    "refused": refusal,
    "truncated": truncated,
    "bad request": lambda: status(400),
}
PASSING = (
    lambda: status(429, retry_after=0.2),
    lambda: status(429),
    lambda: status(500),
    lambda: status(503),
    lambda: Reply(answer({}).body, reset=True),
    lambda: answer({}, wait=5),
    lambda: answer({}, drip=0.2),
    not_json,
)
DOUBLED = {"facet": "color", "value": "red"}


def question_of(request: Request) -> str:
    """What is asked, its picture included, the same for a repair."""
    return json.dumps(request.content)


def fault_of(request: Request) -> str | None:
    """The kind of error that a product's answer leads to, or None for a good one."""
    number = int.from_bytes(hashlib.sha256(question_of(request).encode()).digest()[:4])
    return sorted(FAULTS)[number // 5 % len(FAULTS)] if number % 5 == 0 else None


def with_faults(request: Request) -> Reply:
    if kind := fault_of(request):
        return FAULTS[kind]()
    number = int.from_bytes(hashlib.sha256(question_of(request).encode()).digest()[4:8])
    if number % 10 == 0 and request.attempt == 1 and not request.is_repair:
        return PASSING[number // 10 % len(PASSING)]()
    return answer({"attributes": [DOUBLED, DOUBLED]})


def table(warehouse: Path, name: str) -> pd.DataFrame:
    return pd.read_parquet(warehouse / "pinlanding.db" / name)


FAULTY = "gpt-4o-mini"
IN_FLIGHT = 8
TOLERANT = SMALL_VARS.replace("}", ", max_failure_share: 0.3}")
# Less than what may fail: the alarm must warn of it and no more.
ALARMED = TOLERANT.replace("}", ", alarm_failed_calls: [0.05, 0.1]}")
# Its test is what ends a build of answers.
ANSWERED = ("build", "--exclude-resource-type", "unit_test", "--select", "attribute_answers", "--vars")
# Several invocations on one Spark session. Each step: its name, the budget (or none), dbt's arguments.
# The last one is in a schema of its own.
STEPS: dict[str, tuple[str | None, tuple[str, ...]]] = {
    "no budget": (None, (*BUILD, "+attribute_answers")),
    "estimate": (None, ("run-operation", "estimate_cost", "--vars", SMALL_VARS)),
    "small budget": ("0.1", ("build", "--exclude-resource-type", "unit_test", "--vars", SMALL_VARS, "--select",
                             "attribute_answers", "model_attributes")),
    "build": ("5", (*BUILD, "+landing_pages", "+metric_results", "+collection_judgements", "+collection_calls",
                    "+stg_products_rejected", "+override_warnings")),
    "lineage": ("5", ("show", "--vars", SMALL_VARS, "--output", "json", "--limit", "-1", "--inline",
                      "select collection_id, stage, count(*) as calls, count(distinct key) as keys, sum(usd) as usd "
                      "from {{ ref('collection_calls') }} join {{ ref('llm_calls') }} using (stage, key) "
                      "group by 1, 2")),
    "refresh": ("5", ("build", "--exclude-resource-type", "unit_test", "--indirect-selection", "cautious", "--vars",
                      ALARMED, "--full-refresh", "--select", *ANSWERS, "metric_results", "calls_failed")),
    "faults": ("5", (*ANSWERED, SMALL_VARS)),
    "faults tolerated": ("5", (*ANSWERED, TOLERANT)),
    "pull request": ("5", (*BUILD, "title_answers", "--defer", "--state", "STATE")),
}  # fmt: skip
DRIVER = """
import json
import os
import shutil
import sys
from dbt.cli.main import dbtRunner
target = os.environ["DBT_TARGET_PATH"]
for name, (budget, arguments) in json.loads(sys.argv[1]).items():
    os.environ["PINLANDING_BUDGET_USD"] = budget or ""
    os.environ["PINLANDING_MODEL"] = sys.argv[2] if name.startswith("faults") else "gpt-4.1-mini"
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
    """What an invocation printed, whether it succeeded, and what the server has seen by its end."""

    said: str
    succeeded: bool
    requests: int
    most_in_flight: int


@dataclass(frozen=True)
class Built:
    warehouse: Path
    steps: dict[str, Step]
    asked: list[Request]

    def requests(self, name: str) -> int:
        """Requests of one step."""
        names = list(self.steps)
        before = names[names.index(name) - 1] if name != names[0] else None
        return self.steps[name].requests - (self.steps[before].requests if before else 0)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, small_catalog: Path) -> Built:
    """The warehouse after all STEPS, the answers of the model FAULTY among its tables."""
    warehouse = tmp_path_factory.mktemp("by_model")
    steps: dict[str, Step] = {}
    with ModelServer(behave) as server:
        env = environment(
            warehouse,
            small_catalog,
            PINLANDING_PROVIDER="openai",
            PINLANDING_CONCURRENCY=str(IN_FLIGHT),
            PINLANDING_WORKERS="2",
            PINLANDING_TIMEOUT="3",
            OPENAI_BASE_URL=server.url,
            OPENAI_API_KEY=KEY,
        )
        command = [sys.executable, "-c", DRIVER, json.dumps(STEPS), FAULTY]
        with subprocess.Popen(command, env=env, cwd=PROJECT, stdout=subprocess.PIPE, text=True) as run:
            lines: list[str] = []
            for line in run.stdout or ():
                print(line, end="")
                lines.append(line)
                if ended := re.fullmatch(r"STEP (.+): (True|False)\n", line):
                    steps[ended[1]] = Step(
                        " ".join("".join(lines).split()),
                        ended[2] == "True",
                        len(server.requests),
                        server.most_in_flight,
                    )
                    lines = []
        assert run.returncode == 0
        return Built(warehouse, steps, list(server.requests))


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
    calls = table(built.warehouse, "llm_calls")
    assert int(figures[1]) == len(calls[calls.stage == "extract_attributes"])
    assert calls[calls.stage == "extract_attributes"].usd.sum() < float(figures[2])
    assert re.search(r"review_attribute \? [\d,]+ \? \? \? [\d.,]+", said), said


def test_what_a_build_asks_stays_within_the_estimate_of_every_stage(built: Built) -> None:
    """The estimate was made before anything was bought."""
    said = built.steps["estimate"].said
    figure = r"(\?|exact|[\d,.]+)"
    lines = re.findall(rf"(\w+(?: \(search log\))?) {figure} {figure} {figure} {figure} {figure} {figure}", said)
    most_calls = {name: calls if most == "exact" else most for name, calls, most, *_ in lines}
    bounds = pd.DataFrame({"calls": most_calls, "usd": {name: most_usd for name, *_, most_usd in lines}}).map(
        lambda printed: float(printed.replace(",", ""))
    )
    for name, answers in (
        ("title_collection", "title_answers"),
        ("title_collection (search log)", "search_log_title_answers"),
    ):
        assert 0 < len(table(built.warehouse, answers)) <= bounds.calls[name]
    bounds = bounds.groupby(lambda name: name.removesuffix(" (search log)")).sum()
    ledger = table(built.warehouse, "llm_calls")
    asked = ledger.groupby("stage").agg(calls=("key", "size"), usd=("usd", "sum"))
    assert set(asked.index) == set(bounds.index) and len(asked) == 4
    assert (asked <= bounds).all(axis=None) and (asked > 0).all(axis=None)
    together = re.search(r"together [\d,.]+ \+ \? ([\d,.]+)", said)
    assert together and asked.usd.sum() <= float(together[1].replace(",", ""))
    assert float(together[1].replace(",", "")) == pytest.approx(bounds.usd.sum(), abs=0.001)


def test_a_build_stops_before_its_budget_says_what_is_left_and_the_next_one_buys_the_rest(built: Built) -> None:
    step = built.steps["small budget"]
    bought = built.requests("small budget")
    # Too many questions have no answer: the build ends before anything is made of the others.
    assert not step.succeeded and bought > 0
    assert re.search(r"Failure in test answers_rarely_fail_attribute_answers", step.said)
    assert "SKIP" in step.said
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
    assert set(by_model.collection_id) == set(answers.collection_id) and set(by_model.facet) > {"all"}


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


def test_as_many_calls_as_may_be_are_in_flight(built: Built) -> None:
    # Later, the server still works on calls that timed out.
    assert built.steps["build"].most_in_flight == IN_FLIGHT


def test_what_a_page_took_is_one_join_without_a_call_twice(built: Built) -> None:
    said = built.steps["lineage"].said
    rows = json.loads(said[said.index("[") : said.rindex("]") + 1])
    assert rows and all(row["calls"] == row["keys"] for row in rows)
    assert {row["stage"] for row in rows} == {"extract_attributes", "review_attribute", "title_collection"}
    ledger = table(built.warehouse, "llm_calls")
    assert not ledger.duplicated(["stage", "key"]).any()


def test_with_a_fifth_of_the_answers_faults_good_rows_are_kept_and_the_build_ends_as_its_threshold_says(
    built: Built,
) -> None:
    strict, tolerant = built.steps["faults"], built.steps["faults tolerated"]
    assert not strict.succeeded and tolerant.succeeded
    answers = [each["answer"] for each in table(built.warehouse, "attribute_answers").to_dict("records")]
    asked = {question_of(request): fault_of(request) for request in built.asked if request.body["model"] == FAULTY}
    kinds = Counter(str(answer["error"]).partition(":")[0] for answer in answers if answer["error"])
    assert kinds == Counter(kind for kind in asked.values() if kind) and set(kinds) == set(FAULTS)
    good = [answer for answer in answers if not answer["error"]]
    assert all(list(answer["attributes"]) == [DOUBLED] for answer in good)
    # What failed is asked again, what was answered is not.
    again = built.requests("faults tolerated")
    assert 0 < again <= 2 * sum(kinds.values())


def test_answers_are_bought_once(built: Built) -> None:
    assert built.steps["build"].requests > 100
    assert built.steps["build"].succeeded
    ledger = table(built.warehouse, "llm_calls")
    assert ledger[ledger.error.isna()].cache_hit.all()
    assert built.requests("refresh") == ledger[~ledger.cache_hit].attempts.sum()
    # Another schema has the same answers; only what failed is asked again.
    assert built.steps["pull request"].succeeded
    assert built.requests("pull request") <= ledger[~ledger.cache_hit].attempts.sum()


def test_a_second_build_in_which_few_questions_still_fail_warns_and_ends_well(built: Built) -> None:
    ledger = table(built.warehouse, "llm_calls")
    assert 0 < len(ledger[~ledger.cache_hit]) == ledger[~ledger.cache_hit].error.count()
    metrics = table(built.warehouse, "metric_results")
    shares = metrics[metrics.metric == "failed_question_share"].set_index("entity").value
    assert 0.1 < shares.pop("title_collection") <= 0.3 and len(shares) == 3 and not shares.any()
    assert built.steps["refresh"].succeeded
    assert re.search(r"WARN 1 calls_failed", built.steps["refresh"].said)


def test_the_key_is_nowhere(built: Built) -> None:
    files = [path for path in built.warehouse.rglob("*") if path.is_file()]
    assert files
    assert not [path for path in files if KEY.encode() in path.read_bytes()]


KILLED = (*BUILD, "+attribute_answers")
TWICE = """
import sys
from dbt.cli.main import dbtRunner
for _ in range(2):
    assert dbtRunner().invoke(sys.argv[1:]).success
    print("\\nBUILT", flush=True)
"""


def test_a_killed_build_buys_nothing_twice(tmp_path: Path, small_catalog: Path) -> None:
    with ModelServer(behave) as server:
        env = environment(
            tmp_path,
            small_catalog,
            PINLANDING_PROVIDER="openai",
            PINLANDING_MODEL="gpt-4.1-mini",
            PINLANDING_BUDGET_USD="5",
            PINLANDING_CONCURRENCY=str(IN_FLIGHT),
            PINLANDING_WORKERS="2",
            OPENAI_BASE_URL=server.url,
            OPENAI_API_KEY=KEY,
        )
        command = [sys.executable, "-c", TWICE, *KILLED]
        killed = subprocess.Popen(command, env=env, cwd=PROJECT, stdout=subprocess.DEVNULL, start_new_session=True)
        while len(server.requests) < 100 and killed.poll() is None:
            time.sleep(0.01)
        os.killpg(killed.pid, signal.SIGKILL)
        assert killed.wait() == -signal.SIGKILL

        sent = []
        with subprocess.Popen(command, env=env, cwd=PROJECT, stdout=subprocess.PIPE, text=True) as run:
            for line in run.stdout or ():
                print(line, end="")
                if line == "BUILT\n":
                    sent.append(len(server.requests))
        questions = len({question_of(request) for request in server.requests})
        assert run.returncode == 0 and len(sent) == 2
        # Each place may have lost a call under way, and an answer that had come and was being written.
        assert 100 < questions <= sent[0] <= questions + 2 * IN_FLIGHT
        assert sent[1] == sent[0]
