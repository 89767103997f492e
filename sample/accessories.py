"""Shoes in side view, bags from the front, and the small things: hat, scarf, sunglasses, watch."""

from __future__ import annotations

import random
from collections.abc import Mapping

from sample.canvas import Canvas, Path, Point, band, box, ellipse, flip, mirrored, smooth
from sample.fabric import Cloth, shaded
from sample.garments import FORM, GOLD, METAL, Trim, bow, buckle, dots, fringe, look, seam, zipper

RISE = {"flat heel": 0.0, "platform": 0.0, "mid heel": 0.26, "high heel": 0.52}


def _sole_color(cloth: Cloth) -> tuple[float, float, float]:
    return (242.0, 240.0, 235.0) if cloth.color not in ("white", "silver", "beige") else (176.0, 124.0, 82.0)


def sneaker(canvas: Canvas, cloth: Cloth, a: Mapping[str, str], rng: random.Random) -> Trim:
    """Low shoe with a rubber sole."""
    thick = 0.42 if a["heel_height"] == "platform" else 0.15
    y = 0.52 - thick * 0.6
    upper = smooth(
        [
            (-0.86, y),
            (-0.9, y - 0.34),
            (-0.8, y - 0.66),
            (-0.62, y - 0.64),
            (-0.46, y - 0.56),
            (-0.3, y - 0.66),
            (-0.16, y - 0.76),
        ]
    )
    upper += smooth(
        [(-0.16, y - 0.76), (0.05, y - 0.58), (0.3, y - 0.38), (0.62, y - 0.31), (0.88, y - 0.2), (0.96, y)]
    )
    cloth.cut(canvas.mask([upper]), 9)
    canvas.paint(
        canvas.mask(
            [
                smooth(
                    [
                        (-0.78, y - 0.64),
                        (-0.6, y - 0.62),
                        (-0.46, y - 0.55),
                        (-0.3, y - 0.64),
                        (-0.2, y - 0.72),
                        (-0.45, y - 0.68),
                    ]
                )
            ]
        ),
        shaded(cloth.dark, 0.6),
    )
    sole = canvas.mask(
        [
            [
                *smooth([(-0.92, y - 0.03), (0.0, y + 0.01), (0.99, y - 0.04)]),
                *smooth([(1.0, y + thick * 0.7), (0.8, y + thick), (-0.86, y + thick), (-0.94, y + thick * 0.8)]),
            ]
        ]
    )
    color = _sole_color(cloth)
    canvas.paint(sole, color)
    lines: list[Path] = [[(-0.93, y + thick * 0.72), (0.98, y + thick * 0.72)]]
    if thick > 0.3:
        lines += [[(-0.93, y + thick * 0.45), (0.99, y + thick * 0.45)]]
    canvas.stitch(lines, shaded(color, 0.6), 0.8, 0.022)
    toe: Path = smooth([(0.52, y - 0.33), (0.58, y - 0.16), (0.5, y)])
    seam(canvas, cloth, [toe, smooth([(-0.86, y - 0.34), (-0.62, y - 0.28), (-0.56, y)])], 0.022)
    slope = [(-0.12 + 0.12 * k, y - 0.67 + 0.085 * k) for k in range(5)]
    if a["closure"] == "lace-up":
        laces: list[Path] = [[(x - 0.07, ly + 0.17), (x + 0.05, ly - 0.03)] for x, ly in slope]
        canvas.paint(canvas.strokes(laces, 0.055), (252, 252, 250) if cloth.color != "white" else (40, 42, 50))
        canvas.paint(
            canvas.strokes([[(-0.12, y - 0.72), (-0.26, y - 0.86)], [(-0.12, y - 0.72), (0.0, y - 0.88)]], 0.045),
            (252, 252, 250) if cloth.color != "white" else (40, 42, 50),
        )
    elif a["closure"] == "velcro closure":
        straps: list[Path] = [
            band([(x - 0.12, ly + 0.24), (x + 0.08, ly - 0.04)], 0.16) for x, ly in (slope[0], slope[3])
        ]
        canvas.paint(canvas.mask(straps), shaded(cloth.base, 0.55) if cloth.color != "black" else (92.0, 92.0, 98.0))
        canvas.stitch([[*p, p[0]] for p in straps], (250, 250, 250), 0.9, 0.018)
    else:
        gore = [(-0.3, y - 0.64), (-0.06, y - 0.66), (0.02, y - 0.34), (-0.2, y - 0.3)]
        canvas.paint(canvas.mask([gore]), (48, 48, 54) if cloth.color != "black" else (130, 130, 136))
        canvas.stitch(
            [[(-0.26 + 0.07 * k, y - 0.64), (-0.17 + 0.055 * k, y - 0.31)] for k in range(4)],
            (150, 150, 156),
            0.8,
            0.014,
        )
    trim = Trim(sides=[[(-0.42, y - 0.46), (-0.2, y - 0.04)], [(-0.16, y - 0.44), (0.06, y - 0.04)]])
    trim.studs = [(-0.72 + 0.14 * k, y - 0.12 - 0.03 * (k % 2)) for k in range(9)]
    return trim


