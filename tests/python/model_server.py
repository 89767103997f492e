"""A real HTTP server on this machine that speaks chat completions, and misbehaves when told to.

By itself: `python tests/python/model_server.py --port 8000 --latency 0.2 --fault-share 0.2`, then
`OPENAI_BASE_URL=http://127.0.0.1:8000/v1 OPENAI_API_KEY=local`.
"""

import argparse
import hashlib
import json
import random
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.python.local_server import LocalHandler, LocalServer


@dataclass(frozen=True)
class Request:
    """What a client sent. `attempt` counts the same body from 1; `retry` is openai's own count, from 0."""

    body: dict[str, Any]
    headers: dict[str, str]
    attempt: int

    @property
    def stage(self) -> str:
        return str(self.body["response_format"]["json_schema"]["name"])

    @property
    def schema(self) -> dict[str, Any]:
        schema: dict[str, Any] = self.body["response_format"]["json_schema"]["schema"]
        return schema

    @property
    def content(self) -> Any:
        return next(message["content"] for message in self.body["messages"] if message["role"] == "user")

    @property
    def image(self) -> str | None:
        parts = self.content if isinstance(self.content, list) else []
        return next((part["image_url"]["url"] for part in parts if part["type"] == "image_url"), None)

    @property
    def data(self) -> dict[str, Any]:
        content = self.content
        data: dict[str, Any] = json.loads(content if isinstance(content, str) else content[0]["text"])
        return data

    @property
    def is_repair(self) -> bool:
        return len(self.body["messages"]) > 2


@dataclass(frozen=True)
class Reply:
    """What the server does with one request: wait, then send this, whole or not."""

    body: bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    wait: float = 0.0
    # Send half of the body, then reset the connection.
    reset: bool = False
    # Seconds between single bytes of the body.
    drip: float = 0.0


def answer(content: Any, tokens: tuple[int, int] = (100, 20), **options: Any) -> Reply:
    """A completion with this content: text as it is, anything else as JSON."""
    text = content if isinstance(content, str) else json.dumps(content)
    return _completion({"role": "assistant", "content": text}, "stop", tokens, **options)


def refusal(text: str = "I cannot help with that.") -> Reply:
    return _completion({"role": "assistant", "content": None, "refusal": text}, "stop", (100, 5))


def truncated(text: str = '{"attributes": [{"facet": "co') -> Reply:
    return _completion({"role": "assistant", "content": text}, "length", (100, 2048))


def no_choices() -> Reply:
    return Reply(json.dumps({"id": "x", "object": "chat.completion", "choices": []}).encode())


def not_json() -> Reply:
    return Reply(b"<html>Bad gateway, but with status 200</html>", headers={"Content-Type": "text/html"})


def status(
    number: int,
    message: str = "not now",
    retry_after: float | None = None,
    param: str | None = None,
    code: str | None = None,
) -> Reply:
    headers = {} if retry_after is None else {"Retry-After": f"{retry_after:g}"}
    return Reply(json.dumps({"error": {"message": message, "param": param, "code": code}}).encode(), number, headers)


def sensible(request: Request) -> Reply:
    """What a well-behaved model could answer, made from the request's own data."""
    data = request.data
    if request.stage == "review":
        return answer({"decision": "keep", "reason": "A common attribute."})
    if request.stage == "judgement":
        return answer(
            {"correct": data["title"].split()[-1].lower() in data["page_title"].lower(), "reason": "The kind."}
        )
    if request.stage == "title":
        values = [each["value"] for each in data["attributes"] if each["facet"] != "product_type"]
        kinds = [each["value"] for each in data["attributes"] if each["facet"] == "product_type"]
        title = " ".join([*values, *kinds]).title() + "s"
        text = {"valid": True, "title": title, "description": f"All {title.lower()}.", "quality": 5, "problems": []}
        return answer(text)
    words = data.get("title", "").lower().split()
    colors = [word for word in words if word in ("red", "blue", "navy", "black", "white", "green")]
    attributes = [{"facet": "color", "value": color} for color in colors]
    return answer({"attributes": [*attributes, {"facet": "product_type", "value": words[-1] if words else "thing"}]})


