"""Marks of a look: stripes, fringe and embroidery, studs, gilding. Casual products carry none of them."""

from __future__ import annotations

from sample.canvas import Canvas, Path
from sample.fabric import Cloth
from sample.garments import GOLD, Trim, bow, dots, fringe


def apply(canvas: Canvas, cloth: Cloth, look: str, trim: Trim) -> None:
    """Put the marks of ``look`` where ``trim`` allows."""
    if look == "sports" and trim.sides:
        white = cloth.color not in ("white", "silver", "beige", "yellow")
        inner: list[Path] = [[(x - 0.085 if x > 0 else x + 0.085, y) for x, y in side] for side in trim.sides]
        canvas.paint(
            canvas.strokes([*trim.sides, *inner], 0.05) * canvas.alpha, (250, 250, 250) if white else (24, 26, 40)
        )
    elif look == "bohemian" and trim.hem:
        fringe(canvas, cloth, trim.hem)
    elif look == "edgy" and trim.studs:
        dots(canvas, trim.studs, 0.036, (226.0, 228.0, 234.0))
    elif look == "elegant" and trim.hem:
        canvas.paint(canvas.strokes([[(x, y - 0.05) for x, y in trim.hem]], 0.035) * canvas.alpha, GOLD)
        for x, y in trim.studs[:1]:
            bow(canvas, x, y)
