"""Cloth: a base colour, a pattern printed on it, and the surface of a material under the studio light."""

from __future__ import annotations

import functools
import math
import random
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from sample.canvas import SIZE, Canvas, Color, Pixels, crop, noise, reach

BASES: dict[str, Color] = {
    "black": (30, 30, 33),
    "white": (246, 245, 242),
    "grey": (140, 143, 148),
    "navy blue": (30, 42, 92),
    "blue": (62, 122, 206),
    "red": (200, 34, 42),
    "pink": (244, 150, 184),
    "green": (48, 130, 78),
    "beige": (218, 196, 158),
    "brown": (112, 70, 42),
    "yellow": (246, 204, 48),
    "purple": (120, 68, 164),
    "gold": (206, 164, 66),
    "silver": (192, 196, 203),
}

CREAM: Color = (248, 243, 232)
TILE = 96
CLOSE = {
    ("blue", "navy blue"),
    ("black", "navy blue"),
    ("yellow", "beige"),
    ("white", "beige"),
    ("yellow", "white"),
    ("white", "yellow"),
}
PALE = ("white", "beige", "yellow", "silver", "pink")


def tone(rng: random.Random, color: str) -> Color:
    """``color`` as one dye lot gives it: a little lighter or darker, warmer or colder."""
    value = rng.uniform(0.92, 1.06) if color != "white" else rng.uniform(0.975, 1.0)
    warm = rng.uniform(-5, 5) if color not in ("white", "black", "grey", "silver") else rng.uniform(-2, 2)
    r, g, b = BASES[color]
    return (min(255.0, r * value + warm), min(255.0, g * value), min(255.0, b * value - warm))


def shaded(color: Color, factor: float) -> Color:
    """Darker below 1; above 1 moved towards white by the excess."""
    if factor <= 1:
        return (color[0] * factor, color[1] * factor, color[2] * factor)
    part = factor - 1
    return tuple(c + (255 - c) * part for c in color)  # type: ignore[return-value]


def contrast(color: str) -> Color:
    """What a print on ``color`` is printed with: dark on pale cloth, cream on the rest."""
    if color in ("white", "silver", "grey"):
        return (38, 40, 48)
    if color in ("beige", "yellow", "gold"):
        return (84, 56, 40)
    if color == "pink":
        return (255, 252, 250)
    return CREAM


def _tile(draw_on: list[tuple[str, list[tuple[float, float]]]], channels: tuple[str, ...]) -> Pixels:
    """Repeating tile of coverage masks, one a channel, from polygons in tile pixels; drawn nine times for the wrap."""
    factor = 3
    masks = []
    for channel in channels:
        image = Image.new("L", (TILE * factor, TILE * factor))
        pen = ImageDraw.Draw(image)
        for name, shape in draw_on:
            fill = 255 if name == channel else 0
            for dx in (-TILE, 0, TILE):
                for dy in (-TILE, 0, TILE):
                    pen.polygon([((x + dx) * factor, (y + dy) * factor) for x, y in shape], fill=fill)
        masks.append(np.asarray(image.reduce(factor), dtype=np.float32) / 255)
    return np.stack(masks, axis=2)


def _blob(
    cx: float, cy: float, radius: float, rng: random.Random, rough: float, count: int = 12
) -> list[tuple[float, float]]:
    steps = [2 * math.pi * k / count for k in range(count)]
    radii = [radius * rng.uniform(1 - rough, 1 + rough) for _ in steps]
    return [(cx + r * math.cos(a), cy + r * math.sin(a)) for a, r in zip(steps, radii, strict=True)]


def _scattered(rng: random.Random, count: int, gap: float) -> list[tuple[float, float]]:
    """Points on a torus, each at least ``gap`` from the others."""
    points: list[tuple[float, float]] = []
    for _ in range(count * 40):
        x, y = rng.uniform(0, TILE), rng.uniform(0, TILE)
        far = all(
            math.hypot(min(abs(x - a), TILE - abs(x - a)), min(abs(y - b), TILE - abs(y - b))) >= gap for a, b in points
        )
        if far:
            points.append((x, y))
        if len(points) == count:
            break
    return points


