"""How often a benchmark runs, and which of its times counts."""

import statistics
from collections.abc import Callable
from typing import TypeVar

# The JVM compiles what it meets for the third time or so; workers, clients and connections start in the first.
WARM_UPS = 3
REPEATS = 3

Found = TypeVar("Found")


def warm(
    run: Callable[[], tuple[float, Found]], warm_ups: int = WARM_UPS, repeats: int = REPEATS
) -> tuple[float, Found]:
    """The median of some runs' seconds after some to warm up, and what the first of them found."""
    for _ in range(warm_ups):
        run()
    runs = [run() for _ in range(repeats)]
    return statistics.median(seconds for seconds, _ in runs), runs[0][1]
