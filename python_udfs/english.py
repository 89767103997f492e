"""English for product titles: plurals, possessives, capitals, and where a word stands beside its noun.

Rules first, lists only for what no rule covers. All input is lower case and singular, as the vocabulary holds it.
"""

import re


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


SMALL_WORDS = _set("a an and as at but by for from in nor of on or per the to with without")
LINKS = _set("of with without for in on by from to at")
UNITS = _set("cm mm km ml kg mg gm ft lb oz hp in")
ACRONYMS = _set("usb led oled qled uhd ups cpu gpu ac uv hdmi pu eva")
STYLED = {"iphone": "iPhone", "ipad": "iPad", "ipod": "iPod", "imac": "iMac", "macbook": "MacBook", "wifi": "Wi-Fi"}

IRREGULAR = {
    "child": "children",
    "foot": "feet",
    "tooth": "teeth",
    "mouse": "mice",
    "person": "people",
    "goose": "geese",
    "ox": "oxen",
}
F_TO_VES = re.compile(r"^(.*(?:shel|scar|hal|loa|lea|cal|wol|kni|wi|li))(?:f|fe)$")
O_TO_OES = _set("tomato potato hero mango echo volcano torpedo")
UNCOUNTABLE = _set(
    "jewellery jewelry luggage baggage furniture bedding clothing apparel lingerie hosiery shelving "
    "lighting flooring decor cutlery crockery stationery equipment storage makeup headgear gear denim "
    "yarn art seating tea coffee rice oil food water milk sugar juice innerwear"
)
UNCOUNTABLE_ENDINGS = ("wear", "ware")

PERSONS = {
    "man": ("men's", "men"),
    "men": ("men's", "men"),
    "woman": ("women's", "women"),
    "women": ("women's", "women"),
    "boy": ("boys'", "boys"),
    "girl": ("girls'", "girls"),
    "kid": ("kids'", "kids"),
    "child": ("children's", "children"),
    "teen": ("teens'", "teens"),
    "toddler": ("toddler", "toddlers"),
    "baby": ("baby", "babies"),
    "infant": ("infant", "infants"),
}
"""Whom a product is for: the possessive before a noun, and the plural after "for"."""

ADJECTIVE_ENDINGS = re.compile(
    r"(?:al|ic|ive|ous|ern|able|ible|less|ful|ish|wear|proof|door|style|inspired|season|ready|friendly|ed)$"
)
NOUNS_LIKE_ADJECTIVES = _set("carnival festival picnic music hospital clinic bed")
WITH_ARTICLE = _set(
    "office beach gym garden kitchen bedroom bathroom nursery hallway balcony patio laundry terrace "
    "evening weekend monsoon home garage pool"
)
PLURAL_AFTER_FOR = _set("party wedding festival birthday picnic holiday")
ADJECTIVES = _set("casual smart sporty everyday unisex sports dressy")


def plural(phrase: str) -> str:
    """The plural of a noun phrase: its head noun, not its last word, and what a number or "with" counts.

    "dress" → "dresses", "chest of 3 drawer" → "chests of 3 drawers", "quilt cover and pillowcase" → both.
    """
    words = phrase.replace(",", " ,").split()
    ends = [i for i, word in enumerate(words) if word in LINKS or word in ("and", "&", ",")]
    starts = [0, *(end + 1 for end in ends)]
    for start, end in zip(starts, [*ends, len(words)], strict=True):
        part = words[start:end]
        # What follows a comma describes: "rug, flatwoven".
        if start and words[start - 1] == ",":
            continue
        # "1 pair", "set of 3": a number alone counts what stands before it.
        if part and not part[-1][0].isdigit() and part[0] not in ("1", "one"):
            words[end - 1] = plural_word(part[-1])
    return " ".join(words).replace(" ,", ",")


def plural_word(word: str) -> str:
    """The plural of one lower-case noun; what has none, or already is one, stays."""
    first, dash, last = word.rpartition("-")
    if dash and last in LINKS | {"up", "on", "down", "off", "over", "out"}:
        return word + "s"
    word = last
    return first + dash + _plural(word)


