"""Writes a sample to a folder: pictures in shards, then catalogue, labels, search log, and last the marker.

``sample.json`` is written when all the rest stands; a folder that has it with the same settings is done. Files are
written beside their place and renamed, and a picture that stands is not drawn again, so the next draw completes a
broken one.
"""

from __future__ import annotations

import functools
import json
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from sample import bad_rows, search_log
from sample.bad_rows import Row
from sample.product import Product, describe_product, draw_product, opaque

VERSION = 9
"""Raised whenever the same seed gives other bytes; a folder drawn by another version is drawn anew."""

FOLDER_SIZE = 2000
CHUNK = 20_000

CATALOG = pa.schema(
    [
        (name, pa.string())
        for name in (
            "product_id", "title", "description", "brand", "price", "currency", "url", "availability", "group_id",
            "tags", "image_uri",
        )
    ]
)  # fmt: skip
LABELS = pa.schema([("product_id", pa.string()), ("facet", pa.string()), ("value", pa.string())])
LOG = pa.schema([("query", pa.string()), ("searches", pa.int64())])


def image_uri(seed: int, index: int) -> str:
    """Where the product's picture lies, relative to the catalogue: about 2,000 pictures a subfolder at any size.

    The name holds the generator's version, so a picture that another version drew is not taken for this one's.
    """
    return f"images/{index // FOLDER_SIZE:04d}/{opaque(VERSION, seed, index, 'image', length=20)}.jpg"


def _settings(products: int, seed: int) -> dict[str, int]:
    if products < 1:
        raise ValueError(f"products must be at least 1, got {products}")
    return {"version": VERSION, "products": products, "seed": seed}


def _replace(path: Path, write: Callable[[Path], object]) -> None:
    """Write beside ``path`` and rename: readers see the old file or the whole new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        write(part)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def complete(folder: str | Path, products: int, seed: int) -> bool:
    """Whether ``folder`` holds the whole sample of these settings, drawn by this version."""
    marker = Path(folder) / "sample.json"
    try:
        found = json.loads(marker.read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return False
    return isinstance(found, dict) and found.get("settings") == _settings(products, seed)


def draw_shard(folder: str | Path, products: int, seed: int, shard: int, shards: int) -> int:
    """Draw the pictures of products ``shard``, ``shard + shards``, … below ``products``; returns how many were due."""
    if not 0 <= shard < shards:
        raise ValueError(f"shard must be in 0..{shards - 1}, got {shard}")
    root = Path(folder)
    if complete(root, products, seed):
        return 0
    drawn = 0
    for index in range(shard, products, shards):
        path = root / image_uri(seed, index)
        if not path.exists():
            _replace(path, functools.partial(Path.write_bytes, data=draw_product(seed, index).image))
            drawn += 1
    return drawn


def catalog_row(product: Product, seed: int) -> Row:
    """The catalogue's row of a good product."""
    texts = product.texts
    available = "out of stock" if int(product.product_id[1:5], 16) % 20 == 0 else "in stock"
    return {
        "product_id": product.product_id, "title": texts.title, "description": texts.description, "brand": texts.brand,
        "price": texts.price, "currency": "EUR", "url": texts.url, "availability": available,
        "group_id": product.group_id, "tags": texts.tags or None, "image_uri": image_uri(seed, product.index),
    }  # fmt: skip


def write_tables(folder: str | Path, products: int, seed: int) -> int:
    """Write catalogue, labels, search log and last the marker; returns the number of good products in the catalogue.

    Nothing is written again where the marker stands. Raises ValueError when a picture is missing: a marker over a
    half-drawn sample would hide it for good.
    """
    root, settings = Path(folder), _settings(products, seed)
    if complete(root, products, seed):
        return products
    missing = products - sum(1 for _ in _standing(root, products, seed))
    if missing:
        raise ValueError(f"{missing} of {products} pictures are missing in {root}: draw every shard first")
    _replace(
        root / bad_rows.BROKEN_IMAGE, lambda part: part.write_bytes(bad_rows.broken_image(draw_product(seed, 0).image))
    )
    demand = search_log.Demand(seed, products)
    labels = _write_products(root, products, seed, demand)
    log = demand.log()
    queries = pa.Table.from_pydict(
        {"query": [query for query, _ in log], "searches": [times for _, times in log]}, schema=LOG
    )
    _replace(root / "search_log.parquet", lambda part: pq.write_table(queries, part))
    counts = {"products": products, "bad_rows": bad_rows.COUNT, "labels": labels, "queries": len(log)}
    marker = json.dumps({"settings": settings, "counts": counts}, indent=2) + "\n"
    _replace(root / "sample.json", lambda part: part.write_text(marker))
    return products


def _standing(root: Path, products: int, seed: int) -> Iterator[int]:
    """The products whose pictures are drawn."""
    names = {path.relative_to(root).as_posix() for path in root.glob("images/*/*.jpg")}
    return (index for index in range(products) if image_uri(seed, index) in names)


def _write_products(root: Path, products: int, seed: int, demand: search_log.Demand) -> int:
    """Write catalogue and labels in chunks and let shoppers search; returns the number of labels."""
    count = 0

    def write(catalog_part: Path, labels_part: Path) -> None:
        nonlocal count
        with pq.ParquetWriter(catalog_part, CATALOG) as catalog, pq.ParquetWriter(labels_part, LABELS) as labels:
            first: list[Row] = []
            for start in range(0, products, CHUNK):
                chunk = [describe_product(seed, index) for index in range(start, min(products, start + CHUNK))]
                rows = [catalog_row(product, seed) for product in chunk]
                pairs = [
                    {"product_id": product.product_id, "facet": facet, "value": value}
                    for product in chunk
                    for facet, value in product.attributes.items()
                ]
                first = first or rows[: bad_rows.COUNT]
                catalog.write_table(pa.Table.from_pylist(rows, schema=CATALOG))
                labels.write_table(pa.Table.from_pylist(pairs, schema=LABELS))
                demand.add(chunk)
                count += len(pairs)
            catalog.write_table(pa.Table.from_pylist(bad_rows.rows(first, seed), schema=CATALOG))

    _replace(
        root / "catalog.parquet",
        lambda catalog_part: _replace(root / "labels.parquet", lambda labels_part: write(catalog_part, labels_part)),
    )
    return count


def write_sample(folder: str | Path, products: int = 2000, seed: int = 0) -> int:
    """Draw what is missing of the sample into ``folder``; returns how many pictures that took (0: it was complete)."""
    if complete(folder, products, seed):
        return 0
    drawn = draw_shard(folder, products, seed, 0, 1)
    write_tables(folder, products, seed)
    return drawn
