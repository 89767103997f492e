"""`python -m benchmarks [NAME …] [--works …] [--folder …]`: run, print a table, leave target/benchmark.json, .svg."""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from benchmarks import (
    combinations,
    embed_product,
    machine,
    model_calls,
    overlap_join,
    picture,
    score_attributes,
    workload,
)
from benchmarks.memory import PeakMemory
from benchmarks.overlap_join import Measured
from benchmarks.project import Project
from benchmarks.repeats import REPEATS, warm

# Products, collections, and of how many collections a peer matches one: the whole of it would take them an hour.
WORKS = {
    "100k x 5k": (100_000, 5_000, 1),
    "1M x 50k": (1_000_000, 50_000, 50),
    "4M x 50k": (4_000_000, 50_000, 200),
}
DEFAULT_WORKS = ["100k x 5k", "1M x 50k"]
# Warm-ups and repeats. Small work is warm when the JVM has compiled all of Spark that it passes, after some forty runs;
# the works come in their order, so the larger ones find most of it warm.
RUNS = {"100k x 5k": (40, 9), "1M x 50k": (3, 3), "4M x 50k": (1, 1)}
THREADS = os.cpu_count() or 1
# Shares of the products that each attribute is on, and how many attributes there are then.
DENSITIES = {0.0003: 2000, 0.003: 2000, 0.03: 500, 0.1: 200, 0.3: 100, 0.6: 50}

Row = dict[str, Any]
Timed = TypeVar("Timed", Measured, combinations.Mined)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"{', '.join(BENCHMARKS)} (default: all)")
    parser.add_argument(
        "--works", nargs="+", choices=WORKS, default=DEFAULT_WORKS, metavar="WORK", help=", ".join(WORKS)
    )
    parser.add_argument("--all", action="store_true", help="4M x 50k too")
    parser.add_argument("--folder", type=Path, help="where to put inputs and tables (default: a temporary folder)")
    parser.add_argument("--output", type=Path, default=Path("target/benchmark.json"))
    arguments = parser.parse_args()
    if unknown := sorted(set(arguments.names) - set(BENCHMARKS)):
        parser.error(f"unknown benchmark {unknown[0]}: there are {', '.join(BENCHMARKS)}")
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="pinlanding-benchmark-") as temporary:
        folder = (arguments.folder or Path(temporary)).resolve()
        project = Project(folder)
        for name in arguments.names or BENCHMARKS:
            for row in BENCHMARKS[name](project, folder, list(WORKS) if arguments.all else arguments.works):
                rows.append(row | machine.state())
                arguments.output.parent.mkdir(parents=True, exist_ok=True)
                arguments.output.write_text(json.dumps(rows, indent=2) + "\n")
                print(_line(row), flush=True)
        picture.draw(rows, arguments.output.with_suffix(".svg"))


def measure_embedding(project: Project, folder: Path, _: list[str]) -> Iterator[Row]:
    """The sample's encoder, where decoding weighs most, and a ViT-B-32, where the model does.

    Raises RuntimeError when a peer's embeddings differ from ours by more than 1e-4.
    """
    drawn = folder / "images"
    encoders = {
        "sample": (4_000, embed_product.SAMPLE_ENCODER),
        "ViT-B-32": (256, embed_product.untrained_encoder(folder / "ViT-B-32", "ViT-B-32")),
    }
    for name, (count, encoder) in encoders.items():
        work = f"{count:,} images, {name}"
        _say(f"{work}: drawing, loading")
        images = embed_product.draw_images(drawn, count)
        project.open(workload.catalog_of(count, drawn))
        embed_product.load(project, encoder, images)
        _say(f"{work}: product_embeddings")
        seconds, ours = warm(lambda: embed_product.ours(project))
        for peer, batch in (("open_clip_loop", 64), ("per_image_loop", 1)):
            _say(f"{work}: {peer}")
            peer_seconds, theirs = embed_product.open_clip_loop(encoder, images, THREADS, batch)
            in_order = theirs[np.argsort([path.name for path in images], kind="stable")]
            if (difference := float(np.abs(ours - in_order).max())) > embed_product.LARGEST_DIFFERENCE:
                raise RuntimeError(f"{work}: {peer} gives other embeddings, {difference:.1e} apart")
            yield _row("embed_product", work, seconds, peer, peer_seconds)


