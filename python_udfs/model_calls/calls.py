"""From a question to a stored answer: the cache first, then the endpoint, one repair attempt, a ledger of it all."""

import asyncio
import hashlib
import json
import threading
from collections.abc import Callable, Coroutine, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass, fields, replace
from functools import cache
from typing import Any, Generic, TypeVar

from python_udfs.model_calls.budget import open_budget
from python_udfs.model_calls.cache import AnswerCache, Entry, open_cache
from python_udfs.model_calls.endpoint import MOST_TOKENS_OUT, PARAMETERS, Endpoint, Message, Reply
from python_udfs.model_calls.errors import CallError, MalformedAnswer, redact
from python_udfs.model_calls.image import PREPARATION, data_url
from python_udfs.model_calls.ledger import LEDGER
from python_udfs.model_calls.meter import Meter
from python_udfs.model_calls.pause import MOST_SECONDS, open_pause
from python_udfs.model_calls.rate_limit import open_rate_limit
from python_udfs.model_calls.settings import Settings
from python_udfs.model_calls.terms import Terms
from python_udfs.model_calls.tokens import Size, size_of

REPAIR_CHARACTERS = 4000
# For what blocks: pictures, the cache and what workers share.
THREADS = 32
# So many rows are looked up and held ready for each call that may be in flight.
ROWS_PER_CALL = 2
# A call's hold on the budget ends so many seconds after the call must have.
HOLD_SECONDS = 30.0

T = TypeVar("T")


@dataclass(frozen=True)
class Question(Generic[T]):
    """What is asked: a prompt as system message, data as one JSON object, maybe a picture, and how an answer is read.

    `read` raises MalformedAnswer for an answer that cannot be used. With an `image_link`, that address is sent in the
    picture's place; the key goes by the picture all the same.
    """

    prompt_version: str
    system: str
    data: Mapping[str, Any]
    response_format: Mapping[str, Any]
    read: Callable[[str], T]
    image: bytes | None = None
    image_link: str | None = None

    def key(self, model: str) -> str:
        """SHA-256 of everything the answer depends on, in hex."""
        content = {
            "model": model,
            "parameters": PARAMETERS,
            "prompt_version": self.prompt_version,
            "system": self.system,
            "data": self.data,
            "image": self.image and [PREPARATION, hashlib.sha256(self.image).hexdigest()],
            "response_format": self.response_format,
        }
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()

    def messages(self) -> list[Message]:
        """The request's messages. Raises CallError for a picture that cannot be decoded."""
        return self._messages(self.image_link or data_url(self.image) if self.image is not None else None)

    def size(self) -> Size:
        """The request's size, without preparing the picture."""
        return size_of(self._messages(self.image_link or "" if self.image is not None else None), self.response_format)

    def _messages(self, picture: str | None) -> list[Message]:
        data = json.dumps(self.data, ensure_ascii=False)
        content: Any = data
        if picture is not None:
            content = [{"type": "text", "text": data}, {"type": "image_url", "image_url": {"url": picture}}]
        return [{"role": "system", "content": self.system}, {"role": "user", "content": content}]


@dataclass(frozen=True)
class Call:
    """One row of the ledger. Tokens are null where the endpoint counted none, `usd` also where the model had no price;
    latency includes waiting to retry."""

    key: str
    model: str
    prompt_version: str
    tokens_in: int | None = None
    tokens_out: int | None = None
    usd: float | None = None
    latency_ms: int = 0
    attempts: int = 0
    cache_hit: bool = False
    error: str | None = None


@dataclass(frozen=True)
class Outcome(Generic[T]):
    """An answer, or None with its error, and the calls that led there."""

    answer: T | None
    calls: tuple[Call, ...] = ()
    error: str | None = None

    def ledger(self) -> list[Any]:
        """The values of LEDGER. `key` is the first call's: the one the answer is stored under."""
        calls = [asdict(call) for call in self.calls]
        if not calls:
            return [None] * (len(LEDGER) - 2) + [[], self.error]
        first = self.calls[0]
        summed = ("tokens_in", "tokens_out", "usd", "latency_ms", "attempts")
        sums = [_total([call[name] for call in calls]) for name in summed]
        hit = all(call.cache_hit for call in self.calls)
        return [first.key, first.model, first.prompt_version, *sums, hit, calls, self.error]


