"""scored_products through dbt against a bare matrix product and top-k, and against faiss where it is installed.

All find the best 30 of 5,000 attributes for each of 200,000 products (512 numbers each) by exact inner product on the
same number of threads. Ours reads the vectors from tables and writes what it found, the peers hold them in memory.
"""

import time
from hashlib import sha256
from importlib import import_module
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq
import torch

from benchmarks.project import Project

DIMENSION = 512
TOP = 30
BLOCK = 2048
SEED = 7

Floats = npt.NDArray[np.float32]


def draw(rows: int, seed: int) -> Floats:
    """Random vectors of length 1, shape (rows, DIMENSION)."""
    vectors = np.random.default_rng(seed).standard_normal((rows, DIMENSION), dtype=np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors


def load(project: Project, products: Floats, attributes: Floats) -> None:
    """Make the tables that scored_products reads."""
    product_ids = [f"{i:07d}" for i in range(len(products))]
    images = [sha256(product_id.encode()).hexdigest() for product_id in product_ids]
    attribute_ids = [f"f:{i:05d}" for i in range(len(attributes))]
    key = "benchmark"
    project.write("products", pa.table({"product_id": product_ids, "image_sha256": images}))
    project.write("encoder_in_use", pa.table({"key": [key]}))
    project.write(
        "statistics_in_use",
        pa.table({"attribute_id": attribute_ids})
        .append_column("product_share", pa.array([0.5] * len(attributes)))
        .append_column("frequency_weight", pa.array([0.0] * len(attributes))),
    )
    project.write(
        "product_embeddings",
        pa.table({"image_sha256": images, "encoder_key": [key] * len(images)}).append_column(
            "embedded",
            pa.StructArray.from_arrays(
                [_lists(products), pa.nulls(len(products), pa.string())], ["image_embedding", "error"]
            ),
        ),
    )
    project.write(
        "embedded_attributes",
        pa.table(
            {"attribute_id": attribute_ids, "attribute_number": np.arange(1, len(attributes) + 1, dtype=np.int32)}
        ).append_column("embedding", _lists(attributes)),
    )


def ours(project: Project) -> tuple[float, Floats]:
    """Seconds, and similarities (products, TOP), best first, in the order of the products."""
    seconds = project.build("scored_products", "--vars", f"{{scored_attributes: {TOP}}}")
    rows = pq.read_table(project.table("scored_products")).sort_by("product_id")
    scores = rows["scores"].combine_chunks().flatten()
    return seconds, scores.field("similarity").to_numpy().reshape(-1, TOP)


def torch_matmul(products: Floats, attributes: Floats, threads: int) -> tuple[float, Floats]:
    """Likewise: one block of products after the other."""
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    left, right = torch.from_numpy(products), torch.from_numpy(attributes).T.contiguous()

    def best(at: int) -> torch.Tensor:
        return (left[at : at + BLOCK] @ right).topk(TOP, dim=1).values

    with torch.inference_mode():
        best(0)
        start = time.perf_counter()
        found = [best(at) for at in range(0, len(products), BLOCK)]
        seconds = time.perf_counter() - start
    torch.set_num_threads(before)
    return seconds, torch.cat(found).numpy()


def faiss_flat(products: Floats, attributes: Floats, threads: int) -> tuple[float, Floats] | None:
    """Likewise with faiss's exact index; None where faiss is not installed."""
    try:
        faiss: Any = import_module("faiss")
    except ImportError:
        return None
    faiss.omp_set_num_threads(threads)
    index = faiss.IndexFlatIP(DIMENSION)
    index.add(attributes)
    index.search(products[:BLOCK], TOP)
    start = time.perf_counter()
    found, _ = index.search(products, TOP)
    return time.perf_counter() - start, found


def _lists(vectors: Floats) -> pa.ListArray:
    offsets = pa.array(np.arange(len(vectors) + 1, dtype=np.int32) * DIMENSION)
    return pa.ListArray.from_arrays(offsets, pa.array(vectors.ravel()))
