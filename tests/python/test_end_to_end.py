"""Whole runs on the real engine, on a small catalogue: what a build leaves, a second build, a killed one."""

import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
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
    "metric_results", "metric_history", "metric_index", "llm_calls", "extraction_audit", "curation_sensitivity",
    "review_queue", "attribute_changes",
)  # fmt: skip


def table(warehouse: Path, name: str) -> pd.DataFrame:
    return pd.read_parquet(warehouse / "pinlanding.db" / name)


def rows(warehouse: Path, name: str) -> list[str]:
    """The table's rows in an order of their own, without times: what two builds must agree on."""
    frame = table(warehouse, name).drop(columns="last_modified", errors="ignore")
    return sorted(frame[sorted(frame.columns)].to_json(orient="records", lines=True, double_precision=15).splitlines())


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory, small_catalog: Path) -> Path:
    """A catalogue of this file's own, as its last tests change it."""
    return shutil.copytree(small_catalog, tmp_path_factory.mktemp("end_to_end") / "catalog", symlinks=True)


def project_copy(folder: Path) -> Path:
    """The project in a folder of its own, to change it."""
    for name in ("models", "macros", "seeds", "tests", "profiles"):
        shutil.copytree(PROJECT / name, folder / name)
    for name in ("dbt_project.yml", "selectors.yml", "profiles.yml"):
        shutil.copy(PROJECT / name, folder / name)
    return folder


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, catalog: Path) -> Path:
    """A warehouse with one whole, undisturbed build in it; made by its own process. Its path has a space."""
    warehouse = tmp_path_factory.mktemp("built once")
    env = environment(warehouse, catalog)
    subprocess.run([*RUN, "--vars", SMALL_VARS], env=env, cwd=PROJECT, check=True)
    return warehouse


def test_every_public_table_is_there_and_collections_are_filled(built: Path) -> None:
    assert all((built / "pinlanding.db" / name).is_dir() for name in (*PUBLIC, "releases", "collection_history"))
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


def test_a_killed_build_started_again_ends_like_an_undisturbed_one(built: Path, catalog: Path, tmp_path: Path) -> None:
    env = environment(tmp_path, catalog)
    command = [*RUN, "--vars", SMALL_VARS, "--select", "+product_attributes", "+training_pairs"]
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
    names = ("products", "attributes", "product_attributes", "training_pairs")
    assert [name for name in names if rows(tmp_path, name) != rows(built, name)] == []


@pytest.fixture(scope="module")
def built_again(built: Path, catalog: Path) -> tuple[Path, dict[str, int]]:
    """The same warehouse after a second build, and the rows of its tables before; training left two runs in between."""
    before = {path.name: len(table(built, path.name)) for path in (built / "pinlanding.db").iterdir()}
    figure = {"split": "validation", "modality": "image", "facet": "all", "k": 10, "metric": "recall", "value": 0.5}
    for folder in ("spring + summer 2%", "ablations/loss", ".runs/half"):
        (built / "encoders" / folder).mkdir(parents=True)
        card = {"created_at": "2026-01-02T03:04:05+00:00", "settings": {}, "metrics": [figure]}
        (built / "encoders" / folder / "model_card.json").write_text(json.dumps(card))
    embedded = ["stg_images", "product_embeddings", "attribute_embeddings"]
    selected = [*embedded, "llm_calls", "encoder_runs", "encoder_metrics"]
    command = [*RUN, "--vars", SMALL_VARS, "--select", *selected]
    subprocess.run(command, env=environment(built, catalog), cwd=PROJECT, check=True)
    return built, before


