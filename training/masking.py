"""Titles without the words of attributes: what a text side is worth when the title does not say the answer."""

import re
from collections.abc import Iterable

from python_udfs.english import SMALL_WORDS, plural_word, stems

WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)?")


def mask_attribute_words(texts: Iterable[str], values: Iterable[str]) -> list[str]:
    """Each text without the words of any of the values, in the singular, plural or possessive; empty when none is left.

    The words of all values go, not only those of a product's own: a value that no pair names is one too.
    """
    singular = {word for value in values for word in WORD.findall(value.lower()) if word not in SMALL_WORDS}
    known = {form for word in singular for form in (word, plural_word(word), *stems(word))}

    def keep(match: re.Match[str]) -> str:
        word = match[0].lower()
        return "" if {word, plural_word(word), *stems(word)} & known else match[0]

    return [_tidy(WORD.sub(keep, text)) for text in texts]


def _tidy(text: str) -> str:
    return " ".join(text.split()) if WORD.search(text) else ""
