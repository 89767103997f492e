"""The memory that what this process started, and what it added itself, hold together at their highest."""

import os
import threading
from pathlib import Path
from types import TracebackType

SECONDS_BETWEEN_LOOKS = 0.2


class PeakMemory:
    """`with PeakMemory() as memory: …`, then `memory.gigabytes`; 0 where there is no /proc.

    What this process held before, such as the work that it drew, is not counted.
    """

    def __init__(self) -> None:
        self.gigabytes = 0.0
        self._before = 0
        self._done = threading.Event()
        self._watch = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> "PeakMemory":
        self._before = _held(os.getpid())
        self._watch.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._done.set()
        self._watch.join()

    def _look(self) -> None:
        while not self._done.wait(SECONDS_BETWEEN_LOOKS):
            held = sum(_held(process) for process in _family(os.getpid())) - self._before
            self.gigabytes = max(self.gigabytes, held / 1e9)


def _held(process: int) -> int:
    """Bytes that it holds, its part of those that it shares with others; 0 when it has ended."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return 1024 * sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


def _family(root: int) -> set[int]:
    """The process and its descendants."""
    parents = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            # The name, in brackets, may hold spaces.
            parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
    family = {root}
    while more := {process for process, parent in parents.items() if parent in family} - family:
        family |= more
    return family