@functools.lru_cache(maxsize=8)
def floral_tile(variant: int) -> Pixels:
    """Flowers and leaves; channels petal, heart, leaf."""
    rng = random.Random(f"floral:{variant}")
    shapes: list[tuple[str, list[tuple[float, float]]]] = []
    size = (8.5, 10.5, 7.5, 9.5)[variant % 4]
    for x, y in _scattered(rng, 14, size * 2.2):
        turn = rng.uniform(0, 6.28)
        radius = size * rng.uniform(0.8, 1.1)
        for k in range(2):
            a = turn + 2.2 + 1.4 * k
            tip = (x + 1.75 * radius * math.cos(a), y + 1.75 * radius * math.sin(a))
            side = (0.28 * radius * math.cos(a + 1.57), 0.28 * radius * math.sin(a + 1.57))
            mid = ((x + tip[0]) / 2, (y + tip[1]) / 2)
            leaf = [(x, y), (mid[0] + side[0], mid[1] + side[1]), tip, (mid[0] - side[0], mid[1] - side[1])]
            shapes.append(("leaf", leaf))
        for k in range(5):
            a = turn + 2 * math.pi * k / 5
            shapes.append(
                (
                    "petal",
                    _blob(x + 0.6 * radius * math.cos(a), y + 0.6 * radius * math.sin(a), 0.45 * radius, rng, 0.06),
                )
            )
        shapes.append(("heart", _blob(x, y, 0.3 * radius, rng, 0.05)))
    return _tile(shapes, ("petal", "heart", "leaf"))


@functools.lru_cache(maxsize=4)
def leopard_tile(variant: int) -> Pixels:
    """Broken rings around darker middles; channels ring, middle."""
    rng = random.Random(f"leopard:{variant}")
    shapes: list[tuple[str, list[tuple[float, float]]]] = []
    for x, y in _scattered(rng, 44, 12.5):
        radius = rng.uniform(4.0, 5.6)
        shapes.append(("ring", _blob(x, y, radius, rng, 0.16)))
        shapes.append(("middle", _blob(x + rng.uniform(-1, 1), y + rng.uniform(-1, 1), radius * 0.52, rng, 0.2)))
        a = rng.uniform(0, 6.28)
        gap = [
            (x, y),
            (x + 9 * math.cos(a), y + 9 * math.sin(a)),
            (x + 9 * math.cos(a + 0.6), y + 9 * math.sin(a + 0.6)),
        ]
        shapes.append(("none", gap))
    return _tile(shapes, ("ring", "middle"))


@functools.lru_cache(maxsize=2)
def lace_tile(variant: int) -> Pixels:
    """Net with flowers; one channel: how much thread there is."""
    rng = random.Random(f"lace:{variant}")
    grid = np.arange(TILE, dtype=np.float32)
    net = np.abs(np.sin((grid[None, :] + grid[:, None]) * math.pi / 12)) * np.abs(
        np.sin((grid[None, :] - grid[:, None]) * math.pi / 12)
    )
    holes = np.clip(net * 2.6 - 0.7, 0, 1)
    shapes: list[tuple[str, list[tuple[float, float]]]] = []
    for x, y in _scattered(rng, 9, 25):
        for k in range(6):
            a = 2 * math.pi * k / 6
            shapes.append(("petal", _blob(x + 6.4 * math.cos(a), y + 6.4 * math.sin(a), 3.9, rng, 0.05)))
    flowers = _tile(shapes, ("petal",))[:, :, 0]
    return np.asarray(np.maximum(1 - holes, flowers)[:, :, None], dtype=np.float32)


def sampled(tile: Pixels, u: Pixels, v: Pixels, zoom: float = 1.0) -> Pixels:
    """``tile`` repeated over the cloth's coordinates."""
    i = np.floor(v * np.float32(zoom)).astype(np.int32) % TILE
    j = np.floor(u * np.float32(zoom)).astype(np.int32) % TILE
    return np.asarray(tile[i, j], dtype=np.float32)


def _wave(x: Pixels, period: float, share: float, edge: float = 1.2) -> Pixels:
    """Coverage of bars: ``share`` of each ``period`` pixels, softened over ``edge``."""
    distance = np.abs((x / np.float32(period)) % 1 - 0.5) * np.float32(period)
    bars = (np.float32(share * period / 2) - distance) / np.float32(edge) + 0.5
    return np.asarray(np.clip(bars, 0, 1), dtype=np.float32)


def _mix(base: Pixels, cover: Pixels, color: Color) -> Pixels:
    part = cover[:, :, None]
    return base + (np.asarray(color, dtype=np.float32) - base) * part


