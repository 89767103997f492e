"""The cache of bought answers: what is stored, what is not believed, and writers that meet."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pytest

from python_udfs.model_calls.cache import AnswerCache, Entry, open_cache
from python_udfs.model_calls.errors import CallError

from .conftest import PROJECT
from .model_server import ModelServer
from .object_store import TAKEN, ObjectStore

KEY = "ab" + "0" * 62
STORED = f"ab/{KEY}.json"


class Place(Protocol):
    """A place for answers, looked at from outside the cache."""

    @property
    def location(self) -> str: ...

    def names(self) -> list[str]: ...

    def read(self, name: str) -> bytes: ...

    def write(self, name: str, data: bytes) -> None: ...


@dataclass(frozen=True)
class Folder:
    location: str
    path: Path

    def names(self) -> list[str]:
        return [str(path.relative_to(self.path)) for path in self.path.rglob("*") if path.is_file()]

    def read(self, name: str) -> bytes:
        return (self.path / name).read_bytes()

    def write(self, name: str, data: bytes) -> None:
        (self.path / name).write_bytes(data)


@dataclass(frozen=True)
class Bucket:
    location: str
    store: ObjectStore

    def names(self) -> list[str]:
        return [name.removeprefix("bucket/answers/") for name in self.store.objects]

    def read(self, name: str) -> bytes:
        return self.store.objects[f"bucket/answers/{name}"]

    def write(self, name: str, data: bytes) -> None:
        self.store.objects[f"bucket/answers/{name}"] = data


@pytest.fixture
def bucket(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    with ObjectStore(getattr(request, "param", TAKEN[0])) as store:
        for name, value in store.environment.items():
            monkeypatch.setenv(name, value)
        yield Bucket("s3://bucket/answers", store)


@pytest.fixture(params=["folder", "file URL", "object store"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    if request.param == "object store":
        found: Place = request.getfixturevalue("bucket")
        return found
    return Folder(str(tmp_path) if request.param == "folder" else tmp_path.as_uri(), tmp_path)


def usable(entry: Entry) -> bool:
    return bool(entry["answer"])


def test_the_first_entry_stays(place: Place) -> None:
    cache = AnswerCache(place.location)
    assert cache.get(KEY) is None
    cache.put(KEY, {"answer": "é \ud800"}, usable)
    assert cache.put(KEY, {"answer": "second"}, usable) == {"answer": "é \ud800"}
    assert cache.get(KEY) == {"answer": "é \ud800"}
    assert place.names() == [STORED]


@pytest.mark.parametrize("bucket", TAKEN, indirect=True)
def test_the_first_of_two_writers_wins_however_a_store_says_that_an_object_is_there(bucket: Bucket) -> None:
    first, second = AnswerCache(bucket.location), AnswerCache(bucket.location)
    assert first.put(KEY, {"answer": "first"}, usable) == {"answer": "first"}
    assert second.put(KEY, {"answer": "second"}, usable) == {"answer": "first"} == second.get(KEY)
    assert [first.add_failure(KEY, {}), second.add_failure(KEY, {})] == [f"{KEY}-failed-1", f"{KEY}-failed-2"]
    assert bucket.store.turned_down == 2 and bucket.store.overwritten == 0


def test_a_write_that_a_store_turns_down_for_another_reason_is_an_error(bucket: Bucket) -> None:
    cache = AnswerCache(bucket.location)
    bucket.store.taken = 403
    cache.put(KEY, {"answer": "first"}, usable)
    with pytest.raises(CallError, match=r"^cache: cannot be written"):
        cache.put(KEY, {"answer": "second"}, usable)


@pytest.mark.parametrize("damage", [b"", b"x", b"\n{}", b"{}"])
def test_a_corrupt_entry_is_a_miss_and_is_replaced(place: Place, damage: bytes) -> None:
    cache = AnswerCache(place.location)
    cache.put(KEY, {"answer": "first"}, usable)
    place.write(STORED, damage)
    assert cache.get(KEY) is None
    cache.put(KEY, {"answer": "second"}, usable)
    assert cache.get(KEY) == {"answer": "second"}


def test_one_changed_byte_is_noticed(place: Place) -> None:
    cache = AnswerCache(place.location)
    cache.put(KEY, {"answer": "red"}, usable)
    place.write(STORED, place.read(STORED).replace(b"red", b"rod"))
    assert cache.get(KEY) is None


def test_an_entry_that_is_read_no_more_is_replaced(place: Place) -> None:
    cache = AnswerCache(place.location)
    cache.put(KEY, {"answer": ""}, usable)
    assert cache.put(KEY, {"answer": "second"}, usable) == {"answer": "second"} == cache.get(KEY)


def test_failures_are_kept_beside_an_answer_and_are_none(place: Place) -> None:
    cache = AnswerCache(place.location)
    names = [cache.add_failure(KEY, {"calls": [number]}) for number in range(3)]
    assert cache.get(KEY) is None and len(set(names)) == 3
    place.write(f"ab/{names[1]}.json", b"x")
    assert cache.failures(KEY) == [(names[0], {"calls": [0]}), (names[2], {"calls": [2]})]
    assert cache.failures("cd" + KEY[2:]) == []


def test_a_place_that_cannot_be_is_said_at_once(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CallError, match=r"^cache: .* cannot be opened"):
        open_cache(str(tmp_path / "file" / "folder"))
    with pytest.raises(CallError, match=r"^cache: nosuch://x cannot be opened"):
        open_cache("nosuch://x")


WRITERS = """
import sys
from python_udfs.model_calls.cache import AnswerCache
cache = AnswerCache(sys.argv[1])
for number in range(200):
    key = f"{number:064x}"
    cache.put(key, {"answer": sys.argv[2] * 5000}, lambda standing: True)
    print(number, cache.get(key)["answer"][0], flush=True)
