"""Clothes on a tailor's form: outlines by cut, necklines, sleeves, closures, and where a look may put its marks.

Tops and dresses share one figure: neck at y -0.78, armpit at -0.34, waist at 0.1, hip at 0.5, ankle at about 1.7.
Trousers, shorts and skirts share another: waist at -0.8, knee at 0.2, ankle at 0.9.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field

from sample.canvas import Canvas, Path, Point, band, box, ellipse, flip, mirrored, smooth
from sample.fabric import CREAM, Cloth, shaded

FORM = (206.0, 197.0, 190.0)
METAL = (198.0, 200.0, 206.0)
GOLD = (212.0, 170.0, 72.0)
THREAD = (222.0, 152.0, 66.0)
EMBROIDERY = ((206.0, 74.0, 48.0), (240.0, 184.0, 62.0), (36.0, 128.0, 132.0))
SLEEVE_SHARE = {"short sleeve": 0.36, "long sleeve": 1.0}
FIT_WIDTH = {"slim fit": 0.86, "regular fit": 1.0, "oversized": 1.24}


@dataclass
class Trim:
    """Where a style may put its marks: along the sides, at the hem, on studs' places."""

    sides: list[Path] = field(default_factory=list)
    hem: Path = ()
    studs: list[Point] = field(default_factory=list)


def seam(canvas: Canvas, cloth: Cloth, lines: list[Path], width: float = 0.016) -> None:
    """Seams: orange on denim, a shade darker or lighter than the cloth elsewhere."""
    if cloth.material == "denim":
        canvas.stitch(lines, THREAD, 0.9, width * 1.15)
    else:
        color = (92.0, 92.0, 98.0) if cloth.color == "black" else cloth.dark
        canvas.stitch(lines, color, 0.55, width)


def dots(canvas: Canvas, points: list[Point], radius: float, color: tuple[float, float, float]) -> None:
    """Buttons, studs, pearls."""
    rim = shaded(color, 0.45)
    canvas.paint(canvas.mask([ellipse(x, y, radius * 1.25, radius * 1.25) for x, y in points]), rim)
    canvas.paint(
        canvas.mask([ellipse(x - radius * 0.1, y - radius * 0.1, radius * 0.9, radius * 0.9) for x, y in points]), color
    )


def zipper(canvas: Canvas, line: Path, width: float = 0.05) -> None:
    """Metal zip with a dark tape and a puller at its first point."""
    canvas.paint(canvas.strokes([line], width * 1.9), (58, 58, 64))
    canvas.paint(canvas.strokes([line], width), METAL)
    x, y = line[0]
    canvas.paint(canvas.mask([box(x - 0.045, y, x + 0.045, y + 0.17, 0.03)]), (236, 236, 240))


def buckle(canvas: Canvas, x: float, y: float, size: float, gold: bool = True) -> None:
    """Square buckle with a pin."""
    color = GOLD if gold else METAL
    outer, inner = (
        box(x - size, y - size, x + size, y + size, size * 0.3),
        box(x - size * 0.55, y - size * 0.55, x + size * 0.55, y + size * 0.55),
    )
    canvas.paint(canvas.mask([outer], [inner]), color)
    canvas.paint(canvas.strokes([[(x - size, y), (x + size, y)]], size * 0.3), shaded(color, 0.7))


def bow(canvas: Canvas, x: float, y: float, size: float = 0.15) -> None:
    """Gilded bow."""
    loops: list[Path] = [
        [(x, y), (x - size, y - size * 0.6), (x - size * 1.1, y + size * 0.5)],
        [(x, y), (x + size, y - size * 0.6), (x + size * 1.1, y + size * 0.5)],
        [(x - 0.02, y), (x + 0.03, y), (x - size * 0.3, y + size * 1.5), (x - size * 0.7, y + size * 1.4)],
        [(x - 0.03, y), (x + 0.02, y), (x + size * 0.7, y + size * 1.4), (x + size * 0.3, y + size * 1.5)],
    ]
    canvas.paint(canvas.mask(loops), GOLD)
    dots(canvas, [(x, y)], size * 0.22, shaded(GOLD, 1.4))


