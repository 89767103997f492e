"""Who may spend: a grant is a signature over a dbt run and its budget. Where a key is set, no call leaves without one.

A server that everybody can query holds the key, and so does who starts dbt; a run's grant is an argument of its calls.
Found out, it buys no more than is left of that run's budget, for a day.
"""

import hashlib
import hmac

from python_udfs.model_calls.errors import CallError

KEY_VARIABLE = "PINLANDING_GRANT_KEY"
SECONDS = 24 * 3600


def sign(key: str, run: str, usd: float, until: int) -> str:
    """The grant of a run: it may spend `usd` dollars until a time in seconds since 1970."""
    return f"{until}.{_signature(key, run, usd, until)}"


def refusal(key: str, grant: str, run: str, usd: float | None, now: float) -> CallError | None:
    """Why a call may not leave, or None. Without a key nothing is refused."""
    if not key:
        return None
    until, _, signature = grant.partition(".")
    if not until.isdigit() or usd is None or not hmac.compare_digest(_signature(key, run, usd, int(until)), signature):
        return CallError(
            "grant",
            "only a dbt run that was given this server's PINLANDING_GRANT_KEY may ask a model; stored answers are free",
        )
    if int(until) < now:
        return CallError("grant", "this run's grant has ended; the next build asks for the rest")
    return None


def _signature(key: str, run: str, usd: float, until: int) -> str:
    return hmac.new(key.encode(), f"{run}\n{usd!r}\n{until}".encode(), hashlib.sha256).hexdigest()
