"""Whole runs on the real engine, on a small catalogue: what a build leaves, a second build, a killed one."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from .conftest import PROJECT, SMALL_VARS, environment

# Seeds and models; `make test` runs the data and unit tests once, on the whole sample.
RUN = ("dbt", "build", "--exclude-resource-type", "test", "unit_test")
PAGES = (
    "products", "attributes", "product_attributes", "collections", "collection_attributes", "collection_products",
    "landing_pages", "redirects", "training_pairs",
)  # fmt: skip
PUBLIC = (
    *PAGES, "search_log_collections", "search_log_collection_products", "topic_coverage", "collection_precision",
    "attribute_recall", "attribute_recall_by_facet", "attribute_recall_by_group", "assignment_quality",
    "threshold_sweep", "demand_gaps", "encoder_runs", "encoder_metrics", "coverage_by_log_size", "title_audit",
    "metric_results", "metric_history", "metric_index", "llm_calls", "releases", "collection_history",
    "extraction_audit",
    "curation_sensitivity", "review_queue", "attribute_changes",
)  # fmt: skip


def table(warehouse: Path, name: str) -> pd.DataFrame:
    return pd.read_parquet(warehouse / "pinlanding.db" / name)


def rows(warehouse: Path, name: str) -> list[str]:
    """The table's rows in an order of their own, without times: what two builds must agree on."""
    frame = table(warehouse, name).drop(columns="last_modified", errors="ignore")
    return sorted(frame[sorted(frame.columns)].to_json(orient="records", lines=True, double_precision=15).splitlines())


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, small_catalog: Path) -> Path:
    """A warehouse with one whole, undisturbed build in it; made by its own process."""
    warehouse = tmp_path_factory.mktemp("built")
    env = environment(warehouse, small_catalog)
    subprocess.run([*RUN, "--vars", SMALL_VARS], env=env, cwd=PROJECT, check=True)
    return warehouse


def test_every_public_table_is_there_and_collections_are_filled(built: Path) -> None:
    assert all((built / "pinlanding.db" / name).is_dir() for name in PUBLIC)
    collections, listed = table(built, "collections"), table(built, "collection_products")
    assert len(collections) >= 10
    assert set(collections.collection_id) == set(listed.collection_id)
    assert listed.groupby("collection_id").size().min() >= 4


def test_every_kind_of_bad_row_is_named_and_the_rest_goes_on(built: Path) -> None:
    rejected = set(table(built, "stg_products_rejected").rejection_reason)
    assert {"product_id is missing", "title is empty"} < rejected
    assert any(reason.startswith("product_id is repeated") for reason in rejected)
    products = table(built, "products")
    errors = " ".join(products.image_error.dropna())
    assert all(kind in errors for kind in ("not found", "outside the allowed roots", "broken"))
    assert products.image_error.dropna().nunique() >= 3
    assert products.warning.dropna().str.contains("is not a number from 0").any()
    assert len(products) >= 300


def test_a_killed_build_started_again_ends_like_an_undisturbed_one(
    built: Path, small_catalog: Path, tmp_path: Path
) -> None:
    env = environment(tmp_path, small_catalog)
    command = [*RUN, "--vars", SMALL_VARS, "--select", "+redirects", "+collection_attributes", "+training_pairs"]
    with (tmp_path / "killed.txt").open("w+") as log:
        killed = subprocess.Popen(command, env=env, cwd=PROJECT, stdout=log, start_new_session=True)
        deadline = time.monotonic() + 600
        while killed.poll() is None and time.monotonic() < deadline:
            if re.search(r"START sql \w+ model pinlanding\.product_embeddings", (tmp_path / "killed.txt").read_text()):
                time.sleep(1)
                break
            time.sleep(0.2)
        assert killed.poll() is None, (tmp_path / "killed.txt").read_text()
        os.killpg(killed.pid, signal.SIGKILL)
        killed.wait()
    subprocess.run(command, env=env, cwd=PROJECT, check=True)
    different = [name for name in PAGES if rows(tmp_path, name) != rows(built, name)]
    assert different == []