def _along(path: Path, count: int) -> list[Point]:
    """``count`` points spread evenly by number over a polyline."""
    points: list[Point] = []
    for k in range(count):
        at = k * (len(path) - 1) / max(1, count - 1)
        i = min(int(at), len(path) - 2)
        f = at - i
        points.append((path[i][0] * (1 - f) + path[i + 1][0] * f, path[i][1] * (1 - f) + path[i + 1][1] * f))
    return points


def fringe(canvas: Canvas, cloth: Cloth, hem: Path) -> None:
    """Fringe below a hem and an embroidered band above it."""
    drop = 0.20
    points = _along(hem, 26)
    threads: list[Path] = [
        [(x, y - 0.01), (x * 1.01, y + drop * (0.85 + 0.15 * (k % 3)))] for k, (x, y) in enumerate(points)
    ]
    canvas.paint(
        canvas.strokes(threads, 0.028), shaded(cloth.base, 0.8) if cloth.color != "black" else (58.0, 54.0, 54.0)
    )
    rail = [(x, y - 0.09) for x, y in points]
    canvas.paint(canvas.mask([band(rail, 0.13)]) * canvas.alpha, CREAM)
    zigzag = [(x, y + (0.035 if k % 2 else -0.035)) for k, (x, y) in enumerate(rail)]
    canvas.paint(canvas.strokes([zigzag], 0.045) * canvas.alpha, EMBROIDERY[0])
    dots(canvas, rail[1:-1:4], 0.026, EMBROIDERY[2])


def look(a: Mapping[str, str]) -> str:
    """What the product's marks say: its style, else its occasion; casual has no marks."""
    return a.get("style") or a.get("occasion", "casual")


def form_upper(canvas: Canvas, cloth: Cloth, women: bool, legs: float = 0.0) -> None:
    """Neck and shoulders of the form; ``legs`` > 0 adds the legs down to that y."""
    n, s = (0.10, 0.43) if women else (0.15, 0.54)
    neck = smooth([(n, -1.06), (n * 0.95, -0.86), (n * 1.5, -0.77), (s, -0.65), (s * 0.96, -0.3), (s * 0.7, 0.1)])
    parts = [mirrored([(0, -1.06), *neck, (0, 0.1)])]
    if legs:
        for x in (0.17, -0.17):
            parts.append(
                smooth([(x - 0.13, 0.5), (x - 0.09, 1.2), (x - 0.055, legs)])
                + smooth([(x + 0.055, legs), (x + 0.1, 1.2), (x + 0.15, 0.5)])
            )
    shape = canvas.mask(parts)
    light, _ = canvas.relief(shape, 8)
    canvas.paint(shape, (1 + 0.28 * light)[:, :, None] * FORM)
    canvas.paint(canvas.mask([ellipse(0, -1.06, n, n * 0.36)]), (150, 112, 78) if women else (70, 70, 74))


def form_lower(canvas: Canvas, women: bool) -> None:
    """Waist, hips and legs of the form."""
    w, h = (0.25, 0.38) if women else (0.34, 0.37)
    right = smooth([(w * 1.12, -1.08), (w, -0.86), (h, -0.5), (0.3, 0.15), (0.24, 0.85)])
    inner = smooth([(0.13, 0.85), (0.1, 0.15), (0.02, -0.25)])
    feet = [ellipse(0.2, 0.9, 0.1, 0.07), ellipse(-0.2, 0.9, 0.1, 0.07)]
    shape = canvas.mask([mirrored([(0, -1.08), *right, *inner]), *feet])
    light, _ = canvas.relief(shape, 8)
    canvas.paint(shape, (1 + 0.28 * light)[:, :, None] * FORM)


def _neck_hole(neckline: str, n: float, y: float) -> tuple[list[Point], list[Point]]:
    """The opening, and the line along its edge for a rib or a seam."""
    if neckline == "v-neck":
        return [(-n * 1.1, y - 0.06), (n * 1.1, y - 0.06), (0, y + 0.44)], [
            (-n * 1.1, y - 0.02),
            (0, y + 0.44),
            (n * 1.1, y - 0.02),
        ]
    if neckline == "scoop neck":
        return ellipse(0, y, n * 1.5, 0.4), ellipse(0, y, n * 1.5, 0.4, 0, 180)
    if neckline == "square neck":
        w = n * 1.55
        return [(-w, y - 0.1), (w, y - 0.1), (w * 0.94, y + 0.32), (-w * 0.94, y + 0.32)], [
            (-w, y),
            (-w * 0.94, y + 0.32),
            (w * 0.94, y + 0.32),
            (w, y),
        ]
    return ellipse(0, y - 0.03, n, 0.15), ellipse(0, y - 0.03, n, 0.15, 0, 180)