@dataclass(frozen=True)
class Order(Generic[T]):
    """A question, whom to ask on what terms, and where its answer is kept."""

    question: Question[T]
    model: str
    cache_location: str
    answers: AnswerCache
    key: str
    terms: Terms

    @classmethod
    def place(cls, question: Question[T], model: str, cache_location: str, terms: Terms) -> "Order[T]":
        """Raises CallError when there is no model or no cache."""
        if not model:
            raise CallError("settings", "no model is named: set PINLANDING_MODEL")
        if not cache_location:
            raise CallError("cache", "no place to keep answers is named")
        return cls(question, model, cache_location, open_cache(cache_location), question.key(model), terms)

    def stored(self) -> Outcome[T] | None:
        """The stored answer, or None when there is none that can be read. Blocks. Raises CallError."""
        entry = self.answers.get(self.key)
        answer = self.read(entry) if entry else None
        return Outcome(answer, self._calls(self.key, entry)) if entry and answer is not None else None

    def failures(self) -> tuple[Call, ...]:
        """The calls that were billed for this question before and brought no answer. Blocks. Raises CallError."""
        kept = self.answers.failures(self.key)
        return tuple(call for name, entry in kept for call in _renamed(self._calls(name, entry), name))

    def read(self, entry: Entry) -> T | None:
        """The answer of an entry, or None when it cannot be used."""
        try:
            return self.question.read(entry["answer"])
        except (MalformedAnswer, KeyError, TypeError, AttributeError):
            return None

    def _calls(self, key: str, entry: Entry) -> tuple[Call, ...]:
        """The calls of an entry, whatever is missing there as null; one without a price costs what it would today."""
        unknown = {"key": key, "model": self.model, "prompt_version": self.question.prompt_version}
        stored = entry.get("calls")
        kept = [call for call in stored if isinstance(call, dict)] if isinstance(stored, list) else []
        calls = []
        for each in kept or [{}]:
            call = Call(**unknown | {name: each[name] for name in _CALL_FIELDS & each.keys()} | {"cache_hit": True})
            usd = call.usd if "usd" in each else self.terms.cost(call.tokens_in, call.tokens_out)
            calls.append(replace(call, usd=usd))
        return tuple(calls)


_CALL_FIELDS = {field.name for field in fields(Call)}


@dataclass(frozen=True)
class Purchase(Generic[T]):
    """An order without a stored answer, as it is sent; `failures` are the calls that were billed for it before."""

    order: Order[T]
    messages: list[Message]
    failures: tuple[Call, ...]


@dataclass(frozen=True)
class Busy(Generic[T]):
    """An order whose question is being asked; `end` is set when that is over."""

    order: Order[T]
    end: "Future[None]"


# A row's question is made when its turn comes, so that few images are in memory; it may also need no call.
Prepare = Callable[[], Question[T] | Outcome[T]]


class Asker:
    """Asks for one process: a few rows ahead of the calls in flight, which the endpoint bounds, and equal questions one
    after the other, so that the second finds the first one's answer.

    What blocks is done in one step before a call and one after it: a change of threads costs as much as a look-up.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._endpoint = Endpoint(settings)
        self._places = asyncio.Semaphore(ROWS_PER_CALL * settings.concurrency)
        self._asked: dict[tuple[str, str], Future[None]] = {}
        self._asked_lock = threading.Lock()
        self._unstored: CallError | None = None

    async def ask(self, prepare: Prepare[T], model: str, cache_location: str, terms: Terms) -> Outcome[T]:
        """Answer one row. Never raises: what went wrong is the outcome's `error`."""
        async with self._places:
            try:
                found = await asyncio.to_thread(self._open, prepare, model, cache_location, terms)
                while isinstance(found, Busy):
                    await asyncio.wrap_future(found.end)
                    found = await asyncio.to_thread(self._look_up, found.order)
                return await self._buy(found) if isinstance(found, Purchase) else found
            except CallError as error:
                return Outcome(None, error=str(error))
            except Exception as error:
                return Outcome(None, error=redact(f"internal: {type(error).__name__}: {error}"))

    def _open(
        self, prepare: Prepare[T], model: str, cache_location: str, terms: Terms
    ) -> Outcome[T] | Purchase[T] | Busy[T]:
        question = prepare()
        if isinstance(question, Outcome):
            return question
        return self._look_up(Order.place(question, model, cache_location, terms))

    def _look_up(self, order: Order[T]) -> Outcome[T] | Purchase[T] | Busy[T]:
        """The stored answer, or what has to be bought: until `_close`, equal orders are Busy."""
        mine: Future[None] = Future()
        with self._asked_lock:
            asked = self._asked.setdefault((order.cache_location, order.key), mine)
        if asked is not mine:
            return Busy(order, asked)
        try:
            if stored := order.stored():
                self._close(order)
                return stored
            return Purchase(order, order.question.messages(), order.failures())
        except BaseException:
            self._close(order)
            raise

    def _close(self, order: Order[T]) -> None:
        with self._asked_lock:
            asked = self._asked.pop((order.cache_location, order.key))
        asked.set_result(None)

    async def _buy(self, purchase: Purchase[T]) -> Outcome[T]:
        try:
            return await self._send_and_read(purchase)
        finally:
            self._close(purchase.order)

    async def _send_and_read(self, purchase: Purchase[T]) -> Outcome[T]:
        order, messages = purchase.order, purchase.messages
        calls: list[Call] = []
        for call_key in (order.key, f"{order.key}-repair"):
            reply = await self._send(order, messages)
            error = reply.error
            try:
                if error is None:
                    answer = order.question.read(reply.text)
            except MalformedAnswer as malformed:
                error = malformed
            calls.append(_call(call_key, order, reply, error))
            if error is None:
                return await asyncio.to_thread(self._store, purchase, reply.text, answer, calls)
            if not isinstance(error, MalformedAnswer):
                break
            messages = [*messages, *_repair(reply.text, error)]
        failed: Sequence[Call] = calls
        if any(call.tokens_in is not None for call in calls):
            failed = await asyncio.to_thread(self._store_failure, order, calls)
        return Outcome(None, (*failed, *purchase.failures), str(error))

    async def _send(self, order: Order[T], messages: Sequence[Message]) -> Reply:
        refusal = self._unstored or order.terms.refusal(order.model, self._settings.grant_key)
        if refusal:
            return Reply(error=refusal)
        response_format = dict(order.question.response_format)
        meter = self._meter(order, size_of(messages, response_format))
        return await self._endpoint.send(order.model, messages, response_format, meter)

    def _meter(self, order: Order[T], size: Size) -> Meter:
        settings, terms, location = self._settings, order.terms, order.cache_location
        limits = (settings.requests_per_minute, settings.tokens_per_minute)
        rate = open_rate_limit(location, settings.endpoint, *limits) if any(limits) else None
        budget = None
        # A model that costs nothing has no need of a budget's bookkeeping.
        if terms.usd is not None and terms.price(size.most, MOST_TOKENS_OUT):
            # A held call may wait for the one before it to end, and for a pause.
            lifetime = ROWS_PER_CALL * settings.timeout + MOST_SECONDS + HOLD_SECONDS
            budget = open_budget(location, terms.run, terms.usd, lifetime)
        return Meter(terms, size, MOST_TOKENS_OUT, open_pause(location, settings.endpoint), budget, rate)

    def _store(self, purchase: Purchase[T], text: str, answer: T, calls: list[Call]) -> Outcome[T]:
        """Keep an answer, and return the one that is kept: another worker may have been first."""
        order = purchase.order
        entry = {"key": order.key, "answer": text, "calls": [asdict(call) for call in (*calls, *purchase.failures)]}
        try:
            kept = order.answers.put(order.key, entry, lambda standing: order.read(standing) is not None)
            if kept is not entry:
                answer = order.question.read(kept["answer"])
        except CallError as error:
            # This answer is paid for and good. The next ones would be bought again by the next run.
            self._unstored = error
            calls[-1] = replace(calls[-1], error=str(error))
        return Outcome(answer, (*calls, *purchase.failures))

    def _store_failure(self, order: Order[T], calls: Sequence[Call]) -> Sequence[Call]:
        """Keep calls that were billed and brought no answer, and return them under the name they are kept by."""
        try:
            name = order.answers.add_failure(order.key, {"key": order.key, "calls": [asdict(call) for call in calls]})
        except CallError as error:
            self._unstored = error
            return calls
        return _renamed(calls, name)


