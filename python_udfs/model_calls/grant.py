"""Who may spend: a grant is a signature over a dbt run and its budget. Where a key is set, no call leaves without one.

A server that everybody can query holds the key, and so does who starts dbt; a run's grant is an argument of its calls.
There the functions have no key: they send the grant along to a proxy that has both (dbt_pinlanding/grant_proxy.py).
A grant is good for a day.
"""

import base64
import hashlib
import hmac
import json

from python_udfs.model_calls.errors import CallError

KEY_VARIABLE = "PINLANDING_GRANT_KEY"
# Where it is set, calls go there with their grant, and without a key.
PROXY_VARIABLE = "PINLANDING_GRANT_PROXY"
PROXY_PATH = "/chat/completions"
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


def bearer(grant: str, run: str, usd: float | None) -> str:
    """The `Authorization` header that carries a grant to the proxy."""
    return f"Bearer {base64.urlsafe_b64encode(json.dumps([grant, run, usd]).encode()).decode()}"


def read_bearer(header: str) -> tuple[str, str, float | None]:
    """Grant, run and dollars of a header; ("", "", None) for one that carries none."""
    try:
        grant, run, usd = json.loads(base64.urlsafe_b64decode(header.removeprefix("Bearer ")))
        return str(grant), str(run), None if usd is None else float(usd)
    except (ValueError, TypeError):
        return "", "", None


def _signature(key: str, run: str, usd: float, until: int) -> str:
    return hmac.new(key.encode(), f"{run}\n{usd!r}\n{until}".encode(), hashlib.sha256).hexdigest()
