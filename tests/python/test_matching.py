"""The overlap join's kernel, against the plain way of doing it in decimals."""

from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal
from random import Random

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from python_udfs.matching import (
    MAX_ATTRIBUTES,
    MAX_PRODUCTS,
    MILLION,
    RESULT,
    index_pairs,
    match_collections,
    match_products,
)
from python_udfs.register import TABLE_FUNCTIONS, _table_shell

Pair = tuple[int, int, int]
Row = tuple[int, int, float, int]

# Few scores make ties likely; 333,333 and 666,667 make means that have to be rounded.
SCORES = st.sampled_from([0, 1, 2, 300_000, 333_333, 500_000, 666_667, 949_999, 950_000, MILLION])
PAIRS = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 7), SCORES), max_size=150)
# Attribute 8 and 9 are carried by nobody; an attribute may be named twice.
COLLECTIONS = st.lists(st.lists(st.integers(0, 9), min_size=1, max_size=5), max_size=25)


def brute_force(pairs: list[Pair], collections: list[list[int]], threshold: float, top_k: int) -> list[Row]:
    """(collection, product, relevance, products), as collection_products_v1 computes them."""
    carried: dict[int, dict[int, int]] = defaultdict(dict)
    for product, attribute, score in pairs:
        carried[product][attribute] = max(score, carried[product].get(attribute, 0))
    rows = []
    for number, needed in enumerate(collections):
        found = []
        for product, scores in carried.items():
            if all(attribute in scores for attribute in needed):
                mean = Decimal(sum(scores[attribute] for attribute in needed)) / len(needed) / MILLION
                relevance = float(mean.quantize(Decimal("0.000001"), ROUND_HALF_UP))
                if relevance >= threshold:
                    found.append((-relevance, product))
        rows += [
            (number, product, -relevance, 0 if place else len(found))
            for place, (relevance, product) in enumerate(sorted(found)[:top_k])
        ]
    return rows


def matched(
    pairs: list[Pair], collections: list[list[int]], threshold: float, top_k: int, table_bytes: int = 1 << 20
) -> list[Row]:
    product, attribute, score = np.array(pairs, np.int64).reshape(-1, 3).T
    members = [(number, attribute) for number, needed in enumerate(collections) for attribute in needed]
    Random(0).shuffle(members)
    number, needed_attribute = np.array(members, np.int64).reshape(-1, 2).T
    shard = index_pairs(product, attribute, score)
    rows: list[Row] = []
    for part in match_collections(shard, number, needed_attribute, threshold, top_k, table_bytes):
        relevance = part.relevance / MILLION
        rows += zip(
            part.collection.tolist(), part.product.tolist(), relevance.tolist(), part.products.tolist(), strict=True
        )
    return rows


@settings(max_examples=400, deadline=None)
@given(
    PAIRS,
    COLLECTIONS,
    st.sampled_from([-1.0, 0.0, 0.333333, 0.5, 0.95, 1.0, 1.5]) | st.floats(0, 1),
    st.integers(0, 12),
    # One product at a time, a few, all: parts that do and do not divide a shard evenly.
    st.sampled_from([1, 60, 100, 1 << 20]),
)
def test_same_as_brute_force(
    pairs: list[Pair], collections: list[list[int]], threshold: float, top_k: int, table_bytes: int
) -> None:
    assert matched(pairs, collections, threshold, top_k, table_bytes) == brute_force(
        pairs, collections, threshold, top_k
    )


def test_two_of_three_as_decimals_round_it() -> None:
    pairs = [(0, 0, 1), (0, 1, 0), (1, 0, 1), (1, 1, 0), (1, 2, 0), (2, 0, 1), (2, 1, 1), (2, 2, 0)]
    rows = matched(pairs, [[0, 1], [0, 1, 2]], 0.0, 10)
    assert [(number, product, round(relevance * MILLION)) for number, product, relevance, _ in rows] == [
        (0, 0, 1), (0, 1, 1), (0, 2, 1), (1, 2, 1), (1, 1, 0),
    ]  # fmt: skip


# Of 40,000, some collections are ranked alone, and those together in several goes.
@pytest.mark.parametrize("products", [1, 63, 64, 65, 5_000, 40_000])
@pytest.mark.parametrize("table_bytes", [999, 1 << 24])
def test_skewed_attributes(products: int, table_bytes: int) -> None:
    random = np.random.default_rng(0)
    carried = random.random((products, 6)) < [0.6, 0.5, 0.3, 0.1, 0.01, 1.0]
    product, attribute = np.nonzero(carried)
    score = random.integers(900_000, MILLION, len(product), endpoint=True)
    pairs = list(zip(product.tolist(), attribute.tolist(), score.tolist(), strict=True))
    collections = [[5], [0], [0, 1], [5, 0, 1], [4, 0, 1, 2], [3, 5], [3, 5, 0], [2, 1]]
    assert matched(pairs, collections, 0.95, 20, table_bytes) == brute_force(pairs, collections, 0.95, 20)