def _heel(canvas: Canvas, rise: float, block: bool, color: tuple[float, float, float]) -> None:
    """The heel under a raised foot whose back edge stands at x -0.78."""
    if rise <= 0:
        return
    top_y = 0.60 - rise
    width = 0.30 if block else 0.1
    shape = [(-0.84, top_y - 0.03), (-0.42 if block else -0.5, top_y + 0.05), (-0.78 + width, 0.66), (-0.78, 0.66)]
    canvas.paint(canvas.mask([shape]), color)


def _foot_line(rise: float) -> list[Point]:
    """Where the sole runs, from heel to toe."""
    return smooth([(-0.84, 0.60 - rise), (-0.5, 0.62 - rise), (-0.05, 0.62 - rise * 0.45), (0.3, 0.62), (0.95, 0.60)])


def _sole(canvas: Canvas, line: list[Point], thick: float, color: tuple[float, float, float]) -> None:
    canvas.paint(canvas.mask([[*line, *[(x, y + thick) for x, y in reversed(line)]]]), color)


def boot(canvas: Canvas, cloth: Cloth, a: Mapping[str, str], rng: random.Random) -> Trim:
    """Boot with a shaft to the ankle or to the knee."""
    rise = {"flat heel": 0.06, "mid heel": 0.22, "high heel": 0.42}[a["heel_height"]]
    high = -1.22 if a["length"] == "knee-high" else -0.42
    high -= rise * 0.3
    line = _foot_line(rise)
    dark = (44.0, 36.0, 32.0) if cloth.color not in ("black", "brown", "navy blue") else (196.0, 160.0, 118.0)
    _heel(canvas, rise + 0.04, a["heel_height"] != "high heel", dark)
    wide = 0.06 if a["length"] == "knee-high" else 0.0
    back = smooth([(-0.84 - wide, high), (-0.80, -0.25 - rise), (-0.86, 0.3 - rise), (-0.84, 0.60 - rise)])
    front = smooth(
        [
            (0.95, 0.60),
            (0.86, 0.42),
            (0.5, 0.28 - rise * 0.2),
            (0.1, 0.02 - rise * 0.7),
            (-0.14, -0.28 - rise),
            (-0.12 + wide, high),
        ]
    )
    cloth.cut(canvas.mask([[*back, *line, *front]]), 10)
    _sole(canvas, line, 0.07 if rise > 0.1 else 0.13, dark)
    canvas.paint(canvas.mask([ellipse(-0.48, high, 0.36 + wide, 0.07)]), shaded(cloth.dark, 0.6))
    seam(
        canvas,
        cloth,
        [
            smooth([(0.5, 0.28 - rise * 0.2), (0.46, 0.46), (0.4, 0.6)]),
            smooth([(-0.86, 0.2 - rise), (-0.6, 0.22 - rise), (-0.5, 0.6 - rise)]),
        ],
        0.022,
    )
    closure = a["closure"]
    shaft = max(high + 0.12, -0.75)
    if closure == "lace-up":
        steps = 7 if a["length"] == "knee-high" else 5
        spots = [
            (
                -0.16 + 0.46 * max(0.0, (k / (steps - 1) - 0.45) / 0.55),
                shaft + (0.18 - rise * 0.5 - shaft) * k / (steps - 1),
            )
            for k in range(steps)
        ]
        white = (246.0, 244.0, 238.0) if cloth.color != "white" else (60.0, 60.0, 66.0)
        canvas.paint(canvas.strokes([[(x - 0.16, y + 0.05), (x + 0.05, y - 0.02)] for x, y in spots], 0.05), white)
        dots(canvas, [(x - 0.17, y + 0.05) for x, y in spots], 0.02, METAL)
    elif closure == "zip closure":
        zipper(canvas, [(-0.5, high + 0.1), (-0.52, 0.42 - rise)], 0.06)
    elif closure == "buckle closure":
        for y in (shaft + 0.1, shaft + 0.42 if a["length"] == "knee-high" else 0.05 - rise * 0.6):
            canvas.paint(
                canvas.mask([band([(-0.84, y + 0.04), (-0.08, y - 0.02)], 0.12)]) * canvas.alpha,
                shaded(cloth.dark, 0.7) if cloth.color != "black" else (96.0, 92.0, 90.0),
            )
            buckle(canvas, -0.36, y, 0.1)
    else:
        gore = [(-0.62, high + 0.05), (-0.38, high + 0.05), (-0.42, high + 0.42), (-0.56, high + 0.42)]
        canvas.paint(canvas.mask([gore]), (40, 38, 40) if cloth.color not in ("black",) else (120, 118, 122))
        canvas.paint(canvas.mask([box(-0.9, high - 0.14, -0.78, high + 0.1, 0.04)]), cloth.dark)
    trim = Trim(hem=[(-0.83, high + 0.14), (-0.48, high + 0.2), (-0.13, high + 0.14)])
    trim.studs = [(-0.76 + 0.13 * k, 0.40 - rise * max(0.0, 1 - k / 5)) for k in range(10)]
    return trim