def printed(canvas: Canvas, rng: random.Random, base: Color, color: str, pattern: str, upright: bool) -> Pixels:
    """The cloth's colour at every pixel, before light. ``upright`` turns stripes vertical."""
    u = canvas.u + np.float32(rng.uniform(0, TILE))
    v = canvas.v + np.float32(rng.uniform(0, TILE))
    cloth = np.broadcast_to(np.asarray(base, dtype=np.float32), (SIZE, SIZE, 3))
    ink = contrast(color)
    if pattern == "striped":
        return _mix(cloth, _wave(u if upright else v, rng.uniform(14, 19), rng.uniform(0.34, 0.42)), ink)
    if pattern == "polka dot":
        cell = np.float32(rng.uniform(17, 21))
        row = np.floor(v / cell)
        x = (u / cell + 0.5 * (row % 2)) % 1 - 0.5
        y = (v / cell) % 1 - 0.5
        reach = np.float32(rng.uniform(0.25, 0.3))
        return _mix(cloth, np.clip((reach - np.hypot(x, y)) * cell + 0.5, 0, 1), ink)
    if pattern == "checked":
        period = rng.uniform(22, 28)
        across, down = _wave(v, period, 0.42), _wave(u, period, 0.42)
        cloth = _mix(cloth, (across + down) * np.float32(0.36), shaded(base, 0.45) if color in PALE else ink)
        thin = np.maximum(_wave(v + period / 2, period, 0.09), _wave(u + period / 2, period, 0.09))
        return _mix(cloth, thin * np.float32(0.75), shaded(ink, 0.9))
    if pattern == "floral":
        tile = sampled(floral_tile(rng.randrange(4)), u, v)
        choices = [
            c
            for c in ("pink", "white", "red", "yellow", "blue", "purple")
            if c != color and (c, color) != ("blue", "navy blue")
        ]
        petals = BASES[rng.choice(choices)]
        cloth = _mix(cloth, tile[:, :, 2], (70, 128, 66) if color != "green" else (20, 74, 44))
        cloth = _mix(cloth, tile[:, :, 0], petals)
        return _mix(cloth, tile[:, :, 1], (250, 206, 70) if petals != BASES["yellow"] else (150, 76, 30))
    if pattern == "leopard print":
        tile = sampled(leopard_tile(rng.randrange(4)), u, v, zoom=rng.uniform(0.75, 0.9))
        cloth = _mix(cloth, tile[:, :, 0], (34, 24, 20) if color != "brown" else (20, 13, 10))
        return _mix(cloth, tile[:, :, 1], shaded(base, 0.62))
    if pattern == "camouflage":
        left, top = rng.randrange(SIZE), rng.randrange(SIZE)
        for k, (factor, cut) in enumerate(((0.55, 0.35), (1.45, 0.75), (0.25, 0.95))):
            patch = np.clip((crop(noise(26, 40 + k), left, top) - cut) * 6, 0, 1)
            cloth = _mix(cloth, patch, shaded(base, factor))
        return cloth
    return np.array(cloth)


@dataclass(frozen=True)
class Surface:
    """How a material takes the light: shares of relief, folds and gloss, and a texture's strength."""

    relief: float = 0.30
    folds: float = 0.05
    gloss: float = 0.0
    sheen: float = 0.0


SURFACES: dict[str, Surface] = {
    "cotton": Surface(folds=0.05),
    "denim": Surface(relief=0.34, folds=0.04),
    "leather": Surface(relief=0.5, folds=0.08, gloss=0.75),
    "suede": Surface(relief=0.22, folds=0.02),
    "satin": Surface(relief=0.3, folds=0.06, sheen=0.68),
    "knit": Surface(relief=0.36, folds=0.0),
    "wool": Surface(relief=0.3, folds=0.03),
    "linen": Surface(relief=0.26, folds=0.1),
    "corduroy": Surface(relief=0.32, folds=0.03),
    "canvas": Surface(relief=0.26, folds=0.02),
    "fleece": Surface(relief=0.5, folds=0.0),
    "lace": Surface(relief=0.2, folds=0.03),
    "metal": Surface(relief=0.6, folds=0.0, gloss=0.7),
    "acetate": Surface(relief=0.4, folds=0.0, gloss=0.5),
    "rubber": Surface(relief=0.55, folds=0.0, gloss=0.25),
    "straw": Surface(relief=0.36, folds=0.0),
}


