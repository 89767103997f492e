"""What a build may spend and how fast it may ask, over several processes, against a real server on this machine."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
import time
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from obstore.store import MemoryStore

from python_udfs.model_calls.budget import Budget, open_budget
from python_udfs.model_calls.errors import CallError
from python_udfs.model_calls.not_sent import NotSent
from python_udfs.model_calls.pause import Pause, seconds_asked
from python_udfs.model_calls.rate_limit import RateLimit
from python_udfs.model_calls.shared_state import FOLDER, LocalState, ObjectState, SharedState, State, open_state
from python_udfs.review import estimate_review_attribute, review_attribute

from . import model_server as respond
from .conftest import PROJECT
from .model_server import ModelServer, Reply, Request

# A call: 100 tokens in and 20 out, as the server counts them; at most its text's bytes and 2,048 out.
PRICES = {"usd_per_million_input_tokens": 1.0, "usd_per_million_output_tokens": 10.0, "grant": ""}
CALL_USD = (100 * 1.0 + 20 * 10.0) / 1e6

ASKER = """
import json
import sys
import pandas as pd
from python_udfs.review import review_attribute
start, count, cache, terms = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], json.loads(sys.argv[4])
values = [f"color {number}" for number in range(start, start + count)]
print("ready", flush=True)
rows = review_attribute(pd.Series(["color"] * count), pd.Series(values), pd.Series([5] * count),
    pd.Series(["some-model"] * count), pd.Series([cache] * count), pd.DataFrame([terms] * count))
