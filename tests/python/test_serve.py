"""The Thrift server on Delta tables: dbt and readers at once, releases and rollback, a kill, and who may spend.

A project of four small models with the macros of ours stands for the whole, which costs minutes a build.
"""

import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import yaml
from pyhive import hive

from python_udfs.warehouse import open_folder

from .conftest import PROJECT
from .model_server import ModelServer
from .served import Server

ROWS = 20_000
START_SECONDS = 180
COLUMNS_CHANGED = "DELTA_SCHEMA_CHANGE_SINCE_ANALYSIS"
ASKED = """
select review_attribute('color', 'red', 5, terms.*) as answer
from ({{ model_terms("(select 'some-model' as model, 0.4d as usd_per_million_input_tokens, 1.6d as usd_per_million_output_tokens)") }}) as terms
"""  # noqa: E501
# Each runs a program or a class of Java's as the server's user, some behind a subquery, a string or a table of theirs.
PROGRAMS = (
    "select transform('a') using 'env' as variable",
    "select (select max(variable) from (select transform('a') using 'env' as variable))",
    "create table pinlanding.stolen as select transform('a') using 'env' as variable",
    "execute immediate \"select transform('a') using 'env' as variable\"",
    "create temporary function reflect as 'org.apache.hadoop.hive.ql.udf.generic.GenericUDFReflect'",
    "create function pinlanding.mine as 'org.example.Mine' using jar '/tmp/mine.jar'",
    "add jar '/tmp/mine.jar'",
    "create temporary function mine(number int) returns int return number + 1",
    "drop temporary function review_attribute",
)
DERBY = "jdbc options (url 'jdbc:derby:memory:mine;create=true', dbtable 'sysibm.sysdummy1')"
MODELS = {
    "numbers": "select cast(id as string) as id, '{{ var('content') }}' as content from range(20000)",
    "changing": "select id, {{ var('content') }} as content_{{ var('columns', 'a') }} from range(20000)",
    "slow": "select id, sha2(repeat(id, {{ var('slow', 1) }}), 512) as content from range(0, 40000, 1, 2)",
    "kept": "select id, '{{ var('content') }}' as content from range({{ var('first', 0) }}, {{ var('last', 10) }})",
    "asked": ASKED,
}
PUBLIC = ("numbers", "kept")


class Served(Server):
    """A server with models of its own."""

    def __init__(self, folder: Path, model_server: ModelServer) -> None:
        _write_project(folder / "project")
        super().__init__(
            folder / "warehouse",
            folder / "project",
            PINLANDING_GRANT_KEY="the-operator's",
            OPENAI_BASE_URL=model_server.url,
            OPENAI_API_KEY="sk-the-server's",
        )

    def build(self, *arguments: str, **vars: Any) -> subprocess.CompletedProcess[str]:
        return self.dbt("build", "--vars", yaml.dump(vars), *arguments)


def _write_project(folder: Path) -> None:
    models = folder / "models"
    models.mkdir(parents=True)
    for name, sql in MODELS.items():
        (models / f"{name}.sql").write_text(sql)
    for suffix in ("sql", "yml"):
        shutil.copy(PROJECT / f"models/operations/releases.{suffix}", models)
    column = {"id": "string", "content": "string"}
    described = {
        "models": [
            {
                "name": name,
                "config": {"contract": {"enforced": True}},
                "columns": [
                    {"name": each, "data_type": "bigint" if (name, each) == ("kept", "id") else kind}
                    for each, kind in column.items()
                ],
            }
            for name in PUBLIC
        ]
    }
    (models / "public.yml").write_text(yaml.dump(described))
    ours = yaml.safe_load((PROJECT / "dbt_project.yml").read_text())
    on_disk = {"+file_format": "delta", "+materialized": "table"}
    incremental = {"+materialized": "incremental", "+incremental_strategy": "merge", "+unique_key": "id"}
    project = {
        "name": "pinlanding",
        "profile": "pinlanding",
        "config-version": 2,
        "macro-paths": [str(PROJECT / "macros"), str(PROJECT / "tests" / "generic")],
        "on-run-start": ["{{ check_settings() }}", "{{ check_server() }}", "{{ claim_server() }}"],
        "on-run-end": ["{{ record_release(results) }}", "{{ leave_server() }}"],
        "vars": ours["vars"] | {"content": 0},
        "models": {
            "pinlanding": on_disk | {"kept": incremental | {"+on_schema_change": "fail"}, "asked": {"+enabled": False}}
        },
    }
    (folder / "dbt_project.yml").write_text(yaml.dump(project))


@pytest.fixture(scope="module")
def model_server() -> Iterator[ModelServer]:
    with ModelServer() as server:
        yield server


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, model_server: ModelServer) -> Iterator[Served]:
    server = Served(tmp_path_factory.mktemp("served"), model_server)
    try:
        built = server.build(content=1)
        assert built.returncode == 0, built.stdout[-2000:]
        yield server
    finally:
        server.kill()


