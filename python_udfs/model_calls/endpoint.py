"""One endpoint that speaks chat completions: a request with retries, its cost, and what went wrong in words."""

import asyncio
import json
import math
import re
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any

import httpx2
from openai import (
    APIConnectionError,
    APIError,
    APIStatusError,
    APITimeoutError,
    AsyncOpenAI,
    DefaultAsyncHttpxClient,
)
from pydantic import BaseModel, ValidationError

from python_udfs.model_calls.errors import CallError, MalformedAnswer, redact
from python_udfs.model_calls.grant import bearer
from python_udfs.model_calls.meter import NOT_BILLED, Meter, Usage
from python_udfs.model_calls.not_sent import NotSent
from python_udfs.model_calls.pause import seconds_asked
from python_udfs.model_calls.settings import Settings
from python_udfs.model_calls.tokens import SCHEMA_WORDS

MOST_TOKENS_OUT = 2048
# What is asked of every model; part of an answer's key.
PARAMETERS: dict[str, Any] = {"temperature": 0, "max_completion_tokens": MOST_TOKENS_OUT}
MAX_RESPONSE_BYTES = 8 * 1000**2
MAX_ANSWER_CHARACTERS = 50_000
# Of an error's body.
MESSAGE_CHARACTERS = 2_000
# Answers that say the endpoint is of no use to any row, not just to this one.
_UNUSABLE = frozenset({401, 403, 404, 500, 502, 503, 504})
# How a 429 says that waiting does not help: the account has no credit.
_OUT_OF_CREDIT = re.compile(rb"insufficient_quota|billing_hard_limit_reached|billing_not_active")
# Where a response carries its body as read.
_COMPLETION = "completion"
# How servers say that they do not know a parameter, and not that its value does not fit this one request.
_TURNED_DOWN = re.compile(
    r"un(?:supported|recogni[sz]ed|known|expected|available)|invalid|extra|should be|must be|permitted"
    r"|not (?:supported|allowed|implemented)|does not support",
    re.IGNORECASE,
)

Message = dict[str, Any]


@dataclass
class _Sent:
    """The call that the current task sends: openai has no way to hand anything to its HTTP client.

    `failed_at` is when its first failed attempt ended, by the breaker's clock.
    """

    meter: Meter
    failed_at: float | None = None


_SENT: ContextVar[_Sent] = ContextVar("sent")


@dataclass(frozen=True)
class Reply:
    """What one request brought and cost, its retries included. `error` says why `text` cannot be used."""

    text: str = ""
    tokens_in: int | None = None
    tokens_out: int | None = None
    latency_ms: int = 0
    attempts: int = 0
    error: CallError | None = None


class EndpointDown(NotSent):
    """The breaker is open."""

    def __init__(self, message: str) -> None:
        super().__init__(CallError("endpoint down", redact(message)))