def _foot(canvas: Canvas, rise: float) -> None:
    """Foot and ankle of the form, for shoes that show them."""
    line = _foot_line(rise)
    back = smooth([(-0.70, -0.42 - rise), (-0.73, -0.1 - rise), (-0.82, 0.35 - rise), (-0.8, 0.58 - rise)])
    front = smooth(
        [
            (0.9, 0.58),
            (0.82, 0.46),
            (0.45, 0.34 - rise * 0.2),
            (0.0, 0.08 - rise * 0.7),
            (-0.28, -0.15 - rise * 0.9),
            (-0.34, -0.42 - rise),
        ]
    )
    shape = canvas.mask([[*back, *line, *front]])
    light, _ = canvas.relief(shape, 8)
    canvas.paint(shape, (1 + 0.28 * light)[:, :, None] * FORM)


def sandal(canvas: Canvas, cloth: Cloth, a: Mapping[str, str], rng: random.Random) -> Trim:
    """Straps over a bare foot."""
    rise = {"flat heel": 0.0, "platform": 0.0, "high heel": 0.5}[a["heel_height"]]
    _foot(canvas, rise)
    line = _foot_line(rise)
    dark = (150.0, 108.0, 70.0) if cloth.color not in ("brown", "beige", "yellow") else (70.0, 46.0, 32.0)
    _heel(canvas, rise, False, dark)
    _sole(canvas, line, 0.34 if a["heel_height"] == "platform" else 0.10, dark)
    straps: list[Path] = [
        [
            *smooth([(0.36, 0.64), (0.28, 0.45), (0.26, 0.28 - rise * 0.25)]),
            *smooth([(0.66, 0.36), (0.76, 0.5), (0.74, 0.64)]),
        ],
        [
            *smooth([(-0.26, 0.62 - rise * 0.5), (-0.2, 0.30 - rise * 0.6), (-0.14, 0.02 - rise * 0.8)]),
            *smooth([(0.2, 0.22 - rise * 0.45), (0.2, 0.42 - rise * 0.25), (0.14, 0.64 - rise * 0.2)]),
        ],
    ]
    if a["closure"] == "buckle closure":
        straps.append(band([(-0.8, 0.06 - rise), (-0.28, -0.07 - rise * 0.95)], 0.2))
        straps.append([(-0.86, 0.6 - rise), (-0.84, 0.0 - rise), (-0.66, 0.0 - rise), (-0.54, 0.6 - rise)])
    cloth.cut(canvas.mask(straps), 5)
    if a["closure"] == "buckle closure":
        buckle(canvas, -0.48, -0.03 - rise, 0.12)
    trim = Trim(
        hem=[(-0.14, 0.40 - rise * 0.5), (0.14, 0.44 - rise * 0.3)]
        if look(a) != "bohemian"
        else [(-0.1, 0.30 - rise * 0.5), (0.64, 0.50)]
    )
    if look(a) == "elegant":
        dots(
            canvas,
            [(0.44 + 0.09 * k, 0.48 + 0.01 * k) for k in range(3)]
            + [(0.0 + 0.02 * k, 0.32 - rise * 0.5 + 0.1 * k) for k in range(3)],
            0.04,
            (250.0, 246.0, 238.0),
        )
        canvas.paint(
            canvas.strokes([[(-0.84, 0.64 - rise), (-0.5, 0.66 - rise), (0.3, 0.66), (0.95, 0.64)]], 0.05), GOLD
        )
        trim = Trim()
    return trim


