"""The shapes of answers: what is asked for as JSON schema, and how an answer is read and bounded."""

import json
from collections.abc import Sequence
from functools import cache
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, Field, ValidationError, field_validator

from python_udfs.model_calls.errors import MalformedAnswer
from python_udfs.model_calls.text import clean_text, normal_facet, normal_value

VALUES_PER_FACET = 5
ATTRIBUTES = 60
TITLE_CHARACTERS = 80
DESCRIPTION_CHARACTERS = 320
REASON_CHARACTERS = 200
PROBLEMS = 8

Answer = TypeVar("Answer", bound=BaseModel)


class Attribute(BaseModel):
    """One facet and one value, as the model wrote them."""

    facet: str
    value: str


class Extraction(BaseModel):
    """The answer of `extract_attributes`."""

    attributes: list[Attribute]


class Review(BaseModel):
    """The answer of `review_attribute`."""

    decision: Literal["keep", "unsafe", "unsearchable"]
    reason: str

    @field_validator("reason")
    @classmethod
    def _bound(cls, text: str) -> str:
        return clean_text(text, REASON_CHARACTERS)


class Title(BaseModel):
    """The answer of `title_collection_by_model`. An invalid combination needs no title."""

    valid: bool
    title: str
    description: str
    quality: float = Field(ge=1, le=5, allow_inf_nan=False)
    problems: list[str]

    @field_validator("title")
    @classmethod
    def _title(cls, text: str) -> str:
        return _plain(text, TITLE_CHARACTERS)

    @field_validator("description")
    @classmethod
    def _description(cls, text: str) -> str:
        return _plain(text, DESCRIPTION_CHARACTERS)

    @field_validator("problems")
    @classmethod
    def _problems(cls, texts: list[str]) -> list[str]:
        return [clean_text(text, REASON_CHARACTERS) for text in texts[:PROBLEMS]]


class Judgement(BaseModel):
    """The answer of `judge_product`."""

    correct: bool
    reason: str

    @field_validator("reason")
    @classmethod
    def _bound(cls, text: str) -> str:
        return clean_text(text, REASON_CHARACTERS)


def parse(shape: type[Answer], text: str) -> Answer:
    """Read an answer. Words around the JSON object, such as a code fence, are passed over.

    Raises MalformedAnswer, whose text says what is wrong and repeats nothing of the answer.
    """
    start, end = text.find("{"), text.rfind("}")
    if start < 0 or end < start:
        raise MalformedAnswer("malformed answer", "no JSON object")
    try:
        value = json.loads(text[start : end + 1])
    except (ValueError, RecursionError) as error:
        where = f" at character {error.pos}" if isinstance(error, json.JSONDecodeError) else ""
        raise MalformedAnswer("malformed answer", f"invalid JSON{where}") from None
    try:
        return shape.model_validate(value, strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the object"
        raise MalformedAnswer("malformed answer", f"wrong shape: {where}: {first['msg']}") from None


def response_format(shape: type[BaseModel], facets: Sequence[str] = ()) -> dict[str, Any]:
    """The answer's JSON schema as chat completions take it, strict; `facets` become the only facets allowed.

    Equal arguments give the same object: leave it as it is.
    """
    return _response_format(shape, tuple(facets))


@cache
def _response_format(shape: type[BaseModel], facets: tuple[str, ...]) -> dict[str, Any]:
    schema = shape.model_json_schema()
    if facets:
        schema["$defs"]["Attribute"]["properties"]["facet"]["enum"] = list(facets)
    for part in (schema, *schema.get("$defs", {}).values()):
        # Strict mode wants closed objects and knows no bounds; reading the answer checks those.
        part["additionalProperties"] = False
        for field in part["properties"].values():
            for bound in ("minimum", "maximum", "title"):
                field.pop(bound, None)
    return {"type": "json_schema", "json_schema": {"name": shape.__name__.lower(), "strict": True, "schema": schema}}


def read_extraction(text: str, facets: Sequence[str]) -> list[dict[str, str]]:
    """The attributes of an answer: known facets, normal values, each pair once, in the answer's order.

    At most VALUES_PER_FACET a facet and ATTRIBUTES in all. Raises MalformedAnswer.
    """
    known = {normal_facet(facet): facet for facet in facets}
    pairs: dict[tuple[str, str], None] = {}
    counts: dict[str, int] = {}
    for attribute in parse(Extraction, text).attributes:
        facet, value = known.get(normal_facet(attribute.facet)), normal_value(attribute.value)
        if facet is None or value is None or (facet, value) in pairs or counts.get(facet, 0) == VALUES_PER_FACET:
            continue
        pairs[facet, value] = None
        counts[facet] = counts.get(facet, 0) + 1
        if len(pairs) == ATTRIBUTES:
            break
    return [{"facet": facet, "value": value} for facet, value in pairs]


def read_review(text: str) -> Review:
    """The decision of an answer. Raises MalformedAnswer."""
    return parse(Review, text)


def read_judgement(text: str) -> Judgement:
    """The judgement of an answer. Raises MalformedAnswer."""
    return parse(Judgement, text)


def read_title(text: str) -> Title:
    """The title of an answer. Raises MalformedAnswer, also for a valid combination without a title or description."""
    answer = parse(Title, text)
    if answer.valid and not (answer.title and answer.description):
        raise MalformedAnswer("malformed answer", "wrong shape: a valid collection needs a title and a description")
    return answer


def _plain(text: str, limit: int) -> str:
    # Pages escape what they show; a title with markup is still no title.
    return clean_text(text, limit).replace("<", "").replace(">", "").strip(" \"'`*#")
