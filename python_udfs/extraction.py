"""Facets and values of a product, read from its picture and its text by a model."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import pandas as pd

from python_udfs.images import ImageError, read_bytes, resolve
from python_udfs.model_calls.calls import Outcome, Question, answer_all
from python_udfs.model_calls.errors import CallError
from python_udfs.model_calls.estimate import estimate_all
from python_udfs.model_calls.image import is_common, is_picture
from python_udfs.model_calls.ledger import LEDGER
from python_udfs.model_calls.prompt import load_prompt
from python_udfs.model_calls.schemas import Extraction, read_extraction, response_format
from python_udfs.model_calls.settings import sends_links
from python_udfs.model_calls.terms import Terms
from python_udfs.model_calls.text import clean_text

# Characters of each part of a product that are sent.
LIMITS = {"title": 500, "description": 4000, "price": 40, "tags": 1000}


def extract_attributes(
    image_uri: "pd.Series[str]",
    title: "pd.Series[str]",
    description: "pd.Series[str]",
    price: "pd.Series[str]",
    tags: "pd.Series[str]",
    roots: "pd.Series[str]",
    facets: "pd.Series[Any]",
    model: "pd.Series[str]",
    cache: "pd.Series[str]",
    terms: pd.DataFrame,
) -> pd.DataFrame:
    """Attributes of each product: columns attributes (list of facet and value, null on error) and LEDGER.

    `facets` lists the facets allowed, `cache` names the folder or URL of bought answers. A picture that is
    missing or cannot be read leaves the text. Every failure is its row's `error`, `kind: message`.
    """
    columns = (image_uri, title, description, price, tags, roots, facets)
    rows = [partial(_question, *row) for row in zip(*columns, strict=True)]
    outcomes = answer_all(rows, list(model), list(cache), Terms.read(terms))
    values = [[outcome.answer, *outcome.ledger()] for outcome in outcomes]
    return pd.DataFrame(values, columns=["attributes", *LEDGER], dtype=object)


def estimate_extract_attributes(
    image_uri: "pd.Series[str]",
    title: "pd.Series[str]",
    description: "pd.Series[str]",
    price: "pd.Series[str]",
    tags: "pd.Series[str]",
    roots: "pd.Series[str]",
    facets: "pd.Series[Any]",
    model: "pd.Series[str]",
    cache: "pd.Series[str]",
) -> pd.DataFrame:
    """What `extract_attributes` would take: columns ESTIMATE. Reads the pictures, sends nothing."""
    columns = (image_uri, title, description, price, tags, roots, facets)
    return estimate_all([partial(_question, *row) for row in zip(*columns, strict=True)], model, cache)


def _question(
    image_uri: Any, title: Any, description: Any, price: Any, tags: Any, roots: Any, facets: Sequence[str] | None
) -> Question[list[dict[str, str]]] | Outcome[list[dict[str, str]]]:
    allowed = [str(facet) for facet in facets] if facets is not None else []
    if not allowed:
        raise CallError("settings", "no facets to extract")
    parts = zip(LIMITS.items(), (title, description, price, tags), strict=True)
    texts = {name: clean_text(text, limit) for (name, limit), text in parts if isinstance(text, str)}
    data = {name: text for name, text in texts.items() if text}
    image = readable_picture(image_uri, roots)
    if not data and image is None:
        raise CallError("input", "neither picture nor text")
    prompt = load_prompt("extract_attributes")
    return Question(
        prompt_version=prompt.version,
        system=prompt.fill(facets=", ".join(allowed)),
        data=data,
        response_format=response_format(Extraction, allowed),
        read=partial(read_extraction, facets=allowed),
        image=image,
        image_link=picture_link(image_uri, roots, image) if image else None,
    )


def readable_picture(image_uri: Any, roots: Any) -> bytes | None:
    """The picture's file as a model may get it; nothing where it is missing, outside the roots, or no picture."""
    if not isinstance(image_uri, str) or not image_uri.strip():
        return None
    try:
        data = read_bytes(image_uri, roots if isinstance(roots, str) else "")
    except ImageError:
        return None
    return data if is_picture(data) else None


def picture_link(image_uri: str, roots: str, picture: bytes) -> str | None:
    """The address to send in a readable picture's place; nothing where links are not wanted or it is not on the web.

    Nothing, either, for a kind of picture that not all endpoints read.
    """
    if not sends_links() or not is_common(picture):
        return None
    address = resolve(image_uri, roots)
    return address.target if address.target.startswith(("http://", "https://")) else None