def possessive(person: str) -> str | None:
    """ "women" → "women's"; null for anything that is not a person."""
    return PERSONS[person][0] if person in PERSONS else None


def persons(person: str) -> str | None:
    """ "boy" → "boys"; null for anything that is not a person."""
    return PERSONS[person][1] if person in PERSONS else None


def is_adjective(phrase: str) -> bool:
    """Whether the phrase stands before a noun without more ado ("casual", "all-season", but not "work")."""
    words = phrase.split()
    last = words[-1] if words else ""
    if last in NOUNS_LIKE_ADJECTIVES:
        return False
    return last in ADJECTIVES or bool(ADJECTIVE_ENDINGS.search(last))


def purpose(phrase: str) -> str:
    """The phrase as it follows "for": "kitchen" → "the kitchen", "party" → "parties", "work" → "work"."""
    last = phrase.split()[-1]
    if last in PLURAL_AFTER_FOR:
        return plural(phrase)
    article = last in WITH_ARTICLE or last == "room" or last.endswith(("room", "hall"))
    return "the " + phrase if article else phrase


def title_case(phrase: str) -> str:
    """Capitals as in a headline: "t-shirts with 3 hooks" → "T-Shirts with 3 Hooks", "tvs" → "TVs"."""
    words = phrase.split()
    return " ".join(_capital(word, small=0 < i < len(words) - 1) for i, word in enumerate(words))


def sentence_case(phrase: str) -> str:
    """Lower case but for the first letter and what is always written with capitals."""
    words = [_proper(word) or word for word in phrase.split()]
    text = " ".join(words)
    return text[:1].upper() + text[1:]


def stems(phrase: str) -> frozenset[str]:
    """The words that carry meaning, without plural and possessive endings, to compare two phrases by."""
    words = re.findall(r"[^\W_]+(?:[-'\u2019][^\W_]+)*", phrase.lower())
    return frozenset(_stem(word) for word in words if word not in SMALL_WORDS)


def _plural(word: str) -> str:
    if (
        word in UNCOUNTABLE
        or word.endswith(UNCOUNTABLE_ENDINGS)
        or not word[-1:].isalpha()
        or (word.endswith("s") and not word.endswith(("ss", "us", "as", "ens")))
    ):
        return word
    if word in IRREGULAR:
        return IRREGULAR[word]
    if word.endswith("man") and not word.endswith(("human", "german", "ottoman", "talisman")):
        return word[:-3] + "men"
    if match := F_TO_VES.match(word):
        return match[1] + "ves"
    if re.search(r"(?:s|x|z|ch|sh)$", word) or word in O_TO_OES:
        return word + ("zes" if word.endswith("iz") else "es")
    if re.search(r"[^aeiou]y$", word) and len(word) > 2:
        return word[:-1] + "ies"
    return word + "s"


def _capital(word: str, small: bool) -> str:
    if small and word in SMALL_WORDS:
        return word
    if proper := _proper(word):
        return proper
    if "-" in word:
        parts = word.split("-")
        return "-".join(_capital(part, small=0 < i < len(parts) - 1) for i, part in enumerate(parts))
    return word[:1].upper() + word[1:]


def _proper(word: str) -> str | None:
    """What is written in its own way: "usb" → "USB", "tvs" → "TVs", "cm" → "cm"."""
    if word in STYLED:
        return STYLED[word]
    if word in UNITS and word != "in":
        return word
    base = word[:-1] if word.endswith("s") else word
    # Two to four consonants in a row without a vowel are letters read one by one.
    if base in ACRONYMS or re.fullmatch(r"[bcdfghjklmnpqrstvwxz]{2,4}", base):
        return base.upper() + word[len(base) :]
    return None


def _stem(word: str) -> str:
    word = re.sub(r"['\u2019]s?$", "", word)
    if len(word) > 3 and word.endswith("s") and not word.endswith("ss"):
        return word[:-1]
    return word
