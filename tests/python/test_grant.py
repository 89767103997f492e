"""A run's grant: who may spend, and for how long."""

import pytest

from dbt_pinlanding.settings import grant
from python_udfs.model_calls.grant import SECONDS, refusal, sign

KEY = "an operator's"


def test_a_signed_run_may_spend_its_budget_until_its_end() -> None:
    signed = sign(KEY, "run", 5.0, 1000)
    assert refusal(KEY, signed, "run", 5.0, 999.0) is None
    ended = refusal(KEY, signed, "run", 5.0, 1001.0)
    assert ended and "has ended" in str(ended)


@pytest.mark.parametrize(
    ("key", "given", "run", "usd"),
    [
        ("another", "", "run", 5.0),
        (KEY, "", "another", 5.0),
        (KEY, "", "run", 5000.0),
        (KEY, "", "run", None),
        (KEY, "none", "run", 5.0),
        (KEY, "2000.", "run", 5.0),
    ],
)
def test_any_other_run_budget_key_or_end_is_refused(key: str, given: str, run: str, usd: float | None) -> None:
    refused = refusal(KEY, given or sign(key, "run", 5.0, 1000), run, usd, 500.0)
    assert refused and refused.kind == "grant"


def test_a_longer_end_needs_another_signature() -> None:
    assert refusal(KEY, sign(KEY, "run", 5.0, 1000).replace("1000.", "9999."), "run", 5.0, 500.0)


def test_where_no_key_is_set_nobody_is_refused() -> None:
    assert refusal("", "", "run", None, 0.0) is None


def test_a_run_of_dbt_gets_its_grant_from_key_and_budget() -> None:
    given = grant("run", {"PINLANDING_GRANT_KEY": KEY, "PINLANDING_BUDGET_USD": "5"})
    until = int(given.split(".")[0])
    assert given == sign(KEY, "run", 5.0, until) and refusal(KEY, given, "run", 5.0, until - SECONDS + 1.0) is None
    assert grant("run", {"PINLANDING_BUDGET_USD": "5"}) == ""
    assert grant("run", {"PINLANDING_GRANT_KEY": KEY}) == ""