def answer_all(
    rows: Sequence[Prepare[T]], models: Sequence[str | None], caches: Sequence[str | None], terms: Sequence[Terms]
) -> list[Outcome[T]]:
    """Answer a batch of rows, concurrently, in their order. Never raises for a row."""
    try:
        asker = _asker(Settings.from_environment())
    except CallError as error:
        return [Outcome(None, error=str(error)) for _ in rows]

    async def gather() -> list[Outcome[T]]:
        asks = [asker.ask(*row) for row in zip(rows, map(text_of, models), map(text_of, caches), terms, strict=True)]
        return list(await asyncio.gather(*asks))

    return _run(gather())


def _call(key: str, order: Order[Any], reply: Reply, error: CallError | None) -> Call:
    return Call(
        key=key,
        model=order.model,
        prompt_version=order.question.prompt_version,
        tokens_in=reply.tokens_in,
        tokens_out=reply.tokens_out,
        usd=order.terms.cost(reply.tokens_in, reply.tokens_out),
        latency_ms=reply.latency_ms,
        attempts=reply.attempts,
        error=str(error) if error else None,
    )


def _renamed(calls: Sequence[Call], name: str) -> tuple[Call, ...]:
    """The calls of a failure under its name: the question's own key is the one its answer will have."""
    return tuple(replace(call, key=name if place == 0 else f"{name}-repair") for place, call in enumerate(calls))


def _repair(text: str, error: MalformedAnswer) -> list[Message]:
    wrong: list[Message] = [{"role": "assistant", "content": text[:REPAIR_CHARACTERS]}] if text else []
    request = f"That answer cannot be used ({error}). Answer once more: only the JSON object, complete and short."
    return [*wrong, {"role": "user", "content": request}]


def _total(numbers: Sequence[float | None]) -> float | None:
    known = [number for number in numbers if number is not None]
    return sum(known) if known else None


def text_of(value: Any) -> str:
    """A cell of a string column; the empty string for null."""
    return value.strip() if isinstance(value, str) else ""


@cache
def _asker(settings: Settings) -> Asker:
    return Asker(settings)


@cache
def _loop() -> asyncio.AbstractEventLoop:
    """The process's one event loop, on a thread of its own: a connection pool lives as long as its loop."""
    loop = asyncio.new_event_loop()
    loop.set_default_executor(ThreadPoolExecutor(THREADS, thread_name_prefix="model-calls"))
    threading.Thread(target=loop.run_forever, name="model-calls", daemon=True).start()
    return loop


def _run(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run_coroutine_threadsafe(work, _loop()).result()