def test_readers_never_see_a_missing_table_or_half_of_one(served: Served) -> None:
    asked, wrong, changed = 0, [], 0
    ended = threading.Event()

    def read(sql: str, whole: tuple[int, ...]) -> None:
        nonlocal asked, changed
        while not ended.is_set():
            try:
                answer = served.query(sql)
            except hive.OperationalError as error:
                if COLUMNS_CHANGED not in str(error):
                    wrong.append(str(error)[:300])
                changed += COLUMNS_CHANGED in str(error)
                continue
            asked += 1
            wrong.extend(str(row) for row in answer if row != whole)

    readers = [
        threading.Thread(target=read, args=(f"select {counts} from pinlanding.{name}", whole), daemon=True)
        for name, counts, whole in (
            ("numbers", "count(*), count(distinct content)", (ROWS, 1)),
            ("changing", "count(*)", (ROWS,)),
            ("kept", "count(*), count(distinct id)", (10, 10)),
        )
    ]
    for reader in readers:
        reader.start()
    try:
        builds = [served.build(content=content, columns=columns) for content, columns in ((2, "a"), (3, "b"))]
    finally:
        ended.set()
        for reader in readers:
            reader.join(START_SECONDS)
    assert [build.returncode for build in builds] == [0, 0], builds[-1].stdout[-2000:]
    assert not any(reader.is_alive() for reader in readers), "a reader waits for the server"
    assert not wrong
    assert asked > 30 and changed <= 1, (asked, changed)


def test_a_release_is_a_row_a_public_table_and_can_be_read_and_restored(served: Served) -> None:
    assert served.build(content=5, first=5, last=15).returncode == 0
    merged = dict(served.query("select id, content from pinlanding.kept"))
    assert set(merged) == set(range(15)) and {merged[number] for number in range(5, 15)} == {"5"} != {merged[0]}
    good = max(served.query("select release from pinlanding.releases"))[0]
    versions = dict(served.query(f"select table_name, version from pinlanding.releases where release = '{good}'"))
    assert set(versions) == set(PUBLIC)
    between = served.query("select max(content_a) from pinlanding.changing")
    assert served.build("--select", "numbers", "changing", content=7).returncode == 0
    assert served.query("select max(content_a) from pinlanding.changing") == [(7,)] != between
    assert served.query(f"select count(*) from pinlanding.releases where release > '{good}'") == [(0,)]
    lost = f"""
        select count(*) from pinlanding.numbers version as of {versions["numbers"]} as before
        left anti join pinlanding.numbers as now on before.id = now.id and before.content = now.content
    """
    assert served.query(lost) == [(ROWS,)]
    unknown = served.dbt("run-operation", "rollback", "--args", "{release: never}")
    assert unknown.returncode and good in unknown.stdout
    restored = served.dbt("run-operation", "rollback", "--args", f"{{release: {good}}}")
    assert restored.returncode == 0, restored.stdout[-2000:]
    assert "1 of 2 public tables had changed, and 1 between them" in restored.stdout
    assert served.query(lost) == [(0,)]
    assert served.query("select max(content_a) from pinlanding.changing") == between
    assert dict(served.query("select id, content from pinlanding.kept")) == merged


def test_a_run_that_means_another_warehouse_is_stopped(served: Served, tmp_path: Path) -> None:
    stopped = served.dbt("build", "--select", "kept", PINLANDING_WAREHOUSE=str(tmp_path))
    said = " ".join(stopped.stdout.split())
    assert stopped.returncode and f"serves {served.warehouse}, and PINLANDING_WAREHOUSE is {tmp_path}" in said, said


def test_runs_of_two_schemas_do_not_meet_and_leave_the_database_of_other_clients(served: Served) -> None:
    with hive.connect("127.0.0.1", served.port, database="pinlanding") as connection, connection.cursor() as cursor:
        cursor.execute("set pinlanding.building = pr_42")
        refused = served.build("--select", "kept")
        assert refused.returncode and "schema pr_42 is being built" in refused.stdout, refused.stdout[-2000:]
        assert served.dbt("run-operation", "leave_server", "--args", "{schema: pr_42}").returncode == 0
        assert served.build("--select", "kept").returncode == 0
        cursor.execute("select count(*) from kept")
        assert cursor.fetchone()[0] >= 10


