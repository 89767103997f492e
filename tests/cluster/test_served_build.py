"""The whole project through one Thrift server, on Delta tables: equal rows, readers, releases, rollback and a kill."""

import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pyhive import hive

from tests.python.conftest import PROJECT, SMALL_VARS
from tests.python.served import Server

from .conftest import BUILD, public_tables, rows

# A build that lists fewer products of every collection and page.
OTHER_VARS = SMALL_VARS.replace("{", "{top_k: 3, page_items: 3, accept_drop: true, ")
CHANGED = ("--select", "collection_products+", "--exclude", "models/evaluation", "models/operations")
READ = ("collection_products", "landing_pages", "redirects")
PAGES = (*BUILD, *CHANGED, "--vars", OTHER_VARS)
KILL_SECONDS = 600
CONTENT = "select count(*), sum(cast(hash(*) as bigint)) from pinlanding.{}"
QUERIES = re.compile(r"^select .*?;", re.DOTALL | re.MULTILINE)
VERSION = re.compile(r"(\w+) version as of 7\b")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, catalog: Path) -> Iterator[Server]:
    """A server through which everything was built once."""
    server = Server(tmp_path_factory.mktemp("served"), catalog=catalog)
    try:
        built = server.dbt(*BUILD, "--vars", SMALL_VARS)
        assert built.returncode == 0, built.stdout[-3000:]
        yield server
    finally:
        server.kill()


@pytest.fixture(scope="module")
def names(served: Server, local: Path) -> list[str]:
    names = sorted(public_tables(local))
    released = served.query("select table_name from pinlanding.releases order by 1")
    assert names == [name for (name,) in released] and len(names) > 20
    return names


def contents(served: Server, names: list[str]) -> dict[str, tuple[Any, ...]]:
    return {name: served.query(CONTENT.format(name))[0] for name in names}


def test_both_formats_have_equal_rows(served: Server, local: Path, names: list[str]) -> None:
    assert [name for name in names if rows(local, name) != rows(served.warehouse, name)] == []


def test_readers_see_whole_tables_and_a_rollback_undoes_the_build(
    served: Server, local: Path, names: list[str]
) -> None:
    # One between the public tables, which a run of a selection would read.
    between = contents(served, ["page_members"])
    before, ended = contents(served, names), threading.Event()
    seen: list[tuple[str, Any]] = []

    def read() -> None:
        while not ended.is_set():
            for name in READ:
                try:
                    seen.append((name, served.query(CONTENT.format(name))[0]))
                except hive.OperationalError as error:
                    seen.append((name, str(error)[:300]))

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    try:
        build = served.dbt(*PAGES)
    finally:
        ended.set()
        reader.join(60)
    assert build.returncode == 0, build.stdout[-3000:]
    after = contents(served, names)
    changed = {name for name in names if before[name] != after[name]}
    assert {"collection_products", "landing_pages"} <= changed and len(seen) > 2 * len(READ)
    assert [(name, answer) for name, answer in seen if answer not in (before[name], after[name])] == []
    ((release,),) = served.query("select distinct release from pinlanding.releases")
    undone = served.dbt("run-operation", "rollback", "--args", f"{{release: {release}}}")
    assert undone.returncode == 0, undone.stdout[-3000:]
    assert contents(served, names) == before and contents(served, ["page_members"]) == between
    assert [name for name in names if rows(local, name) != rows(served.warehouse, name)] == []


def test_what_the_readme_asks_of_versions_is_answered(served: Server) -> None:
    """As it is written there, with a release that exists and the versions that it left."""
    section = (PROJECT / "README.md").read_text().split("## Delta tables, releases, rollback")[1]
    queries = QUERIES.findall(section.split("```sql")[1].split("```")[0])
    assert len(queries) == 3
    ((release,),) = served.query("select distinct release from pinlanding.releases")
    looked_up = queries[0].rstrip(";").replace("2026-01-31T09:30:00", release)
    versions = dict(served.query(looked_up))
    for query in queries[1:]:
        at = VERSION.sub(lambda found: f"{found[1]} version as of {versions[found[1]]}", query.rstrip(";"))
        assert at != query and served.query(at) is not None


def test_a_kill_in_the_middle_of_a_build_leaves_whole_tables(served: Server, names: list[str]) -> None:
    before = {name: rows(served.warehouse, name) for name in names}
    tables = served.warehouse / "pinlanding.db"
    files = set((tables / "landing_pages").glob("*.parquet"))
    build = threading.Thread(target=served.dbt, args=PAGES, daemon=True)
    build.start()
    deadline = time.monotonic() + KILL_SECONDS
    while not set((tables / "landing_pages").glob("*.parquet")) - files:
        assert time.monotonic() < deadline, "the build did not come to landing_pages"
        time.sleep(0.01)
    served.kill()
    build.join(KILL_SECONDS)
    after = {name: rows(served.warehouse, name) for name in names}
    served.start()
    counts = {name: content[0] for name, content in contents(served, names).items()}
    assert counts == {name: len(after[name]) for name in names}
    again = served.dbt(*PAGES)
    assert again.returncode == 0, again.stdout[-3000:]
    whole = {name: rows(served.warehouse, name) for name in names}
    assert after["collection_products"] == whole["collection_products"] != before["collection_products"]
    assert [name for name in names if after[name] not in (before[name], whole[name])] == []
