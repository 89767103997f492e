"""Whether a product is right for a page's title, decided by a model."""

from functools import partial
from typing import Any

import pandas as pd

from python_udfs.extraction import LIMITS, picture_link, readable_picture
from python_udfs.model_calls.calls import Question, answer_all
from python_udfs.model_calls.errors import CallError
from python_udfs.model_calls.estimate import estimate_all
from python_udfs.model_calls.ledger import LEDGER
from python_udfs.model_calls.prompt import load_prompt
from python_udfs.model_calls.schemas import TITLE_CHARACTERS, Judgement, read_judgement, response_format
from python_udfs.model_calls.terms import Terms
from python_udfs.model_calls.text import clean_text


def judge_product(
    page_title: "pd.Series[str]",
    title: "pd.Series[str]",
    description: "pd.Series[str]",
    image_uri: "pd.Series[str]",
    roots: "pd.Series[str]",
    model: "pd.Series[str]",
    cache: "pd.Series[str]",
    terms: pd.DataFrame,
) -> pd.DataFrame:
    """Judgement of each product: columns correct (boolean), reason, LEDGER; the first two are null on error.

    A picture that is missing or cannot be read leaves the text.
    """
    columns = (page_title, title, description, image_uri, roots)
    rows = [partial(_question, *row) for row in zip(*columns, strict=True)]
    outcomes = answer_all(rows, list(model), list(cache), Terms.read(terms))
    values = [[*((o.answer.correct, o.answer.reason) if o.answer else (None, None)), *o.ledger()] for o in outcomes]
    return pd.DataFrame(values, columns=["correct", "reason", *LEDGER], dtype=object)


def estimate_judge_product(
    page_title: "pd.Series[str]",
    title: "pd.Series[str]",
    description: "pd.Series[str]",
    image_uri: "pd.Series[str]",
    roots: "pd.Series[str]",
    model: "pd.Series[str]",
    cache: "pd.Series[str]",
) -> pd.DataFrame:
    """What `judge_product` would take: columns ESTIMATE. Reads the pictures, sends nothing."""
    columns = (page_title, title, description, image_uri, roots)
    return estimate_all([partial(_question, *row) for row in zip(*columns, strict=True)], model, cache)


def _question(page_title: Any, title: Any, description: Any, image_uri: Any, roots: Any) -> Question[Judgement]:
    if not isinstance(page_title, str) or not page_title.strip():
        raise CallError("input", "no title to judge by")
    data = {"page_title": clean_text(page_title, TITLE_CHARACTERS)}
    for name, text in (("title", title), ("description", description)):
        if isinstance(text, str) and (cleaned := clean_text(text, LIMITS[name])):
            data[name] = cleaned
    image = readable_picture(image_uri, roots)
    if len(data) == 1 and image is None:
        raise CallError("input", "neither picture nor text")
    prompt = load_prompt("judge_product")
    return Question(
        prompt_version=prompt.version,
        system=prompt.text,
        data=data,
        response_format=response_format(Judgement),
        read=read_judgement,
        image=image,
        image_link=picture_link(image_uri, roots, image) if image else None,
    )
