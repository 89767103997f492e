"""From a question to a stored answer: the cache first, then the endpoint, one repair attempt, a ledger of it all."""

import asyncio
import hashlib
import json
import threading
from collections.abc import Callable, Coroutine, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from functools import cache
from typing import Any, Generic, TypeVar
from weakref import WeakValueDictionary

from python_udfs.model_calls.budget import open_budget
from python_udfs.model_calls.cache import AnswerCache, open_cache
from python_udfs.model_calls.endpoint import PARAMETERS, Endpoint, Message, Reply
from python_udfs.model_calls.errors import CallError, MalformedAnswer, redact
from python_udfs.model_calls.image import PREPARATION, data_url
from python_udfs.model_calls.ledger import LEDGER
from python_udfs.model_calls.meter import Meter
from python_udfs.model_calls.rate_limit import open_rate_limit
from python_udfs.model_calls.settings import Settings
from python_udfs.model_calls.terms import Terms
from python_udfs.model_calls.tokens import Size, size_of

REPAIR_CHARACTERS = 4000
MOST_TOKENS_OUT: int = PARAMETERS["max_completion_tokens"]
# For what blocks: pictures, the cache and what workers share.
THREADS = 32
# A call's hold on the budget ends so many seconds after the call must have.
HOLD_SECONDS = 30.0

T = TypeVar("T")


@dataclass(frozen=True)
class Question(Generic[T]):
    """What is asked: a prompt as system message, data as one JSON object, maybe a picture, and how an answer is read.

    `read` raises MalformedAnswer for an answer that cannot be used.
    """

    prompt_version: str
    system: str
    data: Mapping[str, Any]
    response_format: Mapping[str, Any]
    read: Callable[[str], T]
    image: bytes | None = None

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
        return self._messages(data_url(self.image) if self.image is not None else None)

    def size(self) -> Size:
        """The request's size, without preparing the picture."""
        return size_of(self._messages("" if self.image is not None else None), self.response_format)

    def _messages(self, picture: str | None) -> list[Message]:
        data = json.dumps(self.data, ensure_ascii=False)
        content: Any = data
        if picture is not None:
            content = [{"type": "text", "text": data}, {"type": "image_url", "image_url": {"url": picture}}]
        return [{"role": "system", "content": self.system}, {"role": "user", "content": content}]


@dataclass(frozen=True)
class Call:
    """One row of the ledger. Tokens are null where the endpoint counted none; latency includes waiting to retry."""

    key: str
    model: str
    prompt_version: str
    tokens_in: int | None
    tokens_out: int | None
    latency_ms: int
    attempts: int
    cache_hit: bool
    error: str | None


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
        sums = [
            _total([call[name] for call in calls]) for name in ("tokens_in", "tokens_out", "latency_ms", "attempts")
        ]
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
        try:
            calls = tuple(Call(**{**call, "cache_hit": True}) for call in entry["calls"]) if entry else ()
            return Outcome(self.question.read(entry["answer"]), calls) if entry and calls else None
        except (MalformedAnswer, KeyError, TypeError):
            return None


# A row's question is made when its turn comes, so that few images are in memory; it may also need no call.
Prepare = Callable[[], Question[T] | Outcome[T]]


class Asker:
    """Asks for one process: at most `concurrency` rows at a time, and equal questions one after the other, so that the
    second finds the first one's answer."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._endpoint = Endpoint(settings)
        self._places = asyncio.Semaphore(settings.concurrency)
        self._locks: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()
        self._unstored: CallError | None = None

    async def ask(self, prepare: Prepare[T], model: str, cache_location: str, terms: Terms) -> Outcome[T]:
        """Answer one row. Never raises: what went wrong is the outcome's `error`."""
        async with self._places:
            try:
                question = await asyncio.to_thread(prepare)
                if isinstance(question, Outcome):
                    return question
                return await self._answer(Order.place(question, model, cache_location, terms))
            except CallError as error:
                return Outcome(None, error=str(error))
            except Exception as error:
                return Outcome(None, error=redact(f"internal: {type(error).__name__}: {error}"))

    async def _answer(self, order: Order[T]) -> Outcome[T]:
        lock = self._locks.setdefault((order.cache_location, order.key), asyncio.Lock())
        async with lock:
            return await asyncio.to_thread(order.stored) or await self._buy(order)

    async def _buy(self, order: Order[T]) -> Outcome[T]:
        question = order.question
        messages = await asyncio.to_thread(question.messages)
        calls: list[Call] = []
        for call_key in (order.key, f"{order.key}-repair"):
            reply = await self._send(order, messages)
            error = reply.error
            try:
                if error is None:
                    answer = question.read(reply.text)
            except MalformedAnswer as malformed:
                error = malformed
            calls.append(_call(call_key, order.model, question.prompt_version, reply, error))
            if error is None:
                calls[-1] = await self._store(order, reply.text, calls)
                return Outcome(answer, tuple(calls))
            if not isinstance(error, MalformedAnswer):
                break
            messages = [*messages, *_repair(reply.text, error)]
        return Outcome(None, tuple(calls), str(error))

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
            budget = open_budget(location, terms.run, terms.usd, settings.timeout + HOLD_SECONDS)
        return Meter(terms, size, MOST_TOKENS_OUT, budget, rate)

    async def _store(self, order: Order[T], text: str, calls: Sequence[Call]) -> Call:
        try:
            entry = {"key": order.key, "answer": text, "calls": [asdict(call) for call in calls]}
            await asyncio.to_thread(order.answers.put, order.key, entry)
        except CallError as error:
            # This answer is paid for and good. The next ones would be bought again by the next run.
            self._unstored = error
            return replace(calls[-1], error=str(error))
        return calls[-1]


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


def _call(key: str, model: str, prompt_version: str, reply: Reply, error: CallError | None) -> Call:
    text = str(error) if error else None
    cost = (reply.tokens_in, reply.tokens_out, reply.latency_ms, reply.attempts)
    return Call(key, model, prompt_version, *cost, cache_hit=False, error=text)


def _repair(text: str, error: MalformedAnswer) -> list[Message]:
    wrong: list[Message] = [{"role": "assistant", "content": text[:REPAIR_CHARACTERS]}] if text else []
    request = f"That answer cannot be used ({error}). Answer once more: only the JSON object, complete and short."
    return [*wrong, {"role": "user", "content": request}]


def _total(numbers: Sequence[int | None]) -> int | None:
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