def _sleeve(
    sw: float, cw: float, share: float, wide: float, pose: float, puff: float = 0.0
) -> tuple[list[Point], list[Point], list[Point]]:
    """Right sleeve: its outline, its outer edge and its cuff line."""
    top, end = (sw * 0.86, -0.70), (sw + 0.16 + pose, 0.62)
    reach = (top[0] + (end[0] - top[0]) * share + 0.1 * (1 - share), top[1] + (end[1] - top[1]) * share)
    half = (0.115 if share > 0.9 else 0.15) * wide
    outer_end, inner_end = (reach[0] + half, reach[1] - 0.03), (reach[0] - half, reach[1] + 0.03)
    bulge = ((sw + reach[0] + half) / 2 + 0.05 * wide + puff, (-0.60 + reach[1]) / 2)
    outer = smooth([top, (sw * 1.03, -0.60), bulge, outer_end])
    inner = smooth([inner_end, ((cw + inner_end[0]) / 2 - 0.01, (-0.28 + inner_end[1]) / 2), (cw * 0.86, -0.22)])
    return [*outer, *inner], outer, [outer_end, inner_end]


@dataclass(frozen=True)
class Cut:
    """Half widths and heights of a top, a coat or a dress."""

    shoulder: float
    chest: float
    waist: float
    hem: float
    hem_y: float
    hip: float = 0.0
    tail: float = 0.03


def _body(cut: Cut, n: float, neckline: str, zigzag: bool = False) -> tuple[list[Point], list[Point]]:
    """Right half of the body's outline from the neck down, and the whole hem from left to right."""
    if neckline == "off-shoulder":
        start = [(0.0, -0.40), (cut.shoulder * 0.6, -0.43), (cut.shoulder * 1.12, -0.50)]
        side = smooth([start[-1], (cut.chest * 1.0, -0.26), (cut.waist, 0.1)])
    else:
        start = [(n, -0.79), (cut.shoulder, -0.65)]
        side = smooth([(cut.shoulder, -0.65), (cut.chest * 0.97, -0.45), (cut.chest, -0.26), (cut.waist, 0.1)])
    low = (
        [(cut.waist, 0.1), (cut.hip, 0.5), (cut.hem, cut.hem_y)]
        if cut.hip
        else [(cut.waist, 0.1), (cut.hem, cut.hem_y)]
    )
    side += smooth(low) if cut.hip else low
    count = 9
    right_hem = [
        (cut.hem * (1 - k / count), cut.hem_y + cut.tail * (1 - (1 - k / count) ** 2)) for k in range(count + 1)
    ]
    if zigzag:
        right_hem = [(x, y + (0.05 if k % 2 else 0.0)) for k, (x, y) in enumerate(right_hem)]
    hem = [(-x, y) for x, y in right_hem] + [(x, y) for x, y in reversed(right_hem)]
    return [*start, *side, *right_hem], hem


def _collar(canvas: Canvas, cloth: Cloth, n: float, drop: float, spread: float) -> None:
    """Two collar wings or lapels."""
    wing = [
        (0.02, -0.66),
        (n * 0.9, -0.90),
        (n + 0.05, -0.77),
        (n * 0.9 + spread, -0.64 + drop * 0.55),
        (0.06, -0.66 + drop),
    ]
    shape = canvas.mask([wing, flip(wing)])
    cloth.cut(shape, 5)
    seam(canvas, cloth, [wing, flip(wing)], 0.02)


def _sleeves(
    canvas: Canvas,
    cloth: Cloth,
    a: Mapping[str, str],
    cut: Cut,
    wide: float,
    pose: float,
    trim: Trim,
    puff: float = 0.0,
) -> None:
    length = a.get("sleeve_length", "long sleeve")
    if length == "sleeveless":
        return
    outline, outer, cuff = _sleeve(cut.shoulder, cut.chest, SLEEVE_SHARE[length], wide, pose, puff)
    if a.get("neckline") == "off-shoulder":
        outline = [point for point in outline if point[1] > -0.52]
        outline = [(cut.chest * 0.8, -0.46), *outline]
    cloth.cut(canvas.mask([outline, flip(outline)]), 7)
    inset = [(x - 0.01, y - 0.07) for x, y in cuff]
    seam(canvas, cloth, [inset, flip(inset)])
    line = [(x - 0.035, y) for x, y in outer[2:]]
    trim.sides += [line, flip(line)]


