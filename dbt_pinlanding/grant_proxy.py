"""The only way from a served session to a model: the one place that holds the endpoint's key.

It listens in the process that starts the Thrift server, and passes a chat completion on, with the key, when it carries
the grant of a dbt run. Neither the JVM nor its Python workers, where queries run, have a key in their environment.
"""

import ctypes
import json
import socket
import sys
import threading
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx2

from python_udfs.model_calls.errors import CallError
from python_udfs.model_calls.grant import PROXY_PATH, read_bearer, refusal

DEFAULT_ENDPOINT = "https://api.openai.com/v1"
MAX_BYTES = 64 * 1000**2
# Headers of one connection, and those that the proxy writes itself.
_OWN_HEADERS = frozenset(
    ("accept-encoding", "authorization", "connection", "content-length", "host", "transfer-encoding")
)
_PASSED_BACK = ("content-type", "retry-after", "retry-after-ms", "x-request-id", "x-should-retry")
_PR_SET_DUMPABLE = 4


def hide_memory() -> None:
    """Keep other processes of this user from reading this one's environment and memory, where Linux allows it."""
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


class GrantProxy(ThreadingHTTPServer):
    """Listens on a free port of `host` from `start` to `close`; `timeout` in seconds is that of one call."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, host: str, endpoint: str, api_key: str, grant_key: str, timeout: float) -> None:
        super().__init__((host, 0), _Handler)
        self.endpoint = (endpoint or DEFAULT_ENDPOINT).rstrip("/")
        self.api_key, self.grant_key, self.seconds = api_key, grant_key, timeout
        self.client = httpx2.Client(timeout=timeout, limits=httpx2.Limits(max_connections=None))

    @property
    def url(self) -> str:
        """What workers take for the endpoint."""
        host, port = str(self.server_address[0]), self.server_address[1]
        return f"http://{socket.getfqdn() if host == '0.0.0.0' else host}:{port}"

    def start(self) -> None:
        """Answer until `close`."""
        threading.Thread(target=self.serve_forever, name="grant-proxy", daemon=True).start()

    def close(self) -> None:
        """Stop listening."""
        self.shutdown()
        self.server_close()
        self.client.close()

    def refusal(self, authorization: str) -> CallError | None:
        """Why a call with this header may not leave, or None."""
        return refusal(self.grant_key, *read_bearer(authorization), time.time())


class _Handler(BaseHTTPRequestHandler):
    server: GrantProxy
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    # Head and body of an answer leave together.
    wbufsize = 1 << 16

    def do_POST(self) -> None:
        """Pass one chat completion on. 402: its grant is not good; 502: the endpoint was not reached, so not billed."""
        size = self.headers.get("content-length", "")
        if not size.isdigit() or int(size) > MAX_BYTES:
            self.close_connection = True
            return self._refuse(413, "size", f"a request has a length, of {MAX_BYTES:,} bytes at most")
        body = self.rfile.read(int(size))
        if refused := self.server.refusal(self.headers.get("authorization", "")):
            return self._refuse(402, refused.kind, str(refused).removeprefix(f"{refused.kind}: "))
        if self.path != PROXY_PATH:
            return self._refuse(404, "path", "only chat completions are passed on")
        try:
            self._pass_on(body)
        except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout) as error:
            self._refuse(502, "connection", f"the endpoint was not reached: {type(error).__name__}")
        except (httpx2.HTTPError, TimeoutError):
            # Whether it was billed nobody knows: the caller sees that no answer came, and counts it in full.
            self.close_connection = True

    def _pass_on(self, body: bytes) -> None:
        server, headers = self.server, {"authorization": f"Bearer {self.server.api_key}"}
        headers |= {name: value for name, value in self.headers.items() if name.lower() not in _OWN_HEADERS}
        deadline, answer = time.monotonic() + server.seconds, bytearray()
        with server.client.stream("POST", server.endpoint + self.path, content=body, headers=headers) as response:
            for chunk in response.iter_bytes():
                answer += chunk
                if time.monotonic() > deadline or len(answer) > MAX_BYTES:
                    raise TimeoutError
        # Endpoints like to repeat a key that they do not accept.
        said = bytes(answer).replace(server.api_key.encode(), b"***")
        passed = {name: response.headers[name] for name in _PASSED_BACK if name in response.headers}
        self._answer(response.status_code, passed, said)

    def _refuse(self, status: int, kind: str, message: str) -> None:
        said = json.dumps({"error": {"type": kind, "message": message}})
        self._answer(status, {"content-type": "application/json"}, said.encode())

    def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in {**headers, "content-length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Requests are counted in `llm_calls`; the console is the server's."""
