"""What a product can be: types, facets, values, the words people use for them, and how values go together.

Every facet here is one that the drawing shows; what a picture cannot show (size, origin,
care) is not part of the ground
truth. Shares are our settings, chosen to look like a mid-size fashion shop: a few colours and patterns lead, materials
and cuts follow the type. A product carries six to eight values.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass

FACETS = (
    "product_type",
    "gender",
    "material",
    "pattern",
    "color",
    "style",
    "occasion",
    "season",
    "fit",
    "length",
    "sleeve_length",
    "neckline",
    "closure",
    "heel_height",
)
"""All facets, in the order in which they are drawn: a later one may depend on the earlier ones."""

WORDS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "product_type": {
        "dress": ("dress", "gown", "frock"),
        "t-shirt": ("t-shirt", "tee", "tshirt", "tee shirt"),
        "shirt": ("shirt",),
        "blouse": ("blouse",),
        "sweater": ("sweater", "jumper"),
        "cardigan": ("cardigan",),
        "hoodie": ("hoodie", "hooded sweatshirt"),
        "jacket": ("jacket",),
        "coat": ("coat", "overcoat"),
        "jean": ("jeans",),
        "trouser": ("trousers", "pants"),
        "short": ("shorts",),
        "skirt": ("skirt",),
        "sneaker": ("sneakers", "trainers"),
        "boot": ("boots",),
        "sandal": ("sandals",),
        "pump": ("pumps", "court shoes"),
        "handbag": ("handbag", "purse"),
        "backpack": ("backpack", "rucksack"),
        "hat": ("hat",),
        "scarf": ("scarf",),
        "sunglasses": ("sunglasses",),
        "watch": ("watch", "wristwatch"),
    },
    "gender": {
        "women": ("women's", "womens", "ladies", "for women"),
        "men": ("men's", "mens", "for men"),
    },
    "material": {
        "cotton": ("cotton",),
        "denim": ("denim",),
        "leather": ("leather",),
        "suede": ("suede",),
        "satin": ("satin",),
        "knit": ("knit", "knitted", "cable knit"),
        "wool": ("wool", "woolen"),
        "linen": ("linen",),
        "corduroy": ("corduroy",),
        "canvas": ("canvas",),
        "fleece": ("fleece", "teddy fleece"),
        "lace": ("lace",),
        "metal": ("metal",),
        "acetate": ("acetate",),
        "rubber": ("rubber",),
        "straw": ("straw", "woven straw"),
    },
    "pattern": {
        "solid": ("solid", "solid colour"),
        "striped": ("striped", "stripes", "stripe"),
        "floral": ("floral", "floral print", "flower print"),
        "checked": ("checked", "check", "chequered"),
        "polka dot": ("polka dot", "spotted", "dotted"),
        "leopard print": ("leopard print", "leopard", "animal print"),
        "camouflage": ("camouflage", "camo"),
        "graphic": ("graphic", "graphic print"),
    },
    "color": {
        "black": ("black",),
        "white": ("white",),
        "grey": ("grey", "gray"),
        "navy blue": ("navy", "navy blue"),
        "blue": ("blue",),
        "red": ("red",),
        "pink": ("pink",),
        "green": ("green",),
        "beige": ("beige",),
        "brown": ("brown",),
        "yellow": ("yellow",),
        "purple": ("purple",),
        "gold": ("gold", "golden"),
        "silver": ("silver",),
    },
    "style": {
        "elegant": ("elegant",),
        "bohemian": ("bohemian", "boho"),
        "edgy": ("edgy",),
    },
    "occasion": {
        "casual": ("casual",),
        "sports": ("sporty", "athletic"),
    },
    "season": {
        "spring": ("spring",),
        "summer": ("summer",),
        "autumn": ("autumn",),
        "winter": ("winter",),
    },
    "fit": {
        "slim fit": ("slim fit", "slim"),
        "regular fit": ("regular fit",),
        "oversized": ("oversized", "oversize"),
        "skinny fit": ("skinny fit", "skinny"),
        "straight fit": ("straight leg", "straight fit"),
        "wide-leg": ("wide leg", "wide-leg"),
        "flared": ("flared",),
        "a-line": ("a-line", "a line"),
        "bodycon": ("bodycon",),
        "pleated": ("pleated",),
    },
    "length": {
        "mini": ("mini",),
        "midi": ("midi",),
        "maxi": ("maxi",),
        "cropped": ("cropped",),
        "longline": ("longline",),
        "full-length": ("full length", "full-length"),
        "knee-length": ("knee length", "knee-length"),
        "ankle": ("ankle",),
        "knee-high": ("knee high", "knee-high"),
    },
    "sleeve_length": {
        "sleeveless": ("sleeveless",),
        "short sleeve": ("short sleeve", "short sleeved"),
        "long sleeve": ("long sleeve", "long sleeved"),
    },
    "neckline": {
        "crew neck": ("crew neck", "crewneck"),
        "v-neck": ("v-neck", "v neck"),
        "scoop neck": ("scoop neck",),
        "square neck": ("square neck",),
        "off-shoulder": ("off-shoulder", "off the shoulder"),
        "turtleneck": ("turtleneck", "roll neck"),
    },
    "closure": {
        "button closure": ("button front", "button-up", "buttoned"),
        "zip closure": ("zip-up", "zip closure", "zipped", "zip"),
        "pull-on": ("pull-on",),
        "open front": ("open front",),
        "belted": ("belted",),
        "lace-up": ("lace-up", "laced"),
        "slip-on": ("slip-on", "slip on"),
        "velcro closure": ("velcro closure", "velcro"),
        "buckle closure": ("buckle closure", "buckle", "buckled"),
        "drawstring": ("drawstring",),
    },
    "heel_height": {
        "flat heel": ("flat", "flat heel"),
        "mid heel": ("mid heel", "mid-heel"),
        "high heel": ("high heel", "high-heeled"),
        "platform": ("platform",),
    },
}
"""Every value with the words that name it, the usual one first. Labels hold the keys, texts and searches the words."""

LOOK_FACETS: Mapping[str, str] = {"casual": "occasion", "sports": "occasion"}
"""A type's looks are drawn as one choice under "style"; these belong to another facet. So no product carries both."""

