"""Writes a sample to a folder: pictures in shards, then catalogue, labels, search log, and last the marker.

``sample.json`` is written when all the rest stands; a folder that has it with the same settings is done. Files are written
beside their place and renamed, and a picture that stands is not drawn again, so a broken draw is completed by the next one.
"""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from sample import bad_rows, search_log
from sample.product import Product, describe_product, draw_product

VERSION = 2
"""Raised whenever the same seed gives other bytes; a folder drawn by another version is drawn anew."""

FOLDER_SIZE = 4096
CHUNK = 20_000

CATALOG = pa.schema(
    [
        (name, pa.string())
        for name in (
            "product_id", "title", "description", "brand", "price", "currency", "url", "availability", "group_id", "tags", "image_uri",
        )
    ]
)  # fmt: skip
LABELS = pa.schema([("product_id", pa.string()), ("facet", pa.string()), ("value", pa.string())])
LOG = pa.schema([("query", pa.string()), ("searches", pa.int64())])


def image_uri(product: Product) -> str:
    """Where the product's picture lies, relative to the catalogue: 4,096 pictures a subfolder."""
    return f"images/{product.index // FOLDER_SIZE:04d}/{product.image_name}"


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
        os.replace(part, path)
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


def _begin(root: Path, settings: dict[str, int]) -> None:
    """Note what this folder is being drawn for; pictures of other settings must not be taken for these."""
    note = root / "drawing.json"
    try:
        begun = json.loads(note.read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        begun = None
    if begun != settings:
        _replace(note, lambda part: part.write_text(json.dumps(settings)))


def draw_shard(folder: str | Path, products: int, seed: int, shard: int, shards: int) -> int:
    """Draw the pictures of products ``shard``, ``shard + shards``, … below ``products``; returns how many it had to draw."""
    settings = _settings(products, seed)
    if not 0 <= shard < shards:
        raise ValueError(f"shard must be in 0..{shards - 1}, got {shard}")
    root = Path(folder)
    if complete(root, products, seed):
        return 0
    _begin(root, settings)
    drawn = 0
    for index in range(shard, products, shards):
        path = root / image_uri(describe_product(seed, index))
        if not path.exists():
            image = draw_product(seed, index).image
            _replace(path, lambda part, image=image: part.write_bytes(image))  # type: ignore[misc]
            drawn += 1
    return drawn


def catalog_row(product: Product) -> dict[str, str | None]:
    """The catalogue's row of a good product."""
    texts = product.texts
    available = "out of stock" if int(product.image_name[:4], 16) % 20 == 0 else "in stock"
    return {
        "product_id": product.product_id, "title": texts.title, "description": texts.description, "brand": texts.brand,
        "price": texts.price, "currency": "EUR", "url": texts.url, "availability": available, "group_id": product.group_id,
        "tags": texts.tags or None, "image_uri": image_uri(product),
    }  # fmt: skip


def _chunks(products: int, seed: int) -> Iterator[list[Product]]:
    for start in range(0, products, CHUNK):
        yield [describe_product(seed, index) for index in range(start, min(products, start + CHUNK))]


def write_tables(folder: str | Path, products: int, seed: int) -> None:
    """Write catalogue, labels, search log, the bad rows' picture, and the marker. The pictures should stand by then."""
    root, settings = Path(folder), _settings(products, seed)
    root.mkdir(parents=True, exist_ok=True)
    counts = {"products": 0, "labels": 0}
    demand = search_log.Demand(seed, products)

    def write_both(catalog_part: Path) -> None:
        def write_labels(label_part: Path) -> None:
            with pq.ParquetWriter(catalog_part, CATALOG) as rows, pq.ParquetWriter(label_part, LABELS) as labels:
                for chunk in _chunks(products, seed):
                    rows.write_table(pa.Table.from_pylist([catalog_row(product) for product in chunk], schema=CATALOG))
                    pairs = [
                        {"product_id": product.product_id, "facet": facet, "value": value}
                        for product in chunk
                        for facet, value in product.attributes.items()
                    ]
                    labels.write_table(pa.Table.from_pylist(pairs, schema=LABELS))
                    demand.add(chunk)
                    counts["products"] += len(chunk)
                    counts["labels"] += len(pairs)
                bad = bad_rows.rows([catalog_row(describe_product(seed, index)) for index in range(min(products, bad_rows.TEMPLATES))], seed)
                rows.write_table(pa.Table.from_pylist(bad, schema=CATALOG))
                counts["bad_rows"] = len(bad)

        _replace(root / "labels.parquet", write_labels)

    _replace(root / bad_rows.BROKEN_IMAGE, lambda part: part.write_bytes(bad_rows.broken_image(draw_product(seed, 0).image)))
    _replace(root / "catalog.parquet", write_both)
    log = demand.log()
    counts["queries"] = len(log)
    table = pa.Table.from_pydict({"query": [query for query, _ in log], "searches": [times for _, times in log]}, schema=LOG)
    _replace(root / "search_log.parquet", lambda part: pq.write_table(table, part))
    marker = json.dumps({"settings": settings, "counts": counts}, indent=2) + "\n"
    _replace(root / "sample.json", lambda part: part.write_text(marker))
    (root / "drawing.json").unlink(missing_ok=True)


def write_sample(folder: str | Path, products: int = 2000, seed: int = 0) -> int:
    """Draw what is missing of the sample into ``folder``; returns the number of pictures drawn (0 when it was complete)."""
    if complete(folder, products, seed):
        return 0
    drawn = draw_shard(folder, products, seed, 0, 1)
    write_tables(folder, products, seed)
    return drawn
