"""Bought answers, one immutable object a key, and beside them what was billed and is no answer, for all workers, runs
and machines."""

import hashlib
import json
from collections.abc import Callable, Iterator
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import obstore
from obstore.exceptions import AlreadyExistsError
from obstore.store import from_url

from python_udfs.model_calls.errors import CallError, redact

Entry = dict[str, Any]


class AnswerCache:
    """A folder or an object store's prefix. An object is the SHA-256 of what follows it, a line break, and JSON.

    Objects are written whole or not at all, and only where none is, so writers need no lock: the first one wins. An
    object whose checksum does not fit, or whose answer is read no more, is a miss, and the next answer replaces it.

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

    def get(self, key: str) -> Entry | None:
        """The entry under a key, or None when there is none or it is corrupt. Raises CallError."""
        data = self._read(key)
        return _decode(data) if data is not None else None

    def put(self, key: str, entry: Entry, can_be_used: Callable[[Entry], bool]) -> Entry:
        """Store an entry unless one that can be used is there, and return the one that is. Raises CallError."""
        if self._create(key, entry):
            return entry
        standing = self.get(key)
        if standing is not None and can_be_used(standing):
            return standing
        try:
            obstore.put(self._store, _path(key), _encode(entry), mode="overwrite")
        except Exception as error:
            raise _unwritable(error) from None
        return entry

    def add_failure(self, key: str, entry: Entry) -> str:
        """Keep what was billed for a key and is no answer to it; returns the name under which. Raises CallError."""
        return next(name for name in _failure_names(key) if self._create(name, entry))

    def failures(self, key: str) -> list[tuple[str, Entry]]:
        """What `add_failure` kept for a key: names and entries. Raises CallError."""
        found = []
        for name in _failure_names(key):
            data = self._read(name)
            if data is None:
                break
            if entry := _decode(data):
                found.append((name, entry))
        return found

    def _read(self, name: str) -> bytes | None:
        try:
            return bytes(obstore.get(self._store, _path(name)).bytes())
        except FileNotFoundError:
            return None
        except Exception as error:
            raise CallError("cache", f"cannot be read: {redact(str(error))}") from None

    def _create(self, name: str, entry: Entry) -> bool:
        try:
            obstore.put(self._store, _path(name), _encode(entry), mode="create")
        except AlreadyExistsError:
            return False
        except Exception as error:
            raise _unwritable(error) from None
        return True


@cache
def open_cache(location: str) -> AnswerCache:
    """The cache at a location, opened once a process. Raises CallError."""
    return AnswerCache(location)


def _path(name: str) -> str:
    # Folders with a million entries are slow to list.
    return f"{name[:2]}/{name}.json"


def _failure_names(key: str) -> Iterator[str]:
    return (f"{key}-failed-{number}" for number in count(1))


def _encode(entry: Entry) -> bytes:
    body = json.dumps(entry, sort_keys=True).encode()
    return hashlib.sha256(body).hexdigest().encode() + b"\n" + body


def _decode(data: bytes) -> Entry | None:
    checksum, _, body = data.partition(b"\n")
    if hashlib.sha256(body).hexdigest().encode() != checksum:
        return None
    entry = json.loads(body)
    return entry if isinstance(entry, dict) else None


def _unwritable(error: Exception) -> CallError:
    return CallError("cache", f"cannot be written: {redact(str(error))}")
