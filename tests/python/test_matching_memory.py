"""The overlap join's memory on skewed data: one attribute on 60 % of the products, a collection of half of them."""

import subprocess
import sys

import pytest

# What docs/scale.md states of a task beside its rows: bytes a pair and a listed product, and what does not grow.
PAIR, RESULT, FIXED = 150, 8, 32 << 20
PRODUCTS, COLLECTIONS, TOP_K = 100_000, 10_000, 200

# In a process of its own, whose peak nobody else has raised. Attribute 0 is the 60 %, 1 the half, the others are rare.
MEASURE = f"""
from pathlib import Path
import numpy as np, pyarrow as pa
from python_udfs.matching import match_products

def memory(name):
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(name))

def rows(ids, entries):
    return pa.record_batch({{"id": pa.array(ids), "entry": pa.array(entries, pa.int64())}})

random = np.random.default_rng(0)
share = np.concatenate([[0.6, 0.5], np.full(400, 9 / 400)])
parts = []
for start in range(0, {PRODUCTS}, 10_000):
    product, attribute = np.nonzero(random.random((10_000, len(share))) < share)
    score = random.integers(950_000, 1_000_000, len(product), endpoint=True)
    parts.append(rows([f"product-{{number:09d}}" for number in product + start], attribute << 20 | score))
pairs = sum(map(len, parts))
needed = [(0, 1)] + [(number, each) for number in range(1, {COLLECTIONS}) for each in (0, 2 + number % 400)]
parts.append(rows([f"collection-{{number:07d}}" for number, _ in needed], [-1 - each for _, each in needed]))
table = pa.Table.from_batches(parts)
before = memory("VmRSS")
Path("/proc/self/clear_refs").write_text("5")
largest = max(max(batch.column("products").to_pylist()) for batch in match_products(table, 0.95, {TOP_K}))
print(pairs, largest, memory("VmHWM") - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads the peak from /proc")
def test_a_task_stays_within_the_stated_memory() -> None:
    run = subprocess.run([sys.executable, "-c", MEASURE], capture_output=True, text=True, check=True)
    pairs, largest, peak = map(int, run.stdout.split())
    assert largest > 0.49 * PRODUCTS and pairs > 10 * PRODUCTS
    assert peak < PAIR * pairs + RESULT * TOP_K * COLLECTIONS + FIXED, f"{peak / pairs:.0f} bytes a pair"
