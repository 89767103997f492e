"""From attributes to a JPEG: the pose, the backdrop with its season, the product, the marks of its look."""

from __future__ import annotations

import functools
import math
import random
from collections.abc import Callable, Mapping

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from sample import accessories, garments, trims
from sample.canvas import SIZE, Canvas, Pixels, band
from sample.fabric import Cloth

Drawer = Callable[[Canvas, Cloth, Mapping[str, str], random.Random], garments.Trim]

DRAWERS: dict[str, Drawer] = {
    **dict.fromkeys(
        ("dress", "t-shirt", "shirt", "blouse", "sweater", "cardigan", "hoodie", "jacket", "coat"), garments.top
    ),
    **dict.fromkeys(("jean", "trouser", "short"), garments.legs),
    "skirt": garments.skirt,
    "sneaker": accessories.sneaker,
    "boot": accessories.boot,
    "sandal": accessories.sandal,
    "pump": accessories.pump,
    "handbag": accessories.handbag,
    "backpack": accessories.backpack,
    "hat": accessories.hat,
    "scarf": accessories.scarf,
    "sunglasses": accessories.sunglasses,
    "watch": accessories.watch,
}

STANDING: dict[str, tuple[float, float]] = {
    "dress": (64, -0.30), "coat": (66, -0.26), "cardigan": (72, -0.02), "t-shirt": (84, 0.16), "shirt": (82, 0.14),
    "blouse": (88, 0.20), "sweater": (82, 0.16), "hoodie": (80, 0.18), "jacket": (84, 0.22), "jean": (88, 0.04),
    "trouser": (88, 0.04), "short": (92, 0.10), "skirt": (90, 0.05), "sneaker": (78, 0.05), "boot": (72, 0.12),
    "sandal": (84, 0.0), "pump": (78, 0.05), "handbag": (82, -0.05), "backpack": (92, 0.02), "hat": (80, -0.08),
    "scarf": (88, 0.06), "sunglasses": (78, 0.05), "watch": (84, 0.0),
}  # fmt: skip
"""Pixels a unit, and how far below the middle (in units) the origin stands."""

FRAMES: dict[tuple[str, str], tuple[float, float]] = {
    ("dress", "mini"): (78, 0.12), ("dress", "midi"): (68, -0.14), ("dress", "maxi"): (59, -0.41),
    ("coat", "midi"): (76, 0.0), ("coat", "maxi"): (64, -0.30),
    ("cardigan", "cropped"): (88, 0.42), ("boot", "knee-high"): (66, 0.30),
}  # fmt: skip
"""The same where a length asks for another frame."""

PAIRED = ("sneaker", "boot", "pump")
VARIANTS = 6
GROUND = {
    None: ((226, 226, 228), (236, 232, 226), (222, 227, 232), (232, 226, 224)),
    "spring": ((222, 238, 222),),
    "summer": ((252, 232, 190),),
    "autumn": ((240, 216, 188),),
    "winter": ((198, 220, 242),),
}


def _leaf(cx: float, cy: float, size: float, turn: float) -> list[tuple[float, float]]:
    """A five-pointed maple-like leaf with a stalk."""
    radii = (1.0, 0.45, 0.92, 0.42, 0.75, 0.3, 0.75, 0.42, 0.92, 0.45)
    return [
        (cx + size * r * math.cos(turn + 2 * math.pi * k / 10), cy + size * r * math.sin(turn + 2 * math.pi * k / 10))
        for k, r in enumerate(radii)
    ]


