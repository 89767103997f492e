"""`python -m benchmarks [--works …] [--folder …]`: run, print a table, leave target/benchmark.json."""

import argparse
import json
import os
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import model_calls, overlap_join, workload
from benchmarks.memory import PeakMemory
from benchmarks.overlap_join import Measured
from benchmarks.project import Project

# Products, collections, and of how many collections a peer matches one: the whole of it would take them an hour.
WORKS = {
    "100k x 5k": (100_000, 5_000, 1),
    "1M x 50k": (1_000_000, 50_000, 50),
    "4M x 50k": (4_000_000, 50_000, 200),
}
# Model calls, which have works of their own.
CALLS = "calls"
DEFAULT_WORKS = ["100k x 5k", "1M x 50k", CALLS]
REPEATS = 3

Row = dict[str, Any]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--works",
        nargs="+",
        choices=[*WORKS, CALLS],
        default=DEFAULT_WORKS,
        metavar="WORK",
        help=", ".join([*WORKS, CALLS]),
    )
    parser.add_argument("--all", action="store_true", help="4M x 50k too")
    parser.add_argument("--folder", type=Path, help="where to put inputs and tables (default: a temporary folder)")
    parser.add_argument("--output", type=Path, default=Path("target/benchmark.json"))
    arguments = parser.parse_args()
    threads = os.cpu_count() or 1
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="pinlanding-benchmark-") as temporary:
        folder = (arguments.folder or Path(temporary)).resolve()
        project = Project(folder)
        for work in [*WORKS, CALLS] if arguments.all else arguments.works:
            here = folder / work.replace(" ", "")
            for row in model_calls.measure() if work == CALLS else measure(project, here, work, threads):
                rows.append(row)
                arguments.output.parent.mkdir(parents=True, exist_ok=True)
                arguments.output.write_text(json.dumps(rows, indent=2) + "\n")
                print(_line(row), flush=True)


def measure(project: Project, folder: Path, work: str, threads: int) -> Iterator[Row]:
    """One row a peer. Ours and the single-threaded ones: the median of some runs after one to warm up.

    Raises RuntimeError when two of them disagree about how many products the collections have or how many are listed.
    """
    products, collections, one_in = WORKS[work]
    _say(f"{work}: drawing {products:,} products and {collections:,} collections")
    drawn = workload.draw(products, collections)
    workload.write(drawn, folder)
    project.load(folder)
    _say(f"{work}: collection_products, {REPEATS + 1} runs")
    with PeakMemory() as memory:
        ours = _median(
            lambda: overlap_join.ours(project.build_collection_products, project.table("collection_products"))
        )
    found = f"{ours.matches:,} matches, {ours.listed:,} listed"
    _say(f"{work}: {ours.seconds:.2f} s, {found}, at most {memory.gigabytes:.1f} GB")
    yield from _single_threaded(drawn, folder, work, ours)
    peers: dict[str, Callable[[], Measured]] = {
        "duckdb_anchor": lambda: overlap_join.duckdb_join(folder, overlap_join.DUCKDB_ANCHOR, threads, one_in),
        "duckdb_having": lambda: overlap_join.duckdb_join(folder, overlap_join.DUCKDB_HAVING, threads, one_in),
        "spark_anchor": lambda: overlap_join.spark_join(project.spark, folder, one_in),
    }
    for peer, run in peers.items():
        _say(f"{work}: {peer}" + (f", every {one_in}th collection, scaled" if one_in > 1 else ""))
        measured = run()
        if one_in == 1:
            _check(work, peer, ours, measured)
        yield _row(work, ours.seconds, peer, measured.seconds * one_in, threads) | {"share_of_collections": 1 / one_in}


def _single_threaded(drawn: workload.Workload, folder: Path, work: str, ours: Measured) -> Iterator[Row]:
    for peer, run in {"floor": overlap_join.floor, "kernel": overlap_join.kernel}.items():
        _say(f"{work}: {peer}")
        measured = _median(partial(run, drawn, folder))
        _check(work, peer, ours, measured)
        yield _row(work, ours.seconds, peer, measured.seconds, 1)


def _median(run: Callable[[], Measured]) -> Measured:
    run()
    runs = [run() for _ in range(REPEATS)]
    return Measured(statistics.median(one.seconds for one in runs), runs[0].matches, runs[0].listed)


def _check(work: str, peer: str, ours: Measured, theirs: Measured) -> None:
    if (ours.matches, ours.listed) != (theirs.matches, theirs.listed):
        raise RuntimeError(f"{work}: {peer} found {theirs}, collection_products {ours}")


def _row(work: str, seconds: float, peer: str, peer_seconds: float, threads: int) -> Row:
    return {
        "benchmark": "overlap_join",
        "work": work,
        "seconds": round(seconds, 3),
        "peer": peer,
        "peer_seconds": round(peer_seconds, 3),
        "ratio": round(peer_seconds / seconds, 3),
        "threads": threads,
    }


def _line(row: Row) -> str:
    share = row.get("share_of_collections", 1)
    return (
        f"| {row['work']:>31} | {row['seconds']:8.2f} s | {row['peer']:>13} | {row['peer_seconds']:9.2f} s "
        f"| {row['ratio']:8.2f} x |{f' {share:.1%} of the collections, scaled' if share < 1 else ''}"
    )


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