@pytest.fixture(scope="module")
def built_again(built: Path, small_catalog: Path) -> tuple[Path, dict[str, int]]:
    """The same warehouse after a second build, and the rows of its tables before; training left two runs in between."""
    before = {path.name: len(table(built, path.name)) for path in (built / "pinlanding.db").iterdir()}
    figure = {"split": "validation", "modality": "image", "facet": "all", "k": 10, "metric": "recall", "value": 0.5}
    for folder in ("spring + summer 2%", "ablations/loss", ".runs/half"):
        (built / "encoders" / folder).mkdir(parents=True)
        card = {"created_at": "2026-01-02T03:04:05+00:00", "settings": {}, "metrics": [figure]}
        (built / "encoders" / folder / "model_card.json").write_text(json.dumps(card))
    selected = ["+product_embeddings", "+attribute_embeddings", "llm_calls", "encoder_runs", "encoder_metrics"]
    command = [*RUN, "--vars", SMALL_VARS, "--select", *selected]
    subprocess.run(command, env=environment(built, small_catalog), cwd=PROJECT, check=True)
    return built, before


def test_a_second_build_embeds_nothing_and_asks_no_model(built_again: tuple[Path, dict[str, int]]) -> None:
    warehouse, before = built_again
    for name in ("stg_images", "product_embeddings", "attribute_embeddings"):
        assert before[name] == len(table(warehouse, name)) > 0
    ledger = table(warehouse, "llm_calls")
    assert not len(ledger) or ledger.cache_hit.all()


def test_runs_under_the_warehouse_are_rows_and_half_done_ones_are_not(built_again: tuple[Path, dict[str, int]]) -> None:
    warehouse, before = built_again
    assert before["encoder_runs"] == before["encoder_metrics"] == 0
    runs, metrics = table(warehouse, "encoder_runs"), table(warehouse, "encoder_metrics")
    assert dict(zip(runs.name, runs.kind, strict=True)) == {
        "spring + summer 2%": "training",
        "ablations/loss": "ablation",
    }
    assert set(metrics.name) == set(runs.name) and metrics.value.tolist() == [0.5, 0.5]


def test_a_build_of_everything_is_a_release_and_one_of_a_selection_is_not(
    built_again: tuple[Path, dict[str, int]],
) -> None:
    warehouse, before = built_again
    releases = table(warehouse, "releases")
    assert before["releases"] == len(releases) == releases.table_name.nunique() >= len(PUBLIC)
    assert set(PUBLIC) < set(releases.table_name) and releases.release.nunique() == 1
    assert releases.version.isna().all() and releases.code_version.str.len().min() > 0


# Three invocations on one Spark session.
ASK_AND_TEST = """
import json, sys
from dbt.cli.main import dbtRunner
show = ["show", "--select", "path:analyses"]
answered = dbtRunner().invoke([*show, "--vars", sys.argv[1]])
with open(sys.argv[2], "w") as file:
    json.dump({one.node.name: len(one.agate_table.rows) for one in answered.result.results}, file)
documented = dbtRunner().invoke(["docs", "generate", "--vars", sys.argv[1]])
dbtRunner().invoke(["test", "--select", "path:tests/alarms", "--vars", sys.argv[1]])
sys.exit(not (answered.success and documented.success))
"""


def rewrite(warehouse: Path, name: str, frame: pd.DataFrame) -> None:
    """Other rows in a table of the same columns."""
    folder = warehouse / "pinlanding.db" / name
    schema = pq.read_schema(next(folder.glob("*.parquet")))
    for file in folder.iterdir():
        file.unlink()
    rows = pa.Table.from_pandas(frame, schema=schema, preserve_index=False)
    pq.write_table(rows, folder / "rewritten.parquet", coerce_timestamps="us", allow_truncated_timestamps=True)


@pytest.fixture(scope="module")
def worse(built: Path, small_catalog: Path) -> dict[str, str]:
    """Each alarm after a run with more pages, fewer values, wrong products, a blind encoder and failed calls.

    The questions were asked, too, where a release before had more products.
    """
    past = table(built, "collection_history").assign(release="2020-01-01T00:00:00")
    rewrite(built, "collection_history", pd.concat([table(built, "collection_history"), past.assign(products=10**6)]))
    recall = table(built, "attribute_recall")
    rewrite(built, "attribute_recall", recall.assign(recall=recall.recall.where(recall.modality != "image", 0.1)))
    failed = {"metric": "failed_call_share", "entity": "title_collection", "slice": "all", "value": 0.3, "judged": 10}
    rewrite(built, "metric_results", pd.concat([table(built, "metric_results"), pd.DataFrame([failed])]))
    history = table(built, "metric_history")
    run = history[history.slice != "dress"].assign(run=2)
    pages, values = run.metric == "topics", run.metric == "attributes"
    run.loc[pages, "value"] *= 2
    run.loc[values, "value"] *= 0.8
    run.loc[run.metric == "precision_at_10", ["value", "low", "high"]] *= 0.5
    folder = built / "pinlanding.db" / "metric_history"
    schema = pq.read_schema(next(folder.glob("*.parquet")))
    worse = pa.Table.from_pandas(run, schema=schema, preserve_index=False)
    pq.write_table(worse, folder / "worse.parquet", coerce_timestamps="us", allow_truncated_timestamps=True)
    command = [sys.executable, "-c", ASK_AND_TEST, SMALL_VARS, str(built / "answers.json")]
    subprocess.run(command, env=environment(built, small_catalog), cwd=PROJECT, check=True)
    results = json.loads((built / "target" / "run_results.json").read_text())["results"]
    kinds_and_names = {tuple(result["unique_id"].split(".")[::2]): result["status"] for result in results}
    return {name: status for (kind, name), status in kinds_and_names.items() if kind == "test"}


