"""Titles for combinations of attributes: is it a valid topic, what is it called, and how good is it (1 to 5).

`title_heuristic` is the embedded provider: English grammar and the catalogue's own statistics, no model. It is a pure
function of what SQL hands over (macros/combination_evidence.sql), so equal evidence gives equal titles.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from python_udfs import english

HEAD = "product_type"
COLOR, MATERIAL = "color", "material"
PARTS = frozenset(["closure"])
"""What reads badly before the noun: "bags with zip closure", not "zip closure bags"."""

NEUTRAL_LIFT = 0.08
"""Our setting: the lift at which two attributes count as half at odds with each other."""
FREE_SHARE = 0.9
"""Our setting: up to this share of the broader collection, an attribute narrows it down at no loss."""
LOSS_AT_ALL = 0.5
"""Our setting: what is left of the quality when every product of the broader collection has the attribute anyway."""
EASY_WORDS = 7
"""Our setting: title words that are read at a glance."""


@dataclass(frozen=True)
class Attribute:
    """One attribute of a combination; `position` orders the words of a title, smaller is further left."""

    facet: str
    value: str
    position: int


@dataclass(frozen=True)
class Modifier:
    """What the catalogue says about one attribute beside the product type.

    `lift`: P(attribute and type) / (P(attribute) P(type)). `share`: share of the combination without this attribute
    that has it; null when unknown.
    """

    facet: str
    value: str
    lift: float
    share: float | None


@dataclass(frozen=True)
class Evidence:
    """What the catalogue says about a combination.

    `carriers`: products with all its attributes. `enough`: carriers from which on it is fully attested.
    `together`: carriers / those expected if its modifiers were independent within the product type; null below two.
    `conflicts`: contradictions found in the vocabulary, as text.
    """

    carriers: int
    enough: int
    together: float | None = None
    modifiers: Sequence[Modifier] = ()
    conflicts: Sequence[str] = ()


@dataclass(frozen=True)
class Titled:
    """A provider's answer. `quality` 1 to 5; an invalid combination has no title and quality 1."""

    valid: bool
    title: str | None
    description: str | None
    quality: float
    problems: list[str] = field(default_factory=list)


def title_collection(attributes: pa.Array, evidence: pa.Array) -> pa.Array:
    """One answer per row: struct of valid, title, description, quality, quality_source, problems, error.

    `attributes`: list of struct (facet, value, position); `evidence`: struct as in `Evidence`. A row that fails has
    `error` and nothing else.
    """
    rows = [_row(values, facts) for values, facts in zip(attributes.to_pylist(), evidence.to_pylist(), strict=True)]
    return pa.array(rows, type=RESULT)


def title_heuristic(attributes: Sequence[Attribute], evidence: Evidence) -> Titled:
    """Title, description and quality by rules and counts.

    quality = 1 + 4 x attested x association x added x readable, each 0 to 1:
    attested: carriers / enough, at most 1, so that popularity beyond it earns nothing;
    association: the weakest link, lift / (lift + NEUTRAL_LIFT) over every modifier with the type and over all modifiers
    together within the type: at 1 what chance predicts costs little, what the catalogue avoids costs much;
    added: falls from 1 to LOSS_AT_ALL as the share of the broader collection that has the attribute anyway goes from
    FREE_SHARE to 1; readable: long titles and repeated words.
    """
    invalid = find_contradictions(attributes, evidence)
    if invalid:
        return Titled(valid=False, title=None, description=None, quality=1.0, problems=invalid)
    title = write_title(attributes)
    problems: list[str] = []
    attested = min(1.0, evidence.carriers / max(1, evidence.enough))
    if attested < 1:
        problems.append(f"only {evidence.carriers} products have all of it")
    association = _association(attributes, evidence, problems)
    added = _added(evidence, problems)
    readable = _readable(attributes, title, problems)
    quality = round(1 + 4 * attested * association * added * readable, 2)
    return Titled(
        valid=True, title=title, description=write_description(attributes), quality=quality, problems=problems
    )


def find_contradictions(attributes: Sequence[Attribute], evidence: Evidence) -> list[str]:
    """Why this is no topic at all, one reason each; empty for a valid combination."""
    problems = []
    facets = Counter(attribute.facet for attribute in attributes)
    if facets[HEAD] == 0:
        problems.append("no product type")
    for facet, count in sorted(facets.items()):
        if count > 1:
            values = sorted(attribute.value for attribute in attributes if attribute.facet == facet)
            problems.append(f"more than one {facet.replace('_', ' ')}: {', '.join(values)}")
    words = sorted((attribute.value, english.stems(attribute.value)) for attribute in attributes)
    for i, (value, stems) in enumerate(words):
        if not stems:
            problems.append(f"'{value}' has no word")
        for other, other_stems in words[i + 1 :]:
            if stems and other_stems and (stems <= other_stems or other_stems <= stems):
                problems.append(f"'{value}' and '{other}' say the same")
    problems.extend(evidence.conflicts)
    return problems


def write_title(attributes: Sequence[Attribute]) -> str:
    """ "Women's Black Floral Maxi Dresses for Summer". Needs exactly one product type."""
    before, head, after = _places(attributes)
    words = [english.possessive(value.value) or value.value for value in before]
    return english.title_case(" ".join([*words, english.plural(head), *_after(after)]))