def top(canvas: Canvas, cloth: Cloth, a: Mapping[str, str], rng: random.Random) -> Trim:
    """T-shirt, shirt, blouse, sweater, cardigan, hoodie, jacket, coat or dress."""
    kind = a["product_type"]
    women = a.get("gender", "women") == "women"
    neckline = a.get("neckline", "v-neck" if kind == "cardigan" else "crew neck")
    width = FIT_WIDTH[a.get("fit", "regular fit")] if kind != "dress" else 0.9
    trim, pose, n = Trim(), rng.uniform(-0.05, 0.1), (0.19 if women else 0.22)
    cut, sleeve_width, puff = _measure(kind, a, women, width)
    form_upper(canvas, cloth, women, legs=1.75 if kind == "dress" or kind == "coat" else 0.0)
    if kind == "hoodie":
        hood = smooth([(0.0, -1.12), (0.26, -1.06), (0.36, -0.84), (0.25, -0.66), (0.0, -0.58)])
        cloth.cut(canvas.mask([mirrored(hood)]), 8)
        canvas.paint(canvas.mask([ellipse(0, -0.87, 0.2, 0.19)]), shaded(cloth.dark, 0.7))
    _sleeves(canvas, cloth, a, cut, sleeve_width, pose, trim, puff)
    right, hem = _body(cut, n, neckline, zigzag=a.get("fit") == "pleated")
    hole, edge = _neck_hole(neckline, n, -0.78)
    holes = [hole] if neckline not in ("off-shoulder", "turtleneck") and kind not in ("shirt", "coat", "jacket") else []
    if a.get("closure") == "open front":
        holes = [
            [
                (-0.17, -0.9),
                (0.17, -0.9),
                (0.10, -0.2),
                (0.17, cut.hem_y + 0.2),
                (-0.17, cut.hem_y + 0.2),
                (-0.10, -0.2),
            ]
        ]
        edge = []
    cloth.cut(canvas.mask([mirrored(right)], holes), 10)
    if neckline == "turtleneck":
        tube = mirrored(smooth([(0.0, -1.02), (0.155, -1.01), (0.16, -0.88), (n + 0.04, -0.75), (0.0, -0.68)]))
        cloth.cut(canvas.mask([tube]), 5)
        seam(canvas, cloth, [ellipse(0, -0.78, n, 0.1, 10, 170), ellipse(0, -1.0, 0.15, 0.03, 0, 180)], 0.022)
    elif neckline == "off-shoulder":
        frill = [
            *smooth([(-cut.shoulder * 1.14, -0.52), (0, -0.42), (cut.shoulder * 1.14, -0.52)]),
            *smooth([(cut.shoulder * 1.2, -0.34), (0, -0.22), (-cut.shoulder * 1.2, -0.34)]),
        ]
        cloth.cut(canvas.mask([frill]), 5)
    elif holes and edge:
        rib = 0.034 if kind == "blouse" else 0.05
        canvas.paint(canvas.strokes([edge], rib) * canvas.alpha, cloth.dark, 0.5)
    trim.hem = hem
    trim.studs = [
        (s * x, y)
        for s in (1, -1)
        for x, y in ((cut.shoulder * 0.9, -0.60), (cut.shoulder * 0.75, -0.65), (cut.shoulder * 0.6, -0.69))
    ]
    _details(canvas, cloth, a, cut, n, hem, trim)
    return trim


