"""When an endpoint wants nobody to ask: `Retry-After`, and what a row of 429 without one means, over all workers."""

import asyncio
import math
import random
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC
from email.utils import parsedate_to_datetime
from functools import cache, partial

from python_udfs.model_calls.errors import CallError
from python_udfs.model_calls.grouped_changes import GroupedChanges
from python_udfs.model_calls.not_sent import NotSent
from python_udfs.model_calls.shared_state import SharedState, State, open_state

# The longest time in seconds that calls wait; an endpoint that wants more ends the asking.
MOST_SECONDS = 120.0
# Without Retry-After: 4, 8, 16 and 32 seconds are together one minute, the window of most limits.
FIRST_SECONDS = 4.0
LONGEST_SECONDS = 60.0
# One call that was turned away says little of the others; so many in a row, and none answered, say a lot.
TURNED_AWAY_IN_A_ROW = 2
# Seconds between two looks at what other workers were told.
LOOK = 1.0


class Pause:
    """The time before which no call may leave, shared through a state. For one event loop."""

    def __init__(self, state: SharedState, clock: Callable[[], float] = time.time) -> None:
        self._changes, self._clock = GroupedChanges(state), clock
        self._until, self._looked = 0.0, -math.inf
        # Calls that come while one looks wait for what it sees.
        self._turn = asyncio.Lock()
        self._in_a_row, self._paused = 0, False

    async def wait(self) -> None:
        """Wait until a call may leave. Raises NotSent where that is too far off or the state cannot be kept."""
        while True:
            await self._look()
            delay = self._until - self._clock()
            if delay <= 0:
                return
            if delay > MOST_SECONDS:
                message = (
                    f"the endpoint asks to be left alone for {delay:.0f} seconds; the next build asks for the rest"
                )
                raise NotSent(CallError("rate limited", message))
            # Not all at once.
            await asyncio.sleep(delay + random.uniform(0, min(1.0, delay / 10)))

    async def turned_away(self, seconds: float | None, left: float) -> None:
        """A call that left at the time `left` was turned away, for `seconds` where the endpoint said so."""
        self._in_a_row += 1
        if seconds is None and self._in_a_row < TURNED_AWAY_IN_A_ROW:
            return
        self._paused = True
        # What is not shared holds for this process all the same.
        self._until = max(self._until, self._clock() + (seconds or 0.0))
        with suppress(CallError):
            self._until = await self._changes.change(partial(self._move, seconds, left))

    def answered(self) -> None:
        """A call was answered: whatever pause comes next begins small."""
        self._in_a_row = 0
        if self._paused:
            self._paused = False
            self._changes.change_later(lambda state: state.pop("seconds", None))

    async def _look(self) -> None:
        async with self._turn:
            now = self._clock()
            if now - self._looked < LOOK:
                return
            try:
                shared = await self._changes.change(lambda state: float(state.get("until", 0.0)))
            except CallError as error:
                raise NotSent(error) from None
            self._looked = now
            self._until = max(self._until, shared)

    def _move(self, seconds: float | None, left: float, state: State) -> float:
        until = float(state.get("until", 0.0))
        if seconds is None:
            # Calls that left before the last pause were turned away for the same reason.
            if left < until:
                return until
            seconds = min(LONGEST_SECONDS, 2 * float(state.get("seconds", FIRST_SECONDS / 2)))
            state["seconds"] = seconds
        state["until"] = max(until, self._clock() + seconds)
        return float(state["until"])


@cache
def open_pause(cache_location: str, endpoint: str) -> Pause:
    """The pause of an endpoint, opened once a process; `endpoint` is a short name of it. Raises CallError."""
    return Pause(open_state(cache_location, f"pause-{endpoint}"))


def seconds_asked(headers: Mapping[str, str], now: float) -> float | None:
    """How long an answer's headers ask to wait, in seconds, or None: `retry-after-ms`, `Retry-After` as number or date.

    `now` is in seconds since 1970.
    """
    for name, unit in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        with suppress(ValueError):
            seconds = float(headers.get(name, "")) / unit
            if 0 <= seconds < math.inf:
                return seconds
    with suppress(ValueError, TypeError):
        date = parsedate_to_datetime(headers.get("retry-after", ""))
        return max(0.0, (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp() - now)
    return None
