"""What a user can get wrong: one line that says what to do, an exit code, and nothing that a second run trips over."""

import subprocess
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from .conftest import PROJECT, Dbt, environment

PRODUCTS = ("base_products", "stg_products", "stg_image_files", "stg_images", "products")
PAID_CLUSTER = {
    "PINLANDING_TARGET": "cluster",
    "PINLANDING_SPARK_MASTER": "local[2]",
    "PINLANDING_PROVIDER": "openai",
    "PINLANDING_MODEL": "any",
    "OPENAI_API_KEY": "any",
}


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"PINLANDING_CATALOG": "no_title.csv"}, "has no column 'title'"),
        ({"PINLANDING_CATALOG": "empty.csv"}, "has no rows"),
        ({"PINLANDING_CATALOG": "absent.csv"}, "there is no file"),
        ({"PINLANDING_ENCODER": "open_clip:no-such-model/none"}, "no-such-model"),
        ({"PINLANDING_PROVIDER": "openai", "PINLANDING_MODEL": "any"}, "OPENAI_API_KEY is not set"),
        ({"PINLANDING_PROVIDER": "psychic"}, "use heuristic or openai"),
        (PAID_CLUSTER, "PINLANDING_WORKERS is not set: the number of tasks"),
        (PAID_CLUSTER | {"PINLANDING_WORKERS": "8", "PINLANDING_CACHE": "/answers"}, "Name a URL (s3://...)"),
        ({"PINLANDING_WAREHOUSE": "file/below"}, "cannot write to"),
    ],
)
def test_a_setting_that_cannot_work_stops_the_run(
    dbt: Dbt, warehouse: Path, tmp_path: Path, settings: dict[str, str], message: str
) -> None:
    (tmp_path / "no_title.csv").write_text("product_id,name\n1,Dress\n")
    (tmp_path / "empty.csv").write_text("product_id,title\n")
    (tmp_path / "good.csv").write_text("product_id,title\n1,Red Dress\n")
    (tmp_path / "file").write_text("")
    paths = {
        name: str(tmp_path / value) if name in ("PINLANDING_CATALOG", "PINLANDING_WAREHOUSE") else value
        for name, value in settings.items()
    }
    env = environment(warehouse, PINLANDING_CATALOG=str(tmp_path / "good.csv")) | paths
    run = dbt(env, "run", "--select", "base_products", "encoder_in_use")
    assert not run.succeeded
    assert message in run.said
    assert "Traceback" not in run.said


def test_tables_of_the_other_format_are_left_alone(dbt: Dbt, warehouse: Path, tmp_path: Path) -> None:
    (tmp_path / "good.csv").write_text("product_id,title\n1,Red Dress\n")
    env = environment(warehouse, PINLANDING_CATALOG=str(tmp_path / "good.csv"))
    assert dbt(env, "seed", "--select", "facet_columns").succeeded
    assert dbt(env, "run", "--select", "base_products", "encoder_in_use").succeeded
    spark = SparkSession.builder.getOrCreate()
    spark.sql("create table pinlanding.stg_images using parquet as select 1 as size")
    try:
        run = dbt(env | {"PINLANDING_TABLE_FORMAT": "delta"}, "run", "--select", "base_products")
    finally:
        spark.sql("drop table pinlanding.stg_images")
    assert not run.succeeded and "The tables of this warehouse are parquet, and this run would write delta" in run.said


