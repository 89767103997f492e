"""What a question would take, without asking it: whether its answer is stored, and its tokens."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pandas as pd

from python_udfs.model_calls.calls import THREADS, Order, Outcome, Prepare, text_of
from python_udfs.model_calls.endpoint import MOST_TOKENS_OUT
from python_udfs.model_calls.errors import CallError, redact
from python_udfs.model_calls.ledger import ESTIMATE
from python_udfs.model_calls.terms import Terms
from python_udfs.model_calls.tokens import ANSWER_TOKENS

# What a repair attempt sends beside the request and the wrong answer.
REPAIR_TOKENS = 500


def estimate_all(rows: Sequence[Prepare[Any]], models: "pd.Series[str]", caches: "pd.Series[str]") -> pd.DataFrame:
    """The columns ESTIMATE of each row; one that needs no call counts as cached. Sends nothing, raises for no row."""
    with ThreadPoolExecutor(THREADS, thread_name_prefix="estimates") as threads:
        values = list(threads.map(_estimate, rows, map(text_of, models), map(text_of, caches)))
    return pd.DataFrame(values, columns=list(ESTIMATE), dtype=object)


def _estimate(prepare: Prepare[Any], model: str, cache_location: str) -> list[Any]:
    try:
        question = prepare()
        if isinstance(question, Outcome):
            return [None, True, 0, 0, 0, 0, None]
        order = Order.place(question, model, cache_location, Terms())
        if order.stored():
            return [order.key, True, 0, 0, 0, 0, None]
    except CallError as error:
        return [None, None, None, None, None, None, str(error)]
    except Exception as error:
        return [None, None, None, None, None, None, redact(f"internal: {type(error).__name__}: {error}")]
    size = question.size()
    most = size.most + size.most + MOST_TOKENS_OUT + REPAIR_TOKENS
    return [order.key, False, size.likely, ANSWER_TOKENS, most, 2 * MOST_TOKENS_OUT, None]