def pump(canvas: Canvas, cloth: Cloth, a: Mapping[str, str], rng: random.Random) -> Trim:
    """Closed shoe with a heel and an open instep."""
    rise = {"mid heel": 0.30, "high heel": 0.62}[a["heel_height"]]
    line = _foot_line(rise)
    _heel(canvas, rise, a["heel_height"] == "mid heel", cloth.dark if cloth.color != "black" else (52.0, 50.0, 54.0))
    rim = smooth(
        [
            (0.98, 0.6),
            (0.8, 0.42),
            (0.42, 0.28 - rise * 0.1),
            (0.2, 0.42 - rise * 0.2),
            (-0.2, 0.48 - rise * 0.6),
            (-0.55, 0.22 - rise),
            (-0.8, 0.08 - rise),
        ]
    )
    canvas.paint(
        canvas.mask(
            [
                smooth(
                    [
                        (0.42, 0.29 - rise * 0.1),
                        (-0.1, 0.26 - rise * 0.55),
                        (-0.78, 0.1 - rise),
                        (-0.5, 0.42 - rise),
                        (0.2, 0.5 - rise * 0.1),
                    ]
                )
            ]
        ),
        shaded(cloth.dark, 0.8),
    )
    cloth.cut(
        canvas.mask([[*smooth([(-0.8, 0.08 - rise), (-0.88, 0.3 - rise), (-0.84, 0.60 - rise)]), *line, *rim]]), 8
    )
    _sole(canvas, line, 0.045, (70.0, 46.0, 38.0) if cloth.color != "brown" else (210.0, 170.0, 130.0))
    if a["closure"] == "buckle closure":
        loop = ellipse(-0.54, -0.06 - rise, 0.32, 0.13)
        canvas.paint(
            canvas.strokes([loop, [(-0.82, 0.2 - rise), (-0.86, -0.06 - rise)]], 0.075),
            shaded(cloth.base, 0.8) if cloth.color != "black" else (40.0, 40.0, 44.0),
        )
        buckle(canvas, -0.38, 0.05 - rise, 0.1)
    trim = Trim()
    trim.studs = [(-0.76 + 0.13 * k, 0.44 - rise * max(0.0, 1 - k / 8) + 0.01 * k) for k in range(12)]
    if look(a) == "elegant":
        bow(canvas, 0.52, 0.36, 0.2)
        trim.studs = []
    return trim