def texture(canvas: Canvas, material: str, x: int, y: int) -> tuple[Pixels | None, float]:
    """The material's own grain as a signed array around 0, and how far it also lifts dark cloth (0..255)."""
    u, v = canvas.u, canvas.v
    if material == "denim":
        twill = np.sin((u + v) * np.float32(2 * math.pi / 6))
        return 0.11 * twill + 0.13 * crop(noise(9, 3), x, y) + 0.06 * crop(noise(90, 4), x, y), 26
    if material == "knit":
        column = np.abs((u / np.float32(11)) % 1 - 0.5) * 2
        braid = np.sin((v + column * 7) * np.float32(2 * math.pi / 8.5))
        return 0.17 * braid * (1 - column**4) - 0.30 * np.clip(column * 5 - 4, 0, 1), 26
    if material == "wool":
        fleck = crop(noise(105, 5), x, y)
        return 0.06 * crop(noise(190, 13), x, y) + 0.26 * np.clip(fleck - 1.1, 0, 1) - 0.26 * np.clip(
            -fleck - 1.1, 0, 1
        ), 30
    if material == "linen":
        threads = crop(noise(100, 6, stretch=8), x, y) + crop(noise(100, 7, stretch=-8), x, y)
        return 0.11 * threads, 24
    if material == "corduroy":
        return 0.28 * np.sin(u * np.float32(2 * math.pi / 8)), 28
    if material == "canvas":
        weave = np.sin(u * np.float32(2 * math.pi / 7)) * np.sin(v * np.float32(2 * math.pi / 7))
        return 0.2 * weave + 0.03 * crop(noise(120, 8), x, y), 24
    if material == "fleece":
        x, y = min(x, SIZE - 3), min(y, SIZE - 3)
        curl = crop(noise(100, 9), x, y)
        return 0.22 * np.clip(crop(noise(100, 9), x + 2, y + 2) - curl, -0.9, 0.9), 34
    if material == "suede":
        return 0.16 * crop(noise(22, 11), x, y) + 0.07 * crop(noise(150, 12), x, y), 24
    if material == "straw":
        over = (np.floor(u / 9) + np.floor(v / 9)) % 2
        strand = np.where(over > 0, np.abs((u / 9) % 1 - 0.5), np.abs((v / 9) % 1 - 0.5)) * 2
        lines = np.where(over > 0, np.abs((v / 3) % 1 - 0.5), np.abs((u / 3) % 1 - 0.5)) * 2
        return np.asarray(0.16 - 0.36 * strand**3 - 0.14 * (lines > 0.75), dtype=np.float32), 30
    return None, 0


class Cloth:
    """One product's cloth: computed once, then cut into parts that each take their own light."""

    def __init__(
        self,
        canvas: Canvas,
        design: random.Random,
        shade: random.Random,
        color: str,
        pattern: str,
        material: str,
        upright: bool = False,
    ) -> None:
        """``design`` places the print (siblings share it), ``shade`` the dye lot and the folds (this product's own)."""
        self.canvas = canvas
        self.color = color
        self.material = material
        self.surface = SURFACES[material]
        # Deep shade turns white cloth grey and pale leather into metal.
        self.relief = self.surface.relief * (0.6 if color in PALE else 1.0)
        self.base = tone(shade, color)
        self.dark = shaded(self.base, 0.5) if color != "black" else (10.0, 10.0, 12.0)
        self.ink = contrast(color)
        self.motif = design.random()
        accents = [c for c in ("red", "yellow", "white", "blue", "black") if c != color and (c, color) not in CLOSE]
        self.accent = BASES[design.choice(accents)]
        x, y = shade.randrange(SIZE), shade.randrange(SIZE)
        self.at = (x, y)
        albedo = printed(canvas, design, self.base, color, pattern, upright)
        grain, lift = texture(canvas, material, x, y)
        if grain is not None:
            albedo = albedo * (1 + grain)[:, :, None]
            if color in ("black", "navy blue", "brown", "purple"):
                albedo += (np.clip(grain, 0, 1) * np.float32(lift * 5))[:, :, None]
        self.albedo: Pixels = albedo
        self.folds = crop(noise(10, 20, stretch=3), x, y)

    def cut(self, shape: Pixels, radius: float = 9.0) -> None:
        """Paint ``shape`` with this cloth under the light."""
        surface, canvas, at = self.surface, self.canvas, reach(shape)
        light, middle = (part[at] for part in canvas.relief(shape, radius))
        amount = 1 + self.relief * light - np.float32(0.26 / 0.3 * self.relief) * (1 - middle)
        if surface.folds:
            amount += np.float32(surface.folds) * self.folds[at]
        color = self.albedo[at] * np.clip(amount, 0.35, 1.35)[:, :, None]
        shine = np.clip(light, 0, 1) * np.float32(14)
        if surface.gloss:
            streak = np.clip(crop(noise(12, 21, stretch=3), *self.at)[at] + 0.9 * light - 0.75, 0, 1)
            shine += np.float32(215 * surface.gloss) * streak * (0.35 + 0.65 * middle)
        if surface.sheen:
            phase = (canvas.u[at] * 0.9 + canvas.v[at] * 0.35) * np.float32(0.115)
            wave = np.sin(phase + 1.3 * crop(noise(5, 22), *self.at)[at])
            color *= (0.84 + 0.22 * wave)[:, :, None]
            shine += np.float32(175 * surface.sheen) * np.clip(wave, 0, 1) ** 3
        color += shine[:, :, None]
        if self.material == "lace":
            thread = sampled(lace_tile(0), canvas.u, canvas.v)[:, :, 0]
            under = color * 0.6 + 34 if self.color in PALE else color * 0.4 + 110
            canvas.paint(shape, under, 0.75)
            # Never nothing inside the shape: the reach must stay the one that the colour was made for.
            shape = shape * (0.10 + 0.90 * thread)
        canvas.paint(shape, np.minimum(color, 255))