def measure_scoring(project: Project, folder: Path, _: list[str]) -> Iterator[Row]:
    """Raises RuntimeError when a peer finds other similarities."""
    work = "200k x 5k x 512"
    _say(f"{work}: drawing, loading")
    products, attributes = score_attributes.draw(200_000, 1), score_attributes.draw(5_000, 2)
    project.open(workload.catalog_of(len(products), folder / "vectors"))
    score_attributes.load(project, products, attributes)
    _say(f"{work}: scored_products")
    seconds, ours = warm(lambda: score_attributes.ours(project))
    for peer, run in {"torch_matmul": score_attributes.torch_matmul, "faiss_flat": score_attributes.faiss_flat}.items():
        _say(f"{work}: {peer}")
        found = run(products, attributes, THREADS)
        if found is None:
            _say(f"{work}: {peer} is not installed")
            continue
        if not np.allclose(ours, found[1], atol=1e-5):
            raise RuntimeError(f"{work}: {peer} finds other similarities")
        yield _row("score_attributes", work, seconds, peer, found[0])


def measure_joins(project: Project, folder: Path, works: list[str]) -> Iterator[Row]:
    for work in works:
        yield from measure_join(project, folder / work.replace(" ", ""), work)


def measure_join(project: Project, folder: Path, work: str) -> Iterator[Row]:
    """One row a peer. Ours and the single-threaded ones: the median of some runs after some to warm up.

    Raises RuntimeError when two of them disagree about how many products the collections have or how many are listed.
    """
    products, collections, one_in = WORKS[work]
    _say(f"{work}: drawing {products:,} products and {collections:,} collections")
    drawn = workload.draw(products, collections)
    workload.write(drawn, folder)
    overlap_join.load(project, folder)
    warm_ups, repeats = RUNS[work]
    _say(f"{work}: collection_products, {warm_ups + repeats} runs")
    with PeakMemory() as memory:
        ours = _median(lambda: overlap_join.ours(project), warm_ups, repeats)
    found = f"{ours.matches:,} matches, {ours.listed:,} listed"
    _say(f"{work}: {ours.seconds:.2f} s, {found}, at most {memory.gigabytes:.1f} GB")
    for row in _single_threaded(drawn, folder, work, ours):
        yield row | {"peak_gigabytes": round(memory.gigabytes, 2)}
    peers: dict[str, Callable[[], Measured]] = {
        "duckdb_anchor": lambda: overlap_join.duckdb_join(folder, overlap_join.DUCKDB_ANCHOR, THREADS, one_in),
        "duckdb_having": lambda: overlap_join.duckdb_join(folder, overlap_join.DUCKDB_HAVING, THREADS, one_in),
        "spark_anchor": lambda: overlap_join.spark_join(project.spark, folder, one_in),
    }
    for peer, run in peers.items():
        _say(f"{work}: {peer}" + (f", every {one_in}th collection, scaled" if one_in > 1 else ""))
        measured = run()
        if one_in == 1:
            _check(work, peer, ours, measured)
        row = _row("overlap_join", work, ours.seconds, peer, measured.seconds * one_in)
        yield row | {"share_of_collections": 1 / one_in, "peak_gigabytes": round(memory.gigabytes, 2)}


def measure_densities(_: Project, folder: Path, __: list[str]) -> Iterator[Row]:
    """What collection_products calls against other ways to intersect, one thread each, without an engine.

    Raises RuntimeError when two of them disagree.
    """
    for share, attributes in DENSITIES.items():
        work = f"{share:.2%} of 100k".replace(".00", "")
        _say(f"{work}: drawing")
        drawn = workload.draw_evenly(100_000, 5_000, attributes, share)
        folder_of_work = folder / f"density-{share}"
        folder_of_work.mkdir(parents=True, exist_ok=True)
        ours = _median(partial(overlap_join.kernel, drawn, folder_of_work), 1, REPEATS)
        for peer, run in {"bitmaps": overlap_join.floor, "sorted_postings": overlap_join.sorted_postings}.items():
            measured = _median(partial(run, drawn, folder_of_work), 1, REPEATS)
            _check(work, peer, ours, measured)
            row = _row("density", work, ours.seconds, peer, measured.seconds, 1)
            yield row | {"matches": ours.matches}