Shares = Mapping[str, float]

COLORS: Shares = {
    "black": 17, "white": 11, "blue": 11, "grey": 9, "navy blue": 8, "beige": 9, "red": 8, "green": 8, "pink": 7,
    "brown": 6,
    "yellow": 4, "purple": 4,
}  # fmt: skip

PRINTS: Shares = {"solid": 44, "striped": 15, "floral": 14, "checked": 10, "polka dot": 9, "leopard print": 6}
GENDERS: Shares = {"women": 58, "men": 42}
FITS: Shares = {"slim fit": 32, "regular fit": 38, "oversized": 30}
NECKS: Shares = {"crew neck": 30, "v-neck": 30, "scoop neck": 16, "square neck": 12, "off-shoulder": 12}
SLEEVES: Shares = {"sleeveless": 30, "short sleeve": 35, "long sleeve": 35}
SEASONS: Shares = {"spring": 18, "summer": 32, "autumn": 24, "winter": 26}


@dataclass(frozen=True)
class Kind:
    """One product type: its share of the catalogue, its word group for fluff and prices, and the facets it has."""

    share: float
    group: str
    price: tuple[float, float]
    facets: Mapping[str, Shares]


def _kind(share: float, group: str, low: float, high: float, **facets: Shares) -> Kind:
    return Kind(share, group, (low, high), {"color": COLORS, **facets})


