"""What a seller writes: titles that name part of the attributes, descriptions, tags, brand, price and address.

Each attribute of a product is either named somewhere in its texts or nowhere in them. The choice is made first; the
words follow. What siblings share (the design) is named or not for all of them alike, so that no sibling's title tells
what this one leaves to the picture; colour is chosen a product. Prices, brands and filler depend on the type alone, and
only where the texts name it.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass

from sample.ontology import FACETS, TYPES, WORDS

NAMED: Mapping[str, float] = {
    "product_type": 0.98,
    "gender": 0.66,
    "material": 0.66,
    "pattern": 0.72,
    "color": 0.64,
    "style": 0.56,
    "occasion": 0.56,
    "season": 0.50,
    "fit": 0.58,
    "length": 0.62,
    "sleeve_length": 0.60,
    "neckline": 0.58,
    "closure": 0.56,
    "heel_height": 0.60,
}
"""Share of products whose texts name the facet at all (our setting)."""

PLAIN_NAMED = 0.40
"""Share of plain products whose texts say so: sellers rarely do."""

TITLE_PLACES = 4
"""Attributes besides the type that fit a title; further named ones go to the description or the tags."""

ORDER = (
    "gender",
    "fit",
    "color",
    "season",
    "occasion",
    "style",
    "material",
    "pattern",
    "sleeve_length",
    "neckline",
    "length",
    "heel_height",
    "closure",
)

BRANDS: Mapping[str, tuple[str, ...]] = {
    "garment": (
        "Marlowe",
        "Ostrava",
        "Finch & Hale",
        "Tilda Voss",
        "Lumen",
        "Kestrel",
        "Odette",
        "Brannock",
        "Sola Vey",
        "Harken",
        "Mirelle",
        "Pellworm",
    ),
    "footwear": ("Brannock", "Strada", "Kestrel", "Otto Linde", "Pellworm", "Vantour", "Halden"),
    "bag": ("Mirelle", "Vantour", "Otto Linde", "Caskell", "Halden", "Odette"),
    "accessory": ("Lumen", "Caskell", "Vantour", "Odette", "Harken", "Orrin"),
}

NAMES = (
    "Ada",
    "Noor",
    "Elio",
    "Maren",
    "Tove",
    "Juno",
    "Ivo",
    "Liv",
    "Rhea",
    "Otis",
    "Sia",
    "Bruno",
    "Vera",
    "Nilo",
    "Alma",
    "Enzo",
)

FILLER = (
    "Free returns within 30 days.",
    "Designed in our own studio and made in limited numbers.",
    "See the pictures for all details.",
    "Ships within two days.",
    "A favourite of our customers.",
    "New in this week.",
    "Comes with a two year guarantee.",
    "Made to be used for many years.",
    "Measurements are given in the table below.",
    "Sold by the maker, sent from our own store.",
    "Looked at by hand before it is sent.",
    "Questions? Our team answers within one day.",
    "Customers who bought this came back for more.",
    "Sent in a box that folds back.",
)
"""Sentences that fit anything and name nothing."""

PRAISE = ("from the new collection", "back in stock", "one of our best sellers")

CARE: Mapping[str, tuple[str, ...]] = {
    "garment": ("Follow the care label.", "True to size.", "Model is 178 cm tall and takes size M."),
    "footwear": ("True to size.", "Half sizes: take the next one up."),
    "bag": ("Fits a tablet and what you carry with you.", "With an inner pocket."),
    "accessory": ("A good gift.", "Comes in a gift box."),
}
"""Sentences by word group, used only where the texts name the type."""

LEADS = ("Features: {}.", "Details: {}.", "What you get: {}.", "The facts: {}.", "{}.", "Notes: {}.")
BESIDE = ("scarf", "hat", "belt", "handbag", "jacket", "cardigan", "shorts", "skirt")
WITH_BESIDE = 0.10
"""Share of garments whose title names what comes with them: words of another type, as in many shops."""
SIZES = ("S", "M", "L", "XL", "EU 38", "EU 40", "one size")


@dataclass(frozen=True)
class Texts:
    """All text a product has. ``named`` are the facets that some text names; the others only the picture shows."""

    title: str
    description: str
    brand: str
    tags: str
    url: str
    price: str
    named: frozenset[str]


def _word(rng: random.Random, facet: str, value: str) -> str:
    """A word for the value, the usual one more often than the others."""
    words = WORDS[facet][value]
    return words[0] if rng.random() < 0.6 else rng.choice(words)


def _named(attributes: Mapping[str, str], design: random.Random, own: random.Random) -> list[str]:
    """The facets that the texts name."""
    named = []
    for facet in FACETS:
        chance = own.random() if facet == "color" else design.random()
        share = PLAIN_NAMED if attributes.get(facet) == "solid" else NAMED[facet]
        if facet in attributes and chance < share:
            named.append(facet)
    return named


def _places(named: list[str], design: random.Random, own: random.Random) -> tuple[list[str], list[str], list[str]]:
    """Facets for the title, the description and the tags; each named facet is in at least one of them."""
    title: list[str] = []
    description: list[str] = []
    tags: list[str] = []
    order = [facet for facet in named if facet != "product_type"]
    design.shuffle(order)
    room = design.choice((2, 3, 3, TITLE_PLACES))
    for facet in order:
        if len(title) < room:
            title.append(facet)
            if own.random() < 0.35:
                description.append(facet)
        else:
            (description if own.random() < 0.7 else tags).append(facet)
            if own.random() < 0.15:
                tags.append(facet)
    return title, description, tags


def _title(
    rng: random.Random, own: random.Random, words: Mapping[str, str], facets: list[str], brand: str, group: str
) -> str:
    """One of the ways in which shops put a title together; `group` is the type's."""
    noun = words.get("product_type", "")
    ordered = [facet for facet in ORDER if facet in facets]
    if rng.random() < 0.25:
        rng.shuffle(ordered)
    before = [words[facet] for facet in ordered if not words[facet].startswith("for ")]
    after = [words[facet] for facet in ordered if words[facet].startswith("for ")]
    form = rng.random()
    if not noun:
        title = " ".join([f"{brand} {rng.choice(NAMES)}", *before, *after])
    elif form < 0.45:
        title = " ".join([brand, *before, noun, *after])
    elif form < 0.62:
        title = " ".join([*before, noun, *after]) + f" by {brand}"
    elif form < 0.82:
        title = f"{brand} {rng.choice(NAMES)} {noun}"
        details = [*before, *after]
        title += (" - " if rng.random() < 0.5 else ", ") + ", ".join(details) if details else ""
    else:
        last = before.pop() if len(before) > 1 else ""
        title = " ".join([brand, *before, noun, *after]) + (f", {last}" if last else "")
    if noun and group == "garment" and rng.random() < WITH_BESIDE:
        title += f" with matching {rng.choice([other for other in BESIDE if other not in noun])}"
    case = rng.random()
    if case < 0.55:
        title = " ".join(word if word.isupper() else word[:1].upper() + word[1:] for word in title.split(" "))
    elif case < 0.63:
        title = title.upper()
    elif case < 0.75:
        title = title.lower()
    extra = own.random()
    if extra < 0.10:
        title += f" {own.choice(SIZES)}"
    elif extra < 0.22:
        title += f" #{own.randrange(1000, 99999)}"
    elif extra < 0.27:
        title += f" (Art. {own.randrange(100, 999)}-{own.randrange(10, 99)})"
    return title


