"""A small studio: antialiased shapes on one layer, lit from the upper left, over a backdrop with a soft shadow.

Shapes are polygons in garment units: x to the right, y down, both about -1..1 over the picture. Masks and shades are
float32 arrays of ``SIZE`` x ``SIZE`` in 0..1, colours float32 ``SIZE`` x ``SIZE`` x 3 in 0..255.
"""

from __future__ import annotations

import functools
import io
import math
from collections.abc import Callable, Iterable, Sequence
from typing import cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

SIZE = 192
SUPER = 3

Pixels = NDArray[np.float32]
Point = tuple[float, float]
Path = Sequence[Point]
Color = tuple[float, float, float]
Offset = Callable[["Pixels"], list[float]]


def smooth(points: Path, steps: int = 7) -> list[Point]:
    """Catmull-Rom curve through ``points`` (open, ends kept)."""
    p = np.asarray(points, dtype=np.float64)
    if len(p) < 3:
        return list(points)
    q = np.vstack([2 * p[0] - p[1], p, 2 * p[-1] - p[-2]])
    t = np.linspace(0.0, 1.0, steps, endpoint=False)[:, None, None]
    a, b, c, d = q[:-3], q[1:-2], q[2:-1], q[3:]
    curve = 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
    flat = np.vstack([curve.transpose(1, 0, 2).reshape(-1, 2), p[-1:]])
    return [(float(x), float(y)) for x, y in flat]


def mirrored(right: Path) -> list[Point]:
    """Closed outline from its right half, given from top to bottom."""
    return [*right, *[(-x, y) for x, y in reversed(right)]]


def flip(points: Path) -> list[Point]:
    """The same shape on the other side of the vertical axis."""
    return [(-x, y) for x, y in points]


def ellipse(cx: float, cy: float, rx: float, ry: float, start: float = 0.0, stop: float = 360.0) -> list[Point]:
    """Points of an ellipse or of a part of it; degrees run clockwise from the right."""
    count = max(6, int(abs(stop - start) / 12))
    angles = [math.radians(start + (stop - start) * k / count) for k in range(count + 1)]
    return [(cx + rx * math.cos(a), cy + ry * math.sin(a)) for a in angles]


def band(points: Path, width: float, end_width: float | None = None) -> list[Point]:
    """Outline of a ribbon along ``points``, ``width`` wide (at the end ``end_width``)."""
    p = np.asarray(points, dtype=np.float64)
    tangent = np.gradient(p, axis=0)
    tangent /= np.maximum(np.linalg.norm(tangent, axis=1, keepdims=True), 1e-9)
    normal = np.stack([-tangent[:, 1], tangent[:, 0]], axis=1)
    half = np.linspace(width, width if end_width is None else end_width, len(p))[:, None] / 2
    outline = np.vstack([p + normal * half, (p - normal * half)[::-1]])
    return [(float(x), float(y)) for x, y in outline]


def box(x0: float, y0: float, x1: float, y1: float, radius: float = 0.0) -> list[Point]:
    """Rectangle with rounded corners."""
    if radius <= 0:
        return [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]
    corners = [(x1 - radius, y0 + radius, -90), (x1 - radius, y1 - radius, 0), (x0 + radius, y1 - radius, 90)]
    corners.append((x0 + radius, y0 + radius, 180))
    return [point for cx, cy, a in corners for point in ellipse(cx, cy, radius, radius, a, a + 90)]


