"""What shoppers type: a log of queries and how often each was searched.

How it is made. Every search is one shopper who has a product in mind: a product of the catalogue, drawn with a
popularity that falls off as 1 / rank^0.4 over a random order of the products. She names some of what the product is:
usually its type and zero to four more facets (most often one to three), the facets with the chances below. She words it
with any of the words for each value, mostly adjectives first, sometimes type first or shuffled, in plural or singular,
now and then with a brand or a shop word such as "sale", and mistypes one query in twelve. One search in twenty-five is
for a product that need not exist (facets drawn each on its own), one in seventeen names no type, a few are nonsense.
The log is the count of equal queries.

Nothing sets the frequencies: that bare types and common pairs lead and most exact wordings occur once is what
independent shoppers give. Three searches a product up to 2,000 products, growing with the power 3/4 beyond.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping, Sequence

from sample.ontology import LOOK_FACETS, TYPES, WORDS, draw_value
from sample.product import Product
from sample.text import ORDER

SEARCHES_A_PRODUCT = 3
BASE_PRODUCTS = 2000
POPULARITY = 0.4
FACET_COUNTS = {0: 10, 1: 22, 2: 34, 3: 25, 4: 9}
WANTED: Mapping[str, float] = {
    "color": 10, "gender": 5, "material": 5, "pattern": 5, "length": 5, "style": 4, "occasion": 3, "season": 3,
    "fit": 3.5, "sleeve_length": 3, "neckline": 2.5, "closure": 2, "heel_height": 3.5,
}  # fmt: skip
"""How often a facet is named beside the type, relative to the others."""

BRANDED, TYPELESS, IMAGINED, NONSENSE, MISTYPED = 0.05, 0.06, 0.04, 0.01, 0.08
NONSENSE_WORDS = (
    "asdf",
    "test",
    "qwe",
    "gift card",
    "opening hours",
    "returns",
    "voucher",
    "xx",
    "where is my order",
    "size chart",
)
SHOP_WORDS = ("sale", "cheap", "online", "new", "best", "discount", "buy")
NEIGHBOURS = {
    "a": "s",
    "e": "r",
    "i": "o",
    "o": "p",
    "t": "r",
    "n": "m",
    "s": "a",
    "l": "k",
    "r": "t",
    "d": "f",
    "c": "v",
    "b": "v",
    "h": "j",
}


def plural(noun: str) -> str:
    """English plural of a garment's name; names that are plural stay."""
    if noun.endswith(("ss", "tch")):
        return noun + "es"
    if noun.endswith("scarf"):
        return noun[:-1] + "ves"
    return noun if noun.endswith("s") else noun + "s"


def singular(noun: str) -> str:
    """What people type when they drop the plural of a pair: "boot", "jean"."""
    return (
        noun[:-1] if noun.endswith("s") and not noun.endswith("ss") and noun not in ("sunglasses", "shades") else noun
    )


def mistyped(rng: random.Random, query: str) -> str:
    """``query`` with one slip: a letter dropped, doubled, swapped with the next, or hit beside."""
    spots = [k for k in range(1, len(query) - 1) if query[k].isalpha() and query[k + 1].isalpha()]
    if not spots:
        return query
    k = rng.choice(spots)
    kind = rng.randrange(4)
    if kind == 0:
        return query[:k] + query[k + 1 :]
    if kind == 1:
        return query[:k] + query[k] + query[k:]
    if kind == 2:
        return query[:k] + query[k + 1] + query[k] + query[k + 2 :]
    return query[:k] + NEIGHBOURS.get(query[k], query[k]) + query[k + 1 :]


def _facets(rng: random.Random, attributes: Mapping[str, str], count: int) -> list[str]:
    """``count`` facets of the product besides its type, the wanted ones sooner; hardly ever that its cloth is plain."""
    chances = {f: WANTED[f] * (0.06 if attributes[f] == "solid" else 1.0) for f in attributes if f != "product_type"}
    chosen: list[str] = []
    while chances and len(chosen) < count:
        facet = rng.choices(list(chances), list(chances.values()))[0]
        del chances[facet]
        chosen.append(facet)
    return chosen


def _phrase(rng: random.Random, facet: str, value: str) -> str:
    words = WORDS[facet][value]
    return words[0] if rng.random() < 0.62 else rng.choice(words)


def imagined(rng: random.Random) -> dict[str, str]:
    """A wish: a type, and a value of each of its facets with no regard to the others."""
    kind = rng.choice(list(TYPES))
    wish = {"product_type": kind}
    for facet, shares in TYPES[kind].facets.items():
        value = draw_value(rng, facet, shares, {})
        wish[LOOK_FACETS.get(value, facet)] = value
    return wish


def write_query(rng: random.Random, attributes: Mapping[str, str], brand: str) -> str:
    """One search for a product of these attributes."""
    if rng.random() < NONSENSE:
        return rng.choice(NONSENSE_WORDS)
    typeless = rng.random() < TYPELESS
    count = rng.choices(list(FACET_COUNTS), list(FACET_COUNTS.values()))[0]
    facets = _facets(rng, attributes, max(1, count) if typeless else count)
    facets.sort(key=ORDER.index)
    words = [_phrase(rng, facet, attributes[facet]) for facet in facets]
    noun = _phrase(rng, "product_type", attributes["product_type"])
    noun = plural(noun) if rng.random() < 0.45 else singular(noun) if rng.random() < 0.3 else noun
    form = rng.random()
    if form < 0.14:
        rng.shuffle(words)
    ending = [word for word in words if word.startswith("for ")]
    words = [word for word in words if not word.startswith("for ")]
    if not typeless:
        words = [noun, *words] if 0.14 <= form < 0.24 else [*words, noun]
    words += ending
    if rng.random() < BRANDED:
        words = [brand.lower(), *words] if rng.random() < 0.8 else [brand.lower()]
    if rng.random() < 0.04:
        words.insert(rng.choice((0, len(words))), rng.choice(SHOP_WORDS))
    query = " ".join(words)
    return mistyped(rng, query) if rng.random() < MISTYPED else query


class Demand:
    """Collects the searches for a catalogue that is shown to it chunk by chunk."""

    def __init__(self, seed: int, products: int) -> None:
        """``products`` is the size of the whole catalogue."""
        self.seed = seed
        self.share = min(1.0, (products / BASE_PRODUCTS) ** -0.25) * SEARCHES_A_PRODUCT
        self.queries: Counter[str] = Counter()

    def add(self, products: Sequence[Product]) -> None:
        """Let shoppers search for ``products``."""
        for product in products:
            rng = random.Random(f"{self.seed}:{product.index}:search")
            # u is the product's place in a random order, as a share; (1 - a) * u^-a has mean 1, level in the first
            # hundredth.
            wish = self.share * (1 - POPULARITY) * max(rng.random(), 0.01) ** -POPULARITY
            times = int(wish) + (rng.random() < wish % 1)
            for _ in range(times):
                attributes = imagined(rng) if rng.random() < IMAGINED else product.attributes
                self.queries[write_query(rng, attributes, product.texts.brand)] += 1

    def log(self) -> list[tuple[str, int]]:
        """Queries with their number of searches, the most frequent first."""
        return sorted(self.queries.items(), key=lambda entry: (-entry[1], entry[0]))