def _measure(kind: str, a: Mapping[str, str], women: bool, width: float) -> tuple[Cut, float, float]:
    """Cut, sleeve width and puff of a top."""
    s, c = (0.44, 0.42) if women else (0.57, 0.53)
    taper = 0.11 if women else 0.0
    if kind == "dress":
        hem_y = {"mini": 0.80, "midi": 1.36, "maxi": 1.92}[a["length"]]
        drop = (hem_y - 0.1) / 1.82
        hems = {
            "a-line": (0.48 + 0.42 * drop, 0.0),
            "pleated": (0.44 + 0.40 * drop, 0.0),
            "bodycon": (0.36 - 0.08 * drop, 0.41),
        }
        hem, hip = hems[a["fit"]]
        return Cut(0.41, 0.39, 0.27, hem, hem_y, hip, 0.05), 0.85, 0.0
    if kind == "coat":
        hem_y = {"midi": 1.08, "maxi": 1.68}[a["length"]]
        waist = c - taper if a.get("closure") != "belted" else c * 0.74
        return Cut(s + 0.05, c + 0.06, waist + 0.02, c + 0.18, hem_y, 0.0, 0.02), 1.25, 0.0
    if kind == "cardigan":
        hem_y = {"cropped": 0.16, "longline": 1.02}[a["length"]]
        k = 0.92 if a["fit"] == "slim fit" else 1.22
        return Cut(0.48 * (0.5 + k / 2), 0.45 * k, 0.42 * k, 0.45 * k, hem_y), 1.0 * k, 0.0
    hem_y = {"jacket": 0.46, "blouse": 0.46, "shirt": 0.66}.get(kind, 0.6)
    sw, cw = s * (0.45 + 0.55 * width), c * width
    if kind == "blouse":
        return Cut(s * 0.92, c, 0.31, 0.50, hem_y, 0.0, 0.05), 1.15, 0.10
    if kind == "jacket":
        return Cut(sw + 0.04, cw + 0.06, cw - taper * 0.7 + 0.05, cw - taper * 0.5, hem_y, 0.0, 0.01), 1.2, 0.0
    tail = 0.12 if kind == "shirt" else 0.03
    return Cut(sw, cw, cw - taper, cw - taper * 0.25, hem_y + 0.1 * (width - 1), 0.0, tail), 0.6 + 0.45 * width, 0.0