"""


@pytest.mark.parametrize("place", ["folder", "object store"], indirect=True)
def test_two_processes_that_write_the_same_keys_read_the_same_answers(place: Place) -> None:
    command = [sys.executable, "-c", WRITERS, place.location]
    both = [subprocess.Popen([*command, name], cwd=PROJECT, stdout=subprocess.PIPE, text=True) for name in "ab"]
    said = [writer.communicate()[0].splitlines() for writer in both]
    assert [writer.returncode for writer in both] == [0, 0]
    assert said[0] == said[1] and len(said[0]) == 200
    names = place.names()
    assert len(names) == 200 and all(name.endswith(".json") for name in names)
    if isinstance(place, Bucket):
        assert place.store.turned_down == 200 and place.store.overwritten == 0


ASKERS = """
import sys
import pandas as pd
from python_udfs.review import review_attribute
values = [f"color {number}" for number in range(100)]
count = len(values)
free = {"run": "x", "usd": 0.0, "usd_per_million_input_tokens": 0.0, "usd_per_million_output_tokens": 0.0, "grant": ""}
rows = review_attribute(pd.Series(["color"] * count), pd.Series(values), pd.Series([5] * count),
    pd.Series(["some-model"] * count), pd.Series([sys.argv[1]] * count), pd.DataFrame([free] * count))
assert rows.error.isna().all(), rows.error.dropna().iloc[0]
print(int(rows.cache_hit.sum()))
"""


@pytest.mark.parametrize("place", ["folder", "object store"], indirect=True)
def test_two_processes_that_ask_the_same_end_with_one_answer_each(place: Place) -> None:
    with ModelServer() as server:
        env = os.environ | {
            "OPENAI_BASE_URL": server.url,
            "OPENAI_API_KEY": "local",
            "PINLANDING_CONCURRENCY": "16",
            "PINLANDING_WORKERS": "2",
        }
        command = [sys.executable, "-c", ASKERS, place.location]
        both = [subprocess.Popen(command, cwd=PROJECT, env=env, stdout=subprocess.PIPE, text=True) for _ in "ab"]
        hits = [int(asker.communicate()[0]) for asker in both]
        assert sum(hits) + len(server.requests) == 200
        assert len([name for name in place.names() if name.endswith(".json")]) == 100
        sent = len(server.requests)
        third = subprocess.run(command, cwd=PROJECT, env=env, capture_output=True, text=True, check=True)
        assert int(third.stdout) == 100 and len(server.requests) == sent