TYPES: Mapping[str, Kind] = {
    "dress": _kind(
        9, "garment", 29, 180,
        material={"cotton": 34, "satin": 18, "linen": 14, "knit": 10, "lace": 12, "denim": 8},
        pattern=PRINTS, sleeve_length=SLEEVES, neckline=NECKS,
        length={"mini": 36, "midi": 36, "maxi": 28}, fit={"a-line": 48, "bodycon": 28, "pleated": 24},
    ),
    "t-shirt": _kind(
        8, "garment", 9, 45,
        gender=GENDERS, material={"cotton": 70, "linen": 18, "knit": 12},
        pattern={"solid": 38, "striped": 20, "graphic": 24, "floral": 6, "polka dot": 6, "camouflage": 6},
        sleeve_length={"short sleeve": 66, "long sleeve": 20, "sleeveless": 14},
        neckline={"crew neck": 58, "v-neck": 42}, fit=FITS,
    ),
    "shirt": _kind(
        7, "garment", 25, 110,
        gender={"men": 62, "women": 38},
        material={"cotton": 48, "linen": 20, "denim": 14, "satin": 8, "corduroy": 10},
        pattern={"solid": 40, "striped": 22, "checked": 22, "floral": 10, "polka dot": 6},
        sleeve_length={"long sleeve": 62, "short sleeve": 38}, fit=FITS,
    ),
    "blouse": _kind(
        5, "garment", 25, 120,
        material={"satin": 34, "cotton": 34, "lace": 16, "linen": 16}, pattern=PRINTS, sleeve_length=SLEEVES,
        neckline={"v-neck": 40, "square neck": 22, "off-shoulder": 20, "crew neck": 18},
        style={"casual": 38, "elegant": 36, "bohemian": 26},
    ),
    "sweater": _kind(
        6, "garment", 29, 140,
        gender=GENDERS, material={"knit": 58, "wool": 24, "cotton": 18},
        pattern={"solid": 56, "striped": 26, "checked": 12, "leopard print": 6},
        neckline={"crew neck": 40, "v-neck": 30, "turtleneck": 30}, fit=FITS,
    ),
    "cardigan": _kind(
        4, "garment", 35, 150,
        material={"knit": 60, "wool": 24, "cotton": 16}, pattern={"solid": 58, "striped": 26, "checked": 16},
        closure={"button closure": 56, "open front": 44}, length={"cropped": 45, "longline": 55},
        fit={"slim fit": 45, "oversized": 55},
    ),
    "hoodie": _kind(
        5, "garment", 25, 95,
        gender={"men": 55, "women": 45}, material={"cotton": 66, "fleece": 34},
        pattern={"solid": 52, "graphic": 30, "camouflage": 18}, closure={"pull-on": 56, "zip closure": 44}, fit=FITS,
        style={"casual": 50, "sports": 34, "edgy": 16},
    ),
    "jacket": _kind(
        6, "garment", 49, 320,
        gender=GENDERS, material={"leather": 30, "denim": 28, "suede": 12, "corduroy": 12, "fleece": 10, "cotton": 8},
        pattern={"solid": 76, "checked": 14, "leopard print": 4, "camouflage": 6},
        closure={"zip closure": 55, "button closure": 45},
        style={"casual": 44, "sports": 18, "edgy": 24, "bohemian": 14},
    ),
    "coat": _kind(
        5, "garment", 79, 420,
        gender={"women": 64, "men": 36}, material={"wool": 60, "leather": 14, "fleece": 16, "cotton": 10},
        pattern={"solid": 66, "checked": 28, "leopard print": 6},
        closure={"button closure": 46, "belted": 34, "zip closure": 20},
        length={"midi": 58, "maxi": 42}, season={"winter": 52, "autumn": 34, "spring": 14},
    ),
    "jean": _kind(
        6, "garment", 35, 140,
        gender=GENDERS, color={"blue": 50, "black": 20, "grey": 13, "white": 10, "beige": 7},
        fit={"skinny fit": 28, "straight fit": 30, "wide-leg": 24, "flared": 18},
        length={"full-length": 62, "cropped": 38},
        style={"casual": 64, "edgy": 36}, season={"spring": 30, "summer": 25, "autumn": 45},
    ),
    "trouser": _kind(
        5, "garment", 29, 150,
        gender=GENDERS, material={"cotton": 32, "wool": 22, "linen": 20, "corduroy": 16, "leather": 10},
        pattern={"solid": 62, "striped": 18, "checked": 20},
        fit={"skinny fit": 20, "straight fit": 36, "wide-leg": 28, "flared": 16},
        length={"full-length": 62, "cropped": 38},
        style={"casual": 56, "sports": 26, "elegant": 18},
    ),
    "short": _kind(
        4, "garment", 15, 70,
        gender={"men": 50, "women": 50}, material={"cotton": 42, "denim": 32, "linen": 26},
        pattern={"solid": 54, "striped": 14, "checked": 14, "floral": 10, "camouflage": 8},
        length={"mini": 48, "knee-length": 52}, style={"casual": 64, "sports": 36}, season={"summer": 74, "spring": 26},
    ),
    "skirt": _kind(
        5, "garment", 22, 110,
        material={"cotton": 24, "denim": 20, "satin": 20, "leather": 14, "linen": 12, "lace": 10}, pattern=PRINTS,
        length={"mini": 38, "midi": 34, "maxi": 28}, fit={"a-line": 42, "bodycon": 28, "pleated": 30},
        style={"casual": 60, "bohemian": 22, "edgy": 18},
    ),
    "sneaker": _kind(
        6, "footwear", 39, 170,
        material={"leather": 36, "canvas": 34, "suede": 16, "knit": 14},
        pattern={"solid": 74, "checked": 10, "floral": 6, "leopard print": 6, "camouflage": 4},
        closure={"lace-up": 58, "slip-on": 22, "velcro closure": 20}, heel_height={"flat heel": 64, "platform": 36},
        style={"sports": 48, "casual": 38, "edgy": 14},
    ),
    "boot": _kind(
        5, "footwear", 59, 280,
        material={"leather": 56, "suede": 30, "rubber": 14},
        closure={"lace-up": 34, "zip closure": 30, "slip-on": 22, "buckle closure": 14},
        length={"ankle": 58, "knee-high": 42}, heel_height={"flat heel": 48, "mid heel": 28, "high heel": 24},
        style={"casual": 52, "edgy": 26, "bohemian": 22}, season={"winter": 48, "autumn": 44, "spring": 8},
    ),
    "sandal": _kind(
        4, "footwear", 19, 130,
        material={"leather": 50, "suede": 26, "rubber": 24}, pattern={"solid": 78, "leopard print": 12, "floral": 10},
        closure={"buckle closure": 52, "slip-on": 48}, heel_height={"flat heel": 42, "high heel": 30, "platform": 28},
        style={"casual": 52, "bohemian": 28, "elegant": 20}, season={"summer": 78, "spring": 22},
    ),
    "pump": _kind(
        4, "footwear", 39, 220,
        material={"leather": 46, "suede": 28, "satin": 26},
        pattern={"solid": 70, "leopard print": 14, "polka dot": 10, "floral": 6},
        closure={"slip-on": 62, "buckle closure": 38}, heel_height={"high heel": 60, "mid heel": 40},
        style={"elegant": 46, "casual": 34, "edgy": 20},
    ),
    "handbag": _kind(
        6, "bag", 29, 390,
        material={"leather": 52, "suede": 18, "canvas": 16, "straw": 14},
        pattern={"solid": 66, "leopard print": 12, "checked": 10, "floral": 6, "striped": 6},
        closure={"zip closure": 52, "buckle closure": 48},
        style={"casual": 36, "elegant": 34, "bohemian": 18, "edgy": 12}, season=SEASONS,
    ),
    "backpack": _kind(
        4, "bag", 29, 180,
        material={"canvas": 50, "leather": 30, "denim": 20},
        pattern={"solid": 60, "camouflage": 10, "checked": 10, "floral": 10, "polka dot": 10},
        closure={"zip closure": 44, "buckle closure": 34, "drawstring": 22},
        style={"casual": 56, "sports": 30, "edgy": 14},
    ),
    "hat": _kind(
        4, "accessory", 15, 90,
        material={"straw": 44, "wool": 30, "cotton": 26}, pattern={"solid": 76, "striped": 12, "checked": 12},
        style={"casual": 40, "elegant": 30, "bohemian": 30}, season=SEASONS,
    ),
    "scarf": _kind(
        4, "accessory", 12, 110,
        material={"knit": 36, "wool": 26, "satin": 24, "linen": 14}, pattern=PRINTS,
        style={"casual": 54, "bohemian": 28, "elegant": 18}, season={"winter": 46, "autumn": 32, "spring": 22},
    ),
    "sunglasses": _kind(
        4, "accessory", 15, 240,
        material={"acetate": 58, "metal": 42}, pattern={"solid": 82, "leopard print": 18},
        style={"casual": 40, "sports": 22, "elegant": 38}, season={"summer": 66, "spring": 20, "winter": 14},
    ),
    "watch": _kind(
        4, "accessory", 45, 480,
        material={"leather": 38, "metal": 32, "rubber": 16, "canvas": 14}, pattern={"solid": 84, "striped": 16},
        style={"casual": 38, "sports": 32, "elegant": 30}, season=SEASONS,
    ),
}  # fmt: skip

