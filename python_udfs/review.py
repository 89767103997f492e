"""Whether a value of the vocabulary may be published, decided by a model."""

from functools import partial
from typing import Any

import pandas as pd

from python_udfs.model_calls.calls import Outcome, Question, answer_all
from python_udfs.model_calls.estimate import estimate_all
from python_udfs.model_calls.ledger import LEDGER
from python_udfs.model_calls.prompt import load_prompt
from python_udfs.model_calls.schemas import Review, read_review, response_format
from python_udfs.model_calls.terms import Terms
from python_udfs.model_calls.text import clean_text, normal_value


def review_attribute(
    facet: "pd.Series[str]",
    value: "pd.Series[str]",
    products: "pd.Series[int]",
    model: "pd.Series[str]",
    cache: "pd.Series[str]",
    terms: pd.DataFrame,
) -> pd.DataFrame:
    """Decision on each value: columns decision ('keep', 'unsafe' or 'unsearchable'), reason, LEDGER.

    Decision and reason are null on error. A value that reads like an instruction, or is too long to be a value, is
    'unsearchable' without asking a model, so it cannot talk one into keeping it.
    """
    rows = [partial(_question, *row) for row in zip(facet, value, products, strict=True)]
    outcomes = answer_all(rows, list(model), list(cache), Terms.read(terms))
    values = [[*((o.answer.decision, o.answer.reason) if o.answer else (None, None)), *o.ledger()] for o in outcomes]
    return pd.DataFrame(values, columns=["decision", "reason", *LEDGER], dtype=object)


def estimate_review_attribute(
    facet: "pd.Series[str]",
    value: "pd.Series[str]",
    products: "pd.Series[int]",
    model: "pd.Series[str]",
    cache: "pd.Series[str]",
) -> pd.DataFrame:
    """What `review_attribute` would take: columns ESTIMATE. Sends nothing."""
    rows = [partial(_question, *row) for row in zip(facet, value, products, strict=True)]
    return estimate_all(rows, model, cache)


def _question(facet: Any, value: Any, products: Any) -> Question[Review] | Outcome[Review]:
    text = normal_value(value) if isinstance(value, str) else None
    if text is None:
        return Outcome(Review(decision="unsearchable", reason="Not a value of a product's facet."))
    prompt = load_prompt("review_attribute")
    data: dict[str, Any] = {"facet": clean_text(facet, 60) if isinstance(facet, str) else "", "value": text}
    # The exact count changes with every build and would ask again each time.
    data["products"] = _about(products)
    return Question(
        prompt_version=prompt.version,
        system=prompt.text,
        data=data,
        response_format=response_format(Review),
        read=read_review,
    )


def _about(products: Any) -> str:
    count = 0 if pd.isna(products) else int(products)
    return next((f"fewer than {bound}" for bound in (10, 100, 1000, 10000) if count < bound), "10000 or more")
