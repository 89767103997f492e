"""The best attributes of each product, against the plain way of finding them."""

from random import Random
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from python_udfs.scoring import RESULT, SCORES, best_attributes, score_attributes, score_product

PRODUCTS = pa.list_(pa.struct([("product_id", pa.string()), ("embedding", pa.list_(pa.float32()))]))
ATTRIBUTES = pa.list_(
    pa.struct([("attribute_id", pa.string()), ("embedding", pa.list_(pa.float32())), ("bias", pa.float32())])
)
# Small whole numbers make ties likely and every sum exact.
VECTORS = st.lists(st.integers(-2, 2), min_size=3, max_size=3)
PRODUCT_LIST = st.lists(st.one_of(VECTORS, st.none()), max_size=6)
ATTRIBUTE_LIST = st.lists(st.tuples(VECTORS, st.one_of(st.integers(-1, 1), st.none())), max_size=12)
Product, Attribute = dict[str, object], dict[str, object]


def brute_force(products: list[Product], attributes: list[Attribute], top_n: int) -> list[tuple[str, str, float]]:
    found = []
    for product in products:
        if product["embedding"] is None:
            continue
        scored = [
            (-float(np.dot(product["embedding"], a["embedding"]) + (a["bias"] or 0)), str(a["attribute_id"]))  # type: ignore[arg-type, operator]
            for a in attributes
        ]
        found += [(str(product["product_id"]), name, -value) for value, name in sorted(scored)[:top_n]]
    return found


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(PRODUCT_LIST, ATTRIBUTE_LIST), min_size=1, max_size=3), st.integers(1, 14), st.randoms())
def test_same_as_brute_force(blocks: list[Any], top_n: int, random: Random) -> None:
    rows = []
    for products, attributes in blocks:
        names = [f"color:{i}" for i in range(len(attributes))]
        random.shuffle(names)
        rows.append(
            (
                [{"product_id": f"p{i}", "embedding": vector} for i, vector in enumerate(products)],
                [
                    {"attribute_id": name, "embedding": vector, "bias": bias}
                    for name, (vector, bias) in zip(names, attributes, strict=True)
                ],
            )
        )
    found = score_attributes(
        pa.array([products for products, _ in rows], PRODUCTS),
        pa.array([attributes for _, attributes in rows], ATTRIBUTES),
        pa.array([top_n] * len(rows), pa.int32()),
    )
    assert found.type == RESULT
    for scored, (products, attributes) in zip(found.to_pylist(), rows, strict=True):
        got = [(row["product_id"], row["attribute_id"], row["similarity"]) for row in scored]
        assert got == brute_force(products, attributes, top_n)


def test_a_product_scores_the_same_in_any_block() -> None:
    random = np.random.default_rng(0)
    products = random.normal(size=(600, 64)).astype(np.float32)
    attributes = random.normal(size=(300, 64)).astype(np.float32)
    bias = random.normal(size=300).astype(np.float32)
    at, value = best_attributes(products, attributes, bias, 10)
    for rows in (slice(0, 1), slice(5, 300), slice(250, 600)):
        part_at, part_value = best_attributes(products[rows], attributes, bias, 10)
        assert np.array_equal(part_at, at[rows]) and np.array_equal(part_value, value[rows])
    plain = products @ attributes.T + bias
    assert np.allclose(np.sort(plain, axis=1)[:, ::-1][:, :10], value, atol=1e-4)


def test_null_blocks_slices_and_missing_bias() -> None:
    plain = pa.list_(pa.struct([("attribute_id", pa.string()), ("embedding", pa.list_(pa.float32()))]))
    product = [{"product_id": "p", "embedding": [1.0, 0.0]}]
    attribute = [{"attribute_id": "a", "embedding": [0.5, 0.0]}, {"attribute_id": "b", "embedding": None}]
    found = score_attributes(
        pa.array([[], None, product, product], PRODUCTS)[1:],
        pa.array([[], attribute, attribute, None], plain)[1:],
        pa.array([1, 5, 5, 5], pa.int32())[1:],
    )
    assert found.to_pylist() == [[], [{"product_id": "p", "attribute_id": "a", "similarity": 0.5}], []]


