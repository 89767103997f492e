"""A few numbers that all workers of a build share: one JSON object, changed by one worker at a time."""

import json
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeVar
from urllib.parse import unquote, urlsplit

import obstore
from filelock import FileLock
from obstore.exceptions import AlreadyExistsError, PreconditionError
from obstore.store import from_url

from python_udfs.model_calls.errors import CallError, redact

if TYPE_CHECKING:
    from obstore import UpdateVersion

FOLDER = ".limits"
# Seconds without a change after which an object is of no build that still runs.
FORGOTTEN = 7 * 24 * 3600.0
# Seconds between two looks at a lock that another process holds, for a change of about a tenth of a millisecond.
POLL = 0.002

State = dict[str, Any]
T = TypeVar("T")


class SharedState(Protocol):
    """One JSON object beside the cache of answers."""

    def change(self, step: Callable[[State], T]) -> T:
        """Call `step` with the object (empty at first), keep what it makes of it, return what it returns.

        `step` may be called more than once. Blocks. Raises CallError when the object cannot be read or written.
        """


class LocalState:
    """The object as a file under a lock. The lock goes with the process that holds it, and a file is replaced whole, so
    a killed worker leaves neither a lock nor half an object."""

    def __init__(self, path: Path) -> None:
        """Raises OSError when the folder cannot be made."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path, self._new = path, path.with_suffix(".new")
        # The file's lock is for other processes: threads of this one meet at a cheaper one.
        self._thread_lock = threading.Lock()
        self._lock = FileLock(path.with_suffix(".lock"), thread_local=False)

    def change(self, step: Callable[[State], T]) -> T:
        try:
            with self._thread_lock, self._lock.acquire(poll_interval=POLL):
                state = _decode(self._path.read_bytes() if self._path.exists() else b"")
                result = step(state)
                self._new.write_text(json.dumps(state))
                self._new.replace(self._path)
                return result
        except OSError as error:
            raise _unusable(error) from None


class ObjectState:
    """The object in an object store, replaced only where it is still the one that was read.

    A change is two round trips, more when two workers meet.
    """

    def __init__(self, store: Any, path: str) -> None:
        self._store, self._path = store, path

    def change(self, step: Callable[[State], T]) -> T:
        while True:
            try:
                state, version = self._read()
                result = step(state)
                mode: Literal["create"] | UpdateVersion = version or "create"
                obstore.put(self._store, self._path, json.dumps(state).encode(), mode=mode)
                return result
            except (AlreadyExistsError, PreconditionError):
                continue
            except CallError:
                raise
            except Exception as error:
                raise _unusable(error) from None

    def _read(self) -> tuple[State, "UpdateVersion | None"]:
        try:
            found = obstore.get(self._store, self._path)
        except FileNotFoundError:
            return {}, None
        # S3 and Azure compare the tag, Google the version.
        version: UpdateVersion = {}
        if found.meta["e_tag"]:
            version["e_tag"] = found.meta["e_tag"]
        if found.meta["version"]:
            version["version"] = found.meta["version"]
        if not version:
            raise CallError(
                "limits", "this store says of no object which version it is: put PINLANDING_CACHE elsewhere"
            )
        return _decode(bytes(found.bytes())), version


@cache
def open_state(cache_location: str, name: str) -> SharedState:
    """The object of this name beside the answers at a location, opened once a process. Raises CallError."""
    try:
        address = urlsplit(cache_location)
        if "://" not in cache_location or address.scheme == "file":
            folder = Path(unquote(address.path) if address.scheme == "file" else cache_location).absolute()
            return LocalState(folder / FOLDER / f"{name}.state")
        return ObjectState(from_url(cache_location), f"{FOLDER}/{name}.state")
    except Exception as error:
        raise _unusable(error) from None


def forget(cache_location: str, prefix: str, now: float | None = None) -> None:
    """Remove the objects beside the answers whose names begin with `prefix` and that nothing has changed for a week.

    `now` is in seconds since 1970. Raises CallError.
    """
    oldest = (time.time() if now is None else now) - FORGOTTEN
    try:
        store = _store(cache_location)
        for page in obstore.list(store, f"{FOLDER}/"):
            old = [each["path"] for each in page if each["last_modified"].timestamp() < oldest]
            for path in old:
                if path.startswith(f"{FOLDER}/{prefix}"):
                    with suppress(FileNotFoundError):
                        obstore.delete(store, path)
    except Exception as error:
        raise _unusable(error) from None


def _store(cache_location: str) -> Any:
    if "://" in cache_location:
        return from_url(cache_location)
    return from_url(Path(cache_location).absolute().as_uri(), mkdir=True)


def _decode(data: bytes) -> State:
    try:
        state = json.loads(data or b"{}")
    except ValueError:
        state = None
    if not isinstance(state, dict):
        raise CallError("limits", f"a file under {FOLDER} beside the cache of answers is damaged: remove that folder")
    return state


def _unusable(error: Exception) -> CallError:
    return CallError("limits", f"what is spent cannot be kept beside the cache of answers: {redact(str(error))}")
