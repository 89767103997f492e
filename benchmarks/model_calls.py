"""Model calls through SQL against a server that answers after a while; `python -m benchmarks.model_calls` prints rows.

The seconds are the median of some runs, the ideal is the sum of all latencies over the calls in flight. Spark's start
is left out, its queries are not.
"""

import asyncio
import json
import math
import multiprocessing
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from multiprocessing.connection import Connection
from typing import Any

from benchmarks.repeats import WARM_UPS, warm

CONCURRENCY = 32
MEAN_LATENCY = 0.2
# Name, calls, whether latencies vary (lognormal, sigma 1) or are all the same.
WORKS = (
    ("500 calls of 0.2 s", 500, False),
    ("2,000 calls of 0.2 s", 2_000, False),
    ("2,000 calls of 0.2 s on average", 2_000, True),
)
ANSWER = {
    "choices": [{"message": {"content": json.dumps({"decision": "keep", "reason": "So."})}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 100, "completion_tokens": 20},
}


def measure() -> Iterator[dict[str, Any]]:
    """One row a work, measured in a process of its own: Spark's workers read their settings when it starts."""
    run = subprocess.run(
        [sys.executable, "-m", "benchmarks.model_calls"], stdout=subprocess.PIPE, text=True, check=True
    )
    yield from (json.loads(line) for line in run.stdout.splitlines() if line.startswith("{"))


def latencies(calls: int, vary: bool) -> list[float]:
    """Seconds of each answer, in the order of arrival."""
    draw = random.Random(0)
    return [draw.lognormvariate(math.log(MEAN_LATENCY) - 0.5, 1.0) if vary else MEAN_LATENCY for _ in range(calls)]


def main() -> None:
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=_serve, args=(theirs,), daemon=True)
    server.start()
    os.environ |= {
        "OPENAI_BASE_URL": f"http://127.0.0.1:{ours.recv()}/v1",
        "OPENAI_API_KEY": "local",
        "PINLANDING_CONCURRENCY": str(CONCURRENCY),
        "PINLANDING_WORKERS": str(os.cpu_count() or 1),
        "PYSPARK_PYTHON": sys.executable,
    }
    spark = _open_spark()

    def timed(waits: list[float]) -> tuple[float, None]:
        ours.send(waits)
        ours.recv()
        # The workers settle the last calls a moment after they have answered.
        with tempfile.TemporaryDirectory(prefix="pinlanding-answers-", ignore_cleanup_errors=True) as folder:
            started = time.perf_counter()
            _ask(spark, len(waits), folder)
            return time.perf_counter() - started, None

    for work, calls, vary in WORKS:
        waits = latencies(calls, vary)
        # Only the first work finds anything cold.
        seconds, _ = warm(partial(timed, waits), WARM_UPS if calls == WORKS[0][1] else 0)
        ideal = sum(waits) / CONCURRENCY
        row = {
            "benchmark": "model_calls",
            "work": work,
            "seconds": round(seconds, 3),
            "peer": "ideal",
            "peer_seconds": round(ideal, 3),
            "ratio": round(ideal / seconds, 3),
            "threads": os.cpu_count() or 1,
        }
        print(json.dumps(row), flush=True)
    server.terminate()


def _open_spark() -> Any:
    from pyspark.sql import SparkSession

    from python_udfs.register import register

    conf: dict[str, Any] = {"spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false"}
    spark = SparkSession.builder.master("local[*]").config(map=conf).getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    register(spark)
    return spark


def _ask(spark: Any, calls: int, cache: str) -> None:
    """Ask about so many values. Raises RuntimeError when one is not answered."""
    parts = os.cpu_count() or 1
    answered = spark.sql(
        f"""
        select count_if(answer.error is null)
        from (
            select
                review_attribute(
                    'color', concat('color ', id), 5, 'some-model', '{cache}',
                    named_struct(
                        'run', 'a benchmark', 'usd', 1000d,
                        'usd_per_million_input_tokens', 0.4d, 'usd_per_million_output_tokens', 1.6d,
                        'grant', ''
                    )
                ) as answer
            from range(0, {calls}, 1, {parts})
        )
        """
    ).first()[0]
    if answered != calls:
        raise RuntimeError(f"{answered} of {calls} calls were answered")


def _serve(pipe: Connection) -> None:
    """A server in a process of its own; a list of latencies received through the pipe starts it over."""
    asyncio.run(_answer(pipe))


async def _answer(pipe: Connection) -> None:
    waits = iter([0.0])
    body = json.dumps(ANSWER).encode()
    reply = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
                await reader.readexactly(int(head.partition("content-length:")[2].split()[0]))
                await asyncio.sleep(next(waits))
                writer.write(reply)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0, backlog=256)
    pipe.send(server.sockets[0].getsockname()[1])
    while True:
        waits = iter(await asyncio.to_thread(pipe.recv))
        pipe.send("ready")


if __name__ == "__main__":
    main()
