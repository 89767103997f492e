"""The overlap join four ways: collection_products through dbt, DuckDB, plain Spark SQL, and numpy without an engine.

Each writes the ranked top 200 of every collection with the full count as parquet, from tables that are loaded before
the clock starts, on the same number of threads (numpy: one). Relevance is the mean score, rounded to six digits; no
threshold, no minimum size.
"""

import time
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from pyspark.sql import SparkSession

from benchmarks.project import Project
from benchmarks.workload import MILLION, Workload
from python_udfs.matching import index_pairs, match_collections

TOP_K = 200
VARS = f"{{relevance_threshold: 0.0, min_collection_size: 1, retire_size: 1, top_k: {TOP_K}}}"
DUCKDB_MEMORY = "8GB"

RANKED = f"""
ranked as (
    select collection_id, product_id, relevance,
        row_number() over (partition by collection_id order by relevance desc, product_id) as rank,
        count(*) over (partition by collection_id) as products
    from matched
)
select collection_id, product_id, rank, relevance, products from ranked where rank <= {TOP_K}
"""

# Every pair meets every collection that needs its attribute; who met all of them stays.
DUCKDB_HAVING = f"""
with need as (
    select collection_id, unnest(attributes) as attribute_id, len(attributes) as size from needs
),
matched as (
    select collection_id, product_id, round(avg(score), 6) as relevance
    from pairs join need using (attribute_id)
    group by collection_id, product_id, size
    having count(*) = size
),
{RANKED}
"""

# Only products of the rarest attribute are looked at; the others are tested on lists that were made beforehand.
DUCKDB_ANCHOR = f"""
with sizes as (
    select attribute_id, count(*) as products from pairs group by attribute_id
),
need as (
    select collection_id, attributes, unnest(attributes) as attribute_id from needs
),
anchor as (
    select collection_id, any_value(attributes) as needed, arg_min(attribute_id, products) as attribute_id
    from need join sizes using (attribute_id) group by collection_id
),
matched as (
    select collection_id, product_id, round(list_avg(list_transform(needed, lambda a: scores[a])), 6) as relevance
    from anchor join pairs using (attribute_id) join carried using (product_id)
    where list_has_all(attributes, needed)
),
{RANKED}
"""
DUCKDB_CARRIED = """
create table carried as
select product_id, list(attribute_id) as attributes, map(list(attribute_id), list(score)) as scores
from pairs group by product_id
"""

SPARK_ANCHOR = f"""
with sizes as (
    select attribute_id, count(*) as products from pairs group by attribute_id
),
need as (
    select collection_id, attributes, explode(attributes) as attribute_id from needs
),
anchor as (
    select collection_id, any_value(attributes) as needed, min_by(attribute_id, products) as attribute_id
    from need join sizes using (attribute_id) group by collection_id
),
carrying as (
    select product_id, scores, explode(map_keys(scores)) as attribute_id from carried
),
matched as (
    select /*+ broadcast(anchor) */ collection_id, product_id,
        round(aggregate(needed, 0d, (total, a) -> total + scores[a]) / size(needed), 6) as relevance
    from carrying join anchor using (attribute_id)
    where forall(needed, a -> map_contains_key(scores, a))
),
{RANKED}
"""
SPARK_CARRIED = (
    "select product_id, map_from_entries(collect_list(struct(attribute_id, score))) as scores from pairs group by 1"
)


@dataclass(frozen=True)
class Measured:
    """Seconds of the timed run; how many products all collections have together, and how many are listed."""

    seconds: float
    matches: int
    listed: int


def duckdb_join(folder: Path, query: str, threads: int, one_in: int) -> Measured:
    """One of DuckDB's plans on every `one_in`-th collection, after a smaller run to warm up."""
    with duckdb.connect() as connection:
        connection.execute(f"set threads = {threads}")
        connection.execute(f"set memory_limit = '{DUCKDB_MEMORY}'")
        connection.execute("set preserve_insertion_order = false")
        connection.execute(f"set temp_directory = '{folder}/duckdb'")
        connection.execute(f"create table pairs as from '{folder}/pairs.parquet'")
        connection.execute(DUCKDB_CARRIED)
        for every in (one_in * 20, one_in):
            connection.execute(
                f"create or replace table needs as from '{folder}/needs.parquet' where collection_id % {every} = 0"
            )
            start = time.perf_counter()
            connection.execute(f"copy ({query}) to '{folder}/peer.parquet' (format parquet)")
            seconds = time.perf_counter() - start
    return Measured(seconds, *_size(folder / "peer.parquet"))


def spark_join(spark: SparkSession, folder: Path, one_in: int) -> Measured:
    """Plain Spark SQL with the rarest attribute as anchor, likewise; in the session that ours runs in."""
    spark.read.parquet(f"{folder}/pairs.parquet").createOrReplaceTempView("pairs")
    spark.sql(SPARK_CARRIED).write.mode("overwrite").parquet(f"{folder}/carried")
    spark.read.parquet(f"{folder}/carried").createOrReplaceTempView("carried")
    for every in (one_in * 20, one_in):
        needs = spark.read.parquet(f"{folder}/needs.parquet").where(f"collection_id % {every} = 0")
        needs.createOrReplaceTempView("needs")
        start = time.perf_counter()
        spark.sql(SPARK_ANCHOR).write.mode("overwrite").parquet(f"{folder}/peer")
        seconds = time.perf_counter() - start
    measured = Measured(seconds, *_size(folder / "peer"))
    rmtree(folder / "peer")
    return measured