_PLAIN = {"striped": 0.0, "floral": 0.0, "checked": 0.0, "polka dot": 0.0, "camouflage": 0.0, "graphic": 0.0}
_HIDE = {"black": 2.2, "brown": 3.6, "beige": 1.6, "yellow": 0.4, "purple": 0.5, "pink": 0.5, "blue": 0.5, "green": 0.6}
_METALS: Shares = {"gold": 42, "silver": 46, "black": 12}

AFFINITIES: Mapping[tuple[str, str], Mapping[str, Shares]] = {
    ("material", "leather"): {"pattern": {**_PLAIN, "leopard print": 0.7}, "color": _HIDE, "style": {"edgy": 2.0}},
    ("material", "suede"): {"pattern": {**_PLAIN, "leopard print": 0.5}, "color": _HIDE, "style": {"bohemian": 2.0}},
    ("material", "rubber"): {"pattern": _PLAIN | {"leopard print": 0.0}, "style": {"sports": 2.0}},
    ("material", "metal"): {"pattern": _PLAIN | {"leopard print": 0.0}},
    ("material", "denim"): {
        "pattern": {
            "floral": 0.2,
            "checked": 0.0,
            "leopard print": 0.0,
            "striped": 0.2,
            "polka dot": 0.2,
            "camouflage": 0.0,
        },
        "color": {
            "blue": 6.0,
            "navy blue": 2.0,
            "pink": 0.4,
            "yellow": 0.2,
            "purple": 0.2,
            "red": 0.3,
            "green": 0.3,
            "brown": 0.2,
        },
    },
    ("material", "lace"): {"pattern": _PLAIN | {"leopard print": 0.0}, "color": {"white": 2.5, "black": 1.6}},
    ("material", "fleece"): {"pattern": {"checked": 0.4, "camouflage": 0.5}, "color": {"beige": 2.0, "brown": 1.6}},
    ("material", "straw"): {
        "pattern": {"leopard print": 0.0, "checked": 0.3, "floral": 0.0},
        "color": {"beige": 9.0, "brown": 3.0},
        "season": {"summer": 3.0, "winter": 0.1},
    },
    ("material", "linen"): {
        "color": {"beige": 2.0, "white": 2.0, "black": 0.6},
        "season": {"summer": 2.0, "spring": 1.5},
    },
    ("material", "wool"): {
        "color": {"grey": 2.0, "navy blue": 1.5, "beige": 1.5},
        "season": {"winter": 2.0, "summer": 0.1},
    },
    ("material", "knit"): {"season": {"winter": 2.0, "summer": 0.1}, "pattern": {"floral": 0.2, "polka dot": 0.4}},
    ("material", "corduroy"): {
        "pattern": {"striped": 0.0, "floral": 0.2, "polka dot": 0.0, "checked": 0.2},
        "color": {"brown": 3.0, "beige": 1.8, "green": 1.6},
    },
    ("material", "satin"): {"style": {"elegant": 2.0}, "pattern": {"checked": 0.3}},
    ("pattern", "leopard print"): {
        "color": {"brown": 4.0, "beige": 5.0, "black": 0.0, "navy blue": 0.2, "green": 0.3, "blue": 0.3}
    },
    ("pattern", "camouflage"): {
        "color": {"green": 9.0, "grey": 3.0, "beige": 2.0, "white": 0.3, "black": 0.0, "red": 0.2}
    },
    ("pattern", "floral"): {"color": {"grey": 0.4, "pink": 1.6, "white": 1.4}},
    ("gender", "men"): {
        "pattern": {"floral": 0.3, "polka dot": 0.2, "leopard print": 0.1},
        "color": {"pink": 0.3, "navy blue": 1.6, "purple": 0.6},
        "fit": {"skinny fit": 0.5, "flared": 0.3},
        "length": {"mini": 0.3, "cropped": 0.7},
    },
    ("length", "midi"): {"fit": {"bodycon": 0.8}},
    ("length", "maxi"): {"fit": {"bodycon": 0.4}},
    ("fit", "bodycon"): {"sleeve_length": {"short sleeve": 0.8}},
    ("sleeve_length", "sleeveless"): {"neckline": {"off-shoulder": 0.4}},
}
"""What a drawn value does to the shares of facets drawn after it: factors, 1 when not named."""


