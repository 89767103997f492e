"""Requests and tokens a minute, over all workers that share a cache of answers."""

import asyncio
import time
from collections.abc import Callable
from functools import cache, partial

from python_udfs.model_calls.grouped_changes import GroupedChanges
from python_udfs.model_calls.shared_state import SharedState, State, open_state

# Share of a minute's limit that may leave at once: what idle seconds save up.
BURST = 0.1


class RateLimit:
    """A bucket of requests and one of tokens, each refilled evenly (GCRA: a bucket is the time at which it is full).

    No minute sees more requests than the limit: refill and burst together are one minute's worth. Tokens are known only
    afterwards, so they are charged as guessed and corrected then.
    """

    def __init__(
        self,
        state: SharedState,
        requests: float | None,
        tokens: float | None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Limits a minute; None is no limit."""
        limits = {"requests": requests, "tokens": tokens}
        self._limits = {name: limit for name, limit in limits.items() if limit}
        self._changes, self._clock = GroupedChanges(state), clock
        # One call of a process looks at the buckets, the others wait in their order.
        self._turn = asyncio.Lock()

    async def wait(self, tokens: int) -> None:
        """Wait until one more request of so many tokens may leave. Raises CallError when the state cannot be kept."""
        if not self._limits:
            return
        async with self._turn:
            while delay := await self._changes.change(partial(self._take, tokens)):
                await asyncio.sleep(delay)

    def correct(self, tokens: int) -> None:
        """Charge tokens more (or, negative, fewer) than were guessed, soon."""
        if "tokens" in self._limits and tokens:
            self._changes.change_later(partial(self._charge, tokens))

    def _take(self, tokens: int, state: State) -> float:
        """Seconds to wait, or 0 when the request may leave and is charged."""
        now = self._clock()
        weights = {"requests": 1, "tokens": tokens}
        delay = 0.0
        for name, limit in self._limits.items():
            seconds, burst = _refill(limit)
            # What is larger than the bucket leaves when the bucket is full, and is paid off afterwards.
            room = burst - min(weights[name], burst)
            delay = max(delay, state.get(name, 0.0) - room * seconds - now)
        if delay <= 0:
            for name, limit in self._limits.items():
                state[name] = max(state.get(name, 0.0), now) + weights[name] * _refill(limit)[0]
        return max(delay, 0.0)

    def _charge(self, tokens: int, state: State) -> None:
        state["tokens"] = state.get("tokens", 0.0) + tokens * _refill(self._limits["tokens"])[0]


@cache
def open_rate_limit(cache_location: str, endpoint: str, requests: float | None, tokens: float | None) -> RateLimit:
    """The limit of an endpoint, opened once a process; `endpoint` is a short name of it. Raises CallError."""
    return RateLimit(open_state(cache_location, f"rate-{endpoint}"), requests, tokens)


def _refill(limit: float) -> tuple[float, float]:
    """Seconds until one unit is back, and the units that may leave at once, for a limit a minute."""
    burst = max(1.0, BURST * limit)
    return 60.0 / (limit - burst + 1), burst
