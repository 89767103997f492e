"""What stands between a call and the endpoint: the pauses, the pace and the money, for each of its attempts."""

from collections.abc import Callable
from dataclasses import dataclass

from python_udfs.model_calls.budget import Budget
from python_udfs.model_calls.errors import CallError
from python_udfs.model_calls.not_sent import NotSent
from python_udfs.model_calls.pause import Pause
from python_udfs.model_calls.rate_limit import RateLimit
from python_udfs.model_calls.terms import Terms
from python_udfs.model_calls.tokens import ANSWER_TOKENS, Size


@dataclass(frozen=True)
class Usage:
    """Tokens of one attempt, as the endpoint counted them; 0 and 0 for one that is not billed."""

    tokens_in: int = 0
    tokens_out: int = 0


NOT_BILLED = Usage()


@dataclass(frozen=True)
class Meter:
    """The pauses, the pace and the money of one call. None: no limit, a model that costs nothing."""

    terms: Terms
    size: Size
    most_tokens_out: int
    pause: Pause
    budget: Budget | None = None
    rate: RateLimit | None = None

    @property
    def most_usd(self) -> float:
        """Dollars that an attempt cannot exceed."""
        return self.terms.price(self.size.most, self.most_tokens_out)

    async def admit(self, look: Callable[[], None]) -> str:
        """Wait until an attempt may leave and return the name of what is held for it; `look` raises where it may not.

        Raises NotSent.
        """
        look()
        try:
            if self.budget:
                self.budget.check(self.most_usd)
            await self.pause.wait()
            if self.rate:
                await self.rate.wait(self.size.likely + ANSWER_TOKENS)
                # While this one waited, others may have found the endpoint down.
                look()
            return await self.budget.hold(self.most_usd) if self.budget else ""
        except CallError as error:
            raise NotSent(error) from None

    def settle(self, held: str, usage: Usage | None) -> None:
        """Account for an attempt that left. What nobody counted is taken to have cost the most it could."""
        if self.budget:
            usd = self.terms.price(usage.tokens_in, usage.tokens_out) if usage else self.most_usd
            self.budget.settle(held, usd)
        if self.rate and usage and usage != NOT_BILLED:
            guessed = self.size.likely + ANSWER_TOKENS
            self.rate.correct(usage.tokens_in + usage.tokens_out - guessed)
