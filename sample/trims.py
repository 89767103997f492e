"""Marks of a style: stripes, fringe and embroidery, studs, gilding. Casual products carry none of them."""

from __future__ import annotations

from sample.canvas import Canvas, Path, Point, band
from sample.fabric import CREAM, Cloth, shaded
from sample.garments import GOLD, METAL, Trim, dots

EMBROIDERY = ((206.0, 74.0, 48.0), (240.0, 184.0, 62.0), (36.0, 128.0, 132.0))


def _along(path: Path, count: int) -> list[Point]:
    """``count`` points spread evenly by number over a polyline."""
    points: list[Point] = []
    for k in range(count):
        at = k * (len(path) - 1) / max(1, count - 1)
        i = min(int(at), len(path) - 2)
        f = at - i
        points.append((path[i][0] * (1 - f) + path[i + 1][0] * f, path[i][1] * (1 - f) + path[i + 1][1] * f))
    return points


def apply(canvas: Canvas, cloth: Cloth, style: str, trim: Trim) -> None:
    """Put the marks of ``style`` where ``trim`` allows."""
    if style == "sporty" and trim.sides:
        white = cloth.color not in ("white", "silver", "beige", "yellow")
        inner: list[Path] = [[(x - 0.085 if x > 0 else x + 0.085, y) for x, y in side] for side in trim.sides]
        canvas.paint(canvas.strokes([*trim.sides, *inner], 0.05) * canvas.alpha, (250, 250, 250) if white else (24, 26, 40))
    elif style == "bohemian" and trim.hem:
        drop = 0.20
        points = _along(trim.hem, 26)
        threads: list[Path] = [[(x, y - 0.01), (x * 1.01, y + drop * (0.85 + 0.15 * (k % 3)))] for k, (x, y) in enumerate(points)]
        canvas.paint(canvas.strokes(threads, 0.028), shaded(cloth.base, 0.8) if cloth.color != "black" else (58.0, 54.0, 54.0))
        rail = [(x, y - 0.09) for x, y in points]
        canvas.paint(canvas.mask([band(rail, 0.13)]) * canvas.alpha, CREAM)
        zigzag = [(x, y + (0.035 if k % 2 else -0.035)) for k, (x, y) in enumerate(rail)]
        canvas.paint(canvas.strokes([zigzag], 0.045) * canvas.alpha, EMBROIDERY[0])
        dots(canvas, rail[1:-1:4], 0.026, EMBROIDERY[2])
    elif style == "edgy" and trim.studs:
        dots(canvas, trim.studs, 0.036, (226.0, 228.0, 234.0))
    elif style == "elegant" and trim.hem:
        canvas.paint(canvas.strokes([[(x, y - 0.05) for x, y in trim.hem]], 0.035) * canvas.alpha, GOLD)
        for x, y in trim.studs[:1]:
            bow(canvas, x, y)


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


__all__ = ["GOLD", "METAL", "apply", "bow"]
