"""Itemset mining three ways: combination_statistics through dbt, DuckDB, and plain Spark SQL as the models were.

Each writes every set of a product type and one to three attributes of different facets that enough products carry, with
its counts and a fingerprint of its products, from tables that are loaded before the clock starts.
"""

import time
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree

import duckdb
import numpy as np
import pyarrow as pa
from pyspark.sql import SparkSession

from benchmarks.project import DATABASE, Project
from benchmarks.workload import Workload
from python_udfs.mining import mine_combinations

MIN_CARRIERS = 10
THRESHOLD = 0.7
VARS = f"{{relevance_threshold: {THRESHOLD}, min_collection_size: {MIN_CARRIERS}}}"
DUCKDB_MEMORY = "8GB"
SIZES = (2, 3, 4)

# How the models were until a function took over: a row a product and combination, in one table a size.
SPARK_TWO = f"""
select
    md5(array_join(array_sort(array(heads.attribute_id, others.attribute_id)), '|')) as combination_id,
    heads.attribute_id as prefix_id, array(heads.attribute_id, others.attribute_id) as attribute_ids,
    others.attribute_id as last_attribute_id, others.facet as last_facet,
    cast(others.score as decimal(10, 6)) as last_score, heads.product_id,
    cast(cast(heads.score as decimal(10, 6)) + cast(others.score as decimal(10, 6)) as decimal(12, 6)) as score
from (
    select one.attribute_id as head_id, other.attribute_id as other_id
    from carried as one join carried as other on one.product_id = other.product_id
    where one.is_product_type and not other.is_product_type
    group by all having count(*) >= {MIN_CARRIERS}
)
join carried as heads on heads.attribute_id = head_id
join carried as others on others.attribute_id = other_id and others.product_id = heads.product_id
"""
SPARK_LARGER = f"""
select * except (carriers) from (
    select *, count(*) over (partition by combination_id) as carriers from (
        select
            md5(array_join(array_sort(concat(one.attribute_ids, array(other.last_attribute_id))), '|'))
                as combination_id,
            one.combination_id as prefix_id, concat(one.attribute_ids, array(other.last_attribute_id)) as attribute_ids,
            other.last_attribute_id, other.last_facet, other.last_score, one.product_id,
            cast(one.score + other.last_score as decimal(12, 6)) as score
        from {{smaller}} as one join {{smaller}} as other
            on one.product_id = other.product_id and one.prefix_id = other.prefix_id
            and one.last_attribute_id < other.last_attribute_id and one.last_facet <> other.last_facet
    )
) where carriers >= {MIN_CARRIERS}
"""
SPARK_STATISTICS = f"""
select
    combination_id, any_value(array_sort(attribute_ids)) as attribute_ids, count(*) as carriers,
    count_if(is_relevant) as products, count(distinct if(is_relevant, item_id, null)) as items,
    xxhash64(
        count_if(is_relevant), bit_xor(if(is_relevant, xxhash64(product_id), 0)),
        sum(if(is_relevant, xxhash64(product_id, 'sum'), 0))
    ) as products_fingerprint
from (
    select sets.*, item_id, cast(round(score / size(attribute_ids), 6) as double) >= {THRESHOLD} as is_relevant
    from (select * from sets_2 union all select * from sets_3 union all select * from sets_4) as sets
    join {DATABASE}.products using (product_id)
)
group by combination_id
"""