def test_without_the_plugin_the_run_says_how_to_install_it(tmp_path: Path) -> None:
    """The plugin is hidden by a package of its name, earlier on the path, that brings none."""
    hidden = tmp_path / "path" / "dbt_pinlanding"
    hidden.mkdir(parents=True)
    (hidden / "__init__.py").write_text("")
    env = environment(tmp_path / "warehouse", PYTHONPATH=str(hidden.parent))
    command = ["dbt", "run", "--select", "base_products", "--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)]
    run = subprocess.run(command, env=env, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert run.returncode != 0
    assert "dbt did not find the plugin dbt_pinlanding" in " ".join(run.stdout.split())
    assert "pip install -e ." in run.stdout


def test_an_own_catalogue_and_the_sample_are_not_built_over_each_other(
    dbt: Dbt, warehouse: Path, tmp_path: Path
) -> None:
    sample = environment(warehouse, PINLANDING_SCHEMA="of_the_sample", PINLANDING_SAMPLE_PRODUCTS="40")
    own = sample | {"PINLANDING_CATALOG": str(_catalog(tmp_path / "good.csv", 20))}
    build = ("run", "--select", *PRODUCTS)
    assert dbt(sample, "seed", "--select", "facet_columns").succeeded
    assert dbt(sample, *build).succeeded and dbt(sample, *build).succeeded
    spark = SparkSession.builder.getOrCreate()
    drawn = spark.table("of_the_sample.raw_catalog").count()
    stopped = dbt(own, *build)
    assert not stopped.succeeded and "Traceback" not in stopped.said
    assert f"{warehouse} holds the tables of the sample catalogue" in stopped.said and "WAREHOUSE=..." in stopped.said
    assert spark.table("of_the_sample.raw_catalog").count() == drawn != 20
    # A warehouse of an older version says nothing, and one of an own catalogue says so.
    spark.sql("alter table of_the_sample.products unset tblproperties ('pinlanding.catalog')")
    assert dbt(own, *build, "--vars", "{accept_drop: true}").succeeded and dbt(own, *build).succeeded
    assert spark.table("of_the_sample.products").count() == 20
    columns = spark.table("of_the_sample.raw_catalog").first().asDict()["facet_columns"]
    assert set(columns) == {"the `women's` size"}
    # Who forgets to name the catalogue does not get the sample in its place.
    forgotten = dbt(sample, *build)
    assert not forgotten.succeeded and "Traceback" not in forgotten.said
    assert (
        f"{warehouse} holds the tables of a catalogue of its own" in forgotten.said and "CATALOG=..." in forgotten.said
    )
    assert spark.table("of_the_sample.products").count() == spark.table("of_the_sample.raw_catalog").count() == 20


def test_images_that_nobody_may_read_end_in_an_alarm(dbt: Dbt, warehouse: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    rows = "".join(f"{number},Red Dress {number},{tmp_path}/elsewhere/{number}.jpg\n" for number in range(4))
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "good.csv").write_text("product_id,title,image_uri\n" + rows)
    env = environment(
        warehouse, PINLANDING_CATALOG=str(tmp_path / "shop" / "good.csv"), PINLANDING_SCHEMA="without_images"
    )
    assert dbt(env, "seed", "--select", "facet_columns").succeeded
    assert dbt(env, "run", "--select", *PRODUCTS).succeeded
    assert not dbt(env, "test", "--select", "images_are_unreadable").succeeded
    allowed = "{alarm_unreadable_images: [1.0, 1.0]}"
    assert dbt(env, "test", "--select", "images_are_unreadable", "--vars", allowed).succeeded


def test_a_stale_table_stops_the_run(dbt: Dbt, warehouse: Path, tmp_path: Path) -> None:
    env = environment(warehouse, PINLANDING_CATALOG=str(_catalog(tmp_path / "good.csv", 1)))
    assert dbt(env, "run", "--select", "encoder_in_use").succeeded
    SparkSession.builder.getOrCreate().sql(
        "create table pinlanding.feed as select '1' as product_id, 'Red Dress' as title, "
        "explode(array(now() - interval 2 hours, now() - interval 9 hours, null)) as loaded_at"
    )
    env = env | {"PINLANDING_CATALOG": "pinlanding.feed"}
    fresh = "{catalog_loaded_at: loaded_at, catalog_max_age: 3}"
    assert dbt(env, "run", "--select", "encoder_in_use", "--vars", fresh).succeeded
    for settings, message in (
        ("catalog_loaded_at: loaded_at, catalog_max_age: 1", "2.0 hours ago, and catalog_max_age allows 1."),
        ("catalog_loaded_at: title, catalog_max_age: 1", "pinlanding.feed is stale: title has no time"),
        ("catalog_loaded_at: at, catalog_max_age: 1", "no column 'at', which the var catalog_loaded_at names"),
        ("catalog_max_age: 1", "need each other"),
    ):
        stopped = dbt(env, "run", "--select", "encoder_in_use", "--vars", f"{{{settings}}}")
        assert not stopped.succeeded and message in stopped.said and "Traceback" not in stopped.said


def _catalog(path: Path, products: int) -> Path:
    # A column of the shop's own, whose name SQL has to quote.
    rows = (f"{number},Red Dress {number},{number}\n" for number in range(products))
    path.write_text("product_id,title,the `women's` size\n" + "".join(rows))
    return path