class Breaker:
    """Opens after a streak of failures that is long and lasts; every `pause` seconds one request may try again.

    A call that failed before others were answered says nothing of the endpoint: at a run's end only such are left.
    """

    def __init__(
        self, failures: int, seconds: float, pause: float = 30.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._limit, self._seconds, self._pause, self._clock = failures, seconds, pause, clock
        self._failures, self._since, self._next_try = 0, 0.0, 0.0
        self._answered_at = -math.inf
        self._reason = ""

    def look(self) -> None:
        """Raises EndpointDown while open, but for the time at which one request may try again."""
        if self._is_open() and self._clock() < self._next_try:
            raise EndpointDown(f"{self._failures} attempts in a row failed, the last with: {self._reason}")

    def check(self) -> None:
        """Raises EndpointDown while open. A request that passes leaves at once: it may be the one that tries again."""
        self.look()
        if self._is_open():
            self._next_try = self._clock() + self._pause

    def succeed(self) -> None:
        """An attempt was answered: the streak ends."""
        self._failures, self._answered_at = 0, self._clock()

    def fail(self, reason: str, failed_at: float | None = None) -> float:
        """An attempt failed in a way that may say something about the endpoint; returns when its call first did.

        `failed_at` is what this returned for the call's attempt before.
        """
        now = self._clock()
        if failed_at is not None and failed_at <= self._answered_at:
            return failed_at
        if self._failures == 0:
            self._since = now
        self._failures += 1
        self._reason = reason
        if self._is_open():
            self._next_try = now + self._pause
        return now if failed_at is None else failed_at

    def _is_open(self) -> bool:
        return self._failures >= self._limit and self._clock() - self._since >= self._seconds


class GuardedClient(DefaultAsyncHttpxClient):
    """The HTTP client under openai's: every attempt passes `send`, so this is where attempts are bounded, watched,
    paced and paid for.

    At most `concurrency` attempts are in flight. An attempt has one deadline for all of it (a server that drips bytes
    keeps a read timeout waiting for ever) and a bounded body.
    """

    def __init__(self, deadline: float, breaker: Breaker, concurrency: int, sends_grant: bool = False) -> None:
        super().__init__(timeout=deadline)
        self._deadline, self._breaker, self._sends_grant = deadline, breaker, sends_grant
        self._places = asyncio.Semaphore(concurrency)

    async def send(self, request: httpx2.Request, **options: Any) -> httpx2.Response:
        """Send one attempt and read all of its body. Raises NotSent and httpx2's errors."""
        meter = _SENT.get().meter
        if self._sends_grant:
            terms = meter.terms
            request.headers["Authorization"] = bearer(terms.grant, terms.run, terms.usd)
        try:
            if not meter.rate:
                return await self._pay(request, options, meter, self._places)
            # What was let through by the minute's limit leaves at once, or a later minute would see too many.
            async with self._places:
                return await self._pay(request, options, meter, nullcontext())
        except NotSent as error:
            error.attempts = _retries(request)
            raise

    async def _pay(
        self,
        request: httpx2.Request,
        options: dict[str, Any],
        meter: Meter,
        place: AbstractAsyncContextManager[None],
    ) -> httpx2.Response:
        held = await meter.admit(self._breaker.look)
        usage: Usage | None = NOT_BILLED
        try:
            async with place:
                await meter.pause.wait()
                self._breaker.check()
                usage = None
                response = await self._attempt(request, options, meter)
            # Who waited for this place sends first: nobody waits for what is left to do here.
            await asyncio.sleep(0)
            if response.status_code < 400:
                response.extensions[_COMPLETION] = _completion_of(response.content)
            usage = _usage_of(response)
        except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout):
            usage = NOT_BILLED
            raise
        finally:
            meter.settle(held, usage)
        return response

    async def _attempt(self, request: httpx2.Request, options: dict[str, Any], meter: Meter) -> httpx2.Response:
        options["stream"] = True
        left = time.time()
        try:
            async with asyncio.timeout(self._deadline):
                response = await self._read(request, await super().send(request, **options))
        except (TimeoutError, httpx2.TimeoutException):
            self._fail("timeout")
            raise httpx2.ReadTimeout("no answer in time", request=request) from None
        except httpx2.HTTPError:
            self._fail("connection error")
            raise
        out_of_credit = response.status_code == 429 and _OUT_OF_CREDIT.search(response.content)
        if response.status_code in _UNUSABLE or out_of_credit:
            self._fail(f"HTTP status {response.status_code}{', out of credit' if out_of_credit else ''}")
        else:
            self._breaker.succeed()
        asked = seconds_asked(response.headers, time.time()) if response.status_code >= 400 else None
        if (response.status_code == 429 and not out_of_credit) or asked is not None:
            await meter.pause.turned_away(asked, left)
        else:
            meter.pause.answered()
        return response

    def _fail(self, reason: str) -> None:
        sent = _SENT.get()
        sent.failed_at = self._breaker.fail(reason, sent.failed_at)

    async def _read(self, request: httpx2.Request, response: httpx2.Response) -> httpx2.Response:
        body = bytearray()
        try:
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > MAX_RESPONSE_BYTES:
                    break
        finally:
            await response.aclose()
        # The body is decoded and whole by now.
        framing = ("content-encoding", "content-length", "transfer-encoding")
        headers = [(name, value) for name, value in response.headers.multi_items() if name.lower() not in framing]
        return httpx2.Response(response.status_code, headers=headers, content=bytes(body), request=request)


class _Message(BaseModel):
    content: str | None = None
    refusal: str | None = None


class _Choice(BaseModel):
    message: _Message
    finish_reason: str | None = None


