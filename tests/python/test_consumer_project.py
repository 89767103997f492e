"""A project of somebody else's that has pinlanding as a package: its inputs are models, its overrides a seed."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

from .conftest import PROJECT, environment

PROJECT_FILE = """
name: shop
version: "1.0"
profile: pinlanding
vars:
  pinlanding:
    catalog_model: shop_products
    search_log_model: shop_searches
    existing_pages_model: shop_pages
    labels_model: shop_labels
    min_collection_size: 4
    retire_size: 4
    min_attribute_products: 4
dispatch:
  - {macro_namespace: dbt, search_order: [shop, pinlanding, dbt]}
seeds:
  pinlanding:
    collection_overrides: {+enabled: false}
  shop:
    collection_overrides:
      +column_types:
        {slug: string, action: string, product_id: string, value: string, until: string, who: string, why: string}
    feed:
      +column_types: {loaded_at: timestamp}
"""
SOURCES = """
sources:
  - name: erp
    schema: pinlanding
    tables:
      - name: feed
        config:
          loaded_at_field: loaded_at
          freshness: {error_after: {count: 1, period: day}}
"""
MODELS = {
    "shop_products": """
        select
            cast(id as string) as product_id, concat(color, ' ', material, ' ', kind) as title, color,
            if(id = '3', 'out of stock', 'in stock') as availability
        from {{ source('erp', 'feed') }}
    """,
    "shop_searches": "select 'wool scarves' as query, 40 as searches",
    "shop_pages": "select '/Our-Hats' as slug, 'Blue Hats' as title",
    "shop_labels": "select '1' as product_id, 'color' as facet, 'red' as value",
}  # fmt: skip
KINDS = [
    (color, material, kind)
    for color in ("Red", "Blue", "Green", "Black")
    for material in ("Wool", "Cotton")
    for kind in ("Hat", "Scarf")
]
DRIVER = """
import json, os, sys
from dbt.cli.main import dbtRunner
for settings, arguments in json.loads(sys.argv[1]):
    os.environ.update(settings)
    if not dbtRunner().invoke(arguments).success:
        sys.exit(" ".join(arguments) + " failed")
"""


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The warehouse after the shop's build, and after one of pinlanding itself on the shop's table."""
    folder = tmp_path_factory.mktemp("consumer")
    project = folder / "shop"
    (project / "models").mkdir(parents=True)
    (project / "seeds").mkdir()
    (project / "dbt_project.yml").write_text(PROJECT_FILE)
    (project / "packages.yml").write_text(f"packages:\n  - local: {PROJECT}\n")
    (project / "models" / "sources.yml").write_text(SOURCES)
    for name, query in MODELS.items():
        (project / "models" / f"{name}.sql").write_text(query)
    now = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S}"
    feed = [f"{number},{','.join(KINDS[number % len(KINDS)])},{now}" for number in range(1, 49)]
    (project / "seeds" / "feed.csv").write_text("\n".join(["id,color,material,kind,loaded_at", *feed]) + "\n")
    (project / "seeds" / "collection_overrides.csv").write_text(
        "slug,action,product_id,value,until,who,why\nred-hats,retitle,,Hats in Red,,Ann,season\n"
    )
    env = environment(folder / "warehouse")
    folders = ["--project-dir", str(project), "--profiles-dir", str(PROJECT)]
    subprocess.run(["dbt", "deps", *folders], env=env, cwd=project, check=True)
    no_tests = ["--exclude-resource-type", "test", "unit_test"]
    own = ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)]
    table = {"PINLANDING_CATALOG": "pinlanding.shop_products", "PINLANDING_SCHEMA": "by_table"}
    steps = [
        ({}, ["seed", *folders, "--select", "feed"]),
        ({}, ["source", "freshness", *folders]),
        ({}, ["build", *folders, *no_tests, "--select", "+redirects", "+stg_labels"]),
        (table, ["build", *own, *no_tests, "--select", "+products"]),
    ]
    subprocess.run([sys.executable, "-c", DRIVER, json.dumps(steps)], env=env, cwd=project, check=True)
    return folder / "warehouse"


def table(warehouse: Path, name: str, schema: str = "pinlanding") -> pd.DataFrame:
    return pd.read_parquet(warehouse / f"{schema}.db" / name)


def test_a_project_builds_pages_on_its_own_models(warehouse: Path) -> None:
    products = table(warehouse, "products").set_index("product_id")
    assert len(products) == 48 and not products.loc["3", "in_stock"] and products.loc["4", "in_stock"]
    pages = table(warehouse, "landing_pages").set_index("slug")
    assert pages.title["red-hats"] == "Hats in Red"
    assert pages.canonical_slug["blue-hats"] == "Our-Hats" and not pages.indexable["blue-hats"]
    assert pages.priority["wool-scarves"] > pages.priority["cotton-scarves"]
    assert len(table(warehouse, "redirects")) == 0
    assert table(warehouse, "stg_labels").values.tolist() == [["1", "color", "red"]]
    assert not (warehouse / "sample").exists()


def test_its_sources_are_fresh(warehouse: Path) -> None:
    results = json.loads((warehouse / "target" / "sources.json").read_text())["results"]
    assert [(result["unique_id"], result["status"]) for result in results] == [("source.shop.erp.feed", "pass")]


def test_a_catalogue_may_be_a_table(warehouse: Path) -> None:
    products = table(warehouse, "products", schema="by_table")
    assert sorted(products.product_id) == sorted(table(warehouse, "products").product_id)