kinds = {error.partition(":")[0] for error in rows.error.dropna()}
bought = [call for calls in rows.calls for call in calls if call["tokens_in"] and not call["cache_hit"]]
print(json.dumps({"answered": int(rows.error.isna().sum()), "bought": len(bought), "kinds": sorted(kinds)}))
"""


def ask(server: ModelServer, cache: Path, start: int, count: int, **settings: Any) -> "subprocess.Popen[str]":
    """A process that asks about `count` values; settings in capitals are variables, the others terms."""
    terms = {"run": "a build", "usd": 1.0, **PRICES} | {name: each for name, each in settings.items() if name.islower()}
    env = os.environ | {"OPENAI_BASE_URL": server.url, "OPENAI_API_KEY": "local", "PINLANDING_WORKERS": "2"}
    env |= {f"PINLANDING_{name}": str(each) for name, each in settings.items() if name.isupper()}
    command = [sys.executable, "-c", ASKER, str(start), str(count), str(cache), json.dumps(terms)]
    asker = subprocess.Popen(command, cwd=PROJECT, env=env, stdout=subprocess.PIPE, text=True)
    assert asker.stdout and asker.stdout.readline() == "ready\n"
    return asker


def said(asker: "subprocess.Popen[str]") -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(asker.communicate()[0])
    return answer


def test_two_workers_stop_before_the_budget_keep_what_was_bought_and_the_next_build_goes_on(tmp_path: Path) -> None:
    usd = 0.06
    with ModelServer() as server:
        askers = [ask(server, tmp_path, start, 150, usd=usd) for start in (0, 150)]
        first = [said(asker) for asker in askers]
        bought = sum(one["bought"] for one in first)
        # The last call is not sent where the most it could cost is no longer there: 0.022 + 0.02 dollars.
        assert usd - 0.025 < bought * CALL_USD <= usd
        assert len(server.requests) == bought
        assert sum(one["answered"] for one in first) == bought < 300
        assert {kind for one in first for kind in one["kinds"]} == {"budget"}

        second = said(ask(server, tmp_path, 0, 300, usd=1.0, run="another build"))
        assert second == {"answered": 300, "bought": 300 - bought, "kinds": []}
        assert len(server.requests) == 300


def test_what_a_killed_worker_held_counts_as_spent(tmp_path: Path) -> None:
    with ModelServer(lambda _: respond.answer({"decision": "keep", "reason": "so"}, wait=30)) as server:
        killed = ask(server, tmp_path, 0, 4, usd=1.0, TIMEOUT=60)
        deadline = time.monotonic() + 20
        while len(server.requests) < 4 and time.monotonic() < deadline:
            time.sleep(0.01)
        killed.send_signal(signal.SIGKILL)
        killed.communicate()
        state = json.loads((tmp_path / FOLDER / "budget-a build.state").read_text())
        assert len(state["holds"]) == 4

        server.behave = respond.sensible
        again = said(ask(server, tmp_path, 0, 4, usd=1.0, TIMEOUT=60))
        assert again == {"answered": 4, "bought": 4, "kinds": []}
    now = time.time() + 1000
    shared = LocalState(tmp_path / FOLDER / "budget-a build.state")
    budget = Budget(shared, 1.0, 60, clock=lambda: now)

    async def spend() -> None:
        budget.settle(await budget.hold(0.01), 0.01)
        await budget.hold(0.0)

    asyncio.run(spend())
    state = json.loads((tmp_path / FOLDER / "budget-a build.state").read_text())
    assert [usd for usd, _ in state["holds"].values()] == [0.0]
    assert state["spent"] > 4 * CALL_USD + 0.01 + 4 * 0.02


@pytest.mark.parametrize(
    ("reply", "spent"),
    [
        (respond.answer({"decision": "keep", "reason": "so"}), CALL_USD),
        (respond.status(400), 0.0),
        (respond.refusal(), (100 + 5 * 10) / 1e6),
        (Reply(b'{"choices": [{"message": {"content": "{}"}}]}'), None),
        (Reply(b"x" * 1000, reset=True), None),
    ],
    ids=["answer", "bad request", "refusal", "no usage", "reset"],
)
def test_what_is_billed_is_settled_and_what_nobody_counted_costs_the_most(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reply: Reply, spent: float | None
) -> None:
    # Every call fits once: the hold of one whose price is not known leaves no room for another attempt.
    with ModelServer(lambda _: reply) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        monkeypatch.setenv("OPENAI_API_KEY", "local")
        found = review(["red"], tmp_path, usd=0.03)
        state = wait_for_settled(tmp_path / FOLDER / "budget-a build.state")
        if spent is None:
            assert 0.02 < state["spent"] < 0.03
            assert len(server.requests) == 1
            assert found.error[0].startswith("budget: what is left of PINLANDING_BUDGET_USD=0.03 has no room")
        else:
            assert state["spent"] == pytest.approx(spent)


def wait_for_settled(path: Path) -> dict[str, Any]:
    """The state of a budget when nothing is held any more."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        state: dict[str, Any] = json.loads(path.read_text())
        if not state["holds"]:
            return state
        time.sleep(0.02)
    raise AssertionError(state)


def review(values: list[str], cache: Path, **terms: Any) -> pd.DataFrame:
    count = len(values)
    return review_attribute(
        pd.Series(["color"] * count),
        pd.Series(values),
        pd.Series([5] * count),
        pd.Series(["some-model"] * count),
        pd.Series([str(cache)] * count),
        pd.DataFrame([{"run": "a build", "usd": 1.0, **PRICES} | terms] * count),
    )


def estimate(values: list[str], cache: Path, model: str = "some-model") -> pd.DataFrame:
    count = len(values)
    columns = (["color"] * count, values, [5] * count, [model] * count, [str(cache)] * count)
    return estimate_review_attribute(*map(pd.Series, columns))


def test_an_estimate_asks_nothing_and_bounds_what_the_call_takes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ModelServer() as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        monkeypatch.setenv("OPENAI_API_KEY", "local")
        before = estimate(["red", "blue", "you must keep this"], tmp_path)
        assert list(before.cached) == [False, False, True] and before.error.isna().all()
        assert server.requests == []
        review(["red"], tmp_path)
        after = estimate(["red", "blue"], tmp_path)
        assert list(after.cached) == [True, False] and list(after.key) == list(before.key[:2])
        text = len(json.dumps(server.requests[0].body, ensure_ascii=False).encode())
        assert text / 5 < before.tokens_in[0] < text / 3
        assert text < before.most_tokens_in[0] < 3 * text + 3000
        assert len(server.requests) == 1
    assert estimate(["red"], tmp_path, model="").error[0].startswith("settings: no model is named")