def write_texts(attributes: Mapping[str, str], design_key: str, product_key: str) -> Texts:
    """The texts of a product; siblings share ``design_key``."""
    design, own = random.Random(f"{design_key}:text"), random.Random(f"{product_key}:text")
    named = _named(attributes, design, own)
    kind = TYPES[attributes["product_type"]]
    typed = "product_type" in named
    brand = design.choice(BRANDS[kind.group] if typed else BRANDS["garment"])
    words = {facet: _word(design, facet, attributes[facet]) for facet in named}
    title_facets, told, tagged = _places(named, design, own)
    title = _title(design, own, words, title_facets, brand, kind.group)

    sentences = own.sample(FILLER, own.choice((1, 2, 2, 3)))
    if typed and own.random() < 0.6:
        sentences.append(own.choice(CARE[kind.group]))
    if told:
        lead = own.choice(LEADS)
        fact = lead.format(", ".join(_word(own, facet, attributes[facet]) for facet in told))
        sentences.insert(own.randrange(2), fact[:1].upper() + fact[1:])
    if typed and own.random() < 0.5:
        noun = words["product_type"]
        this = "These" if noun.endswith("s") and not noun.endswith("ss") else "This"
        sentences.insert(0, f"{this} {noun} by {brand}: {own.choice(PRAISE)}.")
    description = " ".join(sentences)
    tags = [_word(own, facet, attributes[facet]) for facet in tagged]
    if own.random() < 0.5:
        tags.append(own.choice(("new", "bestseller", "sale", "online only", "last pieces")))
    own.shuffle(tags)

    low, high = kind.price if typed else (20.0, 150.0)
    price = low * (high / low) ** (0.75 * design.random() + 0.25 * own.random())
    price = int(price) + (0.99 if own.random() < 0.5 else 0.95 if own.random() < 0.5 else 0.0)
    return Texts(
        title=title,
        description=description if own.random() > 0.02 or told else "",
        brand=brand,
        tags=", ".join(tags),
        url=f"https://shop.example/item/{own.getrandbits(40):010x}",
        price=f"{price:.2f}",
        named=frozenset(named),
    )
