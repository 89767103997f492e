"""Title, description and quality of a collection, written by a model."""

from functools import partial
from typing import Any

import pandas as pd

from python_udfs.model_calls.calls import Outcome, Question, answer_all
from python_udfs.model_calls.errors import CallError
from python_udfs.model_calls.estimate import estimate_all
from python_udfs.model_calls.ledger import LEDGER
from python_udfs.model_calls.prompt import load_prompt
from python_udfs.model_calls.schemas import Title, read_title, response_format
from python_udfs.model_calls.terms import Terms
from python_udfs.model_calls.text import clean_text, normal_value

COLUMNS = ["valid", "title", "description", "quality", "problems"]


def title_collection_by_model(
    attributes: "pd.Series[Any]", model: "pd.Series[str]", cache: "pd.Series[str]", terms: pd.DataFrame
) -> pd.DataFrame:
    """Title of each combination of attributes (list of facet and value): columns COLUMNS and LEDGER.

    COLUMNS are null on error. The order of the attributes does not matter. Quality is 1 to 5.
    """
    rows = [partial(_question, row) for row in attributes]
    outcomes = answer_all(rows, list(model), list(cache), Terms.read(terms))
    values = [
        [*([getattr(o.answer, name) for name in COLUMNS] if o.answer else [None] * len(COLUMNS)), *o.ledger()]
        for o in outcomes
    ]
    return pd.DataFrame(values, columns=[*COLUMNS, *LEDGER], dtype=object)


def estimate_title_collection(
    attributes: "pd.Series[Any]", model: "pd.Series[str]", cache: "pd.Series[str]"
) -> pd.DataFrame:
    """What `title_collection_by_model` would take: columns ESTIMATE. Sends nothing."""
    return estimate_all([partial(_question, row) for row in attributes], model, cache)


def _question(attributes: Any) -> Question[Title] | Outcome[Title]:
    pairs = sorted((str(each["facet"]), str(each["value"])) for each in attributes) if attributes is not None else []
    if not pairs:
        raise CallError("input", "no attributes")
    if any(normal_value(value) is None for _, value in pairs):
        return Outcome(
            Title(valid=False, title="", description="", quality=1, problems=["not a value of a product's facet"])
        )
    prompt = load_prompt("title_collection")
    return Question(
        prompt_version=prompt.version,
        system=prompt.text,
        data={
            "attributes": [{"facet": clean_text(facet, 60), "value": clean_text(value, 60)} for facet, value in pairs]
        },
        response_format=response_format(Title),
        read=read_title,
    )