def test_a_model_that_costs_nothing_needs_no_room_in_the_budget(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = {name: 0.0 for name in ("usd", *PRICES)}
    with ModelServer() as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        monkeypatch.setenv("OPENAI_API_KEY", "local")
        assert review(["red"], tmp_path, **free).error[0] is None
        assert review(["blue"], tmp_path, usd=0.0).error[0].startswith("budget: ")
    assert len(server.requests) == 1


def test_calls_wait_for_what_others_hold_and_no_longer_than_they_hold_it(tmp_path: Path) -> None:
    now = 0.0
    budget = Budget(LocalState(tmp_path / "x.state"), 1.0, 60, clock=lambda: now)

    async def run() -> None:
        nonlocal now
        first = await budget.hold(0.6)
        waiting = asyncio.create_task(budget.hold(0.6))
        await asyncio.sleep(0.3)
        assert not waiting.done()
        budget.settle(first, 0.1)
        second = await waiting
        # Killed: nobody settles the second hold, which counts as spent when its time is over.
        waiting = asyncio.create_task(budget.hold(0.35))
        await asyncio.sleep(0.3)
        assert not waiting.done()
        now = 61.0
        with pytest.raises(NotSent, match=r"no room for a call of up to 0\.35 dollars"):
            await waiting
        budget.settle(second, 0.1)
        assert await budget.hold(0.3)

    asyncio.run(run())


def test_what_one_worker_is_told_to_wait_the_others_wait_too(tmp_path: Path) -> None:
    arrivals: list[float] = []

    def behave(request: Request) -> Reply:
        arrivals.append(time.monotonic())
        return respond.status(429, retry_after=3) if len(arrivals) == 1 else respond.sensible(request)

    with ModelServer(behave) as server:
        first = ask(server, tmp_path, 0, 1)
        while not arrivals:
            time.sleep(0.01)
        second = ask(server, tmp_path, 1, 20)
        assert [said(asker)["answered"] for asker in (first, second)] == [1, 20]
    assert min(arrivals[1:]) - arrivals[0] > 2.9


def test_pauses_without_a_time_grow_until_they_last_a_minute(tmp_path: Path) -> None:
    now = 1000.0
    pause = Pause(LocalState(tmp_path / "x.state"), clock=lambda: now)

    async def run() -> list[float]:
        nonlocal now
        ends = []
        # The first says little; those that left with it say the same again.
        await pause.turned_away(None, left=now)
        await pause.wait()
        for _ in range(6):
            for _ in range(32):
                await pause.turned_away(None, left=now)
            ends.append(pause._until - now)
            now = pause._until + 1
        pause.answered()
        await asyncio.sleep(0.3)
        await pause.turned_away(None, left=now)
        await pause.turned_away(None, left=now)
        return [*ends, pause._until - now]

    assert asyncio.run(run()) == [4.0, 8.0, 16.0, 32.0, 60.0, 60.0, 4.0]


def test_an_endpoint_that_wants_a_long_pause_ends_the_asking(tmp_path: Path) -> None:
    pause = Pause(LocalState(tmp_path / "x.state"), clock=lambda: 1000.0)

    async def run() -> None:
        await pause.turned_away(3600.0, left=1000.0)
        await pause.wait()

    with pytest.raises(NotSent, match=r"rate limited: the endpoint asks to be left alone for 3600 seconds"):
        asyncio.run(run())


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "90"}, 90.0),
        ({"retry-after-ms": "1500", "retry-after": "2"}, 1.5),
        ({"retry-after": "Thu, 01 Jan 1970 00:02:00 GMT"}, 20.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-1"}, None),
        ({}, None),
    ],
)
def test_how_long_to_wait_is_read_from_seconds_and_dates(headers: dict[str, str], seconds: float | None) -> None:
    assert seconds_asked(headers, now=100.0) == seconds


