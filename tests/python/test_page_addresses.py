"""Ten rounds of change on a small catalogue: no published address is ever lost or comes to mean something else.

The models from `product_attributes` to `redirects` are compiled once; each round changes the tables before them and
runs the compiled SQL on the same Spark, so a round takes seconds. Titles come from the test: titling is no part of it.
"""

import copy
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from .conftest import Dbt, environment

SCHEMA = "addresses"
ROUNDS = 10
VARS = "{min_collection_size: 6, retire_size: 4, max_combination_size: 3, page_items: 6}"
# In the order in which they run; page_history adds to itself.
MODELS = (
    "attribute_statistics", "combination_statistics", "attribute_combinations",
    "value_reviews", "former_attributes", "standing_pages", "waning_combinations",
    "titled_candidates", "stg_existing_pages", "collections",
    "collection_products_v1", "page_members", "checked_overrides",
    "page_listings", "weighed_pages", "page_duplicates", "page_states",
    "page_relations", "page_history", "landing_pages", "redirects",
)  # fmt: skip
FACETS = {
    "product_type": ("hat", "coat", "boot", "scarf"),
    "color": ("red", "blue", "green", "black", "grey"),
    "material": ("wool", "cotton", "silk"),
    "style": ("boho", "classic", "sporty"),
}


@dataclass
class Catalogue:
    """Products with a concept a facet, and what each concept is called and was called."""

    random: random.Random
    products: dict[str, dict[str, str]]
    names: dict[str, str]
    former: dict[str, set[str]] = field(default_factory=dict)
    merged_into: dict[str, str] = field(default_factory=dict)
    title_words: dict[str, str] = field(default_factory=dict)
    unspoken: set[str] = field(default_factory=set)
    sold_out: set[str] = field(default_factory=set)

    @classmethod
    def draw(cls, seed: int, products: int) -> "Catalogue":
        rng = random.Random(seed)
        drawn = {
            f"p{number:04d}": {facet: f"{facet}:{rng.choice(values)}" for facet, values in FACETS.items()}
            for number in range(products)
        }
        return cls(rng, drawn, {f"{facet}:{value}": value for facet, values in FACETS.items() for value in values})

    def concept(self, concept: str) -> str:
        while concept in self.merged_into:
            concept = self.merged_into[concept]
        return concept

    def attribute_id(self, concept: str) -> str:
        return f"{concept.split(':')[0]}:{self.names[self.concept(concept)]}"

    def lose(self, share: float) -> None:
        for product in self.random.sample(sorted(self.products), int(share * len(self.products))):
            del self.products[product]

    def merge(self) -> None:
        facet = self.random.choice(["color", "material", "style"])
        alive = [
            concept for concept in self.names if concept.startswith(f"{facet}:") and concept not in self.merged_into
        ]
        if len(alive) > 2:
            kept, merged = self.random.sample(alive, 2)
            self.merged_into[merged] = kept
            self.former.setdefault(kept, set()).update({self.names[merged]} | self.former.pop(merged, set()))

    def rename(self) -> None:
        concept = self.random.choice([concept for concept in self.names if concept not in self.merged_into])
        self.former.setdefault(concept, set()).add(self.names[concept])
        self.names[concept] = f"{concept.split(':')[1]}{self.random.randrange(10**6)}"

    def title(self, combination: frozenset[str]) -> str:
        words = [self.names[concept] for concept in sorted(combination - self.unspoken)]
        return " ".join([self.title_words.get("|".join(sorted(combination)), ""), *words]).strip().title()

    def change_titles(self, combinations: list[frozenset[str]], count: int) -> None:
        for combination in self.random.sample(combinations, min(count, len(combinations))):
            self.title_words["|".join(sorted(combination))] = self.random.choice(["Great", "New", "Fine"])

    def leave_out_of_titles(self) -> None:
        """Titles of narrower pages become those of broader ones."""
        self.unspoken = {self.random.choice([concept for concept in self.names if concept.startswith("style:")])}

    def sell(self, share: float) -> None:
        """Other products are sold out than before."""
        self.sold_out = set(self.random.sample(sorted(self.products), int(share * len(self.products))))


