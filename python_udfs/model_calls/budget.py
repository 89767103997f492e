"""What a build may spend: held before a call leaves, settled when its price is known, over all workers."""

import asyncio
import math
import random
import time
import uuid
from collections.abc import Callable
from functools import cache, partial
from typing import Literal

from python_udfs.model_calls.errors import CallError
from python_udfs.model_calls.grouped_changes import GroupedChanges
from python_udfs.model_calls.not_sent import NotSent
from python_udfs.model_calls.shared_state import SharedState, State, forget, open_state

# Seconds between two looks while other calls hold what is left, at most.
POLL = 0.2


class Budget:
    """The budget of one build, shared through its state.

    A call holds the most it can cost until its price is known. A hold that nobody settles, as its worker was killed,
    counts as spent when `lifetime` seconds have passed: the call may have been billed.
    """

    def __init__(self, state: SharedState, usd: float, lifetime: float, clock: Callable[[], float] = time.time) -> None:
        self._changes = GroupedChanges(state)
        self._usd, self._lifetime, self._clock = usd, lifetime, clock
        # What is spent only grows: what was refused once is refused for good.
        self._refused = math.inf

    def check(self, usd: float) -> None:
        """Raises NotSent where it is known already that so many dollars are not there."""
        if usd >= self._refused:
            message = (
                f"what is left of PINLANDING_BUDGET_USD={self._usd:g} has no room for a call of up to {usd:.2g} "
                "dollars; what was bought is kept, and the next build asks for the rest"
            )
            raise NotSent(CallError("budget", message))

    async def hold(self, usd: float) -> str:
        """Hold dollars for a call and return the hold's name; waits while other calls hold what is left.

        Raises NotSent, and CallError when the state cannot be kept.
        """
        name = uuid.uuid4().hex
        while True:
            self.check(usd)
            answer = await self._changes.change(partial(self._take, name, usd))
            if answer == "held":
                return name
            if answer == "refused":
                self._refused = min(self._refused, usd)
            else:
                await asyncio.sleep(random.uniform(POLL / 4, POLL))

    def settle(self, name: str, usd: float) -> None:
        """Turn a hold into what the call cost in dollars, soon. Where that fails, all of it counts as spent later."""
        self._changes.change_later(partial(self._book, name, usd))

    def _take(self, name: str, usd: float, state: State) -> Literal["held", "refused", "wait"]:
        holds = state.setdefault("holds", {})
        now = self._clock()
        for other in [other for other, (_, until) in holds.items() if until < now]:
            state["spent"] = state.get("spent", 0.0) + holds.pop(other)[0]
        spent = state.get("spent", 0.0)
        if spent + usd > self._usd:
            return "refused"
        if spent + sum(held for held, _ in holds.values()) + usd > self._usd:
            return "wait"
        holds[name] = [usd, now + self._lifetime]
        return "held"

    def _book(self, name: str, usd: float, state: State) -> None:
        held, _ = state.setdefault("holds", {}).pop(name, (0.0, 0.0))
        # A hold that expired was booked in full already.
        if held:
            state["spent"] = state.get("spent", 0.0) + usd


@cache
def open_budget(cache_location: str, run: str, usd: float, lifetime: float) -> Budget:
    """The budget of a build, opened once a process; what older builds left goes. Raises CallError."""
    forget(cache_location, "budget-")
    return Budget(open_state(cache_location, f"budget-{run or 'none'}"), usd, lifetime)