def test_a_second_build_embeds_nothing_and_asks_no_model(built_again: tuple[Path, dict[str, int]]) -> None:
    warehouse, before = built_again
    for name in ("stg_images", "product_embeddings", "attribute_embeddings"):
        assert before[name] == len(table(warehouse, name)) > 0
    assert len(table(warehouse, "llm_calls")) == 0


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
def worse(built: Path, catalog: Path) -> dict[str, str]:
    """Each alarm after a run with more pages, fewer values, wrong products, a blind encoder and failed calls.

    The questions were asked, too, where a release before had more products.
    """
    past = table(built, "collection_history").assign(release="2020-01-01T00:00:00")
    rewrite(built, "collection_history", pd.concat([table(built, "collection_history"), past.assign(products=10**6)]))
    recall = table(built, "attribute_recall")
    rewrite(built, "attribute_recall", recall.assign(recall=recall.recall.where(recall.modality != "image", 0.1)))
    stage = {"entity": "title_collection", "slice": "all"}
    failed = {"metric": "failed_question_share", "value": 0.3, "judged": 10} | stage
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
    subprocess.run(command, env=environment(built, catalog), cwd=PROJECT, check=True)
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
        # A catalogue's usual share of broken pictures: test_bad_inputs has one without any that can be read.
        "images_are_unreadable": "pass",
    }


def test_a_pull_request_builds_what_changed_and_embeds_nothing_again(
    built: Path, catalog: Path, tmp_path: Path
) -> None:
    """A change at the end, then one at the top of everything, each built with what follows into a schema of its own."""
    project = project_copy(tmp_path / "project")
    state = tmp_path / "state"
    state.mkdir()
    shutil.copy(built / "target" / "manifest.json", state)
    env = environment(built, catalog, PINLANDING_SCHEMA="pull_request", DBT_TARGET_PATH=str(tmp_path / "target"))
    scratch = built / "pull_request.db"
    changed = ["--select", "state:modified+", "--exclude", "models/evaluation", "models/baseline", "models/operations"]
    deferred = ["--defer", "--state", str(state), "--vars", SMALL_VARS]

    def build() -> set[str]:
        """The names of the models that the build made."""
        subprocess.run([*RUN, *changed, *deferred], env=env, cwd=project, check=True)
        results = json.loads((tmp_path / "target" / "run_results.json").read_text())["results"]
        return {result["unique_id"].split(".")[2] for result in results if result["unique_id"].startswith("model.")}

    copied = ["dbt", "run-operation", "copy_standing_tables", "--args", "{schema: pinlanding}", "--vars", SMALL_VARS]
    subprocess.run(copied, env=env, cwd=project, check=True)
    standing = ("stg_images", "product_embeddings", "attribute_embeddings")
    before = {name: set((scratch / name).glob("*.parquet")) for name in standing}
    for folder, name, text in (
        ("pages", "landing_pages", "from pages\n"),
        ("staging", "stg_products", "where rejection_reason"),
    ):
        model = project / "models" / folder / f"{name}.sql"
        assert text in model.read_text()
        model.write_text(model.read_text().replace(text, f"{text.rstrip()} -- changed\n"))
        made = build()
        late = {"landing_pages", "redirects"}
        assert name in made and (made == late if name == "landing_pages" else {"products", *late} < made), made
    for name, files in before.items():
        assert sum(pq.read_metadata(file).num_rows for file in files) == len(table(built, name)) > 0
        assert sum(pq.read_metadata(file).num_rows for file in set((scratch / name).glob("*.parquet")) - files) == 0
    pages = [pd.read_parquet(folder / "landing_pages") for folder in (scratch, built / "pinlanding.db")]
    columns = ["slug", "content_hash", "last_modified", "status", "indexable"]
    now, then = (each[columns].sort_values("slug").values.tolist() for each in pages)
    assert now == then


# Gives a schema of its own the tables named, as copies, and builds topic_coverage there.
BUILD_ONE = """
import os, sys
from dbt.cli.main import dbtRunner
from pyspark.sql import SparkSession
assert dbtRunner().invoke(["--quiet", "run-operation", "check_functions"]).success
spark = SparkSession.builder.getOrCreate()
spark.sql("create schema selection")
for name in sys.argv[1:]:
    spark.sql(f"create table selection.{name} using parquet as select * from pinlanding.{name}")
os.environ["PINLANDING_SCHEMA"] = "selection"
sys.exit(not dbtRunner().invoke(["build", "--select", "topic_coverage", "--indirect-selection", "empty"]).success)
"""