class Warehouse:
    """The compiled models over tables of a schema of their own."""

    def __init__(self, spark: SparkSession, compiled: dict[str, str], env: dict[str, str]) -> None:
        self.spark, self.compiled, self.env = spark, compiled, env

    def replace(self, table: str, query: str) -> None:
        self.spark.sql(f"drop table if exists {SCHEMA}.{table}")
        self.spark.sql(f"create table {SCHEMA}.{table} using parquet as {query}")

    def rows(self, table: str) -> list[dict[str, object]]:
        return [row.asDict() for row in self.spark.table(f"{SCHEMA}.{table}").collect()]

    def load(self, catalogue: Catalogue) -> None:
        values = {
            "products": "product_id string, item_id string, title string, url string, image_uri string, price double, "
            "currency string, in_stock boolean",
            "product_attributes": "product_id string, attribute_id string, facet string, value string, score double",
            "attributes": "attribute_id string, facet string, value string, synonyms array<string>",
        }
        attributes = {
            catalogue.attribute_id(concept): (
                concept.split(":")[0], catalogue.names[concept], sorted(catalogue.former.get(concept, set()))
            )
            for concept in catalogue.names if concept not in catalogue.merged_into
        }  # fmt: skip
        rows: dict[str, list[tuple[object, ...]]] = {
            "products": [
                (product, product, f"Product {product}", None, None, 1.0, "EUR", product not in catalogue.sold_out)
                for product in catalogue.products
            ],
            "product_attributes": [
                (product, catalogue.attribute_id(concept), facet, catalogue.names[catalogue.concept(concept)], 1.0)
                for product, concepts in catalogue.products.items() for facet, concept in concepts.items()
            ],
            "attributes": [(key, *value) for key, value in attributes.items()],
        }  # fmt: skip
        for table, schema in values.items():
            self.spark.createDataFrame(rows[table], schema).createOrReplaceTempView("loaded")
            self.replace(table, "select * from loaded")

    def title(self, catalogue: Catalogue) -> None:
        concepts = {catalogue.attribute_id(concept): catalogue.concept(concept) for concept in catalogue.names}
        titles = [
            (row["combination_id"], catalogue.title(frozenset(concepts[key] for key in row["attribute_ids"])))  # type: ignore[attr-defined]
            for row in self.rows("attribute_combinations")
        ]
        self.spark.createDataFrame(titles, "combination_id string, title string").createOrReplaceTempView("loaded")
        self.replace(
            "titled_combinations",
            "select combination_id, named_struct('valid', true, 'title', title, 'description', title, 'quality', 5d, "
            "'quality_source', 'test', 'error', cast(null as string)) as titled from loaded",
        )

    def build(self, release: int, catalogue: Catalogue, until: str = "redirects") -> None:
        self.spark.sql(f"create or replace view {SCHEMA}.raw_page_history as select * from {SCHEMA}.page_history")
        self.load(catalogue)
        for model in MODELS[: MODELS.index(until) + 1]:
            if model == "waning_combinations":
                self.title(catalogue)
            query = self.compiled[model]
            if model == "page_history":
                query = query.replace(self.compiled["release"], f"{release:05d}")
                self.spark.sql(f"insert into {SCHEMA}.page_history by name {query}")
            else:
                self.replace("collection_products" if model == "collection_products_v1" else model, query)


