"""On what terms a build calls a model: how much it may spend, and what the model costs."""

import time
from dataclasses import dataclass

import pandas as pd

from python_udfs.model_calls.errors import CallError
from python_udfs.model_calls.grant import refusal

# Field name → SQL type of the struct that functions take.
TERMS = {
    "run": "string",
    "usd": "double",
    "usd_per_million_input_tokens": "double",
    "usd_per_million_output_tokens": "double",
    "grant": "string",
}
_TEXTS = ("run", "grant")


@dataclass(frozen=True)
class Terms:
    """`run` names the build, `usd` is its budget in dollars, prices are in dollars a million tokens.

    `grant` signs run and budget. None, or empty, where nobody said.
    """

    run: str = ""
    usd: float | None = None
    usd_per_million_input_tokens: float | None = None
    usd_per_million_output_tokens: float | None = None
    grant: str = ""

    @classmethod
    def read(cls, rows: "pd.DataFrame") -> "list[Terms]":
        """One a row of a struct column; NaN is null."""
        columns = (
            [str(each or "") if name in _TEXTS else None if pd.isna(each) else float(each) for each in rows[name]]
            for name in TERMS
        )
        return [cls(*each) for each in zip(*columns, strict=True)]

    def refusal(self, model: str, grant_key: str) -> CallError | None:
        """Why no call may leave, or None."""
        not_granted = refusal(grant_key, self.grant, self.run, self.usd, time.time())
        if not_granted:
            return not_granted
        if self.usd is None:
            return CallError("budget", "PINLANDING_BUDGET_USD is not set, so nothing is spent")
        if self.usd_per_million_input_tokens is None or self.usd_per_million_output_tokens is None:
            return CallError(
                "price", f"{model} has no row in seeds/model_prices.csv (0 is a price), so nothing is spent"
            )
        return None

    def cost(self, tokens_in: int | None, tokens_out: int | None) -> float | None:
        """Dollars, or None where tokens or prices are not known."""
        prices = (self.usd_per_million_input_tokens, self.usd_per_million_output_tokens)
        if tokens_in is None or tokens_out is None or None in prices:
            return None
        return self.price(tokens_in, tokens_out)

    def price(self, tokens_in: int, tokens_out: int) -> float:
        """Dollars."""
        prices = (self.usd_per_million_input_tokens or 0.0, self.usd_per_million_output_tokens or 0.0)
        return (tokens_in * prices[0] + tokens_out * prices[1]) / 1e6
