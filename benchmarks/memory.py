"""The memory that this process and all it started hold together, at its highest."""

import os
import threading
from pathlib import Path
from types import TracebackType

PAGE = os.sysconf("SC_PAGE_SIZE")
SECONDS_BETWEEN_LOOKS = 0.2


class PeakMemory:
    """`with PeakMemory() as memory: …`, then `memory.gigabytes`; 0 where there is no /proc."""

    def __init__(self) -> None:
        self.gigabytes = 0.0
        self._done = threading.Event()
        self._watch = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> "PeakMemory":
        self._watch.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._done.set()
        self._watch.join()

    def _look(self) -> None:
        while not self._done.wait(SECONDS_BETWEEN_LOOKS):
            self.gigabytes = max(self.gigabytes, _resident(os.getpid()) / 1e9)


def _resident(root: int) -> int:
    """Bytes of the process and its descendants; pages that they share count once for each."""
    parents, pages = {}, {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            # The name, in brackets, may hold spaces.
            parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            pages[int(entry.name)] = int((entry / "statm").read_text().split()[1])
        except OSError:
            continue
    family = {root}
    while True:
        more = {process for process, parent in parents.items() if parent in family} - family
        if not more:
            return PAGE * sum(pages.get(process, 0) for process in family)
        family |= more