# The same levels on whole numbers, each counted first, so that only rows of frequent sets are made.
DUCKDB_TWO = """
select heads.product_id, [heads.attribute_id, others.attribute_id] as attributes, heads.attribute_id as prefix,
    others.attribute_id as last, others.facet, others.score, heads.score + others.score as total
from carried as heads join carried as others using (product_id)
where heads.is_product_type and not others.is_product_type
"""
DUCKDB_LARGER = """
select one.product_id, list_append(one.attributes, other.last) as attributes, one.number as prefix, other.last,
    other.facet, other.score, one.total + other.score as total
from {smaller} as one join {smaller} as other
    on one.product_id = other.product_id and one.prefix = other.prefix
    and one.last < other.last and one.facet <> other.facet
"""
DUCKDB_FREQUENT = f"""
create or replace table {{table}} as
with candidates as ({{candidates}}),
frequent as (
    select prefix, last, row_number() over () as number
    from candidates group by prefix, last having count(*) >= {MIN_CARRIERS}
)
select candidates.*, frequent.number from candidates join frequent using (prefix, last)
"""
DUCKDB_STATISTICS = """
select any_value(attributes) as attribute_ids, count(*) as carriers, count(*) filter (relevant) as products,
    count(distinct product_id) filter (relevant) as items, bit_xor(hash(product_id)) filter (relevant) as fingerprint
from (select *, (total + {size} // 2) // {size} / 1e6 >= {threshold} as relevant from sets_{size})
group by number
"""


@dataclass(frozen=True)
class Mined:
    """Seconds of the timed run; how many combinations there are, how many products carry and have them together."""

    seconds: float
    combinations: int
    carriers: int
    products: int

    @property
    def counts(self) -> tuple[int, int, int]:
        return self.combinations, self.carriers, self.products


def load(project: Project, folder: Path) -> None:
    """Make the tables that combination_statistics reads from the workload in `folder`; every product is an item."""
    project.open(folder / "catalog.parquet")
    project.load("product_attributes", folder / "product_attributes.parquet")
    tables = {
        "products": (
            f"select product_id, product_id as item_id, true as in_stock from parquet.`{folder}/catalog.parquet`"
        ),
        "attribute_statistics": (
            "select attribute_id, split_part(attribute_id, ':', 1) as facet, count(*) as products, "
            "first(catalog_products) as catalog_products, attribute_id like 'product_type:%' as is_product_type "
            f"from {DATABASE}.product_attributes "
            f"cross join (select count(*) as catalog_products from {DATABASE}.products) group by attribute_id"
        ),
    }
    for name, query in tables.items():
        project.spark.sql(f"drop table if exists {DATABASE}.{name}")
        project.spark.sql(f"create table {DATABASE}.{name} using parquet as {query}")


def ours(project: Project) -> Mined:
    """combination_statistics, built by dbt; the seconds that dbt reports for the model."""
    seconds = project.build("combination_statistics", "--vars", VARS)
    return Mined(seconds, *_counts([f"{project.table('combination_statistics')}/*.parquet"]))


def kernel(work: Workload) -> Mined:
    """What combination_statistics calls, all types in one call, one thread, without an engine; nothing is written."""
    rows = _rows(work)
    start = time.perf_counter()
    batches = list(mine_combinations(rows, MIN_CARRIERS, SIZES[-1], THRESHOLD))
    seconds = time.perf_counter() - start
    mined = pa.Table.from_batches(batches)
    frequent = mined["carriers"].to_numpy() >= MIN_CARRIERS
    sums = [int(mined[name].to_numpy()[frequent].sum()) for name in ("carriers", "products")]
    return Mined(seconds, int(frequent.sum()), *sums)


def spark_tables(spark: SparkSession, folder: Path) -> Mined:
    """Plain Spark SQL, in the session that ours runs in, from the tables that ours reads."""
    carried = (
        f"select product_id, attribute_id, facet, score, is_product_type from {DATABASE}.product_attributes "
        f"join {DATABASE}.attribute_statistics using (attribute_id)"
    )
    spark.sql(carried).createOrReplaceTempView("carried")
    start = time.perf_counter()
    queries = {size: SPARK_TWO if size == 2 else SPARK_LARGER.format(smaller=f"sets_{size - 1}") for size in SIZES}
    for size, query in queries.items():
        spark.sql(query).write.mode("overwrite").parquet(f"{folder}/sets_{size}")
        spark.read.parquet(f"{folder}/sets_{size}").createOrReplaceTempView(f"sets_{size}")
    spark.sql(SPARK_STATISTICS).write.mode("overwrite").parquet(f"{folder}/statistics")
    mined = Mined(time.perf_counter() - start, *_counts([f"{folder}/statistics/*.parquet"]))
    for name in ("statistics", *(f"sets_{size}" for size in SIZES)):
        rmtree(folder / name)
    return mined


