"""An object store on this machine that speaks as much of S3 as the cache and the shared state need."""

import hashlib
import threading
from email.utils import formatdate
from urllib.parse import unquote, urlsplit

from .local_server import LocalHandler, LocalServer

# What a store answers where an object is already there: S3's and R2's own way, S3's when two writers meet.
TAKEN = (412, 409, 304)


class ObjectStore(LocalServer):
    """Use as a context. `objects` holds what is stored, by bucket and name; `environment` leads obstore's s3:// here.

    An object is written only where none is (`If-None-Match: *`) or where it is the one that was read (`If-Match`).
    """

    def __init__(self, taken: int = TAKEN[0]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.taken = taken
        self.objects: dict[str, bytes] = {}
        self.turned_down = 0
        self.overwritten = 0
        self.lock = threading.Lock()

    @property
    def environment(self) -> dict[str, str]:
        return {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.server_address[1]}",
            "AWS_ALLOW_HTTP": "true",
            "AWS_ACCESS_KEY_ID": "local",
            "AWS_SECRET_ACCESS_KEY": "local",
            "AWS_REGION": "us-east-1",
        }

    def put(self, name: str, data: bytes, only_new: bool, only_over: str | None) -> int:
        """The HTTP status of a write, done or turned down."""
        with self.lock:
            standing = self.objects.get(name)
            if only_new and standing is not None:
                self.turned_down += 1
                return self.taken
            if only_over is not None and (standing is None or only_over != tag_of(standing)):
                return 412
            self.overwritten += standing is not None
            self.objects[name] = data
            return 200


def tag_of(data: bytes) -> str:
    return f'"{hashlib.md5(data).hexdigest()}"'


class _Handler(LocalHandler):
    server: ObjectStore

    def do_GET(self) -> None:
        data = self.server.objects.get(self._name())
        self._reply(404 if data is None else 200, data or b"")

    def do_PUT(self) -> None:
        data = self.rfile.read(int(self.headers["Content-Length"]))
        only_new = self.headers["If-None-Match"] == "*"
        status = self.server.put(self._name(), data, only_new, self.headers["If-Match"])
        self._reply(status, b"", tag_of(data))

    def _name(self) -> str:
        return unquote(urlsplit(self.path).path).lstrip("/")

    def _reply(self, status: int, body: bytes, tag: str | None = None) -> None:
        self.send_response(status)
        self.send_header("ETag", tag or tag_of(body))
        self.send_header("Last-Modified", formatdate(usegmt=True))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