@functools.lru_cache(maxsize=64)
def noise(cells: int, seed: int, stretch: int = 1) -> Pixels:
    """Smooth noise, mean 0, deviation 1, 2 ``SIZE`` square; ``stretch`` > 1 gives vertical, < -1 horizontal streaks."""
    rng = np.random.default_rng([cells, seed, abs(stretch)])
    shape = (max(2, cells // stretch), cells) if stretch > 0 else (cells, max(2, cells // -stretch))
    grid = rng.standard_normal(shape).astype(np.float32)
    full = np.asarray(Image.fromarray(grid).resize((2 * SIZE, 2 * SIZE), Image.Resampling.BICUBIC))
    return np.ascontiguousarray((full - full.mean()) / full.std(), dtype=np.float32)


def crop(texture: Pixels, x: int, y: int) -> Pixels:
    """A ``SIZE`` square of a bigger texture from (x, y), both taken modulo what fits."""
    y, x = y % (texture.shape[0] - SIZE), x % (texture.shape[1] - SIZE)
    return texture[y : y + SIZE, x : x + SIZE]


def blurred(mask: Pixels, radius: float, shrink: int = 4) -> Pixels:
    """``mask`` blurred by about ``radius`` pixels, computed on a smaller picture."""
    small = Image.fromarray((mask * 255).astype(np.uint8)).reduce(shrink)
    small = small.filter(ImageFilter.BoxBlur(radius / shrink)).filter(ImageFilter.BoxBlur(radius / shrink))
    full = np.asarray(small.resize((SIZE, SIZE), Image.Resampling.BILINEAR), dtype=np.float32)
    return full * np.float32(1 / 255)


def reach(mask: Pixels) -> tuple[slice, slice]:
    """The smallest window that holds all of ``mask`` (empty when it covers nothing)."""
    rows = np.flatnonzero(mask.max(axis=1))
    if len(rows) == 0:
        return slice(0), slice(0)
    columns = np.flatnonzero(mask[rows[0] : rows[-1] + 1].max(axis=0))
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)


def moved(picture: Pixels, dx: int, dy: int) -> Pixels:
    """``picture`` shifted by whole pixels, nothing where it came from."""
    out = np.zeros_like(picture)
    h, w = picture.shape[:2]
    out[max(0, dy) : h + min(0, dy), max(0, dx) : w + min(0, dx)] = picture[
        max(0, -dy) : h - max(0, dy), max(0, -dx) : w - max(0, dx)
    ]
    return out


class Canvas:
    """One picture in the making: a transform, one layer with its coverage, and the light."""

    def __init__(self, scale: float, angle: float, shift: Point, flipped: bool = False) -> None:
        """``scale`` is pixels a unit, ``angle`` radians, ``shift`` the place of the origin in pixels."""
        c, s, sign = math.cos(angle), math.sin(angle), -1 if flipped else 1
        turn = np.array([[sign * c, -sign * s], [s, c]])
        self.matrix = turn * scale
        self.scale = scale
        self.shift = np.array(shift)
        self.rgb: Pixels = np.zeros((SIZE, SIZE, 3), dtype=np.float32)
        self.alpha: Pixels = np.zeros((SIZE, SIZE), dtype=np.float32)
        inverse = np.linalg.inv(turn).astype(np.float32)
        px = np.arange(SIZE, dtype=np.float32)
        x, y = px[None, :] - np.float32(shift[0]), px[:, None] - np.float32(shift[1])
        self.u: Pixels = inverse[0, 0] * x + inverse[0, 1] * y
        self.v: Pixels = inverse[1, 0] * x + inverse[1, 1] * y
        """Coordinates of every pixel along the garment's own axes, in pixels: prints turn and move with the cloth."""

    def _pixels(self, points: Path) -> Pixels:
        moved = np.asarray(points, dtype=np.float64) @ self.matrix.T + self.shift + 0.5
        return np.asarray(moved, dtype=np.float32)

    def _rendered(
        self, shapes: Sequence[Pixels], margin: float, draw_on: Callable[[ImageDraw.ImageDraw, Offset], None]
    ) -> Pixels:
        """Coverage drawn at ``SUPER`` times the size, only in the window that ``shapes`` reach."""
        cover = np.zeros((SIZE, SIZE), dtype=np.float32)
        everything = np.concatenate(shapes)
        low = np.clip(np.floor(everything.min(axis=0) - margin).astype(int), 0, SIZE)
        high = np.clip(np.ceil(everything.max(axis=0) + margin).astype(int) + 1, 0, SIZE)
        width, height = (high - low).tolist()
        if width > 0 and height > 0:
            big = Image.new("L", (width * SUPER, height * SUPER))

            def offset(points: Pixels) -> list[float]:
                return cast(list[float], ((points - low) * SUPER - 0.5).ravel().tolist())

            draw_on(ImageDraw.Draw(big), offset)
            window = np.asarray(big.reduce(SUPER), dtype=np.float32)
            cover[low[1] : high[1], low[0] : high[0]] = window * np.float32(1 / 255)
        return cover

    def mask(self, shapes: Iterable[Path], holes: Iterable[Path] = ()) -> Pixels:
        """Coverage of the union of ``shapes`` without ``holes``."""
        solid, empty = [self._pixels(shape) for shape in shapes], [self._pixels(hole) for hole in holes]

        def draw_on(pen: ImageDraw.ImageDraw, offset: Offset) -> None:
            for shape in solid:
                pen.polygon(offset(shape), fill=255)
            for hole in empty:
                pen.polygon(offset(hole), fill=0)

        return self._rendered(solid, 0, draw_on)

    def strokes(self, lines: Iterable[Path], width: float) -> Pixels:
        """Coverage of ``lines``, ``width`` units wide."""
        moved = [self._pixels(line) for line in lines]
        thick = max(1, round(width * self.scale * SUPER))

        def draw_on(pen: ImageDraw.ImageDraw, offset: Offset) -> None:
            for line in moved:
                pen.line(offset(line), fill=255, width=thick, joint="curve" if len(line) > 2 else None)

        return self._rendered(moved, thick / SUPER, draw_on)

    def paint(self, mask: Pixels, color: Pixels | Color, opacity: float = 1.0) -> None:
        """Lay ``color`` over the layer where ``mask`` covers: one colour, or one a pixel of the picture or reach."""
        window = reach(mask)
        cover = mask[window]
        if opacity != 1.0:
            cover = cover * np.float32(opacity)
        source = np.asarray(color, dtype=np.float32)
        if source.shape == self.rgb.shape:
            source = source[window]
        layer, alpha = self.rgb[window], self.alpha[window]
        layer += (source - layer) * cover[:, :, None]
        alpha += (1 - alpha) * cover

    def stitch(self, lines: Iterable[Path], color: Color, opacity: float = 0.8, width: float = 0.014) -> None:
        """Thin lines on the cloth, kept within what is painted."""
        self.paint(self.strokes(lines, width) * self.alpha, color, opacity)

    def relief(self, mask: Pixels, radius: float) -> tuple[Pixels, Pixels]:
        """Lambert-like light (about -1..1) on the rounded rim of ``mask``, and roundness from 0 (rim) to 1 (middle)."""
        height = blurred(mask, radius)
        small = height[::2, ::2]
        gx = np.zeros_like(small)
        gy = np.zeros_like(small)
        gx[:, 1:-1] = small[:, 2:] - small[:, :-2]
        gy[1:-1] = small[2:] - small[:-2]
        light = (gx * 0.75 + gy * 0.65) * np.float32(radius * 0.8)
        wide = Image.fromarray(light).resize((SIZE, SIZE), Image.Resampling.BILINEAR)
        return np.asarray(wide, dtype=np.float32), np.clip(height * 2 - 1, 0, 1)

    def echo(self, dx: int, dy: int, shade: float) -> None:
        """Put a shifted, shaded copy of all that is drawn behind it: the other shoe of a pair."""
        rgb = moved(self.rgb, dx, dy) * np.float32(shade)
        alpha = moved(self.alpha, dx, dy)
        rest = 1 - self.alpha
        self.rgb += rgb * rest[:, :, None]
        self.alpha += alpha * rest

    def finish(self, backdrop: Pixels, lift: tuple[int, int], softness: float, quality: int = 88) -> bytes:
        """JPEG of the layer over ``backdrop`` with a soft shadow moved by ``lift`` pixels."""
        shadow = moved(blurred(self.alpha, softness), *lift)
        out = backdrop * (1 - 0.42 * shadow)[:, :, None]
        out *= (1 - self.alpha)[:, :, None]
        out += self.rgb
        picture = Image.fromarray(np.clip(out + 0.5, 0, 255).astype(np.uint8))
        target = io.BytesIO()
        picture.save(target, "JPEG", quality=quality)
        return target.getvalue()