def test_embeddings_of_two_encoders_are_refused() -> None:
    with pytest.raises(ValueError, match="different encoders"):
        score_attributes(
            pa.array([[{"product_id": "p", "embedding": [1.0, 0.0]}]], PRODUCTS),
            pa.array([[{"attribute_id": "a", "embedding": [1.0], "bias": 0.0}]], ATTRIBUTES),
            pa.array([5], pa.int32()),
        )


EMBEDDINGS = pa.list_(pa.float32())
NUMBERED = pa.list_(pa.struct([("attribute_number", pa.int32()), ("embedding", EMBEDDINGS), ("bias", pa.float32())]))
TASK = st.lists(st.tuples(PRODUCT_LIST, ATTRIBUTE_LIST), min_size=1, max_size=3)


@settings(max_examples=200, deadline=None)
@given(TASK, st.integers(1, 14), st.integers(1, 5), st.randoms())
def test_a_task_of_products_scores_as_blocks_do(blocks: list[Any], top_n: int, rows: int, random: Random) -> None:
    task: list[tuple[Any, Any]] = []
    expected: list[list[tuple[int, float]] | None] = []
    for vectors, attributes in blocks:
        numbers = list(range(8, 8 + len(attributes)))
        random.shuffle(numbers)
        block = [
            {"attribute_number": number, "embedding": vector, "bias": bias}
            for number, (vector, bias) in zip(numbers, attributes, strict=True)
        ]
        named = [{"attribute_id": f"{row['attribute_number']:02d}", **row} for row in block]
        for i, vector in enumerate(vectors):
            task.append((vector, block if i == 0 else None))
            found = brute_force([{"product_id": "p", "embedding": vector}], named, top_n)
            expected.append(None if vector is None else [(int(name), value) for _, name, value in found])
    batches = [task[start : start + rows] for start in range(0, len(task), rows)]
    scored = score_product(
        (
            pa.array([vector for vector, _ in batch], EMBEDDINGS),
            pa.array([block for _, block in batch], NUMBERED),
            pa.array([top_n] * len(batch), pa.int32()),
        )
        for batch in batches
    )
    parts = list(scored)
    assert [(part.type, len(part)) for part in parts] == [(SCORES, len(batch)) for batch in batches]
    got = [
        None if row is None else [(found["attribute_number"], found["similarity"]) for found in row]
        for part in parts
        for row in part.to_pylist()
    ]
    assert got == expected


def one_batch(vectors: list[Any], attributes: list[Any] | None) -> Any:
    blocks = pa.array([attributes] + [None] * (len(vectors) - 1), NUMBERED)
    batch = (pa.array(vectors, EMBEDDINGS), blocks, pa.array([5] * len(vectors), pa.int32()))
    return next(score_product(iter([batch]))).to_pylist()


def test_a_task_without_attributes_and_one_of_two_encoders_are_refused() -> None:
    assert one_batch([[1.0, 0.0]], []) == [[]]
    with pytest.raises(ValueError, match="brings no attributes"):
        one_batch([[1.0, 0.0]], None)
    with pytest.raises(ValueError, match="different encoders"):
        one_batch([[1.0, 0.0]], [{"attribute_number": 1, "embedding": [1.0], "bias": 0.0}])
    with pytest.raises(ValueError, match="in one block"):
        one_batch([[1.0, 0.0], [1.0]], [{"attribute_number": 1, "embedding": [1.0, 0.0], "bias": 0.0}])


@pytest.mark.parametrize("width", [3000, 3001, 3007])
def test_the_best_of_many_attributes_are_those_of_a_sort(width: int) -> None:
    # Small whole numbers: every sum is exact, and many values are equal, at the cut and above it.
    random = np.random.default_rng(width)
    products = random.integers(-9, 10, size=(300, 5)).astype(np.float32)
    attributes = random.integers(-9, 10, size=(width, 5)).astype(np.float32)
    bias = random.integers(-1, 2, size=width).astype(np.float32)
    plain = products @ attributes.T + bias
    order = np.argsort(-plain, axis=1, kind="stable")[:, :30]
    at, value = best_attributes(products, attributes, bias, 30)
    assert np.array_equal(at, order)
    assert np.array_equal(value, np.take_along_axis(plain, order, axis=1))