def _details(
    canvas: Canvas, cloth: Cloth, a: Mapping[str, str], cut: Cut, n: float, hem: list[Point], trim: Trim
) -> None:
    """Collars, closures, pockets and hems."""
    kind, closure, low = a["product_type"], a.get("closure"), cut.hem_y
    button = (236.0, 228.0, 214.0) if cloth.color not in ("white", "beige", "yellow") else (70.0, 58.0, 52.0)
    seam(canvas, cloth, [[(x, y - 0.06) for x, y in hem]])
    if a.get("fit") == "pleated":
        folds: list[Path] = [[(x * 0.33, 0.12), (x, y)] for x, y in hem[1:-1:2]]
        canvas.paint(canvas.strokes(folds, 0.03) * canvas.alpha, cloth.dark, 0.62)
        bright: list[Path] = [[(x * 0.36 + 0.02, 0.14), (x + 0.04, y)] for x, y in hem[1:-1:2]]
        canvas.paint(canvas.strokes(bright, 0.02) * canvas.alpha, shaded(cloth.base, 1.5), 0.4)
    if kind == "dress":
        canvas.paint(
            canvas.strokes([[(-cut.waist, 0.1), (0, 0.13), (cut.waist, 0.1)]], 0.05) * canvas.alpha, cloth.dark, 0.6
        )
    if kind == "shirt":
        seam(canvas, cloth, [[(0.055, -0.6), (0.055, low + 0.1)], [(-0.055, -0.6), (-0.055, low + 0.1)]], 0.012)
        _collar(canvas, cloth, n, 0.2, 0.10)
        dots(canvas, [(0.0, -0.42 + 0.2 * k) for k in range(6)], 0.022, button)
        seam(canvas, cloth, [box(0.15, -0.32, 0.36, -0.08)], 0.014)
    if kind == "blouse":
        gathers: list[Path] = [[(x, 0.1), (x * 1.5, low + 0.02)] for x in (-0.24, -0.14, -0.05, 0.05, 0.14, 0.24)]
        canvas.paint(canvas.strokes(gathers, 0.018) * canvas.alpha, cloth.dark, 0.5)
        canvas.paint(canvas.strokes([[(-cut.waist, 0.1), (cut.waist, 0.1)]], 0.04) * canvas.alpha, cloth.dark, 0.6)
    if kind in ("jacket", "coat"):
        canvas.paint(canvas.mask([[(-n * 0.8, -0.84), (n * 0.8, -0.84), (0, -0.42)]]), shaded(cloth.dark, 0.75))
        _collar(canvas, cloth, n, 0.62 if kind == "coat" else 0.34, 0.16 if kind == "coat" else 0.12)
        y = 0.5 if kind == "coat" else 0.12
        seam(canvas, cloth, [[(0.18, y), (0.38, y - 0.06)], [(-0.18, y), (-0.38, y - 0.06)]], 0.035)
    if kind == "jacket":
        seam(
            canvas,
            cloth,
            [[(x, y - 0.13) for x, y in hem], box(0.14, -0.3, 0.38, -0.1), box(-0.38, -0.3, -0.14, -0.1)],
            0.02,
        )
    if closure == "zip closure":
        zipper(canvas, [(0.0, -0.52 if kind == "hoodie" else -0.40), (0.0, low + 0.02)])
    elif closure in ("button closure", "belted"):
        start = {"coat": -0.05, "jacket": -0.34, "cardigan": -0.28}.get(kind, -0.4)
        end = min(low - 0.06, start + 1.0)
        if kind == "cardigan":
            canvas.paint(canvas.strokes([[(0, -0.34), (0, low)]], 0.11) * canvas.alpha, cloth.dark, 0.4)
        seam(canvas, cloth, [[(0.0, start), (0.0, low)]], 0.02)
        count = 5 if kind != "coat" else 4
        if closure == "button closure":
            columns = (0.12, -0.12) if kind == "coat" else (0.0,)
            dots(
                canvas,
                [(x, start + (end - start) * k / (count - 1)) for k in range(count) for x in columns],
                0.042,
                button,
            )
    if closure == "belted":
        belt = canvas.mask([box(-cut.waist - 0.04, 0.02, cut.waist + 0.04, 0.16)])
        canvas.paint(belt, shaded(cloth.dark, 0.8) if cloth.color != "black" else (96.0, 92.0, 90.0))
        knot = [
            box(-0.09, -0.01, 0.09, 0.19, 0.04),
            [(-0.05, 0.15), (0.03, 0.15), (-0.06, 0.62), (-0.16, 0.6)],
            [(0.0, 0.15), (0.07, 0.15), (0.2, 0.54), (0.1, 0.58)],
        ]
        canvas.paint(canvas.mask(knot), shaded(cloth.dark, 0.65) if cloth.color != "black" else (120.0, 116.0, 112.0))
    if closure == "open front":
        edge: list[Path] = [smooth([(s * 0.17, -0.86), (s * 0.11, -0.2), (s * 0.18, low)]) for s in (1, -1)]
        canvas.paint(canvas.strokes(edge, 0.06) * canvas.alpha, cloth.dark, 0.55)
    if kind == "hoodie":
        pocket = (
            mirrored([(0.2, 0.14), (0.34, 0.42), (0.33, low - 0.02), (0.0, low - 0.02)])
            if closure == "pull-on"
            else [(0.12, 0.2), (0.2, 0.2), (0.32, 0.45), (0.12, 0.5)]
        )
        seam(canvas, cloth, [[*pocket, pocket[0]]], 0.03)
        canvas.paint(
            canvas.strokes([[(0.07, -0.62), (0.09, -0.26)], [(-0.07, -0.62), (-0.08, -0.30)]], 0.03),
            (240, 238, 232) if cloth.color not in ("white", "grey") else (60, 60, 66),
        )
    if kind in ("sweater", "cardigan", "hoodie", "jacket"):
        ribs: list[Path] = [[(x * cut.hem / 8, low - 0.09), (x * cut.hem / 8, low + 0.02)] for x in range(-7, 8)]
        canvas.paint(canvas.strokes(ribs, 0.016) * canvas.alpha, cloth.dark, 0.4)
    if a.get("pattern") == "graphic":
        _emblem(canvas, cloth, trim, split=closure == "zip closure")