def test_who_only_queries_cannot_spend_and_a_dbt_run_can(served: Served, model_server: ModelServer) -> None:
    asks = """
        select review_attribute('color', 'red', 5, 'some-model', '{cache}', named_struct(
            'run', 'mine', 'usd', 5d, 'usd_per_million_input_tokens', 0d, 'usd_per_million_output_tokens', 0d,
            'grant', '{grant}'
        )).error
    """
    cache = str(served.warehouse / "answers")
    for grant in ("", "99999999999.0123"):
        ((error,),) = served.query(asks.format(cache=cache, grant=grant))
        assert error.startswith("grant: only a dbt run")
    for program in PROGRAMS:
        with pytest.raises(hive.OperationalError, match="This server runs no programs"):
            served.query(program)
    for function in ("reflect", "java_method", "try_reflect"):
        with pytest.raises(hive.OperationalError, match="UNRESOLVED_ROUTINE"):
            served.query(f"select {function}('java.lang.System', 'getenv', 'OPENAI_API_KEY')")
    with pytest.raises(hive.OperationalError, match="JDBC connection providers"):
        served.query(f"create temporary view derby using {DERBY}")
    assert not model_server.requests
    project = yaml.safe_load((served.project / "dbt_project.yml").read_text())
    project["models"]["pinlanding"]["asked"]["+enabled"] = True
    (served.project / "dbt_project.yml").write_text(yaml.dump(project))
    settings = {
        "PINLANDING_PROVIDER": "openai",
        "PINLANDING_MODEL": "some-model",
        "PINLANDING_BUDGET_USD": "5",
        "PINLANDING_CACHE": cache,
    }
    stranger = served.dbt("build", "--select", "asked", **settings | {"PINLANDING_GRANT_KEY": "another"})
    ((error,),) = served.query("select answer.error from pinlanding.asked")
    assert stranger.returncode == 0 and error.startswith("grant: ") and not model_server.requests
    run = served.dbt("--debug", "build", "--select", "asked", **settings)
    ((error, decision),) = served.query("select answer.error, answer.decision from pinlanding.asked")
    assert (run.returncode, error, decision) == (0, None, "keep") and len(model_server.requests) == 1
    rendered = (served.warehouse / "target/compiled/pinlanding/models/asked.sql").read_text()
    granted = rendered.split("'grant', '")[1].split("'")[0]
    # A debug log shows the SQL and so the grant, which buys what is left of this run's budget; the key is in none.
    said = run.stdout + run.stderr + (served.warehouse / "logs" / "dbt.log").read_text()
    assert len(granted) > 64 and "the-operator's" not in said and "sk-the-server's" not in said
    # Who asks for what is stored already pays nothing, and needs no grant.
    assert served.query(asks.format(cache=cache, grant="")) == [(None,)] and len(model_server.requests) == 1


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_where_queries_run_there_is_no_key_and_all_listen_on_this_machine_only(served: Served) -> None:
    served.query("select stat_image('none.jpg', '/tmp').error")
    names, sockets = set(), set()
    for process in served.below():
        # An idle worker ends, a file is closed, since it was listed.
        with suppress(FileNotFoundError, ProcessLookupError):
            variables = (process / "environ").read_bytes()
            assert b"the-operator's" not in variables and b"sk-the-server's" not in variables, process
            names.add((process / "comm").read_text().strip())
            for link in (process / "fd").iterdir():
                with suppress(FileNotFoundError):
                    sockets.add(str(link.readlink()))
    assert "java" in names and any("python" in name for name in names), names
    table = [line.split() for name in ("tcp", "tcp6") for line in Path("/proc/net", name).read_text().splitlines()[1:]]
    listening = [row[1] for row in table if row[3] == "0A" and f"socket:[{row[9]}]" in sockets]
    assert any(int(address.split(":")[1], 16) == served.port for address in listening)
    # 127.0.0.1, alone or inside an address of IPv6, and ::1.
    local = ("0100007F", "0000000000000000FFFF00000100007F", "00000000000000000000000001000000")
    assert {address.split(":")[0] for address in listening} <= set(local)


def test_a_kill_in_the_middle_of_a_replacement_leaves_the_last_complete_version(served: Served) -> None:
    tables = served.warehouse / "pinlanding.db"
    names = ("numbers", "changing", "slow", "kept")
    before = {name: open_folder(str(tables / name)).to_table().to_pylist() for name in names}
    files = set((tables / "slow").glob("*.parquet"))
    build = threading.Thread(target=served.build, args=("--select", "slow"), kwargs={"slow": 200_000}, daemon=True)
    build.start()
    deadline = time.monotonic() + START_SECONDS
    while not set((tables / "slow").glob("*.parquet")) - files:
        assert time.monotonic() < deadline, "the replacement did not begin to write"
        time.sleep(0.02)
    served.kill()
    for name in names:
        assert open_folder(str(tables / name)).to_table().to_pylist() == before[name], name
    build.join(START_SECONDS)
    served.start()
    assert served.query("select count(*) from pinlanding.slow") == [(len(before["slow"]),)]
    assert served.build("--select", "slow").returncode == 0