def duckdb_tables(work: Workload, folder: Path, threads: int) -> Mined:
    """DuckDB, level by level on whole numbers."""
    product_type, facet = _facets(work)
    with duckdb.connect() as connection:
        connection.execute(f"set threads = {threads}")
        connection.execute(f"set memory_limit = '{DUCKDB_MEMORY}'")
        connection.execute("set preserve_insertion_order = false")
        connection.execute(f"set temp_directory = '{folder}/duckdb'")
        pairs = pa.table(
            {
                "product_id": work.product,
                "attribute_id": work.attribute,
                "facet": facet[work.attribute],
                "score": work.score,
                "is_product_type": product_type[work.attribute],
            }
        )
        connection.register("pairs", pairs)
        connection.execute("create table carried as from pairs")
        start = time.perf_counter()
        for size in SIZES:
            candidates = DUCKDB_TWO if size == 2 else DUCKDB_LARGER.format(smaller=f"sets_{size - 1}")
            connection.execute(DUCKDB_FREQUENT.format(table=f"sets_{size}", candidates=candidates))
            counted = DUCKDB_STATISTICS.format(size=size, threshold=THRESHOLD)
            connection.execute(f"copy ({counted}) to '{folder}/mined_{size}.parquet' (format parquet)")
        seconds = time.perf_counter() - start
    return Mined(seconds, *_counts([f"{folder}/mined_{size}.parquet" for size in SIZES]))


def _facets(work: Workload) -> tuple[np.ndarray, np.ndarray]:
    """Of each attribute: whether it is a product type, and the number of its facet."""
    names = [attribute.split(":")[0] for attribute in work.attribute_ids]
    facets = sorted(set(names))
    return np.array([name == "product_type" for name in names]), np.array([facets.index(name) for name in names])


def _rows(work: Workload) -> pa.Table:
    """The workload as mine_combinations takes it: rarest attributes first, every product has one type at most."""
    product_type, facet = _facets(work)
    number = np.empty(len(facet), np.int64)
    carriers = np.bincount(work.attribute, minlength=len(facet))
    number[np.argsort(carriers, kind="stable")] = np.arange(len(facet))
    entry = number[work.attribute] << 40 | facet[work.attribute] << 20 | work.score
    is_type = product_type[work.attribute]
    typed = work.product[is_type]
    has_type = np.zeros(work.products, np.bool_)
    has_type[typed] = True
    modifier = ~is_type & has_type[work.product]
    sizes = np.bincount(work.product[modifier], minlength=work.products)[typed]
    offsets = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32)
    hashes = np.random.default_rng(0).integers(-(2**63), 2**63 - 1, (2, len(typed)))
    return pa.table(
        {
            "product_type": entry[is_type],
            "modifiers": pa.ListArray.from_arrays(pa.array(offsets), pa.array(entry[modifier])),
            "part": np.zeros(len(typed), np.int32),
            "parts": np.ones(len(typed), np.int32),
            "item": pa.array([f"p{product:08d}" for product in typed]),
            "id_hash": hashes[0],
            "other_id_hash": hashes[1],
        }
    )


def _counts(files: list[str]) -> tuple[int, int, int]:
    query = f"select count(*), sum(carriers), sum(products) from read_parquet({files}) where carriers >= {MIN_CARRIERS}"
    row = duckdb.sql(query).fetchone()
    assert row is not None
    return int(row[0]), int(row[1] or 0), int(row[2] or 0)