class _Usage(BaseModel):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


class _Completion(BaseModel):
    choices: list[_Choice] | None = None
    usage: _Usage | None = None


@dataclass(frozen=True)
class _Offer:
    """How a request is put to the endpoint: the best that it has not turned down so far.

    `limit` names the parameter that bounds an answer; `shape` says how the answer's JSON schema is asked for: as
    such, as any JSON object, or not at all; in the last two the prompt shows the schema.
    """

    temperature: bool = True
    limit: str | None = "max_completion_tokens"
    shape: str = "json_schema"

    def parameters(self, response_format: dict[str, Any]) -> dict[str, Any]:
        parameters: dict[str, Any] = {"temperature": PARAMETERS["temperature"]} if self.temperature else {}
        if self.limit:
            parameters[self.limit] = MOST_TOKENS_OUT
        if self.shape != "none":
            parameters["response_format"] = response_format if self.shape == "json_schema" else {"type": self.shape}
        return parameters

    def messages(self, messages: Sequence[Message], response_format: dict[str, Any]) -> Sequence[Message]:
        if self.shape == "json_schema":
            return messages
        schema = json.dumps(response_format["json_schema"]["schema"])
        first = {**messages[0], "content": f"{messages[0]['content']}\n{SCHEMA_WORDS}\n{schema}"}
        return [first, *messages[1:]]

    def without(self, turned_down: str) -> "_Offer":
        """What is offered next, when `turned_down` was not accepted."""
        if turned_down == "temperature":
            return replace(self, temperature=False)
        if turned_down == self.limit:
            return replace(self, limit=_NEXT_LIMIT[turned_down])
        return replace(self, shape=_NEXT_SHAPE[self.shape])


_NEXT_LIMIT = {"max_completion_tokens": "max_tokens", "max_tokens": None}
_NEXT_SHAPE = {"json_schema": "json_object", "json_object": "none"}
_UNBOUNDED = CallError(
    "bad request",
    "the endpoint takes neither max_completion_tokens nor max_tokens, so an answer could cost anything",
)


class Endpoint:
    """A client for one process. Retries (408, 409, 429, 5xx, connection, timeout) with exponential back-off, jitter and
    `Retry-After` are openai's own; `GuardedClient` sees each of them."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._breaker = Breaker(settings.failures_until_down, settings.seconds_until_down)
        self._offer = _Offer()
        self._client: AsyncOpenAI | None = None

    async def send(
        self, model: str, messages: Sequence[Message], response_format: dict[str, Any], meter: Meter
    ) -> Reply:
        """Ask once. Never raises: what went wrong is the reply's `error`."""
        _SENT.set(_Sent(meter))
        started = time.perf_counter()
        attempts = 0
        while True:
            # Some models accept no temperature but their own, some servers do not know every parameter.
            offer = self._offer
            reply, turned_down = await self._try(model, messages, response_format, offer)
            attempts += reply.attempts
            if turned_down and offer == self._offer:
                self._offer = offer.without(turned_down)
            elif offer.limit and (reply.tokens_out or 0) > MOST_TOKENS_OUT and offer == self._offer:
                # Some servers pass over a parameter that they do not know.
                self._offer = offer.without(offer.limit)
            if not turned_down:
                latency = round((time.perf_counter() - started) * 1000)
                return replace(reply, latency_ms=latency, attempts=attempts)

    async def _try(
        self, model: str, messages: Sequence[Message], response_format: dict[str, Any], offer: _Offer
    ) -> tuple[Reply, str]:
        refusal = self._settings.refusal or (None if offer.limit else _UNBOUNDED)
        if refusal:
            return Reply(error=refusal), ""
        parameters = offer.parameters(response_format)
        try:
            # The typed `create` walks the whole request against its types, which is half of a call's CPU time.
            body = {"model": model, "messages": offer.messages(messages, response_format), **parameters}
            response = await self._open().post("/chat/completions", body=body, cast_to=httpx2.Response)
        except APIError as error:
            attempts = _retries(error.request) + 1
            return Reply(attempts=attempts, error=self._explain(error)), _turned_down(error, parameters)
        except NotSent as error:
            return Reply(attempts=error.attempts, error=error.error), ""
        except Exception as error:
            return Reply(error=CallError("request", self._clean(f"{type(error).__name__}: {error}"))), ""
        return self._read(response.extensions.get(_COMPLETION), _retries(response.request) + 1), ""

    def _open(self) -> AsyncOpenAI:
        if self._client is None:
            settings = self._settings
            self._client = AsyncOpenAI(
                api_key=settings.api_key,
                base_url=settings.base_url,
                max_retries=settings.max_retries,
                timeout=settings.timeout,
                http_client=GuardedClient(settings.timeout, self._breaker, settings.concurrency, settings.sends_grant),
            )
        return self._client

    def _read(self, completion: _Completion | None, attempts: int) -> Reply:
        if completion is None:
            return Reply(attempts=attempts, error=MalformedAnswer("malformed answer", "not a chat completion"))
        usage = completion.usage or _Usage()
        cost = {"tokens_in": usage.prompt_tokens, "tokens_out": usage.completion_tokens, "attempts": attempts}
        text, error = _content(completion.choices or [], self._clean)
        return Reply(text=text, error=error, **cost)  # type: ignore[arg-type]

    def _explain(self, error: APIError) -> CallError:
        if isinstance(error, APITimeoutError):
            return CallError("timeout", f"no answer in {self._settings.timeout:g} seconds")
        if isinstance(error, APIConnectionError):
            return CallError("connection", self._clean(f"{type(error.__cause__).__name__}: {error.__cause__}"))
        status = error.status_code if isinstance(error, APIStatusError) else 0
        if self._settings.sends_grant and error.type == "grant" and isinstance(error.body, dict):
            return CallError("grant", self._clean(str(error.body.get("message"))))
        if status in (401, 403):
            # Servers like to repeat the key here, or part of it.
            return CallError("authentication", f"the endpoint does not accept OPENAI_API_KEY (HTTP status {status})")
        message = f"HTTP status {status}: {self._clean(error.message.removeprefix(f'Error code: {status} - '))}"
        if status == 429:
            return CallError("rate limited", message)
        return CallError("server error" if status >= 500 else "bad request", message)

    def _clean(self, text: str) -> str:
        return redact(text, self._settings.api_key)