def handbag(canvas: Canvas, cloth: Cloth, a: Mapping[str, str], rng: random.Random) -> Trim:
    """Bag with a handle; a zip along the top or a flap with a buckle."""
    tall = rng.uniform(0.62, 0.78)
    gold = look(a) in ("elegant", "casual")
    handle = ellipse(0, -0.22, 0.42, 0.66, 180, 360)
    if look(a) == "elegant":
        dots(canvas, handle[::1], 0.055, GOLD)
    else:
        cloth.cut(canvas.mask([band(handle, 0.1)]), 4)
    outline = mirrored(
        [
            (0.0, -0.22),
            *smooth(
                [(0.62, -0.22), (0.70, -0.1), (0.80, tall * 0.7), (0.78, tall), (0.66, tall + 0.06), (0.0, tall + 0.08)]
            ),
        ]
    )
    cloth.cut(canvas.mask([outline]), 11)
    if a["closure"] == "buckle closure":
        flap = mirrored([(0.0, -0.24), *smooth([(0.64, -0.24), (0.69, -0.1), (0.66, 0.14), (0.4, 0.30), (0.0, 0.34)])])
        cloth.cut(canvas.mask([flap]), 8)
        seam(canvas, cloth, [[(x * 0.95, y - 0.035) for x, y in flap]], 0.018)
        canvas.paint(
            canvas.mask([box(-0.07, 0.1, 0.07, 0.44)]), cloth.dark if cloth.color != "black" else (84.0, 80.0, 80.0)
        )
        buckle(canvas, 0.0, 0.28, 0.14, gold)
    else:
        zipper(canvas, [(-0.6, -0.15), (0.6, -0.15)], 0.06)
        seam(canvas, cloth, [[(-0.74, 0.2), (0.74, 0.2)]], 0.02)
    dots(canvas, [(-0.42, -0.16), (0.42, -0.16)], 0.05, GOLD if gold else METAL)
    trim = Trim(hem=[(-0.72, tall), (-0.3, tall + 0.07), (0.3, tall + 0.07), (0.72, tall)])
    trim.studs = [(-0.66 + 0.12 * k, tall - 0.08) for k in range(12)]
    return trim


def backpack(canvas: Canvas, cloth: Cloth, a: Mapping[str, str], rng: random.Random) -> Trim:
    """Backpack with a front pocket."""
    canvas.paint(
        canvas.strokes([smooth([(s * 0.42, -0.5), (s * 0.72, -0.1), (s * 0.66, 0.6)]) for s in (1, -1)], 0.13),
        cloth.dark if cloth.color != "black" else (70.0, 70.0, 74.0),
    )
    canvas.paint(
        canvas.strokes([ellipse(0, -0.66, 0.17, 0.2, 180, 360)], 0.085),
        cloth.dark if cloth.color != "black" else (70.0, 70.0, 74.0),
    )
    top_y = -0.58 if a["closure"] == "drawstring" else -0.72
    body = mirrored(
        [(0.0, top_y), *smooth([(0.3, top_y), (0.52, top_y + 0.2), (0.6, 0.1), (0.6, 0.66), (0.48, 0.82), (0.0, 0.84)])]
    )
    cloth.cut(canvas.mask([body]), 11)
    pocket = box(-0.42, 0.2, 0.42, 0.70, 0.1)
    cloth.cut(canvas.mask([pocket]), 7)
    seam(canvas, cloth, [[*pocket, pocket[0]]], 0.02)
    tape = (150.0, 96.0, 54.0) if cloth.color not in ("brown", "beige") else (62.0, 42.0, 30.0)
    if a["closure"] == "zip closure":
        zipper(canvas, smooth([(-0.53, 0.1), (-0.46, -0.36), (0.0, -0.56), (0.46, -0.36), (0.53, 0.1)]), 0.055)
        zipper(canvas, [(-0.36, 0.27), (0.36, 0.27)], 0.05)
    elif a["closure"] == "buckle closure":
        flap = mirrored([(0.0, -0.74), *smooth([(0.34, -0.74), (0.56, -0.5), (0.58, -0.1), (0.5, 0.08), (0.0, 0.12)])])
        cloth.cut(canvas.mask([flap]), 8)
        canvas.paint(canvas.mask([box(s * 0.27 - 0.055, -0.3, s * 0.27 + 0.055, 0.42) for s in (1, -1)]), tape)
        for s in (1, -1):
            buckle(canvas, s * 0.27, 0.22, 0.11, gold=False)
    else:
        ruffle = mirrored(
            [
                (0.0, -0.86),
                (0.1, -0.80),
                (0.18, -0.88),
                (0.26, -0.80),
                (0.34, -0.86),
                (0.4, -0.76),
                (0.3, -0.56),
                (0.0, -0.53),
            ]
        )
        cloth.cut(canvas.mask([ruffle]), 5)
        canvas.paint(canvas.strokes([[(-0.36, -0.6), (0.0, -0.56), (0.36, -0.6)]], 0.06), (246, 240, 226))
        canvas.paint(
            canvas.strokes(
                [
                    smooth([(-0.02, -0.56), (-0.14, -0.3), (-0.1, 0.02)]),
                    smooth([(0.02, -0.56), (0.12, -0.28), (0.16, 0.06)]),
                ],
                0.05,
            ),
            (246, 240, 226),
        )
        dots(canvas, [(-0.1, 0.05), (0.16, 0.09)], 0.05, tape)
    trim = Trim(sides=[[(0.52, -0.3), (0.54, 0.75)], [(-0.52, -0.3), (-0.54, 0.75)]])
    trim.studs = [(-0.34 + 0.136 * k, 0.62) for k in range(6)] + [(-0.34 + 0.136 * k, 0.52) for k in range(6)]
    return trim