def test_analysts_questions_are_ten_and_short(worse: dict[str, str]) -> None:
    questions = sorted((PROJECT / "analyses").glob("*.sql"))
    assert len(questions) >= 10
    assert all(len(path.read_text(encoding="utf-8").splitlines()) < 15 for path in questions)


def test_analysts_questions_are_answered(built: Path, worse: dict[str, str]) -> None:
    answers = json.loads((built / "answers.json").read_text())
    assert set(answers) == {path.stem for path in (PROJECT / "analyses").glob("*.sql")}
    assert answers["collections_that_lost_products"] > 0


def test_docs_know_every_public_table(built: Path, worse: dict[str, str]) -> None:
    nodes = json.loads((built / "target" / "catalog.json").read_text())["nodes"]
    columns = {node["metadata"]["name"]: node["columns"] for node in nodes.values()}
    assert {name for name in PUBLIC if not columns.get(name)} == set()
    assert (built / "target" / "index.html").stat().st_size > 100_000


def test_alarms_go_off_and_say_how_bad_it_is(worse: dict[str, str]) -> None:
    assert worse == {
        "precision_fell": "fail",
        "coverage_rose_while_precision_fell": "fail",
        "vocabulary_shrank": "warn",
        "metrics_lost_rows": "warn",
        "recall_is_low": "warn",
        "calls_failed": "fail",
    }


def test_a_pull_request_embeds_nothing_again(built: Path, small_catalog: Path, tmp_path: Path) -> None:
    """A changed model at the top of everything, built with what follows into a schema of its own."""
    for folder in ("models", "macros", "seeds", "tests", "profiles"):
        shutil.copytree(PROJECT / folder, tmp_path / folder)
    for name in ("dbt_project.yml", "selectors.yml", "profiles.yml"):
        shutil.copy(PROJECT / name, tmp_path / name)
    shutil.copy(built / "target" / "manifest.json", tmp_path)
    model = tmp_path / "models" / "staging" / "stg_products.sql"
    model.write_text(model.read_text().replace("where rejection_reason", "where 1 = 1 and rejection_reason"))
    env = environment(built, small_catalog, PINLANDING_SCHEMA="pull_request", DBT_TARGET_PATH=str(tmp_path / "target"))
    copied = ["dbt", "run-operation", "copy_standing_tables", "--args", "{schema: pinlanding}"]
    subprocess.run([*copied, "--vars", SMALL_VARS], env=env, cwd=tmp_path, check=True)
    scratch = built / "pull_request.db"
    before = {name: set((scratch / name).glob("*.parquet")) for name in ("stg_images", "product_embeddings")}
    changed = [
        "--select",
        "state:modified+",
        "--exclude",
        "models/evaluation",
        "models/baseline",
        "--defer",
        "--state",
        str(tmp_path),
    ]
    subprocess.run([*RUN, "--vars", SMALL_VARS, *changed], env=env, cwd=tmp_path, check=True)
    for name, files in before.items():
        assert sum(pq.read_metadata(file).num_rows for file in files) == len(table(built, name)) > 0
        assert sum(pq.read_metadata(file).num_rows for file in set((scratch / name).glob("*.parquet")) - files) == 0
    pages = [pd.read_parquet(folder / "landing_pages") for folder in (scratch, built / "pinlanding.db")]
    columns = ["slug", "content_hash", "status", "indexable"]
    assert (
        pages[0][columns].sort_values("slug").values.tolist() == pages[1][columns].sort_values("slug").values.tolist()
    )
