"""One process's changes to a shared state, made together: each costs a lock, a read and a write of a file."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

from python_udfs.model_calls.errors import CallError
from python_udfs.model_calls.shared_state import SharedState, State

# Seconds after which a change that nobody waits for is made, where no other change takes it along.
LATER = 0.1

T = TypeVar("T")
Waiting = tuple[Callable[[State], Any], "asyncio.Future[Any]"]


class GroupedChanges:
    """Changes that come while one is being made are made together by the next. For one event loop."""

    def __init__(self, state: SharedState) -> None:
        self._state = state
        self._waiting: list[Waiting] = []
        self._maker: asyncio.Task[None] | None = None

    async def change(self, step: Callable[[State], T]) -> T:
        """Change the state and return what `step` returns. Raises CallError when the state cannot be kept."""
        result: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.append((step, result))
        self._start()
        return await result

    def change_later(self, step: Callable[[State], object]) -> None:
        """Change the state soon; nobody hears when that cannot be done."""
        loop = asyncio.get_running_loop()
        result: asyncio.Future[Any] = loop.create_future()
        result.add_done_callback(lambda done: done.cancelled() or done.exception())
        self._waiting.append((step, result))
        loop.call_later(LATER, self._start)

    def _start(self) -> None:
        if self._waiting and (self._maker is None or self._maker.done()):
            self._maker = asyncio.get_running_loop().create_task(self._make())

    async def _make(self) -> None:
        while self._waiting:
            group, self._waiting = self._waiting, []
            try:
                made = await asyncio.to_thread(self._state.change, lambda state, group=group: _apply(group, state))
            except CallError as error:
                _settle(group, error=error)
            else:
                _settle(group, results=made)


def _apply(group: list[Waiting], state: State) -> list[Any]:
    return [step(state) for step, _ in group]


def _settle(group: list[Waiting], results: list[Any] | None = None, error: CallError | None = None) -> None:
    for place, (_, waiting) in enumerate(group):
        # The call that waited may have been cancelled.
        with suppress(asyncio.InvalidStateError):
            if error:
                waiting.set_exception(error)
            elif results is not None:
                waiting.set_result(results[place])