def _retries(request: httpx2.Request) -> int:
    return int(request.headers.get("x-stainless-retry-count", 0))


def _turned_down(error: APIError, parameters: dict[str, Any]) -> str:
    """The parameter that the endpoint does not take, or nothing."""
    if not isinstance(error, APIStatusError) or error.status_code not in (400, 422):
        return ""
    text = error.response.text[:MESSAGE_CHARACTERS]
    if "response_format" in parameters and (
        error.param == "response_format" or re.search("response_format|json_", text)
    ):
        return "response_format"
    named = (name for name in parameters if name == error.param or (name in text and _TURNED_DOWN.search(text)))
    return next(named, "")


def _completion_of(body: bytes) -> _Completion | None:
    try:
        return _Completion.model_validate_json(body)
    except ValidationError:
        return None


def _usage_of(response: httpx2.Response) -> Usage | None:
    """What an attempt was billed for, or None where the endpoint does not say. Errors are not billed."""
    if response.status_code >= 400:
        return NOT_BILLED
    completion: _Completion | None = response.extensions[_COMPLETION]
    usage = completion.usage if completion else None
    if usage is None or usage.prompt_tokens is None or usage.completion_tokens is None:
        return None
    return Usage(usage.prompt_tokens, usage.completion_tokens)


def _content(choices: Sequence[_Choice], clean: Callable[[str], str]) -> tuple[str, CallError | None]:
    if not choices:
        return "", MalformedAnswer("empty answer", "no choices")
    message, reason = choices[0].message, choices[0].finish_reason
    if message.refusal or reason == "content_filter":
        return "", CallError("refused", clean(message.refusal or "stopped by the endpoint's content filter"))
    if reason == "length":
        return "", MalformedAnswer("truncated", f"longer than {MOST_TOKENS_OUT} tokens")
    text = message.content or ""
    if not text.strip():
        return "", MalformedAnswer("empty answer", "no content")
    if len(text) > MAX_ANSWER_CHARACTERS:
        return "", CallError("malformed answer", f"longer than {MAX_ANSWER_CHARACTERS} characters")
    return text, None
