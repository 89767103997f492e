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

from python_udfs.model_calls.cache import AnswerCache, open_cache
from python_udfs.model_calls.endpoint import PARAMETERS, Endpoint, Message, Reply
from python_udfs.model_calls.errors import CallError, MalformedAnswer, redact
from python_udfs.model_calls.image import PREPARATION, data_url
from python_udfs.model_calls.ledger import LEDGER
from python_udfs.model_calls.settings import Settings

REPAIR_CHARACTERS = 4000
# For what blocks: pictures and the cache.
THREADS = 32

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
        data = json.dumps(self.data, ensure_ascii=False)
        content: Any = data
        if self.image is not None:
            content = [
                {"type": "text", "text": data},
                {"type": "image_url", "image_url": {"url": data_url(self.image)}},
            ]
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


# A row's question is made when its turn comes, so that few images are in memory; it may also need no call.
Prepare = Callable[[], Question[T] | Outcome[T]]


class Asker:
    """Asks for one process: at most `concurrency` rows at a time, and equal questions one after the other, so that the
    second finds the first one's answer."""

    def __init__(self, settings: Settings) -> None:
        self._endpoint = Endpoint(settings)
        self._places = asyncio.Semaphore(settings.concurrency)
        self._locks: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()
        self._unstored: CallError | None = None

    async def ask(self, prepare: Prepare[T], model: str, cache_location: str) -> Outcome[T]:
        """Answer one row. Never raises: what went wrong is the outcome's `error`."""
        async with self._places:
            try:
                question = await asyncio.to_thread(prepare)
                if isinstance(question, Outcome):
                    return question
                return await self._answer(question, model, cache_location)
            except CallError as error:
                return Outcome(None, error=str(error))
            except Exception as error:
                return Outcome(None, error=redact(f"internal: {type(error).__name__}: {error}"))

    async def _answer(self, question: Question[T], model: str, cache_location: str) -> Outcome[T]:
        if not model:
            raise CallError("settings", "no model is named: set PINLANDING_MODEL")
        if not cache_location:
            raise CallError("cache", "no place to keep answers is named")
        answers, key = open_cache(cache_location), question.key(model)
        lock = self._locks.setdefault((cache_location, key), asyncio.Lock())
        async with lock:
            return await _stored(question, answers, key) or await self._buy(question, model, answers, key)

    async def _buy(self, question: Question[T], model: str, answers: AnswerCache, key: str) -> Outcome[T]:
        messages = await asyncio.to_thread(question.messages)
        calls: list[Call] = []
        for call_key in (key, f"{key}-repair"):
            reply = await self._send(model, messages, question)
            error = reply.error
            try:
                if error is None:
                    answer = question.read(reply.text)
            except MalformedAnswer as malformed:
                error = malformed
            calls.append(_call(call_key, model, question.prompt_version, reply, error))
            if error is None:
                calls[-1] = await self._store(answers, key, reply.text, calls)
                return Outcome(answer, tuple(calls))
            if not isinstance(error, MalformedAnswer):
                break
            messages = [*messages, *_repair(reply.text, error)]
        return Outcome(None, tuple(calls), str(error))

    async def _send(self, model: str, messages: Sequence[Message], question: Question[T]) -> Reply:
        if self._unstored:
            return Reply(error=self._unstored)
        return await self._endpoint.send(model, messages, dict(question.response_format))

    async def _store(self, answers: AnswerCache, key: str, text: str, calls: Sequence[Call]) -> Call:
        try:
            entry = {"key": key, "answer": text, "calls": [asdict(call) for call in calls]}
            await asyncio.to_thread(answers.put, key, entry)
        except CallError as error:
            # This answer is paid for and good. The next ones would be bought again by the next run.
            self._unstored = error
            return replace(calls[-1], error=str(error))
        return calls[-1]


def answer_all(
    rows: Sequence[Prepare[T]], models: Sequence[str | None], caches: Sequence[str | None]
) -> list[Outcome[T]]:
    """Answer a batch of rows, concurrently, in their order. Never raises for a row."""
    try:
        asker = _asker(Settings.from_environment())
    except CallError as error:
        return [Outcome(None, error=str(error)) for _ in rows]

    async def gather() -> list[Outcome[T]]:
        asks = [asker.ask(*row) for row in zip(rows, map(_text, models), map(_text, caches), strict=True)]
        return list(await asyncio.gather(*asks))

    return _run(gather())


async def _stored(question: Question[T], answers: AnswerCache, key: str) -> Outcome[T] | None:
    entry = await asyncio.to_thread(answers.get, key)
    try:
        calls = tuple(Call(**{**call, "cache_hit": True}) for call in entry["calls"]) if entry else ()
        return Outcome(question.read(entry["answer"]), calls) if entry and calls else None
    except (MalformedAnswer, KeyError, TypeError):
        return None


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


def _text(value: Any) -> str:
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