def _season(pen: ImageDraw.ImageDraw, season: str, rng: random.Random, edge: int) -> None:
    """The season's things scattered over a backdrop of ``edge`` pixels."""
    step = edge / 5
    spots = [(i * step + rng.uniform(0, step), j * step + rng.uniform(0, step)) for i in range(5) for j in range(5)]
    for x, y in spots:
        if season == "winter":
            r = rng.uniform(0.022, 0.036) * edge
            for k in range(3):
                a = math.pi * k / 3 + 0.3
                dx, dy = r * math.cos(a), r * math.sin(a)
                pen.line([(x - dx, y - dy), (x + dx, y + dy)], fill=(255, 255, 255), width=max(2, edge // 120))
        elif season == "spring":
            r = rng.uniform(0.012, 0.019) * edge
            for k in range(5):
                a = 2 * math.pi * k / 5 + x
                px, py = x + r * 1.05 * math.cos(a), y + r * 1.05 * math.sin(a)
                pen.ellipse([px - r, py - r, px + r, py + r], fill=(250, 178, 204))
            pen.ellipse([x - r * 0.6, y - r * 0.6, x + r * 0.6, y + r * 0.6], fill=(252, 226, 120))
        elif season == "autumn":
            color = ((206, 96, 30), (222, 146, 40), (164, 62, 34))[rng.randrange(3)]
            size, turn = rng.uniform(0.034, 0.05) * edge, rng.uniform(0, 6.28)
            pen.polygon(_leaf(x, y, size, turn), fill=color)
            pen.line(
                [(x, y), (x - size * 1.3 * math.cos(turn), y - size * 1.3 * math.sin(turn))],
                fill=color,
                width=max(1, edge // 160),
            )


def _palm(pen: ImageDraw.ImageDraw, rng: random.Random, edge: int) -> None:
    """Shadow of palm leaves from a corner: a sunny wall."""
    for corner_x, corner_y, start in ((-0.05, -0.05, 20), (1.05, 0.0, 120), (1.02, 1.05, 215), (-0.03, 1.03, 300)):
        angle = math.radians(start + rng.uniform(-12, 12))
        spine = [
            (
                edge * (corner_x + 0.62 * t * math.cos(angle + 0.5 * t)),
                edge * (corner_y + 0.62 * t * math.sin(angle + 0.5 * t)),
            )
            for t in np.linspace(0, 1, 12)
        ]
        for k in range(1, 12):
            x, y = spine[k]
            for side in (-1, 1):
                a = angle + 0.5 * k / 11 + side * 0.9
                reach = edge * 0.2 * (1 - abs(k - 5) / 9)
                tip = (x + reach * math.cos(a), y + reach * math.sin(a))
                pen.polygon(
                    band([(x, y), ((x + tip[0]) / 2, (y + tip[1]) / 2 + 2), tip], edge * 0.03, edge * 0.004),
                    fill=(214, 176, 118),
                )


@functools.lru_cache(maxsize=64)
def _wall(season: str | None, variant: int) -> Pixels:
    """Backdrop of 1.25 ``SIZE``: light from above, the season's things a little out of focus."""
    rng = random.Random(f"wall:{season}:{variant}")
    edge = SIZE * 5 // 4
    grounds = GROUND[season]
    base = grounds[variant % len(grounds)]
    wall = Image.new("RGB", (edge * 2, edge * 2), base)
    pen = ImageDraw.Draw(wall)
    if season == "summer":
        _palm(pen, rng, edge * 2)
        x, y = (0.12 + 0.76 * (variant % 2)) * edge * 2, 0.14 * edge * 2
        pen.ellipse([x - 26, y - 26, x + 26, y + 26], fill=(255, 250, 214))
        wall = wall.filter(ImageFilter.BoxBlur(2))
    elif season:
        _season(pen, season, rng, edge * 2)
        wall = wall.filter(ImageFilter.BoxBlur(1))
    image = np.asarray(wall.reduce(2), dtype=np.float32)
    grid = np.linspace(-1, 1, edge, dtype=np.float32)
    glow = 1.04 - 0.07 * (grid[None, :] ** 2) - 0.07 * ((grid[:, None] + 0.3) ** 2)
    return np.asarray(image * glow[:, :, None], dtype=np.float32)


def _backdrop(season: str | None, rng: random.Random) -> Pixels:
    wall = _wall(season, rng.randrange(VARIANTS))
    x, y = rng.randrange(SIZE // 4), rng.randrange(SIZE // 4)
    view = wall[y : y + SIZE, x : x + SIZE]
    if rng.random() < 0.5:
        view = view[:, ::-1]
    return view * np.float32(rng.uniform(0.95, 1.03))


def draw_image(attributes: Mapping[str, str], design_key: str, product_key: str) -> bytes:
    """JPEG of ``SIZE`` x ``SIZE`` pixels showing every one of ``attributes`` (facet → value).

    ``design_key`` seeds what siblings share (the print's place, the cut), ``product_key`` what is this picture's own.
    """
    design, own = random.Random(f"{design_key}:cut"), random.Random(f"{product_key}:pose")
    kind = attributes["product_type"]
    scale, low = STANDING[kind]
    scale, low = FRAMES.get((kind, attributes.get("length", "")), (scale, low))
    zoom = own.uniform(0.93, 1.04)
    tilt = math.radians(
        own.uniform(-3.0, 3.0) if kind not in ("handbag", "watch", "sunglasses") else own.uniform(-6, 6)
    )
    middle = SIZE / 2
    shift = (middle + own.uniform(-5, 5) - (4 if kind in PAIRED else 0), middle + low * scale + own.uniform(-4, 4))
    canvas = Canvas(scale * zoom, tilt, shift, flipped=own.random() < 0.5)
    material = attributes.get("material", "denim" if kind == "jean" else "cotton")
    upright = kind in ("shirt", "trouser", "scarf", "skirt", "watch")
    cloth = Cloth(canvas, design, own, attributes["color"], attributes.get("pattern", "solid"), material, upright)
    trim = DRAWERS[kind](canvas, cloth, attributes, design)
    trims.apply(canvas, cloth, garments.look(attributes), trim)
    if kind in PAIRED:
        canvas.echo(own.choice((13, 15)), own.choice((-15, -13)), 0.80)
    lift = (4, 5) if kind not in PAIRED else (2, 8)
    return canvas.finish(_backdrop(attributes.get("season"), own), lift, 9.0)
