"""Bought answers, one immutable object a key, shared by all workers, runs and machines."""

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

import obstore
from obstore.exceptions import AlreadyExistsError
from obstore.store import from_url

from python_udfs.model_calls.errors import CallError, redact


class AnswerCache:
    """A folder or an object store's prefix. An object is the SHA-256 of what follows it, a line break, and JSON.

    Objects are written whole or not at all, and only where none is, so writers need no lock: the first one wins. An
    object whose checksum does not fit is a miss, and the next answer replaces it.

    Methods block, so an event loop calls them in a thread: obstore's own coroutines end on threads that can abort the
    process when they meet an interpreter that is shutting down.
    """

    def __init__(self, location: str) -> None:
        """Open `location`: a path, or a URL of a store that obstore knows (`s3://`, `gs://`, …). Raises CallError."""
        try:
            local = "://" not in location or location.startswith("file://")
            url = location if "://" in location else Path(location).absolute().as_uri()
            self._store = from_url(url, mkdir=True) if local else from_url(url)
        except Exception as error:
            raise CallError("cache", f"{location} cannot be opened: {redact(str(error))}") from None

    def get(self, key: str) -> dict[str, Any] | None:
        """The entry under a key, or None when there is none or it is corrupt. Raises CallError."""
        try:
            data = bytes(obstore.get(self._store, _path(key)).bytes())
        except FileNotFoundError:
            return None
        except Exception as error:
            raise CallError("cache", f"cannot be read: {redact(str(error))}") from None
        return _decode(data)

    def put(self, key: str, entry: dict[str, Any]) -> None:
        """Store an entry unless a sound one is there. Raises CallError."""
        try:
            obstore.put(self._store, _path(key), _encode(entry), mode="create")
        except AlreadyExistsError:
            if self.get(key) is None:
                self._replace(key, entry)
        except Exception as error:
            raise _unwritable(error) from None

    def _replace(self, key: str, entry: dict[str, Any]) -> None:
        try:
            obstore.put(self._store, _path(key), _encode(entry), mode="overwrite")
        except Exception as error:
            raise _unwritable(error) from None


@cache
def open_cache(location: str) -> AnswerCache:
    """The cache at a location, opened once a process. Raises CallError."""
    return AnswerCache(location)


def _path(key: str) -> str:
    # Folders with a million entries are slow to list.
    return f"{key[:2]}/{key}.json"


def _encode(entry: dict[str, Any]) -> bytes:
    body = json.dumps(entry, sort_keys=True).encode()
    return hashlib.sha256(body).hexdigest().encode() + b"\n" + body


def _decode(data: bytes) -> dict[str, Any] | None:
    checksum, _, body = data.partition(b"\n")
    if hashlib.sha256(body).hexdigest().encode() != checksum:
        return None
    entry = json.loads(body)
    return entry if isinstance(entry, dict) else None


def _unwritable(error: Exception) -> CallError:
    return CallError("cache", f"cannot be written: {redact(str(error))}")