@pytest.mark.parametrize(
    ("pair", "said"),
    [
        ((0, 0, MILLION + 1), "scores"),
        ((0, -1, 0), "attribute numbers"),
        ((0, MAX_ATTRIBUTES, 0), "attribute numbers"),
        ((MAX_PRODUCTS, 0, 0), "product numbers"),
    ],
)
def test_numbers_out_of_range_are_refused(pair: Pair, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        matched([pair], [[0]], 0.0, 1)


def test_the_highest_numbers_are_matched() -> None:
    product, attribute = MAX_PRODUCTS - 1, MAX_ATTRIBUTES - 1
    assert matched([(0, 0, 1), (product, attribute, MILLION)], [[attribute]], 0.0, 1) == [(0, product, 1.0, 1)]


def test_attributes_numbered_beyond_the_limit_are_matched() -> None:
    numbers = [7, MAX_ATTRIBUTES + 7, 1 << 30]
    rows = [("p", number << 20 | score) for number, score in zip(numbers, (MILLION, 500_000, 0), strict=True)]
    needs = {"a": numbers[:2], "b": numbers[1:], "c": [numbers[0], MAX_ATTRIBUTES + 6], "d": [(1 << 30) + 1]}
    rows += [(collection, -1 - number) for collection, needed in needs.items() for number in needed]
    table = pa.table({"id": [name for name, _ in rows], "entry": pa.array([entry for _, entry in rows], pa.int64())})
    found = pa.Table.from_batches(match_products(table, 0.0, 1)).to_pydict()
    assert dict(zip(found["collection_id"], found["best"], strict=True)) == {"a": ["0250000p"], "b": ["0750000p"]}


def test_results_are_handed_on_before_they_are_too_many() -> None:
    pairs = [(product, attribute, MILLION) for product in range(4) for attribute in range(3)]
    product, attribute, score = np.array(pairs).T
    parts = match_collections(index_pairs(product, attribute, score), [0, 1, 2], [0, 1, 2], 0.0, 9, keys_at_once=5)
    assert [set(part.collection.tolist()) for part in parts] == [{0, 1}, {2}]


def test_a_collection_too_large_to_sum_is_refused() -> None:
    with pytest.raises(ValueError, match=r"1,?073"):
        matched([(0, 0, MILLION)], [[0] * 1074], 0.0, 1)


MATCH_PRODUCTS = next(function for function in TABLE_FUNCTIONS if function.name == "match_products")
ROWS = pa.schema([("task_number", pa.int32()), ("id", pa.string()), ("entry", pa.int64())])
# In the order of their bytes, which is not that of their letters.
IDS = ["", "A", "Z", "a", "aa", "\u00e9", "\uffee", "\U0001f600"]


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 7), st.integers(0, 3), SCORES), max_size=20, unique_by=lambda pair: pair[:2]),
    st.lists(st.lists(st.integers(0, 4), min_size=1, max_size=3), max_size=6),
    st.lists(st.integers(0, 2), min_size=8, max_size=8),
    st.integers(1, 7),
    st.integers(1, 5),
)
def test_shards_merge_to_the_same_as_brute_force(
    pairs: list[Pair], collections: list[list[int]], shard_of: list[int], batch: int, top_k: int
) -> None:
    """The function as Spark calls it: sorted by task, in batches that end anywhere."""
    rows = [(shard_of[product], IDS[product], attribute << 20 | score) for product, attribute, score in pairs]
    rows += [
        (shard, f"c{number:02d}", -1 - attribute)
        for shard in range(3)
        for number, needed in enumerate(collections)
        for attribute in needed
    ]
    rows.sort(key=lambda row: row[0])
    table = pa.Table.from_pylist([dict(zip(ROWS.names, row, strict=True)) for row in rows], ROWS)
    # A plain 0.3 in SQL is a decimal.
    arguments = [pa.array([Decimal("0.3")] * batch), pa.array([top_k] * batch, pa.int32())]
    shell = _table_shell(MATCH_PRODUCTS)()
    found = [part for rows in table.to_batches(batch) for part in shell.eval(rows, *arguments)]
    found += shell.terminate()
    best: dict[int, list[tuple[int, str]]] = defaultdict(list)
    counts: dict[int, int] = defaultdict(int)
    for part in found:
        assert part.schema == RESULT
        for row in part.to_pylist():
            number = int(row["collection_id"][1:])
            listed = [(int(entry[:7]), entry[7:]) for entry in row["best"]]
            assert listed == sorted(listed, key=lambda entry: (entry[0], entry[1].encode()))
            best[number] += listed
            counts[number] += row["products"]
    merged = [
        (number, IDS.index(product), (MILLION - shortfall) / MILLION, 0 if place else counts[number])
        for number in sorted(best)
        for place, (shortfall, product) in enumerate(
            sorted(best[number], key=lambda entry: (entry[0], entry[1].encode()))[:top_k]
        )
    ]
    assert merged == brute_force(pairs, collections, 0.3, top_k)