def _emblem(canvas: Canvas, cloth: Cloth, trim: Trim, split: bool) -> None:
    """Chest print: a sun, a mountain, a bolt, a heart or a wave in one ink; the cloth's lot picks which."""
    x, y = (0.0, -0.10)
    size = 0.3
    which = int(cloth.motif * 5)
    ink = cloth.accent
    if which == 0:
        rays = [
            (x + size * (1.0 if k % 2 else 0.66) * c, y + size * (1.0 if k % 2 else 0.66) * s)
            for k, (c, s) in enumerate(ellipse(0, 0, 1, 1, 0, 345))
        ]
        shapes: list[Path] = [rays]
    elif which == 1:
        shapes = [
            [
                (x - size, y + size * 0.8),
                (x - size * 0.3, y - size * 0.7),
                (x, y - 0.02),
                (x + size * 0.35, y - size),
                (x + size, y + size * 0.8),
            ]
        ]
    elif which == 2:
        shapes = [
            [
                (x + 0.08, y - size * 1.1),
                (x - size * 0.7, y + 0.06),
                (x - 0.02, y + 0.04),
                (x - 0.1, y + size * 1.1),
                (x + size * 0.7, y - 0.06),
                (x + 0.03, y - 0.04),
            ]
        ]
    elif which == 3:
        lobes = [
            ellipse(x - size * 0.47, y - 0.05, size * 0.55, size * 0.5),
            ellipse(x + size * 0.47, y - 0.05, size * 0.55, size * 0.5),
        ]
        shapes = [*lobes, [(x - size * 0.97, y), (x + size * 0.97, y), (x, y + size)]]
    else:
        shapes = [ellipse(x, y, size, size)]
    canvas.paint(canvas.mask(shapes), ink, 0.95)
    if which == 4:
        canvas.paint(
            canvas.mask([box(x - size, y + 0.04 + 0.08 * k, x + size, y + 0.07 + 0.08 * k) for k in range(3)]),
            cloth.base,
        )
    bars: list[Path] = [[(x - 0.22, y + size + 0.12), (x + 0.22, y + size + 0.12)]]
    if not split:
        canvas.paint(canvas.strokes(bars, 0.05), ink, 0.95)


def legs(canvas: Canvas, cloth: Cloth, a: Mapping[str, str], rng: random.Random) -> Trim:
    """Jeans, trousers and shorts."""
    kind, women = a["product_type"], a["gender"] == "women"
    form_lower(canvas, women)
    w, h = (0.27, 0.41) if women else (0.37, 0.40)
    end = {"full-length": 0.93, "cropped": 0.50, "mini": -0.06, "knee-length": 0.24}[a["length"]]
    knee, hem, center = {
        "skinny fit": (0.105, 0.085, 0.2),
        "straight fit": (0.15, 0.145, 0.21),
        "wide-leg": (0.2, 0.28, 0.29),
        "flared": (0.115, 0.26, 0.24),
    }.get(a.get("fit", ""), (0.2, 0.2, 0.215))
    center += rng.uniform(0.0, 0.03)
    bend = 0.2 if end > 0.45 else end * 0.5 - 0.2
    if kind == "short":
        knee, hem = 0.2, 0.215 if end < 0 else 0.205
    outer = smooth([(w, -0.82), (h, -0.48), (center + knee + 0.01, bend), (center + hem, end)])
    inner = smooth([(max(0.015, center - hem), end), (max(0.02, center - knee), bend), (0.012, -0.22)])
    right = [(0.0, -0.82), *outer, *inner, (0.0, -0.24)]
    cloth.cut(canvas.mask([right, flip(right)]), 8)
    gap = max(0.012, center - max(knee, hem))
    between = canvas.strokes([[(0.0, -0.26), (0.0, end)]], 0.03 if gap < 0.03 else 0.02)
    canvas.paint(between * canvas.alpha, shaded(cloth.dark, 0.7), 0.75)
    waistband: list[Path] = [[(-w - 0.02, -0.72), (w + 0.02, -0.72)], [(0.0, -0.72), (0.0, -0.28)]]
    pockets: list[Path] = [
        smooth([(s * w * 0.55, -0.72), (s * w * 0.75, -0.6), (s * h * 0.97, -0.56)]) for s in (1, -1)
    ]
    cuffs: list[Path] = [[(s * (center - hem), end - 0.05), (s * (center + hem), end - 0.05)] for s in (1, -1)]
    seam(canvas, cloth, [*waistband, *pockets, *cuffs], 0.02)
    dots(canvas, [(0.0, -0.77)], 0.032, THREAD if cloth.material == "denim" else METAL)
    if cloth.material == "denim":
        loops: list[Path] = [[(x, -0.84), (x, -0.70)] for x in (-w * 0.7, -w * 0.3, w * 0.3, w * 0.7)]
        canvas.paint(canvas.strokes(loops, 0.035), cloth.dark)
        canvas.paint(
            canvas.mask([ellipse(s * (center - 0.01), -0.1, 0.085, 0.2) for s in (1, -1)]) * canvas.alpha,
            shaded(cloth.base, 1.5),
            0.22,
        )
    trim = Trim()
    line = [(x - 0.035, y) for x, y in outer[3:]]
    trim.sides = [line, flip(line)]
    trim.hem = [(center - hem, end), (center + hem, end)]
    if a.get("style") == "edgy":
        for x, y in ((center, 0.12), (center - 0.02, -0.18), (-center, 0.16), (-center + 0.03, -0.1)):
            if y < end - 0.15:
                rip = [
                    (x - 0.1, y),
                    (x - 0.03, y - 0.055),
                    (x + 0.05, y - 0.045),
                    (x + 0.1, y + 0.01),
                    (x + 0.03, y + 0.055),
                    (x - 0.04, y + 0.045),
                ]
                canvas.paint(canvas.mask([rip]), FORM)
                canvas.paint(
                    canvas.strokes(
                        [[(x - 0.1, y - 0.015), (x + 0.1, y - 0.02)], [(x - 0.09, y + 0.02), (x + 0.09, y + 0.025)]],
                        0.014,
                    ),
                    (240, 238, 234),
                )
    if a.get("style") == "elegant":
        crease: list[Path] = [[(s * center * 0.9, -0.6), (s * center, end)] for s in (1, -1)]
        canvas.paint(canvas.strokes(crease, 0.016) * canvas.alpha, cloth.dark, 0.7)
        canvas.paint(
            canvas.mask([box(-w - 0.01, -0.84, w + 0.01, -0.73)]),
            (54, 40, 32) if cloth.color != "brown" else (24, 22, 22),
        )
        buckle(canvas, 0.0, -0.785, 0.07)
    return trim


