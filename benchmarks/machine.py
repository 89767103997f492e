"""What a benchmark ran on, and how busy that was: figures of a busy machine are worth little."""

import os
from functools import cache
from pathlib import Path
from typing import Any


def state() -> dict[str, Any]:
    """`cpu`: its name, `cores`, `memory_gigabytes`, `load`: processes that ran or waited to, over the last minute."""
    return {
        "cpu": _cpu(),
        "cores": os.cpu_count() or 1,
        "memory_gigabytes": _memory(),
        "load": round(os.getloadavg()[0], 2),
    }


@cache
def _cpu() -> str:
    file = Path("/proc/cpuinfo")
    names = (
        [line.partition(":")[2] for line in file.read_text().splitlines() if "model name" in line]
        if file.exists()
        else []
    )
    return names[0].strip() if names else "unknown"


@cache
def _memory() -> float:
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1)
