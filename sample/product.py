"""One product: its ids, siblings, attributes, texts and picture, from ``(seed, index)`` alone."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Mapping
from dataclasses import dataclass

from sample.drawing import draw_image
from sample.ontology import FACETS, draw_attributes, draw_colors
from sample.text import Texts, write_texts

BLOCK = 16
"""Products of one block are split into sibling groups together; a group never crosses a block."""

GROUP_SIZES = {1: 45, 2: 25, 3: 20, 4: 10}


@dataclass(frozen=True)
class Product:
    """A product of the sample. ``image`` is JPEG bytes, empty where only the description was asked for."""

    index: int
    product_id: str
    group_id: str
    attributes: Mapping[str, str]
    texts: Texts
    image: bytes = b""

    @property
    def title(self) -> str:
        """The title as the seller writes it."""
        return self.texts.title


def opaque(*parts: object, length: int = 12) -> str:
    """Hexadecimal name that tells nothing about what it names."""
    return hashlib.sha256("|".join(map(str, parts)).encode()).hexdigest()[:length]


def _siblings(seed: int, index: int) -> tuple[int, int, int]:
    """Group number within the block, place within the group, and size of the group."""
    rng = random.Random(f"{seed}:block:{index // BLOCK}")
    place, group = index % BLOCK, 0
    left = BLOCK
    while True:
        size = min(left, rng.choices(list(GROUP_SIZES), list(GROUP_SIZES.values()))[0])
        if place < size:
            return group, place, size
        place, left, group = place - size, left - size, group + 1


def describe_product(seed: int, index: int) -> Product:
    """Product ``index`` of the sample ``seed`` without its picture."""
    if index < 0:
        raise ValueError(f"index must not be negative, got {index}")
    group, place, size = _siblings(seed, index)
    design_key = f"{seed}:{index // BLOCK}:{group}"
    rng = random.Random(f"{design_key}:design")
    design = draw_attributes(rng)
    design["color"] = draw_colors(rng, design, size)[place]
    attributes = {facet: design[facet] for facet in FACETS if facet in design}
    return Product(
        index=index,
        product_id=f"P{opaque(seed, index, 'product')}",
        group_id=f"G{opaque(design_key, 'group', length=10)}",
        attributes=attributes,
        texts=write_texts(attributes, design_key=design_key, product_key=f"{seed}:{index}"),
    )


def draw_product(seed: int, index: int) -> Product:
    """Product ``index`` of the sample ``seed`` with its picture, in memory."""
    product = describe_product(seed, index)
    design_key = f"{product.group_id}:{seed}"
    image = draw_image(product.attributes, design_key=design_key, product_key=f"{seed}:{index}")
    return Product(**{**product.__dict__, "image": image})
