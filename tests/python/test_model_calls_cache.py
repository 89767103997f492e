"""The cache of bought answers: what is stored, what is not believed, and writers that meet."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from python_udfs.model_calls.cache import AnswerCache, Entry, open_cache
from python_udfs.model_calls.errors import CallError

from .conftest import PROJECT
from .model_server import ModelServer

KEY = "ab" + "0" * 62


def usable(entry: Entry) -> bool:
    return bool(entry["answer"])


def stored_file(folder: Path) -> Path:
    (path,) = (path for path in folder.rglob("*.json"))
    return path


def test_the_first_entry_stays(tmp_path: Path) -> None:
    cache = AnswerCache(str(tmp_path))
    assert cache.get(KEY) is None
    cache.put(KEY, {"answer": "é \ud800"}, usable)
    assert cache.put(KEY, {"answer": "second"}, usable) == {"answer": "é \ud800"}
    assert cache.get(KEY) == {"answer": "é \ud800"}
    assert stored_file(tmp_path).relative_to(tmp_path) == Path("ab") / f"{KEY}.json"


@pytest.mark.parametrize("damage", [b"", b"x", b"\n{}", b"{}"])
def test_a_corrupt_entry_is_a_miss_and_is_replaced(tmp_path: Path, damage: bytes) -> None:
    cache = AnswerCache(tmp_path.as_uri())
    cache.put(KEY, {"answer": "first"}, usable)
    stored_file(tmp_path).write_bytes(damage)
    assert cache.get(KEY) is None
    cache.put(KEY, {"answer": "second"}, usable)
    assert cache.get(KEY) == {"answer": "second"}


def test_one_changed_byte_is_noticed(tmp_path: Path) -> None:
    cache = AnswerCache(str(tmp_path))
    cache.put(KEY, {"answer": "red"}, usable)
    path = stored_file(tmp_path)
    path.write_bytes(path.read_bytes().replace(b"red", b"rod"))
    assert cache.get(KEY) is None


def test_an_entry_that_is_read_no_more_is_replaced(tmp_path: Path) -> None:
    cache = AnswerCache(str(tmp_path))
    cache.put(KEY, {"answer": ""}, usable)
    assert cache.put(KEY, {"answer": "second"}, usable) == {"answer": "second"} == cache.get(KEY)


def test_failures_are_kept_beside_an_answer_and_are_none(tmp_path: Path) -> None:
    cache = AnswerCache(str(tmp_path))
    names = [cache.add_failure(KEY, {"calls": [number]}) for number in range(3)]
    assert cache.get(KEY) is None and len(set(names)) == 3
    (tmp_path / "ab" / f"{names[1]}.json").write_bytes(b"x")
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


def test_two_processes_that_write_the_same_keys_read_the_same_answers(tmp_path: Path) -> None:
    command = [sys.executable, "-c", WRITERS, str(tmp_path)]
    both = [subprocess.Popen([*command, name], cwd=PROJECT, stdout=subprocess.PIPE, text=True) for name in "ab"]
    said = [writer.communicate()[0].splitlines() for writer in both]
    assert [writer.returncode for writer in both] == [0, 0]
    assert said[0] == said[1] and len(said[0]) == 200
    assert len(list(tmp_path.rglob("*.json"))) == len([p for p in tmp_path.rglob("*") if p.is_file()]) == 200


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


def test_two_processes_that_ask_the_same_end_with_one_answer_each(tmp_path: Path) -> None:
    with ModelServer() as server:
        env = os.environ | {
            "OPENAI_BASE_URL": server.url,
            "OPENAI_API_KEY": "local",
            "PINLANDING_CONCURRENCY": "16",
            "PINLANDING_WORKERS": "2",
        }
        command = [sys.executable, "-c", ASKERS, str(tmp_path)]
        both = [subprocess.Popen(command, cwd=PROJECT, env=env, stdout=subprocess.PIPE, text=True) for _ in "ab"]
        hits = [int(asker.communicate()[0]) for asker in both]
        assert sum(hits) + len(server.requests) == 200
        assert len(list(tmp_path.rglob("*.json"))) == 100
        sent = len(server.requests)
        third = subprocess.run(command, cwd=PROJECT, env=env, capture_output=True, text=True, check=True)
        assert int(third.stdout) == 100 and len(server.requests) == sent
