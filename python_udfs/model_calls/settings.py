"""What a worker process needs to call a model, read from its own environment; secrets never leave this object."""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from python_udfs.model_calls.errors import CallError
from python_udfs.model_calls.grant import KEY_VARIABLE, PROXY_VARIABLE


@dataclass(frozen=True)
class Settings:
    """Settings of one worker process. Times in seconds.

    `concurrency` is this process's share of the calls in flight. The keys are kept out of every text of the object.
    """

    api_key: str = field(default="", repr=False)
    # Calls need a grant that is signed with it, where it is set.
    grant_key: str = field(default="", repr=False)
    base_url: str | None = None
    # Whether calls go to a proxy that has the key, and takes the grant in its place.
    sends_grant: bool = False
    concurrency: int = 32
    # Processes that share the calls in flight: no more than there are calls.
    tasks: int = 1
    timeout: float = 60.0
    # Over all workers; None is no limit.
    requests_per_minute: float | None = None
    tokens_per_minute: float | None = None
    max_retries: int = 5
    # Both must be passed before the endpoint counts as down, so that a burst it turned away does not end a run.
    failures_until_down: int = 20
    seconds_until_down: float = 10.0

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """Read the `OPENAI_*` and `PINLANDING_*` variables. Raises CallError for one that cannot work.

        `PINLANDING_WORKERS` says how many processes share `PINLANDING_CONCURRENCY`; unset: one a core of this machine.
        """
        workers = _number(environment, "PINLANDING_WORKERS", os.cpu_count() or 1)
        concurrency = _number(environment, "PINLANDING_CONCURRENCY", cls.concurrency)
        tasks = max(1, int(min(workers, concurrency)))
        base_url = environment.get("OPENAI_BASE_URL", "").strip()
        if "@" in urlsplit(base_url).netloc:
            # Addresses are shown where keys are not: in Spark's UI and in logs.
            raise CallError("settings", "OPENAI_BASE_URL must hold no user or token: put the key into OPENAI_API_KEY")
        proxy = environment.get(PROXY_VARIABLE, "").strip()
        return cls(
            api_key="the proxy's" if proxy else environment.get("OPENAI_API_KEY", "").strip(),
            grant_key=environment.get(KEY_VARIABLE, "").strip(),
            base_url=proxy or base_url or None,
            sends_grant=bool(proxy),
            concurrency=max(1, int(concurrency / tasks)),
            tasks=tasks,
            timeout=_number(environment, "PINLANDING_TIMEOUT", cls.timeout),
            requests_per_minute=_limit(environment, "PINLANDING_RPM"),
            tokens_per_minute=_limit(environment, "PINLANDING_TPM"),
        )

    @property
    def refusal(self) -> CallError | None:
        """Why no request may leave, or None. Stored answers are served all the same."""
        if not self.api_key:
            return CallError("settings", "OPENAI_API_KEY is not set where Spark's workers run")
        return None

    @property
    def endpoint(self) -> str:
        """A short name of the endpoint, fit for a file."""
        return hashlib.sha256((self.base_url or "").encode()).hexdigest()[:12]


def sends_links(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether a picture on the web is sent as its address, not in the request itself: `PINLANDING_IMAGE_LINKS`."""
    return environment.get("PINLANDING_IMAGE_LINKS", "").strip().lower() in ("1", "true", "yes")


def _limit(environment: Mapping[str, str], name: str) -> float | None:
    return _number(environment, name, 1.0) if environment.get(name, "").strip() else None


def _number(environment: Mapping[str, str], name: str, default: float) -> float:
    text = environment.get(name, "").strip()
    try:
        number = float(text or default)
    except ValueError:
        number = 0.0
    # Also false for nan.
    if not 0 < number < float("inf"):
        raise CallError("settings", f"{name} must be a number above 0, not {text!r}")
    return number
