from pathlib import Path

import pytest

from dbt_pinlanding import server, session, settings
from python_udfs.model_calls.grant import KEY_VARIABLE
from python_udfs.model_calls.settings import Settings


def test_the_sample_stands_in_for_a_missing_catalogue(tmp_path: Path) -> None:
    resolved = settings.resolve({"PINLANDING_WAREHOUSE": str(tmp_path), "PINLANDING_SEED": "7"})
    assert resolved["PINLANDING_CATALOG"] == f"{tmp_path}/sample/2000-7/catalog.parquet"
    assert resolved["PINLANDING_LABELS"] == f"{tmp_path}/sample/2000-7/labels.parquet"
    assert resolved["PINLANDING_IMAGE_ROOTS"] == f"{tmp_path}/sample/2000-7"


def test_a_named_catalogue_brings_no_log_and_no_labels(tmp_path: Path) -> None:
    catalog = tmp_path / "catalog.csv"
    catalog.write_text("product_id,title\n1,Dress\n")
    resolved = settings.resolve({"PINLANDING_CATALOG": str(catalog)})
    assert resolved["PINLANDING_CATALOG"] == str(catalog)
    assert resolved["PINLANDING_LABELS"] == resolved["PINLANDING_SEARCH_LOG"] == ""
    assert "PINLANDING_SAMPLE" not in resolved


def test_relative_paths_become_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    resolved = settings.resolve(
        {"PINLANDING_WAREHOUSE": "here", "PINLANDING_IMAGE_ROOTS": "pictures,https://img.shop/"}
    )
    assert resolved["PINLANDING_WAREHOUSE"] == f"{tmp_path}/here"
    assert resolved["PINLANDING_IMAGE_ROOTS"] == f"{tmp_path}/pictures\nhttps://img.shop/"


def test_a_file_url_is_its_path_and_spaces_between_roots_are_none(tmp_path: Path) -> None:
    resolved = settings.resolve(
        {
            "PINLANDING_WAREHOUSE": f"file://{tmp_path}/my#house",
            "PINLANDING_IMAGE_ROOTS": "/data/a, /data/b",
            "PINLANDING_CACHE": "file:///shared/answers",
        }
    )
    assert resolved["PINLANDING_WAREHOUSE"] == f"{tmp_path}/my#house"
    assert resolved["PINLANDING_CACHE"] == "file:///shared/answers"
    assert settings.absolute("file:/data/x") == "/data/x"
    assert settings.absolute("file://host/x") == "file://host/x"
    assert resolved["PINLANDING_IMAGE_ROOTS"] == "/data/a\n/data/b"


def test_warehouses_behind_urls_have_a_catalogue_each() -> None:
    first, same, second = (
        session.session_paths(url, "")["spark.hadoop.javax.jdo.option.ConnectionURL"]
        for url in ("s3://a/house", "s3://a/house/", "s3://b/house")
    )
    assert first == same != second


def test_tables_lie_in_the_folder_of_their_schema() -> None:
    assert settings.tables_folder("s3://bucket/house/", {}) == "s3://bucket/house/pinlanding.db"
    assert settings.tables_folder("/house", {"PINLANDING_SCHEMA": "PR_42"}) == "/house/pr_42.db"


def test_urls_pass_unchanged() -> None:
    assert settings.absolute("s3://bucket/warehouse") == "s3://bucket/warehouse"


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"PINLANDING_TABLE_FORMAT": "iceberg"}, "use parquet or delta"),
        ({"PINLANDING_CATALOG": "/nowhere/catalog.parquet"}, "there is no file /nowhere/catalog.parquet"),
        ({"PINLANDING_SEED": "abc"}, "PINLANDING_SEED must be a whole number"),
        ({"PINLANDING_CONCURRENCY": "0"}, "PINLANDING_CONCURRENCY must be a number above 0"),
        ({"OPENAI_BASE_URL": "https://user:token@models.example/v1"}, "OPENAI_BASE_URL must hold no user or token"),
    ],
)
def test_a_setting_that_cannot_work_is_named(environment: dict[str, str], said: str) -> None:
    with pytest.raises(settings.SettingError, match=said):
        settings.resolve(environment)


def test_a_warehouse_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(settings.SettingError, match="cannot write to"):
        settings.check_warehouse(str(tmp_path / "file" / "warehouse"))


@pytest.mark.parametrize(
    ("concurrency", "workers", "tasks", "each"),
    [("32", "2", 2, 16), ("1", "2", 1, 1), ("3", "8", 3, 1), ("", "4", 4, 8)],
)
def test_calls_in_flight_are_shared_by_no_more_tasks_than_calls(
    concurrency: str, workers: str, tasks: int, each: int
) -> None:
    environment = {"PINLANDING_CONCURRENCY": concurrency, "PINLANDING_WORKERS": workers}
    assert settings.resolve(environment)["PINLANDING_ASKING_TASKS"] == str(tasks)
    assert Settings.from_environment(environment).concurrency == each


def test_an_input_may_be_a_table(tmp_path: Path) -> None:
    resolved = settings.resolve(
        {
            "PINLANDING_CATALOG": "shop.products",
            "PINLANDING_IMAGE_ROOTS": "/pictures",
            "PINLANDING_WAREHOUSE": str(tmp_path),
        }
    )
    assert resolved["PINLANDING_CATALOG"] == "shop.products"
    assert resolved["PINLANDING_CATALOG_FOLDER"] == "/pictures"
    assert not settings.is_table("catalog.csv") and not settings.is_table("folder/catalog")


def test_a_server_listens_on_this_machine_only_unless_told_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PINLANDING_SERVE_HOST", "PINLANDING_SERVE_PORT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PINLANDING_TABLE_FORMAT", "parquet")
    assert server.address() == ("127.0.0.1", 10000)
    conf = server.server_conf(*server.address())
    assert conf["spark.hadoop.hive.server2.thrift.bind.host"] == conf["spark.driver.bindAddress"] == "127.0.0.1"
    monkeypatch.setenv("PINLANDING_SERVE_HOST", "0.0.0.0")
    assert server.address() == ("0.0.0.0", 10000)
    monkeypatch.setenv("PINLANDING_SERVE_PORT", "70000")
    with pytest.raises(settings.SettingError, match="1 to 65535"):
        server.address()


def test_a_cluster_is_told_the_endpoint_and_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    told = {"OPENAI_BASE_URL": "https://models.example/v1", "PINLANDING_RPM": "60"}
    secret = {"OPENAI_API_KEY": "sk-secret-0123456789", KEY_VARIABLE: "grant-secret-0123456789"}
    for name, value in (told | secret).items():
        monkeypatch.setenv(name, value)
    conf = session._executor_environment() | session.session_paths("s3://bucket/warehouse", "-Xshare:auto")
    assert {name: conf[f"spark.executorEnv.{name}"] for name in told} == told
    shown = " ".join(part for pair in conf.items() for part in pair)
    assert not [name for name, value in secret.items() if name in shown or value in shown]
