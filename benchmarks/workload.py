"""A synthetic catalogue's pairs and collections for the overlap join, in the shape of the project's public tables."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

# Facet: (values, share of the products that have one). The n-th most frequent value is 1/n as frequent as the first,
# so the most common attribute (women) is on 49 % of the products and the rarest on 0.2 %.
FACETS = {
    "product_type": (60, 0.95), "gender": (3, 0.90), "color": (30, 0.85), "material": (40, 0.70), "style": (50, 0.70),
    "pattern": (20, 0.65), "occasion": (20, 0.65), "fit": (10, 0.60), "season": (4, 0.70), "neckline": (12, 0.50),
    "sleeve": (6, 0.60), "tier": (5, 0.80),
}  # fmt: skip
MILLION = 1_000_000


@dataclass(frozen=True)
class Workload:
    """products and collections by number; pairs sorted by product.

    product int32, attribute int32, score int32 (millionths): one entry a pair. needs: the attributes of each
    collection, 2 to 4 of different facets, all carried by one product at least; distinct and sorted.
    """

    products: int
    product: npt.NDArray[np.int32]
    attribute: npt.NDArray[np.int32]
    score: npt.NDArray[np.int32]
    attribute_ids: list[str]
    needs: list[tuple[int, ...]]


def draw(products: int, collections: int, seed: int = 0) -> Workload:
    """A workload of this size; equal for equal arguments. Raises ValueError where there are fewer collections."""
    random = np.random.default_rng(seed)
    values: list[npt.NDArray[np.int32]] = []
    ids: list[str] = []
    for facet, (size, share) in FACETS.items():
        frequency = 1 / np.arange(1, size + 1)
        chosen = random.choice(size, products, p=frequency / frequency.sum()).astype(np.int32)
        values.append(np.where(random.random(products) < share, chosen + len(ids), -1).astype(np.int32))
        ids += [f"{facet}:value-{n:03d}" for n in range(size)]
    carried = np.stack(values, axis=1)
    product, facet_number = np.nonzero(carried >= 0)
    needs: set[tuple[int, ...]] = set()
    for _ in range(1000):
        if len(needs) >= collections:
            break
        sizes = random.integers(2, 5, collections)
        row = carried[random.integers(products, size=collections)]
        # Facets in a random order, those that the product has first; the first few are the collection.
        order = np.argsort(np.where(row >= 0, random.random(row.shape), 2), axis=1)
        shuffled = np.take_along_axis(row, order, axis=1)[:, :4]
        for size, attributes in zip(sizes.tolist(), shuffled.tolist(), strict=True):
            if len(needs) < collections and attributes[size - 1] >= 0:
                needs.add(tuple(sorted(attributes[:size])))
    if len(needs) < collections:
        raise ValueError(f"{products} products do not have {collections} combinations")
    return Workload(
        products=products,
        product=product.astype(np.int32),
        attribute=carried[product, facet_number],
        score=np.rint(random.beta(5, 2, len(product)) * MILLION).astype(np.int32),
        attribute_ids=ids,
        needs=sorted(needs),
    )


def draw_evenly(products: int, collections: int, attributes: int, share: float, seed: int = 0) -> Workload:
    """A workload whose attributes are all on the same share of the products, each by itself; collections of 2 to 4."""
    random = np.random.default_rng(seed)
    carriers = random.binomial(products, share, attributes)
    product = np.concatenate([random.choice(products, count, replace=False) for count in carriers])
    attribute = np.repeat(np.arange(attributes), carriers)
    order = np.lexsort((attribute, product))
    sizes = random.integers(2, 5, collections).tolist()
    needs = [tuple(sorted(random.choice(attributes, size, replace=False).tolist())) for size in sizes]
    return Workload(
        products=products,
        product=product[order].astype(np.int32),
        attribute=attribute[order].astype(np.int32),
        score=np.rint(random.beta(5, 2, len(product)) * MILLION).astype(np.int32),
        attribute_ids=[f"attribute:{number:03d}" for number in range(attributes)],
        needs=sorted(needs),
    )


def write(work: Workload, folder: Path) -> None:
    """The workload as parquet: catalog, product_attributes and collections as the project knows them, and pairs and
    needs with the same keys as whole numbers (in the order of the ids), for peers that are faster on these."""
    ids = pq.read_table(catalog_of(work.products, folder))["product_id"].combine_chunks()
    score = work.score / MILLION
    pairs = {
        "product_id": ids.take(pa.array(work.product)),
        "attribute_id": pa.array(work.attribute_ids).take(pa.array(work.attribute)),
        "score": pa.array(score),
    }
    pq.write_table(pa.table(pairs), folder / "product_attributes.parquet")
    named = [
        [
            dict(zip(("facet", "value"), (name := work.attribute_ids[n]).split(":"), strict=True), attribute_id=name)
            for n in need
        ]
        for need in work.needs
    ]
    attributes = pa.list_(pa.struct([(name, pa.string()) for name in ("attribute_id", "facet", "value")]))
    collections = {
        "collection_id": pa.array([f"c{number:08d}" for number in range(len(work.needs))]),
        "attributes": pa.array(named, attributes),
    }
    pq.write_table(pa.table(collections), folder / "collections.parquet")
    pq.write_table(
        pa.table({"product_id": work.product, "attribute_id": work.attribute, "score": score}), folder / "pairs.parquet"
    )
    needs = {
        "collection_id": pa.array(range(len(work.needs)), pa.int32()),
        "attributes": pa.array(work.needs, pa.list_(pa.int32())),
    }
    pq.write_table(pa.table(needs), folder / "needs.parquet")


def catalog_of(products: int, folder: Path) -> Path:
    """A catalogue file of so many products in `folder`, for works that bring their rows as a table: Spark is set for
    the catalogue's size."""
    folder.mkdir(parents=True, exist_ok=True)
    ids = [f"p{number:08d}" for number in range(products)]
    pq.write_table(pa.table({"product_id": ids, "title": ids}), folder / "catalog.parquet")
    return folder / "catalog.parquet"
