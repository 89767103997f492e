"""The itemset mining's kernel, as Spark calls it, against counting everything that products carry."""

from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal
from functools import reduce
from itertools import combinations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from python_udfs import mining
from python_udfs.matching import MILLION
from python_udfs.mining import RESULT, mine_combinations
from python_udfs.register import TABLE_FUNCTIONS, _table_shell

# Of a product: attribute → score, the item (None: cannot be bought), and two hashes of its id.
Product = tuple[dict[int, int], str | None, int, int]
Counts = tuple[int, int, int, int, int]

# Facet of each attribute: 0 and 1 are types, 2 and 3 are of one facet, and so are 4 and 5.
FACETS = [0, 0, 1, 1, 2, 2, 3, 4, 5]
SCORES = st.sampled_from([0, 1, 300_000, 333_333, 500_000, 666_667, 949_999, 950_000, MILLION])
HASHES = st.integers(-(2**63), 2**63 - 1)
PRODUCTS = st.lists(
    st.tuples(
        st.dictionaries(st.integers(0, len(FACETS) - 1), SCORES, max_size=len(FACETS)),
        st.sampled_from([None, "", "a", "b"]),
        HASHES,
        HASHES,
    ),
    max_size=25,
)
MINE_COMBINATIONS = next(function for function in TABLE_FUNCTIONS if function.name == "mine_combinations")
SPARK_TYPES = {
    "int": pa.int32(),
    "bigint": pa.int64(),
    "string": pa.string(),
    "array<int>": pa.list_(pa.int32()),
    "array<bigint>": pa.list_(pa.int64()),
}
ROWS = pa.schema([(name, SPARK_TYPES[kind]) for name, kind in MINE_COMBINATIONS.rows.items()])


def brute_force(
    products: list[Product], min_carriers: int, max_size: int, threshold: float
) -> dict[tuple[int, ...], Counts]:
    """Every set with one type and different facets → its counts: all pairs, larger ones that are frequent."""
    carriers: dict[tuple[int, ...], list[Product]] = defaultdict(list)
    for product in products:
        for size in range(2, max(2, max_size) + 1):
            for chosen in combinations(sorted(product[0]), size):
                facets = [FACETS[attribute] for attribute in chosen]
                if len(set(facets)) == size and facets.count(0) == 1:
                    carriers[chosen].append(product)
    found = {}
    for chosen, carrying in carriers.items():
        if len(chosen) == 2 or len(carrying) >= min_carriers:
            relevant = [product for product in carrying if relevance(product, chosen) >= threshold]
            items = {item for _, item, _, _ in relevant if item is not None}
            total = sum(other for _, _, _, other in relevant)
            found[chosen] = (
                len(carrying),
                len(relevant),
                len(items),
                reduce(lambda one, other: one ^ other, (id_hash for _, _, id_hash, _ in relevant), 0),
                (total + 2**63) % 2**64 - 2**63,
            )
    return found


def relevance(product: Product, chosen: tuple[int, ...]) -> float:
    mean = Decimal(sum(product[0][attribute] for attribute in chosen)) / len(chosen) / MILLION
    return float(mean.quantize(Decimal("0.000001"), ROUND_HALF_UP))


def entry(attribute: int, score: int) -> int:
    return attribute << 40 | FACETS[attribute] << 20 | score


def task_rows(products: list[Product], parts: int, tasks: int) -> pa.Table:
    """What combination_statistics sends, sorted by task."""
    rows = []
    for scores, item, id_hash, other_id_hash in products:
        modifiers = sorted(entry(attribute, score) for attribute, score in scores.items() if FACETS[attribute])
        parts_of = [(modifier >> 40) % parts for modifier in modifiers]
        for part in set(parts_of):
            for head in {0, 1} & set(scores):
                rows.append(
                    {
                        "task_number": (head * parts + part) % tasks,
                        "product_type": entry(head, scores[head]),
                        "modifiers": modifiers[parts_of.index(part) :],
                        "part": part,
                        "parts": parts,
                        "item": item,
                        "id_hash": id_hash,
                        "other_id_hash": other_id_hash,
                    }
                )
    return pa.Table.from_pylist(sorted(rows, key=lambda row: row["task_number"]), ROWS)


def collected(batches: list[pa.RecordBatch]) -> dict[tuple[int, ...], Counts]:
    found: dict[tuple[int, ...], Counts] = {}
    for batch in batches:
        assert batch.schema == RESULT
        for row in batch.to_pylist():
            head, *modifiers = row.pop("attributes")
            assert modifiers == sorted(modifiers)
            key = tuple(sorted([head, *modifiers]))
            assert key not in found
            found[key] = tuple(row.values())
    return found


@settings(max_examples=300, deadline=None)
@given(PRODUCTS, st.integers(1, 4), st.integers(1, 5), st.integers(1, 4), st.integers(1, 3), st.integers(1, 9))
def test_the_same_as_counting_everything(
    products: list[Product], min_carriers: int, max_size: int, parts: int, tasks: int, batch: int
) -> None:
    """The function as Spark calls it: sorted by task, in batches that end anywhere."""
    shell = _table_shell(MINE_COMBINATIONS)()
    # A plain 0.5 in SQL is a decimal.
    values = [pa.array([value] * batch) for value in (min_carriers, max_size, Decimal("0.5"))]
    found = [part for rows in task_rows(products, parts, tasks).to_batches(batch) for part in shell.eval(rows, *values)]
    found += shell.terminate()
    assert collected(found) == brute_force(products, min_carriers, max_size, 0.5)


@pytest.mark.parametrize("at_once", [1, 7, 1 << 20])
def test_blocks_of_candidates_change_nothing(at_once: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Skewed attributes on a few hundred products, of which half are variants of few items."""
    monkeypatch.setattr(mining, "CANDIDATES_AT_ONCE", at_once)
    random = np.random.default_rng(0)
    carried = random.random((400, len(FACETS))) < [0.8, 0.3, 0.6, 0.2, 0.5, 0.4, 0.9, 0.1, 0.05]
    products: list[Product] = [
        (
            {attribute: int(random.integers(800_000, MILLION)) for attribute in np.flatnonzero(row).tolist()},
            [None, f"item {number % 5}", f"item {number}"][random.integers(3)],
            *random.integers(-(2**63), 2**63 - 1, 2).tolist(),
        )
        for number, row in enumerate(carried)
    ]
    found = collected(list(mine_combinations(task_rows(products, 1, 1), 6, 4, 0.9)))
    assert found == brute_force(products, 6, 4, 0.9)
    assert {len(chosen) for chosen in found} == {2, 3, 4}


def test_codes_too_large_to_pack_are_numbered() -> None:
    code = np.array([1 << 61, 3, 1 << 61, 0], np.int64)
    by_code = mining._sorted(code)
    assert (by_code.rows.tolist(), by_code.start.tolist()) == ([3, 1, 0, 2], [0, 1, 2, 4])


def test_scores_out_of_range_are_refused() -> None:
    with pytest.raises(ValueError, match="scores"):
        list(mine_combinations(task_rows([({0: 0, 2: MILLION + 1}, "a", 0, 0)], 1, 1), 1, 4, 0.5))
