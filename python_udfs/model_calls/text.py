"""Text from catalogues and models made safe to store: bounded, normalised, and no instruction in disguise."""

import re
import unicodedata

VALUE_CHARACTERS = 60
VALUE_WORDS = 6

# A model says these instead of leaving a facet out.
_NOTHING = frozenset(
    {
        "",
        "-",
        "n/a",
        "na",
        "nil",
        "none",
        "null",
        "unknown",
        "unspecified",
        "not specified",
        "not applicable",
        "not shown",
    }
)
# Marks of code, markup, addresses and role names. No attribute of a product needs them.
_NOT_A_VALUE = re.compile(r"[<>{}\[\]|\\`$=;]|https?:|www\.|^(system|assistant|user)\s*:", re.IGNORECASE)
# Sentences that address a model. Single words are not enough: "ignore" can be a brand, "answer" a game.
_INSTRUCTION = re.compile(
    r"\b(ignore|disregard|forget|override)\b.*\b(above|previous|prior|all|any|rules?|instructions?|prompts?)\b"
    r"|\b(system|developer)\s+(prompt|message|role)\b"
    r"|\b(respond|reply|answer|output|return)\s+(only|with|exactly|keep|json)\b"
    r"|\b(mark|choose|select|pick|decide|label|classify|say|write)\b.*\b(keep|unsafe|unsearchable)\b"
    r"|\byou\s+(are|must|should|will)\b|\bnew\s+instructions?\b|\bdecision\b.*\bkeep\b",
    re.IGNORECASE | re.DOTALL,
)


def clean_text(text: str | None, limit: int) -> str:
    """One line of at most `limit` characters: NFKC, no control or invisible characters, single spaces."""
    # Normalising all of a huge text would cost more than the part that is kept.
    text = unicodedata.normalize("NFKC", (text or "")[: limit * 4])
    visible = "".join(" " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c for c in text)
    visible = "".join(c for c in visible if unicodedata.category(c) not in ("Cf", "Co", "Cs", "Cn"))
    return " ".join(visible.split())[:limit].rstrip()


def normal_facet(facet: str) -> str:
    """A facet's name as the seeds write it: lower case, underscores."""
    return re.sub(r"[\s\-]+", "_", clean_text(facet, VALUE_CHARACTERS).lower())


def normal_value(value: str) -> str | None:
    """A value as the vocabulary writes it: lower case, single spaces, no marks at its ends.

    None when it is no value: empty, "unknown" and its like, too long, markup, or a sentence that addresses a model.
    """
    if len(value) > VALUE_CHARACTERS * 4:
        return None
    text = clean_text(value, VALUE_CHARACTERS * 4).lower().strip(" .,:!?\"'*_#/()-")
    if text in _NOTHING or len(text) > VALUE_CHARACTERS or len(text.split()) > VALUE_WORDS:
        return None
    return None if _NOT_A_VALUE.search(text) or is_instruction(text) else text


def is_instruction(text: str) -> bool:
    """Whether a text reads like an instruction to a model. It misses some; nothing may rest on it alone."""
    return bool(_INSTRUCTION.search(text))
