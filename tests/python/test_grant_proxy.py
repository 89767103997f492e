"""The proxy that has the key in the functions' place: what passes, what is refused, and what comes back."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from dbt_pinlanding.grant_proxy import GrantProxy
from python_udfs.model_calls.grant import bearer, read_bearer, sign
from python_udfs.review import review_attribute

from . import model_server as respond
from .model_server import ModelServer, Reply

API_KEY, GRANT_KEY = "sk-the-endpoint's", "an operator's"


@pytest.fixture
def model_server() -> Iterator[ModelServer]:
    with ModelServer() as server:
        yield server


@pytest.fixture
def proxy(model_server: ModelServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[GrantProxy]:
    """A proxy before the model, named in the environment that the functions read, which holds no key."""
    proxy = GrantProxy("127.0.0.1", model_server.url, API_KEY, GRANT_KEY, 5.0)
    proxy.start()
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.setenv("PINLANDING_GRANT_PROXY", proxy.url)
    monkeypatch.setenv("PINLANDING_WORKERS", "1")
    yield proxy
    proxy.close()


def review(
    values: list[str], cache: Path, grant: str | None = None, run: str = "a build", usd: float = 1.0
) -> pd.DataFrame:
    count = len(values)
    granted = sign(GRANT_KEY, "a build", 1.0, int(time.time()) + 60) if grant is None else grant
    terms = {
        "run": run,
        "usd": usd,
        "usd_per_million_input_tokens": 0.4,
        "usd_per_million_output_tokens": 1.6,
        "grant": granted,
    }
    columns = [["color"] * count, values, [5] * count, ["some-model"] * count, [str(cache)] * count]
    return review_attribute(*map(pd.Series, columns), pd.DataFrame([terms] * count))


@pytest.mark.usefixtures("proxy")
def test_calls_with_a_grant_pass_and_get_the_key_on_the_way(model_server: ModelServer, tmp_path: Path) -> None:
    answered = review([f"value {number}" for number in range(40)], tmp_path)
    assert answered.error.isna().all() and (answered.decision == "keep").all()
    assert len(model_server.requests) == 40
    assert {request.headers["authorization"] for request in model_server.requests} == {f"Bearer {API_KEY}"}


@pytest.mark.usefixtures("proxy")
def test_without_a_good_grant_nothing_passes(model_server: ModelServer, tmp_path: Path) -> None:
    ended = sign(GRANT_KEY, "a build", 1.0, 1000)
    refused = [
        review(["red"], tmp_path, **terms)  # type: ignore[arg-type]
        for terms in ({"grant": ""}, {"grant": "9999999999.0"}, {"run": "another"}, {"usd": 2.0}, {"grant": ended})
    ]
    errors = [str(rows.error[0]) for rows in refused]
    assert all(error.startswith("grant: only a dbt run") for error in errors[:4]), errors
    assert errors[4].startswith("grant: this run's grant has ended")
    assert not model_server.requests


@pytest.mark.usefixtures("proxy")
def test_strangers_do_not_make_the_endpoint_look_down(model_server: ModelServer, tmp_path: Path) -> None:
    refused = review([f"value {number}" for number in range(60)], tmp_path, grant="")
    assert refused.error.str.startswith("grant: ").all()
    assert review(["red"], tmp_path).error.isna().all()


@pytest.mark.usefixtures("proxy")
def test_an_error_comes_back_without_the_key(model_server: ModelServer, tmp_path: Path) -> None:
    model_server.behave = lambda request: respond.status(400, f"bad: {request.headers['authorization']}")
    (error,) = review(["red"], tmp_path).error
    assert error.startswith("bad request: HTTP status 400") and API_KEY not in error and "the-endpoint" not in error


@pytest.mark.usefixtures("proxy")
def test_a_broken_answer_counts_as_one_that_may_have_been_billed(model_server: ModelServer, tmp_path: Path) -> None:
    model_server.behave = lambda request: Reply(respond.answer({}).body, reset=True)
    (error,) = review(["red"], tmp_path).error
    assert error.startswith("connection: ") or error.startswith("endpoint down")
    spent = "".join(path.read_text() for path in (tmp_path / ".limits").glob("*.state"))
    assert "0.0" in spent


def test_any_header_is_read_and_only_ours_says_something() -> None:
    assert read_bearer(bearer("1.ab", "run \u00e9\n", 0.1)) == ("1.ab", "run \u00e9\n", 0.1)
    for header in ("", "Bearer", "Bearer sk-123", "Bearer bnVsbA==", "Basic \u00e9", bearer("", "", None)):
        assert read_bearer(header) == ("", "", None)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can")
def test_what_holds_the_key_hides_its_memory() -> None:
    hidden = "from dbt_pinlanding.grant_proxy import hide_memory; hide_memory()"
    code = f"import ctypes; {hidden}; print(ctypes.CDLL(None).prctl(3))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "0\n"