def hat(canvas: Canvas, cloth: Cloth, a: Mapping[str, str], rng: random.Random) -> Trim:
    """Wide brim on a crown with a ribbon; in cotton a bucket hat."""
    bucket = cloth.material == "cotton"
    if bucket:
        brim = mirrored([(0.0, 0.16), *smooth([(0.5, 0.12), (0.72, 0.34), (0.84, 0.56), (0.6, 0.68), (0.0, 0.74)])])
    else:
        brim = ellipse(0, 0.36, 1.0, 0.30)
    cloth.cut(canvas.mask([brim]), 8)
    if not bucket:
        canvas.paint(canvas.mask([ellipse(0, 0.34, 0.56, 0.13)]), cloth.dark, 0.45)
    height = rng.uniform(-0.5, -0.42)
    dip = 0.0 if bucket else 0.1
    crown = mirrored(
        [
            (0.0, height + dip),
            *smooth(
                [
                    (0.14, height + dip * 0.6),
                    (0.32, height),
                    (0.45, height + 0.16),
                    (0.5, 0.1),
                    (0.54, 0.34),
                    (0.3, 0.43),
                    (0.0, 0.46),
                ]
            ),
        ]
    )
    cloth.cut(canvas.mask([crown]), 10)
    ribbon = [*smooth([(-0.53, 0.12), (0.0, 0.24), (0.53, 0.12)]), *smooth([(0.54, 0.32), (0.0, 0.45), (-0.54, 0.32)])]
    if look(a) == "casual":
        canvas.paint(canvas.mask([ribbon]), cloth.dark if cloth.color != "black" else (84.0, 82.0, 84.0), 0.8)
        return Trim()
    if look(a) == "elegant":
        canvas.paint(canvas.mask([ribbon]), GOLD)
        bow(canvas, 0.34, 0.28, 0.2)
        return Trim()
    trim = Trim(hem=smooth([(-0.53, 0.36), (0.0, 0.50), (0.53, 0.36)]))
    return trim


def scarf(canvas: Canvas, cloth: Cloth, a: Mapping[str, str], rng: random.Random) -> Trim:
    """Loop with two hanging ends."""
    swing = rng.uniform(-0.04, 0.06)
    left = [
        *smooth([(-0.3, -0.34), (-0.44, 0.2), (-0.5 - swing, 0.72)]),
        *smooth([(-0.12 - swing, 0.76), (-0.04, 0.2), (0.04, -0.3)]),
    ]
    right = [
        *smooth([(-0.02, -0.3), (0.08, 0.2), (0.12 + swing, 0.56)]),
        *smooth([(0.5 + swing, 0.52), (0.42, 0.1), (0.3, -0.34)]),
    ]
    cloth.cut(canvas.mask([right]), 8)
    cloth.cut(canvas.mask([left]), 8)
    ring = smooth(
        [
            (-0.60, -0.56),
            (-0.46, -0.86),
            (0.0, -0.98),
            (0.46, -0.86),
            (0.60, -0.56),
            (0.44, -0.28),
            (0.0, -0.16),
            (-0.44, -0.28),
            (-0.60, -0.56),
        ]
    )
    cloth.cut(canvas.mask([ring], [ellipse(0, -0.72, 0.32, 0.13)]), 8)
    canvas.paint(canvas.mask([ellipse(0, -0.72, 0.32, 0.13)]), shaded(cloth.dark, 0.6))
    folds: list[Path] = [
        smooth([(-0.5, -0.5), (0.0, -0.34), (0.5, -0.52)]),
        smooth([(-0.44, -0.38), (0.05, -0.25), (0.42, -0.36)]),
    ]
    canvas.paint(canvas.strokes(folds, 0.025) * canvas.alpha, cloth.dark, 0.55)
    ends = [(-0.48 - swing, 0.72), (-0.12 - swing, 0.76)]
    if look(a) == "bohemian":
        fringe(canvas, cloth, [(0.14 + swing, 0.56), (0.48 + swing, 0.53)])
    if look(a) == "elegant":
        bow(canvas, 0.0, -0.3, 0.17)
        canvas.paint(canvas.strokes([[(0.12 + swing, 0.51), (0.5 + swing, 0.47)]], 0.05) * canvas.alpha, GOLD)
    return Trim(hem=ends)