def measure_mining(project: Project, folder: Path, works: list[str]) -> Iterator[Row]:
    """The products of each work; tables of products and combinations, as Spark wrote them once, of the first only.

    Raises RuntimeError when a peer finds other combinations or counts.
    """
    for work in works:
        products, _, one_in = WORKS[work]
        folder_of_work = folder / work.replace(" ", "")
        name = f"{products:,} products"
        _say(f"{name}: drawing")
        drawn = workload.draw(products, 1)
        workload.write(drawn, folder_of_work)
        combinations.load(project, folder_of_work)
        warm_ups, repeats = RUNS[work]
        _say(f"{name}: combination_statistics, {warm_ups + repeats} runs")
        with PeakMemory() as memory:
            seconds, ours = warm(partial(_timed, partial(combinations.ours, project)), warm_ups, repeats)
        _say(f"{name}: {seconds:.2f} s, {ours.combinations:,} combinations, at most {memory.gigabytes:.1f} GB")
        peers: dict[str, Callable[[], combinations.Mined]] = {
            "kernel": partial(combinations.kernel, drawn),
            "duckdb_levels": partial(combinations.duckdb_tables, drawn, folder_of_work, THREADS),
        }
        if one_in == 1:
            peers["spark_tables"] = partial(combinations.spark_tables, project.spark, folder_of_work)
        for peer, run in peers.items():
            _say(f"{name}: {peer}")
            theirs = run()
            if theirs.counts != ours.counts:
                raise RuntimeError(f"{name}: {peer} found {theirs}, combination_statistics {ours}")
            threads = 1 if peer == "kernel" else THREADS
            row = _row("mine_combinations", name, seconds, peer, theirs.seconds, threads)
            yield row | {"peak_gigabytes": round(memory.gigabytes, 2)}


def _single_threaded(drawn: workload.Workload, folder: Path, work: str, ours: Measured) -> Iterator[Row]:
    for peer, run in {"floor": overlap_join.floor, "kernel": overlap_join.kernel}.items():
        _say(f"{work}: {peer}")
        measured = _median(partial(run, drawn, folder), 1, RUNS[work][1])
        _check(work, peer, ours, measured)
        yield _row("overlap_join", work, ours.seconds, peer, measured.seconds, 1)


def _median(run: Callable[[], Measured], warm_ups: int, repeats: int) -> Measured:
    seconds, first = warm(partial(_timed, run), warm_ups, repeats)
    return Measured(seconds, first.matches, first.listed)


def _timed(run: Callable[[], Timed]) -> tuple[float, Timed]:
    measured = run()
    return measured.seconds, measured


def _check(work: str, peer: str, ours: Measured, theirs: Measured) -> None:
    if (ours.matches, ours.listed) != (theirs.matches, theirs.listed):
        raise RuntimeError(f"{work}: {peer} found {theirs}, collection_products {ours}")


def _row(benchmark: str, work: str, seconds: float, peer: str, peer_seconds: float, threads: int = THREADS) -> Row:
    return {
        "benchmark": benchmark,
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
        f"| {row['benchmark']:>17} | {row['work']:>22} | {row['seconds']:8.2f} s | {row['peer']:>14} "
        f"| {row['peer_seconds']:9.2f} s | {row['ratio']:8.2f} x |"
        f"{f' {share:.1%} of the collections, scaled' if share < 1 else ''}"
    )


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


BENCHMARKS: dict[str, Callable[[Project, Path, list[str]], Iterator[Row]]] = {
    "overlap_join": measure_joins,
    "density": measure_densities,
    "mine_combinations": measure_mining,
    "embed_product": measure_embedding,
    "score_attributes": measure_scoring,
    "model_calls": lambda *_: model_calls.measure(),
}

if __name__ == "__main__":
    main()