def kernel(work: Workload, folder: Path) -> Measured:
    """What collection_products calls, on one shard and one block, one thread, without an engine."""
    number = np.repeat(np.arange(len(work.needs)), [len(need) for need in work.needs])
    needed = np.fromiter((attribute for need in work.needs for attribute in need), np.int32)
    start = time.perf_counter()
    shard = index_pairs(work.product, work.attribute, work.score)
    parts = list(match_collections(shard, number, needed, 0.0, TOP_K))
    collection = np.concatenate([part.collection for part in parts])
    product = np.concatenate([part.product for part in parts])
    relevance = np.concatenate([part.relevance for part in parts])
    products = np.concatenate([part.products for part in parts])
    first = np.flatnonzero(products)
    sizes = np.diff(np.append(first, len(products)))
    _write(folder / "kernel.parquet", collection, product, relevance, products[first], sizes)
    return Measured(time.perf_counter() - start, int(products.sum()), len(products))


def sorted_postings(work: Workload, folder: Path) -> Measured:
    """Another plain way, one thread: the products of each attribute in order, of which the shortest lists are looked up
    in the longer ones, one collection after the other."""
    start = time.perf_counter()
    order = np.lexsort((work.product, work.attribute))
    product, score = work.product[order], work.score[order]
    ends = np.cumsum(np.bincount(work.attribute, minlength=len(work.attribute_ids)))
    lists = [slice(end - size, end) for end, size in zip(ends, np.diff(ends, prepend=0), strict=True)]
    found = []
    for number, need in enumerate(work.needs):
        first, *others = sorted((lists[attribute] for attribute in need), key=lambda part: part.stop - part.start)
        carried, total = product[first], score[first]
        for other in others:
            place = np.searchsorted(product[other], carried)
            place[place == other.stop - other.start] = 0
            kept = product[other][place] == carried
            carried, total = carried[kept], total[kept] + score[other][place[kept]]
        if len(carried):
            found.append((number, len(carried), *_best(carried, (total + len(need) // 2) // len(need))))
    return _written(folder / "sorted_postings.parquet", found, start)


def floor(work: Workload, folder: Path) -> Measured:
    """The plain way in numpy, one thread: a bitmap an attribute, intersected for each collection; scores in a table.

    What an engine's own work is measured against.
    """
    start = time.perf_counter()
    padded = -(-work.products // 64) * 64
    scores = np.zeros((len(work.attribute_ids), padded), np.int32)
    scores[work.attribute, work.product] = work.score
    carried = np.zeros(scores.shape, np.bool_)
    carried[work.attribute, work.product] = True
    bitmaps = np.packbits(carried, axis=1, bitorder="little").view(np.uint64)
    del carried
    found = []
    for number, need in enumerate(work.needs):
        words = bitmaps[need[0]] & bitmaps[need[1]]
        for attribute in need[2:]:
            words &= bitmaps[attribute]
        some = np.flatnonzero(words)
        bits = np.unpackbits(words[some].view(np.uint8).reshape(-1, 8), axis=1, bitorder="little")
        word, bit = np.nonzero(bits)
        product = some[word] * 64 + bit
        total = scores[need[0]][product]
        for attribute in need[1:]:
            total = total + scores[attribute][product]
        if len(product):
            found.append((number, len(product), *_best(product, (total + len(need) // 2) // len(need))))
    return _written(folder / "floor.parquet", found, start)


def _best(product: Any, relevance: Any) -> tuple[Any, Any]:
    """The first TOP_K by relevance, then number, without sorting the others."""
    if len(product) > TOP_K:
        least = np.partition(relevance, len(product) - TOP_K)[len(product) - TOP_K]
        kept = np.flatnonzero(relevance >= least)
        product, relevance = product[kept], relevance[kept]
    best = np.lexsort((product, -relevance))[:TOP_K]
    return product[best], relevance[best]


def _written(path: Path, found: list[tuple[int, int, Any, Any]], start: float) -> Measured:
    """Write (collection, its products, the listed ones, their relevance) and say how long that took since `start`."""
    sizes = np.array([len(product) for _, _, product, _ in found])
    collection = np.repeat(np.array([number for number, _, _, _ in found]), sizes)
    products = np.array([count for _, count, _, _ in found])
    _write(
        path,
        collection,
        np.concatenate([product for _, _, product, _ in found]),
        np.concatenate([relevance for _, _, _, relevance in found]),
        products,
        sizes,
    )
    return Measured(time.perf_counter() - start, int(products.sum()), int(sizes.sum()))


def load(project: Project, folder: Path) -> None:
    """Make the tables that collection_products reads from the workload in `folder`."""
    project.open(folder / "catalog.parquet")
    for name in ("collections", "product_attributes"):
        project.load(name, folder / f"{name}.parquet")


def ours(project: Project) -> Measured:
    """collection_products, its latest version, built by dbt; the seconds that dbt reports for the model."""
    seconds = project.build("collection_products,version:latest", "--vars", VARS)
    return Measured(seconds, *_size(project.table("collection_products")))


def _write(path: Path, collection: Any, product: Any, relevance: Any, products: Any, sizes: Any) -> None:
    start = np.cumsum(sizes) - sizes
    columns = {
        "collection_id": collection.astype(np.int32),
        "product_id": product.astype(np.int32),
        "rank": (np.arange(len(product)) - np.repeat(start, sizes) + 1).astype(np.int32),
        "relevance": relevance / MILLION,
        "products": np.repeat(products, sizes),
    }
    pq.write_table(pa.table(columns), path)


def _size(table: Path) -> tuple[int, int]:
    """(products of all collections, rows) of a written result."""
    files = f"{table}/*.parquet" if table.is_dir() else str(table)
    row = duckdb.sql(f"select sum(products) filter (rank = 1), count(*) from '{files}'").fetchone()
    assert row is not None
    return int(row[0] or 0), int(row[1])