def sunglasses(canvas: Canvas, cloth: Cloth, a: Mapping[str, str], rng: random.Random) -> Trim:
    """Frame from the front with the temples folded back."""
    thin = cloth.material == "metal"
    style = look(a)
    if style == "elegant":
        lens = smooth(
            [
                (0.16, -0.1),
                (0.5, -0.2),
                (0.92, -0.34),
                (0.86, 0.02),
                (0.66, 0.26),
                (0.34, 0.26),
                (0.16, 0.08),
                (0.16, -0.1),
            ]
        )
    elif style == "sports":
        lens = smooth(
            [
                (0.06, -0.16),
                (0.5, -0.22),
                (0.98, -0.16),
                (0.96, 0.05),
                (0.7, 0.20),
                (0.3, 0.20),
                (0.1, 0.08),
                (0.06, -0.16),
            ]
        )
    elif thin:
        lens = smooth(
            [
                (0.14, -0.16),
                (0.5, -0.22),
                (0.86, -0.16),
                (0.84, 0.12),
                (0.6, 0.34),
                (0.32, 0.28),
                (0.15, 0.06),
                (0.14, -0.16),
            ]
        )
    else:
        lens = box(0.14, -0.2, 0.86, 0.26, 0.17)
    pair: list[Path] = [lens, flip(lens)]
    edge = 0.075 if thin else 0.15
    temples: list[Path] = [smooth([(s * 0.9, -0.14), (s * 1.06, -0.36), (s * 0.9, -0.58)]) for s in (1, -1)]
    cloth.cut(canvas.strokes(temples, edge * 0.9), 3)
    glass = canvas.mask(pair)
    fade = (0.75 + 0.006 * canvas.v)[:, :, None]
    tint = ((62.0, 66.0, 78.0), (84.0, 62.0, 48.0), (58.0, 76.0, 70.0))[rng.randrange(3)]
    canvas.paint(glass, fade * tint)
    glare: list[Path] = [
        [(s + 0.32, -0.12), (s + 0.46, -0.12), (s + 0.34, 0.16), (s + 0.24, 0.16)] for s in (0.0, -1.0)
    ]
    canvas.paint(canvas.mask(glare) * glass, (255, 255, 255), 0.35)
    frame = canvas.strokes([[*lens, lens[0], lens[1]], flip([*lens, lens[0], lens[1]])], edge)
    bridge = canvas.strokes(
        [smooth([(-0.18, -0.06), (0.0, -0.13), (0.18, -0.06)])] + ([[(-0.2, -0.17), (0.2, -0.17)]] if thin else []),
        edge,
    )
    cloth.cut((frame + bridge).clip(0, 1), 3)
    if style == "elegant":
        dots(
            canvas,
            [(s * x, y) for s in (1, -1) for x, y in ((0.86, -0.26), (0.74, -0.22), (0.64, -0.19))],
            0.045,
            GOLD if cloth.color != "gold" else (250.0, 246.0, 238.0),
        )
    if style == "sports":
        white = (250.0, 250.0, 250.0) if cloth.color not in ("white", "silver") else (28.0, 30.0, 40.0)
        canvas.paint(canvas.strokes([[(s * 0.14, -0.21), (s * 0.96, -0.20)] for s in (1, -1)], 0.05), white)
        canvas.paint(canvas.strokes([[(s * 0.9, -0.02), (s * 0.72, 0.18)] for s in (1, -1)], 0.06), white)
    return Trim()