def draw_value(
    rng: random.Random, facet: str, shares: Shares, drawn: Mapping[str, str], barred: tuple[str, ...] = ()
) -> str:
    """One value of ``facet``: the type's shares times the factors of what was drawn before.

    A value of ``barred`` comes only when no other is left.
    """
    if facet == "color" and drawn.get("material") == "metal":
        shares = _METALS
    weights = dict(shares)
    for pair in drawn.items():
        for value, factor in AFFINITIES.get(pair, {}).get(facet, {}).items():
            if value in weights:
                weights[value] *= factor
    possible = [value for value, weight in weights.items() if weight > 0]
    names = [value for value in possible if value not in barred] or possible
    return rng.choices(names, [weights[value] for value in names])[0]


def draw_attributes(rng: random.Random) -> dict[str, str]:
    """A design: product type and every facet of that type but colour, facet → value."""
    drawn = {"product_type": rng.choices(list(TYPES), [kind.share for kind in TYPES.values()])[0]}
    facets = TYPES[drawn["product_type"]].facets
    for facet in FACETS:
        if facet in facets and facet != "color":
            value = draw_value(rng, facet, facets[facet], drawn)
            drawn[LOOK_FACETS.get(value, facet)] = value
    return drawn


def draw_colors(rng: random.Random, design: Mapping[str, str], count: int) -> list[str]:
    """The colours of ``count`` siblings of one design, all different while there are colours left."""
    shares = TYPES[design["product_type"]].facets["color"]
    colors: list[str] = []
    for _ in range(count):
        used = tuple(colors) if len(colors) < 3 else tuple(colors[-2:])
        colors.append(draw_value(rng, "color", shares, design, barred=used))
    return colors
