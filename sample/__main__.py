"""``python -m sample --folder F --products 2000 --seed 0``: draw the sample catalogue."""

from __future__ import annotations

import argparse
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from sample.catalog import complete, draw_shard, write_tables


def main() -> int:
    """Draw what is missing, showing progress; 0 when the sample stands."""
    parser = argparse.ArgumentParser(prog="python -m sample", description="Draw the sample catalogue into a folder.")
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--products", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=1, help="processes that draw")
    options = parser.parse_args()
    if options.products < 1 or options.workers < 1:
        parser.error("--products and --workers must be at least 1")
    if complete(options.folder, options.products, options.seed):
        print(f"{options.folder} holds the sample of {options.products:,} products already.")
        return 0
    start = time.monotonic()
    shards = max(options.workers, -(-options.products // 500))
    done = 0
    with ProcessPoolExecutor(options.workers) as pool:
        jobs = [
            pool.submit(draw_shard, options.folder, options.products, options.seed, shard, shards)
            for shard in range(shards)
        ]
        for number, job in enumerate(jobs, 1):
            done += job.result()
            print(f"\rpictures: {number} of {shards} parts", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    write_tables(options.folder, options.products, options.seed)
    seconds = time.monotonic() - start
    print(f"{options.folder}: {options.products:,} products, {done:,} pictures drawn in {seconds:.1f} s.")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