def write_description(attributes: Sequence[Attribute]) -> str:
    """One sentence with the same facts in another order; no counts, so that it stays true as stock changes."""
    before, head, after = _places(attributes)
    by_facet = {attribute.facet: attribute.value for attribute in before}
    people = next((who for value in before if (who := english.persons(value.value))), None)
    color, material = by_facet.get(COLOR), by_facet.get(MATERIAL)
    rest = [
        value.value for value in before if value.facet not in (COLOR, MATERIAL) and english.persons(value.value) is None
    ]
    parts = [
        " ".join([*rest, english.plural(head)]),
        f"for {people}" if people else "",
        f"in {color}" if color else "",
        f"made of {material}" if material else "",
    ]
    text = " ".join(part for part in parts if part)
    return english.sentence_case(" ".join(["browse", text, *_after(after)]) + ".")


def _places(attributes: Sequence[Attribute]) -> tuple[list[Attribute], str, list[Attribute]]:
    """What stands before the noun, the noun, and what stands after it, in the order of a title."""
    ordered = sorted(attributes, key=lambda attribute: (attribute.position, attribute.facet, attribute.value))
    head = next(attribute for attribute in ordered if attribute.facet == HEAD)
    others = [attribute for attribute in ordered if attribute.facet != HEAD]
    after = [
        value
        for value in others
        if _feature(value.value) or (value.position > head.position and not english.is_adjective(value.value))
    ]
    return [value for value in others if value not in after], head.value, after


def _after(values: Sequence[Attribute]) -> list[str]:
    """What follows the noun: phrases that bring their own preposition, then "for" everything else, said once."""
    features = [phrase for value in values if (phrase := _feature(value.value))]
    purposes = [english.purpose(value.value) for value in values if _feature(value.value) is None]
    return [*features, *(["for " + " and ".join(purposes)] if purposes else [])]


def _feature(value: str) -> str | None:
    """The phrase of a part that a product has ("with lid", "with buckle closure"); null for anything else."""
    words = value.split()
    if words[0] in english.LINKS:
        return value
    return f"with {value}" if words[-1] in PARTS else None


def _association(attributes: Sequence[Attribute], evidence: Evidence, problems: list[str]) -> float:
    links = [(modifier.lift, modifier.value) for modifier in evidence.modifiers]
    if evidence.together is not None:
        links.append((evidence.together, "the whole"))
    if not links:
        return 1.0
    lift, weakest = min(links)
    if lift < 3 * NEUTRAL_LIFT:
        head = next(attribute.value for attribute in attributes if attribute.facet == HEAD)
        problems.append(
            "its attributes hardly meet" if weakest == "the whole" else f"'{weakest}' hardly goes with '{head}'"
        )
    return lift / (lift + NEUTRAL_LIFT)


def _added(evidence: Evidence, problems: list[str]) -> float:
    shares = [(modifier.share, modifier.value) for modifier in evidence.modifiers if modifier.share is not None]
    share, value = max(shares, default=(0.0, ""))
    loss = max(0.0, min(1.0, (share - FREE_SHARE) / (1 - FREE_SHARE)))
    if loss > 0:
        problems.append(f"'{value}' adds little: {share:.0%} have it anyway")
    return 1 - (1 - LOSS_AT_ALL) * loss


def _readable(attributes: Sequence[Attribute], title: str, problems: list[str]) -> float:
    words = Counter(stem for attribute in attributes for stem in english.stems(attribute.value))
    repeated = sorted(word for word, count in words.items() if count > 1)
    if repeated:
        problems.append(f"repeats {', '.join(repeated)}")
    extra = max(0, len(title.split()) - EASY_WORDS)
    if extra:
        problems.append("long title")
    return max(0.0, 1 - 0.1 * len(repeated) - 0.05 * extra)


RESULT = pa.struct(
    {
        "valid": pa.bool_(),
        "title": pa.string(),
        "description": pa.string(),
        "quality": pa.float64(),
        "quality_source": pa.string(),
        "problems": pa.list_(pa.string()),
        "error": pa.string(),
    }
)


def _row(attributes: Sequence[Mapping[str, Any]] | None, evidence: Mapping[str, Any] | None) -> dict[str, Any]:
    try:
        titled = title_heuristic(*_parse(attributes or (), evidence or {}))
    except Exception as error:
        return {"error": " ".join(f"{type(error).__name__}: {error}".split())[:200]}
    return {
        "valid": titled.valid,
        "title": titled.title,
        "description": titled.description,
        "quality": titled.quality,
        "quality_source": "heuristic",
        "problems": titled.problems,
        "error": None,
    }


def _parse(attributes: Sequence[Mapping[str, Any]], evidence: Mapping[str, Any]) -> tuple[list[Attribute], Evidence]:
    return (
        [Attribute(row["facet"], row["value"], row["position"]) for row in attributes],
        Evidence(
            carriers=evidence["carriers"],
            enough=evidence["enough"],
            together=evidence["together"],
            modifiers=[Modifier(**modifier) for modifier in evidence["modifiers"] or ()],
            conflicts=evidence["conflicts"] or (),
        ),
    )