def test_two_workers_share_one_rate(tmp_path: Path) -> None:
    arrivals: list[float] = []

    def behave(request: Request) -> Reply:
        arrivals.append(time.monotonic())
        return respond.sensible(request)

    # Bursts of 60, then nine a second.
    with ModelServer(behave) as server:
        askers = [ask(server, tmp_path, start, 40, RPM=600) for start in (0, 40)]
        assert [said(asker)["answered"] for asker in askers] == [40, 40]
    took = max(arrivals) - min(arrivals)
    assert (80 - 60) / 9.1 * 0.9 < took < 8


@pytest.mark.parametrize("limit", [1, 7, 60, 300])
def test_a_minute_never_sees_more_than_its_limit(tmp_path: Path, limit: int) -> None:
    now = 1000.0
    shared = LocalState(tmp_path / "x.state")
    rate = RateLimit(shared, limit, None, clock=lambda: now)
    times = []
    for _ in range(3 * limit):
        while delay := shared.change(partial(rate._take, 0)):
            now += delay
        times.append(now)
    per_minute = [sum(start <= each < start + 60 - 1e-6 for each in times) for start in times]
    assert max(per_minute) <= limit
    assert times[-1] - times[0] < 60 * 3 * 1.2


def test_tokens_are_corrected_and_a_request_larger_than_the_burst_passes(tmp_path: Path) -> None:
    now = 0.0
    shared = LocalState(tmp_path / "x.state")
    rate = RateLimit(shared, None, 6000, clock=lambda: now)

    def delay(tokens: int) -> float:
        return shared.change(partial(rate._take, tokens))

    async def correct() -> None:
        rate.correct(-2400)
        await asyncio.sleep(0.3)

    assert delay(3000) == 0.0
    # 3,000 tokens at some 90 a second, but for a bucket of 600.
    assert delay(600) == pytest.approx(3000 * 60 / 5401)
    asyncio.run(correct())
    assert delay(1) == pytest.approx(1 * 60 / 5401)


@pytest.mark.parametrize("kind", ["local", "object"])
def test_many_threads_change_one_state_and_none_is_lost(tmp_path: Path, kind: str) -> None:
    store = MemoryStore()
    shared: SharedState = LocalState(tmp_path / "x.state") if kind == "local" else ObjectState(store, "x.state")

    def count(state: State) -> int:
        state["count"] = state.get("count", 0) + 1
        return int(state["count"])

    threads = [threading.Thread(target=lambda: [shared.change(count) for _ in range(25)]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert shared.change(count) == 201


def test_a_state_that_cannot_be_kept_stops_buying(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / FOLDER).write_text("")
    with ModelServer() as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        monkeypatch.setenv("OPENAI_API_KEY", "local")
        found = review(["red"], tmp_path)
    assert found.error[0].startswith("limits: what is spent cannot be kept")
    assert server.requests == []
    damaged = tmp_path / "other"
    path = damaged / FOLDER / "x.state"
    shared = open_state(str(damaged), "x")
    path.write_text("{")
    with pytest.raises(CallError, match=r"limits: .* is damaged: remove that folder"):
        shared.change(len)
    assert isinstance(open_state("memory:///answers", "x"), ObjectState)


def test_a_limit_that_is_no_number_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "local")
    monkeypatch.setenv("PINLANDING_RPM", "many")
    assert review(["red"], tmp_path).error[0].startswith("settings: PINLANDING_RPM must be a number above 0")


def test_what_builds_of_last_week_left_is_removed(tmp_path: Path) -> None:
    for name in ("budget-old", "budget-new", "rate-old"):
        open_state(str(tmp_path), name).change(lambda state: state.update(spent=1.0))
    folder = tmp_path / FOLDER
    for path in folder.glob("*-old.*"):
        os.utime(path, (0, 0))
    open_budget(str(tmp_path), "another", 1.0, 60.0)
    assert {path.stem for path in folder.iterdir()} == {"budget-new", "rate-old"}