def test_a_selection_is_summed_up_without_the_tables_it_left_out(built: Path, catalog: Path) -> None:
    manifest = json.loads((built / "target" / "manifest.json").read_text())
    parents = {name.split(".")[2] for name in manifest["parent_map"]["model.pinlanding.topic_coverage"]}
    command = [sys.executable, "-c", BUILD_ONE, *sorted(parents | {"collections", "collection_products"})]
    env = environment(built, catalog, DBT_TARGET_PATH=str(built / "target" / "selection"))
    run = subprocess.run(command, env=env, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "topics, content_first: " in run.stdout and "The best collections:" in run.stdout
    assert "rejected" not in run.stdout and "precision@10" not in run.stdout


def add_rows(project: Path, seed: str, *rows: str) -> None:
    with (project / "seeds" / f"{seed}.csv").open("a", encoding="utf-8") as file:
        file.writelines(f"{row}\n" for row in rows)


@dataclass(frozen=True)
class Corrected:
    """The warehouse after a build of a changed catalogue, and after a second one that kept nothing."""

    warehouse: Path
    deleted: set[str]
    redrawn: dict[str, bytes]
    pages_before: pd.DataFrame
    overrides: dict[str, str]
    stale: list[tuple[str, str]]
    tables: dict[str, list[str]]
    landing_pages: pd.DataFrame


# What both builds must agree on.
COMPARED = (*PAGES, "checked_overrides", "attribute_thresholds", "page_members")


def holders(warehouse: Path, products: set[str]) -> list[tuple[str, str]]:
    """Each table and column in which one of the products is, but for the labels: a file of the user's as it is."""
    found = []
    for folder in sorted(set((warehouse / "pinlanding.db").iterdir()) - {warehouse / "pinlanding.db" / "stg_labels"}):
        frame = pd.read_parquet(folder) if any(folder.glob("*.parquet")) else pd.DataFrame()
        for column in {"product_id", "listed_products", "example_product_id"} & set(frame.columns):
            values = frame[column].explode().dropna()
            ids = {value["product_id"] if isinstance(value, dict) else value for value in values}
            if ids & products:
                found.append((folder.name, column))
    return found


@pytest.fixture(scope="module")
def corrected(built: Path, catalog: Path, tmp_path_factory: pytest.TempPathFactory) -> Corrected:
    """1 % of the products gone, the titles of 1 % and the bytes of the images of 1 % others; every kind of override; a
    value renamed and two merged. Built on the standing tables, and then with --full-refresh."""
    catalog_file = catalog / "catalog.parquet"
    loaded = pq.read_table(catalog_file)
    products = table(built, "products")
    whole = products[products.image_error.isna() & products.image_uri.notna()].sort_values("product_id")
    chosen = whole.iloc[:: len(whole) // 9].head(9)
    deleted, retitled, redrawn = (set(chosen.product_id[place : place + 3]) for place in (0, 3, 6))
    assert len(holders(built, deleted)) > 10
    frame = loaded.to_pandas()
    frame = frame[~frame.product_id.isin(deleted)]
    frame.loc[frame.product_id.isin(retitled), "title"] = "Solid Wool Coat for Winter"
    pq.write_table(pa.Table.from_pandas(frame, schema=loaded.schema, preserve_index=False), catalog_file)
    files = dict(chosen[["product_id", "image_uri"]][chosen.product_id.isin(redrawn)].itertuples(index=False))
    contents = [Path(uri).read_bytes() for uri in files.values()]
    drawn = dict(zip(files, contents[1:] + contents[:1], strict=True))
    for product, content in drawn.items():
        Path(files[product]).write_bytes(content)

    pages = table(built, "landing_pages")
    best = pages[pages.indexable & ~pages.slug.str.contains("cotton|solid|spring|summer")]
    best = best.sort_values(["items", "slug"], ascending=False)
    approve, hide, pin, exclude, retitle, merged, target = best.slug.head(7)
    changed = deleted | retitled | redrawn
    pinned, excluded = (
        [one["product_id"] for one in listed if one["in_stock"] and one["product_id"] not in changed]
        for listed in best.listed_products.iloc[2:4]
    )
    project = project_copy(tmp_path_factory.mktemp("corrected") / "project")
    add_rows(
        project, "collection_overrides",
        f"{approve},approve,,,,Ann,good", f"{hide},hide,,,,Ann,season",
        f"{pin},pin,{pinned[-1]},,,Ann,gift guide", f"{exclude},exclude,{excluded[0]},,,Ann,wrong",
        f"{retitle},retitle,,The Very Best,,Ann,season", f"{merged},merge_into,,{target},,Ann,one is enough",
        f"{retitle},hide,,,2020-01-01,Ann,last year",
    )  # fmt: skip
    add_rows(project, "value_aliases", "material,cotton,calico,false", "season,spring,summer,false")
    env = environment(built, catalog)
    # Of so few pages the merged values take a third.
    build = [*RUN, "--vars", SMALL_VARS.replace("}", ", accept_drop: true}")]
    subprocess.run(build, env=env, cwd=project, check=True)
    tables, stale = {name: rows(built, name) for name in COMPARED}, holders(built, deleted)
    landing_pages = table(built, "landing_pages")
    selected = ["--select", "+redirects", "+collection_attributes", "+training_pairs"]
    subprocess.run([*build, *selected, "--full-refresh"], env=env, cwd=project, check=True)
    overrides = {
        "hide": hide, "pin": pin, "pinned": pinned[-1], "exclude": exclude, "excluded": excluded[0],
        "retitle": retitle, "merged": merged, "target": target, "approve": approve,
    }  # fmt: skip
    return Corrected(built, deleted, drawn, pages, overrides, stale, tables, landing_pages)


def test_an_incremental_build_of_a_corrected_catalogue_equals_a_full_one(corrected: Corrected) -> None:
    assert [name for name, before in corrected.tables.items() if rows(corrected.warehouse, name) != before] == []
    products = table(corrected.warehouse, "products").set_index("product_id")
    for product, content in corrected.redrawn.items():
        assert products.image_sha256[product] == hashlib.sha256(content).hexdigest()


def test_no_table_holds_a_deleted_product(corrected: Corrected) -> None:
    assert corrected.stale == []


def test_overrides_of_each_kind_hold_and_survive_a_full_refresh(corrected: Corrected) -> None:
    of = corrected.overrides
    redirects = table(corrected.warehouse, "redirects").set_index("old_slug")
    warnings = table(corrected.warehouse, "checked_overrides").warning
    assert warnings.dropna().tolist() == ["expired on 2020-01-01"]
    for built in (corrected.landing_pages, table(corrected.warehouse, "landing_pages")):
        pages = built.set_index("slug")
        assert pages.status[of["approve"]] == "published"
        assert (pages.status[of["hide"]], pages.status[of["merged"]]) == ("hidden", "retired")
        assert pages.title[of["retitle"]] == "The Very Best"
        assert pages.listed_products[of["pin"]][0]["product_id"] == of["pinned"]
        shown = [product["product_id"] for product in pages.listed_products[of["exclude"]]]
        assert of["excluded"] not in shown
        page_json = json.loads(pages.json_ld[of["exclude"]])
        assert page_json["mainEntity"]["numberOfItems"] == pages.all_items[of["exclude"]] >= len(shown)
    collections = table(corrected.warehouse, "collections").set_index("slug")
    assert collections.products[of["exclude"]] == pages.products[of["exclude"]] + 1
    assert redirects.new_slug[of["merged"]] == of["target"] and of["hide"] in redirects.index


def test_an_unchanged_rebuild_moves_no_time_no_hash_and_no_slug(corrected: Corrected) -> None:
    columns = ["slug", "content_hash", "last_modified", "status"]
    now, then = (
        pages[columns].sort_values("slug").values.tolist()
        for pages in (table(corrected.warehouse, "landing_pages"), corrected.landing_pages)
    )
    assert now == then


def test_renamed_and_merged_attributes_keep_every_address(corrected: Corrected) -> None:
    attributes = set(table(corrected.warehouse, "attributes").attribute_id)
    assert "material:calico" in attributes and not attributes & {"material:cotton", "season:spring"}
    pages = table(corrected.warehouse, "landing_pages").set_index("slug")
    redirects = table(corrected.warehouse, "redirects").set_index("old_slug")
    before = corrected.pages_before[corrected.pages_before.status == "published"].slug
    assert any("cotton" in slug and pages.status[slug] == "published" for slug in before)
    for slug in before:
        if pages.status[slug] == "published":
            assert slug not in redirects.index
        else:
            code, target = redirects.status_code[slug], redirects.new_slug[slug]
            assert code == 410 if target is None else code == 301 and pages.status[target] == "published", slug


def test_history_has_a_row_a_release_and_page(corrected: Corrected) -> None:
    history = table(corrected.warehouse, "collection_history")
    releases = sorted(table(corrected.warehouse, "releases").release.unique())
    assert len(releases) == 2
    for release, pages in zip(releases, (corrected.pages_before, corrected.landing_pages), strict=True):
        recorded = history[history.release == release]
        assert sorted(recorded.collection_id) == sorted(set(pages.collection_id))
        assert recorded.products.sum() == pages.products.sum()


def test_half_a_catalogue_leaves_the_last_release(corrected: Corrected, catalog: Path) -> None:
    loaded = pq.read_table(catalog / "catalog.parquet")
    pq.write_table(loaded.slice(0, loaded.num_rows // 2), catalog / "catalog.parquet")
    folder = corrected.warehouse / "pinlanding.db"
    names = ("products", "collections", "landing_pages", "redirects")

    def contents() -> dict[str, bytes]:
        return {str(path): path.read_bytes() for name in names for path in sorted((folder / name).glob("*.parquet"))}

    before = contents()
    env = environment(corrected.warehouse, catalog)
    command = [*RUN, "--vars", SMALL_VARS]
    run = subprocess.run(command, env=env, cwd=PROJECT, check=False, capture_output=True, text=True)
    said = " ".join(run.stdout.split())
    assert run.returncode != 0 and re.search(r"Accepted products fall from [23]\d\d to 1\d\d, by [45]\d %", said), said
    assert "Nothing was published: readers keep the last release" in said and "accept_drop: true" in said
    assert len(before) >= len(names) and contents() == before


def test_a_limit_built_alone_retires_the_pages_beyond_it(corrected: Corrected, catalog: Path) -> None:
    """A selection that leaves out what reads the history knows the build before all the same."""
    before = table(corrected.warehouse, "landing_pages")
    published = set(before.slug[before.status == "published"])
    limited = [*RUN, "--vars", SMALL_VARS.replace("}", ", accept_drop: true, max_pages: 5}")]
    selected = ["--select", "page_states+", "--exclude", "models/evaluation", "models/operations"]
    subprocess.run([*limited, *selected], env=environment(corrected.warehouse, catalog), cwd=PROJECT, check=True)
    after = table(corrected.warehouse, "landing_pages").set_index("slug").status
    left = set(after.index[after == "published"])
    assert len(left) == 5 < len(published) and left < published
    assert {after[slug] for slug in published - left} == {"retired"}
    assert published - left <= set(table(corrected.warehouse, "redirects").old_slug)