def watch(canvas: Canvas, cloth: Cloth, a: Mapping[str, str], rng: random.Random) -> Trim:
    """Upright watch: strap, case, face and hands."""
    style, metal = look(a), cloth.material == "metal"
    w = 0.27 if style != "elegant" else 0.21
    strap = [box(-w, -1.15, w, 1.15, 0.08)]
    cloth.cut(canvas.mask(strap), 7)
    if metal:
        links: list[Path] = [[(-w, y / 9), (w, y / 9)] for y in range(-10, 11)]
        canvas.paint(
            canvas.strokes([*links, [(-w * 0.4, -1.15), (-w * 0.4, 1.15)], [(w * 0.4, -1.15), (w * 0.4, 1.15)]], 0.022)
            * canvas.alpha,
            cloth.dark,
            0.75,
        )
    elif cloth.material == "leather":
        canvas.stitch([[(s * w * 0.78, -1.1), (s * w * 0.78, 1.1)] for s in (1, -1)], (244, 236, 220), 0.85, 0.022)
        dots(canvas, [(0.0, 0.70 + 0.13 * k) for k in range(4)], 0.024, (40.0, 32.0, 28.0))
    elif cloth.material == "rubber":
        grooves: list[Path] = [
            [(-w * 0.8, s * (0.62 + 0.12 * k)), (w * 0.8, s * (0.62 + 0.12 * k))] for k in range(5) for s in (1, -1)
        ]
        canvas.paint(canvas.strokes(grooves, 0.045) * canvas.alpha, cloth.dark, 0.85)
    else:
        canvas.paint(canvas.mask([box(-w * 1.12, s * 0.68 - 0.04, w * 1.12, s * 0.68 + 0.04) for s in (1, -1)]), METAL)
    case = GOLD if style == "elegant" else METAL
    if metal:
        case = cloth.base if cloth.color != "black" else (60.0, 60.0, 64.0)
    r = 0.50 if style == "sports" else 0.44
    canvas.paint(canvas.mask([box(r - 0.02, -0.07, r + 0.1, 0.07, 0.02)]), shaded(case, 0.8))
    ring = canvas.mask([ellipse(0, 0, r, r)])
    light, _ = canvas.relief(ring, 6)
    canvas.paint(ring, (1 + 0.45 * light)[:, :, None] * case)
    dark_face = style == "sports"
    face, ink = (
        ((30.0, 34.0, 46.0), (244.0, 244.0, 244.0)) if dark_face else ((250.0, 248.0, 242.0), (40.0, 40.0, 46.0))
    )
    canvas.paint(canvas.mask([ellipse(0, 0, r * 0.83, r * 0.83)]), face)
    spots = ellipse(0, 0, r * 0.70, r * 0.70, 0, 330)
    if style == "sports":
        subs = [ellipse(x, y, 0.105, 0.105) for x, y in ((-0.19, 0.0), (0.19, 0.0), (0.0, 0.2))]
        canvas.paint(canvas.mask(subs), (196, 200, 208))
        bezel: list[Path] = [[(x * 1.22, y * 1.22), (x * 1.38, y * 1.38)] for x, y in spots]
        canvas.paint(canvas.strokes(bezel, 0.035), (30, 32, 40))
    elif style == "elegant":
        dots(canvas, spots[:: max(1, len(spots) // 12)], 0.024, GOLD)
    else:
        canvas.paint(canvas.strokes([[(x, y), (x * 0.84, y * 0.84)] for x, y in spots[::2]], 0.03), ink)
    hour, minute = rng.uniform(-0.3, 0.3), rng.uniform(0.1, 0.3)
    canvas.paint(
        canvas.strokes([[(0, 0), (-0.16, -0.13 + hour * 0.2)], [(0, 0), (0.12 + minute * 0.3, -0.24)]], 0.035), ink
    )
    trim = Trim()
    if style == "sports":
        trim.sides = [[(0.1, -1.1), (0.1, -r)], [(0.1, r), (0.1, 1.1)]] if not metal else []
    return trim