@pytest.fixture(scope="module")
def small_plans() -> Iterator[None]:
    """Short queries in one partition, as for any small catalogue."""
    spark = SparkSession.builder.getOrCreate()
    small = {
        "spark.sql.shuffle.partitions": "1", "spark.sql.adaptive.enabled": "false",
        "spark.sql.codegen.wholeStage": "false", "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    }  # fmt: skip
    for name, value in small.items():
        spark.sql(f"set {name} = {value}")
    yield
    for name in small:
        spark.sql(f"reset {name}")
    spark.sql(f"drop schema if exists {SCHEMA} cascade")


@pytest.fixture(scope="module")
def compiled() -> dict[str, str]:
    """Each model's SQL, and the release that it names; filled by the first test, as dbt takes half a minute."""
    return {}


@pytest.fixture
def page_warehouse(
    dbt: Dbt, warehouse: Path, tmp_path: Path, compiled: dict[str, str], request: pytest.FixtureRequest
) -> Warehouse:
    (tmp_path / "catalog.csv").write_text("product_id,title\n1,Red Hat\n")
    env = environment(
        warehouse,
        PINLANDING_CATALOG=str(tmp_path / "catalog.csv"),
        PINLANDING_SCHEMA=SCHEMA,
        PINLANDING_TABLE_FORMAT="parquet",
    )
    history = (
        "release string, slug string, collection_id string, attribute_ids array<string>, status string, title string, "
        "description string, quality_score double, quality_source string, products bigint, content_hash string, "
        "last_modified timestamp"
    )
    if not compiled:
        seeds = ["collection_overrides", "value_aliases", "attribute_reviews", "facets", "unsafe_terms"]
        run = dbt(env, "seed", "--vars", VARS, "--select", *seeds)
        assert run.succeeded, run.said
    spark = SparkSession.builder.getOrCreate()
    request.getfixturevalue("small_plans")
    for table in ("page_history", "search_log_combinations"):
        spark.sql(f"drop table if exists {SCHEMA}.{table}")
    spark.sql(f"create table {SCHEMA}.page_history ({history}) using parquet")
    empty = "select cast(null as string) as combination_id, cast(null as bigint) as searches where false"
    spark.sql(f"create table {SCHEMA}.search_log_combinations using parquet as {empty}")
    pages = Warehouse(spark, compiled, env)
    if compiled:
        pages.replace("collection_overrides", f"select * from {SCHEMA}.no_overrides")
        return pages
    pages.replace("no_overrides", f"select * from {SCHEMA}.collection_overrides")
    run = dbt(env, "compile", "--vars", VARS, "--select", *(model.removesuffix("_v1") for model in MODELS))
    assert run.succeeded, run.said
    folder = warehouse / "target" / "compiled" / "pinlanding" / "models"
    compiled |= {path.stem: path.read_text() for path in folder.rglob("*.sql")}
    compiled["release"] = compiled["page_history"].split("final as (")[1].split("'")[1]
    return pages


def test_ten_rounds_of_change_lose_no_address_and_reuse_none(page_warehouse: Warehouse) -> None:
    catalogue = Catalogue.draw(seed=3, products=300)
    page_warehouse.build(0, catalogue)
    meaning: dict[str, frozenset[str]] = {}
    reasons: set[object] = set()
    retired = 0
    for number in range(1, ROUNDS + 1):
        published = _published(page_warehouse, catalogue)
        for slug, concepts in published.items():
            before = frozenset(catalogue.concept(concept) for concept in meaning.get(slug, concepts))
            assert before == concepts, f"round {number}: {slug} meant {before} and means {concepts}"
            meaning[slug] = concepts
        redirects = {row["old_slug"]: row for row in page_warehouse.rows("redirects")}
        assert set(meaning) - set(published) == set(redirects), f"round {number}"
        for slug, row in redirects.items():
            assert (row["status_code"], row["new_slug"] in published) in {(301, True), (410, False)}, (
                number,
                slug,
                row,
            )
        retired = max(retired, len(redirects))
        reasons |= {row["reason"] for row in redirects.values()}
        catalogue.lose(0.05)
        catalogue.merge()
        catalogue.rename()
        catalogue.change_titles(list(published.values()), 30)
        catalogue.leave_out_of_titles()
        catalogue.sell(0.1)
        page_warehouse.build(number, catalogue)
    # The rounds do what they are for: pages that stay under other names, and pages that go, one way and another.
    assert len(meaning) > 40 and retired > 10
    assert {"retired: another page has the same title", "retired: a broader page"} < reasons


def test_an_unchanged_build_adds_nothing_and_moves_no_time(page_warehouse: Warehouse) -> None:
    catalogue = Catalogue.draw(seed=4, products=200)
    page_warehouse.build(100, catalogue)
    before = page_warehouse.rows("landing_pages")
    recorded = len(page_warehouse.rows("page_history"))
    page_warehouse.build(101, catalogue)
    assert len(page_warehouse.rows("page_history")) == recorded
    assert sorted(map(str, before)) == sorted(map(str, page_warehouse.rows("landing_pages")))


def test_sold_out_products_neither_count_nor_lead(page_warehouse: Warehouse) -> None:
    catalogue = Catalogue.draw(seed=5, products=260)
    page_warehouse.build(200, catalogue)
    before = _published(page_warehouse, catalogue)
    catalogue.sold_out = set(catalogue.random.sample(sorted(catalogue.products), int(0.3 * len(catalogue.products))))
    page_warehouse.build(201, catalogue)
    pages = [row for row in page_warehouse.rows("landing_pages") if row["status"] == "published"]
    published = _published(page_warehouse, catalogue)
    for page in pages:
        concepts = published[str(page["slug"])]
        in_stock = sum(
            concepts <= set(of.values())
            for product, of in catalogue.products.items()
            if product not in catalogue.sold_out
        )
        assert page["items"] == in_stock >= (4 if page["slug"] in before else 6)
        shown = [product["in_stock"] for product in page["listed_products"]]  # type: ignore[attr-defined]
        assert shown == sorted(shown, reverse=True) and shown[0]
    assert 0 < len(published) < len(before)


def test_editors_win_until_their_date(page_warehouse: Warehouse) -> None:
    catalogue = Catalogue.draw(seed=6, products=260)
    page_warehouse.build(300, catalogue)
    before = {str(row["slug"]): row for row in page_warehouse.rows("landing_pages")}
    hidden, merged, renamed, pinned, expired, *_ = sorted(before)
    first, second = (item["product_id"] for item in before[pinned]["listed_products"][:2])  # type: ignore[index]
    rows = [
        (hidden, "hide", None, None, "2999-12-31"), (merged, "merge_into", None, renamed, None),
        (renamed, "retitle", None, "Our Best", None), (pinned, "pin", second, None, None),
        (pinned, "exclude", first, None, None),
        (expired, "hide", None, None, "2020-01-01"), ("no-such-page", "hide", None, None, None),
    ]  # fmt: skip
    schema = "slug string, action string, product_id string, value string, until string"
    page_warehouse.spark.createDataFrame(rows, schema).createOrReplaceTempView("loaded")
    page_warehouse.replace("collection_overrides", "select *, 'Ann' as who, 'season' as why from loaded")
    page_warehouse.build(301, catalogue)
    pages = {str(row["slug"]): row for row in page_warehouse.rows("landing_pages")}
    redirects = {row["old_slug"]: row for row in page_warehouse.rows("redirects")}
    assert (pages[hidden]["status"], pages[merged]["status"]) == ("hidden", "retired")
    assert set(redirects) == {hidden, merged} and redirects[merged]["new_slug"] == renamed
    assert pages[renamed]["title"] == "Our Best"
    shown = [item["product_id"] for item in pages[pinned]["listed_products"]]  # type: ignore[attr-defined]
    assert shown[0] == second and first not in shown
    assert pages[expired]["status"] == "published"
    warnings = {row["slug"]: row["warning"] for row in page_warehouse.rows("checked_overrides") if row["warning"]}
    assert warnings == {expired: "expired on 2020-01-01", "no-such-page": "no page has or had this slug"}


def test_a_page_retires_when_exclusions_leave_too_few_items(page_warehouse: Warehouse) -> None:
    catalogue = Catalogue.draw(seed=9, products=260)
    page_warehouse.build(350, catalogue)
    standing = {str(row["slug"]): str(row["collection_id"]) for row in page_warehouse.rows("landing_pages")}
    at_limit, below, emptied, *_ = sorted(standing)
    members: dict[str, list[str]] = {slug: [] for slug in standing}
    slugs = {identifier: slug for slug, identifier in standing.items()}
    for row in page_warehouse.rows("page_members"):
        members[slugs[str(row["collection_id"])]].append(str(row["product_id"]))
    # The page whose items that can be bought are all excluded still has one that is sold out.
    catalogue.sold_out = {sorted(members[emptied])[0]}
    items = {
        slug: [product for product in sorted(products) if product not in catalogue.sold_out]
        for slug, products in members.items()
    }
    excluded = {at_limit: items[at_limit][4:], below: items[below][3:], emptied: items[emptied]}

    def pages(release: int) -> tuple[dict[str, int], dict[str, object]]:
        """Items by slug of the pages that are published, and where the others lead."""
        rows = [(slug, "exclude", product, None, None) for slug, products in excluded.items() for product in products]
        schema = "slug string, action string, product_id string, value string, until string"
        page_warehouse.spark.createDataFrame(rows, schema).createOrReplaceTempView("loaded")
        page_warehouse.replace("collection_overrides", "select *, 'Ann' as who, 'wrong' as why from loaded")
        page_warehouse.build(release, catalogue)
        published = {
            str(row["slug"]): int(str(row["items"]))
            for row in page_warehouse.rows("landing_pages")
            if row["status"] == "published"
        }
        return published, {str(row["old_slug"]): row["new_slug"] for row in page_warehouse.rows("redirects")}

    published, redirects = pages(351)
    assert published[at_limit] == 4
    assert set(redirects) == {below, emptied} and not published.keys() & redirects.keys()
    assert set(redirects.values()) <= {*published, None}
    # Below the size of a new page it does not come back.
    excluded[below] = items[below][5:]
    assert below not in pages(352)[0]
    excluded[below] = items[below][6:]
    published, redirects = pages(353)
    assert published[below] == 6 and set(redirects) == {emptied}


def test_a_fall_of_pages_stops_before_a_page_is_replaced(page_warehouse: Warehouse, dbt: Dbt) -> None:
    catalogue = Catalogue.draw(seed=7, products=260)
    page_warehouse.build(400, catalogue)
    public = ("collections", "landing_pages", "redirects", "page_history")
    before = {table: sorted(map(str, page_warehouse.rows(table))) for table in public}
    catalogue.sell(0.6)
    page_warehouse.build(401, catalogue, until="titled_candidates")
    run = dbt(page_warehouse.env, "run", "--vars", VARS, "--select", "path:models/collections/collections.sql")
    assert not run.succeeded and "Published pages that keep their collection fall from" in run.said, run.said
    assert {table: sorted(map(str, page_warehouse.rows(table))) for table in public} == before
    page_warehouse.build(401, catalogue, until="page_states")
    run = dbt(page_warehouse.env, "run", "--vars", VARS, "--select", "page_history")
    assert not run.succeeded and "landing_pages and redirects are those of the last release" in run.said, run.said
    kept = {table: sorted(map(str, page_warehouse.rows(table))) for table in public if table != "collections"}
    assert kept == {table: rows for table, rows in before.items() if table != "collections"}
    accepted = VARS.replace("}", ", accept_drop: true}")
    run = dbt(page_warehouse.env, "run", "--vars", accepted, "--select", "page_history")
    assert run.succeeded, run.said
    assert len(page_warehouse.rows("page_history")) > len(before["page_history"])


def test_after_a_rollback_pages_go_on_from_the_release(page_warehouse: Warehouse, dbt: Dbt) -> None:
    catalogue = Catalogue.draw(seed=8, products=260)
    page_warehouse.build(500, catalogue)
    columns = ("slug", "collection_id", "status", "title", "content_hash", "last_modified")

    def pages() -> list[tuple[object, ...]]:
        rows = [row for row in page_warehouse.rows("landing_pages") if row["status"] != "retired"]
        return sorted((tuple(row[column] for column in columns) for row in rows), key=str)

    before, good = pages(), copy.deepcopy(catalogue)
    catalogue.lose(0.2)
    catalogue.merge()
    catalogue.change_titles(list(_published(page_warehouse, good).values()), 30)
    page_warehouse.build(501, catalogue)
    bad = {str(row["slug"]) for row in page_warehouse.rows("landing_pages") if row["status"] == "published"}
    select = f"{{{{ pages_as_of('{SCHEMA}.page_history', '00500', '00502') }}}}"
    said = dbt(page_warehouse.env, "compile", "--vars", VARS, "--inline", select).said
    found = re.search(r"with pages as .* latest.status = 'retired'\)", said)
    assert found, said
    page_warehouse.spark.sql(f"insert into {SCHEMA}.page_history by name {found[0]}")
    page_warehouse.build(503, good)
    assert pages() == before
    known = {row["old_slug"] for row in page_warehouse.rows("redirects")} | {row[0] for row in before}
    assert bad <= known


def _published(warehouse: Warehouse, catalogue: Catalogue) -> dict[str, frozenset[str]]:
    """Slug → the concepts that its page is about."""
    concepts = {catalogue.attribute_id(concept): catalogue.concept(concept) for concept in catalogue.names}
    attributes = {
        row["collection_id"]: frozenset(concepts[attribute["attribute_id"]] for attribute in row["attributes"])  # type: ignore[attr-defined]
        for row in warehouse.rows("collections")
    }
    return {
        str(row["slug"]): attributes[row["collection_id"]]
        for row in warehouse.rows("landing_pages") if row["status"] == "published"
    }  # fmt: skip