def faulty(share: float, seed: int = 0) -> Callable[[Request], Reply]:
    """Sensible answers, but faults of every kind for a share of the products, the same ones every time."""
    faults = (
        lambda: status(503),
        lambda: status(500),
        lambda: status(429),
        lambda: status(429, retry_after=1),
        lambda: Reply(answer({}).body, wait=90),
        lambda: Reply(answer({}).body, drip=1),
        lambda: answer("no JSON here"),
        lambda: answer('{"attributes": [{"facet": "color", '),
        lambda: answer({"attributes": "wrong shape"}),
        no_choices,
        not_json,
        refusal,
        truncated,
        # No fault to a reader that keeps each pair once.
        lambda: answer({"attributes": [{"facet": "color", "value": "red"}] * 50, "decision": "keep", "reason": ""}),
        lambda: answer("x" * 1_000_000),
        lambda: Reply(answer({}).body, reset=True),
    )

    def behave(request: Request) -> Reply:
        draw = random.Random(f"{seed} {json.dumps(request.data)}")
        return draw.choice(faults)() if draw.random() < share else sensible(request)

    return behave


def _completion(message: dict[str, Any], reason: str, tokens: tuple[int, int], **options: Any) -> Reply:
    body = {
        "id": "x",
        "object": "chat.completion",
        "choices": [{"index": 0, "message": message, "finish_reason": reason}],
        "usage": {"prompt_tokens": tokens[0], "completion_tokens": tokens[1], "total_tokens": sum(tokens)},
    }
    return Reply(json.dumps(body).encode(), **options)


class ModelServer(LocalServer):
    """Use as a context. `behave` decides on every reply; `requests` holds what came."""

    def __init__(self, behave: Callable[[Request], Reply] = sensible, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.behave = behave
        self.requests: list[Request] = []
        self.most_in_flight = 0
        self._in_flight = 0
        self._seen: Counter[str] = Counter()
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that hang up are part of the game."""

    def take(self, body: bytes, headers: dict[str, str]) -> Reply:
        """Count a request, wait as long as its reply says, and return the reply."""
        with self._lock:
            digest = hashlib.sha256(body).hexdigest()
            self._seen[digest] += 1
            request = Request(json.loads(body), headers, self._seen[digest])
            self.requests.append(request)
            self._in_flight += 1
            self.most_in_flight = max(self.most_in_flight, self._in_flight)
        try:
            reply = self.behave(request)
            time.sleep(reply.wait)
            return reply
        finally:
            with self._lock:
                self._in_flight -= 1


class _Handler(LocalHandler):
    server: ModelServer

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        reply = self.server.take(body, {name.lower(): value for name, value in self.headers.items()})
        headers = {"Content-Type": "application/json", "Content-Length": str(len(reply.body)), **reply.headers}
        head = f"HTTP/1.1 {reply.status} X\r\n" + "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self.wfile.write(head.encode() + b"\r\n")
        if reply.reset:
            self.wfile.write(reply.body[: len(reply.body) // 2])
            # Closing with a linger time of zero sends a reset, not an orderly end.
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
            self.close_connection = True
        elif reply.drip:
            for at in range(len(reply.body)):
                self.wfile.write(reply.body[at : at + 1])
                time.sleep(reply.drip)
        else:
            self.wfile.write(reply.body)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--latency", type=float, default=0.0, help="seconds a request")
    parser.add_argument("--fault-share", type=float, default=0.0)
    options = parser.parse_args()
    choose = faulty(options.fault_share)

    def behave(request: Request) -> Reply:
        time.sleep(options.latency)
        return choose(request)

    with ModelServer(behave, options.port) as server:
        print(server.url, flush=True)
        try:
            while True:
                time.sleep(5)
                print(len(server.requests), "requests", flush=True)
        except KeyboardInterrupt:
            pass


if __name__ == "__main__":
    main()
