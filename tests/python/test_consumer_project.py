"""A project of somebody else's that has pinlanding as a package and a model of its own as the catalogue."""

import subprocess
from pathlib import Path

import pandas as pd

from .conftest import PROJECT, environment

PROJECT_FILE = """
name: shop
version: "1.0"
profile: pinlanding
vars:
  pinlanding: {catalog_model: shop_products}
dispatch:
  - {macro_namespace: dbt, search_order: [shop, pinlanding, dbt]}
"""
SHOP_PRODUCTS = """
select
    cast(id as string) as product_id,
    concat(if(id % 2 = 0, 'Red', 'Blue'), ' Wool Hat') as title,
    if(id = 3, 'out of stock', 'in stock') as availability,
    if(id % 2 = 0, 'red', 'blue') as color
from range(1, 7)
"""


def test_a_project_builds_on_its_own_model(tmp_path: Path) -> None:
    project = tmp_path / "shop"
    (project / "models").mkdir(parents=True)
    (project / "dbt_project.yml").write_text(PROJECT_FILE)
    (project / "packages.yml").write_text(f"packages:\n  - local: {PROJECT}\n")
    (project / "models" / "shop_products.sql").write_text(SHOP_PRODUCTS)
    env = environment(tmp_path / "warehouse")
    folders = ["--project-dir", str(project), "--profiles-dir", str(PROJECT)]
    subprocess.run(["dbt", "deps", *folders], env=env, cwd=project, check=True)
    built = subprocess.run(
        ["dbt", "build", *folders, "--select", "+products", "--exclude-resource-type", "test", "unit_test"],
        env=env, cwd=project, check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert built.returncode == 0, built.stdout
    products = pd.read_parquet(tmp_path / "warehouse" / "pinlanding.db" / "products").set_index("product_id")
    assert len(products) == 6
    assert products.loc["3", "title"] == "Blue Wool Hat" and not products.loc["3", "in_stock"]
    assert [dict(one) for one in products.loc["2", "catalog_attributes"]] == [{"facet": "color", "value": "red"}]
    assert not (tmp_path / "warehouse" / "sample").exists()