def skirt(canvas: Canvas, cloth: Cloth, a: Mapping[str, str], rng: random.Random) -> Trim:
    """A skirt on the form's legs."""
    form_lower(canvas, women=True)
    end = {"mini": -0.02, "midi": 0.40, "maxi": 0.84}[a["length"]]
    drop = (end + 0.8) / 1.64
    w = 0.265
    if a["fit"] == "bodycon":
        side = smooth([(w, -0.8), (0.39, -0.48), (0.36, -0.1), (0.345 - 0.06 * drop, end)])
    else:
        flare = (0.36 + 0.42 * drop) if a["fit"] == "a-line" else (0.34 + 0.36 * drop)
        side = smooth([(w, -0.8), (w + (flare - w) * 0.42, -0.8 + (end + 0.8) * 0.36), (flare, end)])
    hem_x, count = side[-1][0], 8
    right_hem = [(hem_x * (1 - k / count), end + 0.05 * (1 - (1 - k / count) ** 2)) for k in range(count + 1)]
    if a["fit"] == "pleated":
        right_hem = [(x, y + (0.05 if k % 2 else 0.0)) for k, (x, y) in enumerate(right_hem)]
    hem = [(-x, y) for x, y in right_hem] + [(x, y) for x, y in reversed(right_hem)]
    cloth.cut(canvas.mask([mirrored([(0.0, -0.8), *side, *right_hem])]), 10)
    if a["fit"] == "pleated":
        folds: list[Path] = [[(x * w / hem_x, -0.7), (x, y)] for x, y in hem[1:-1:2]]
        canvas.paint(canvas.strokes(folds, 0.03) * canvas.alpha, cloth.dark, 0.62)
        bright: list[Path] = [[(p[0][0] + 0.025, p[0][1]), (p[1][0] + 0.035, p[1][1])] for p in folds]
        canvas.paint(canvas.strokes(bright, 0.02) * canvas.alpha, shaded(cloth.base, 1.5), 0.4)
    seam(canvas, cloth, [[(-w - 0.03, -0.70), (0.0, -0.68), (w + 0.03, -0.70)], [(x, y - 0.05) for x, y in hem]], 0.02)
    if cloth.material in ("denim", "leather"):
        seam(
            canvas,
            cloth,
            [[(0.0, -0.7), (0.0, end)], [(0.12, -0.7), (0.26, -0.56)], [(-0.12, -0.7), (-0.26, -0.56)]],
            0.018,
        )
    trim = Trim(hem=hem)
    trim.studs = [(x, -0.74) for x in (-0.2, -0.12, -0.04, 0.04, 0.12, 0.2)]
    return trim
