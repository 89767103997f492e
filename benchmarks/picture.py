"""The ratios of a run as a picture: a bar a peer, longer where ours is further ahead."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

AHEAD, BEHIND = "#2f6f4f", "#b5523b"


def draw(rows: Sequence[dict[str, Any]], file: Path) -> None:
    """Write an SVG of the rows of benchmark.json; nothing without rows."""
    if not rows:
        return
    labels = [f"{row['work']}: {row['peer'].replace('_', ' ')}" for row in rows]
    ratios = [row["ratio"] for row in rows]
    figure = Figure(figsize=(9, 1.2 + 0.32 * len(rows)), layout="constrained")
    axes = figure.subplots()
    # Bars start at 1, where both take the same time.
    bars = axes.barh(
        range(len(rows)),
        [ratio - 1 for ratio in ratios],
        left=1,
        color=[AHEAD if ratio >= 1 else BEHIND for ratio in ratios],
    )
    axes.bar_label(bars, [f" {ratio:.2g} x" if ratio < 10 else f" {ratio:,.0f} x" for ratio in ratios], fontsize=9)
    axes.set_yticks(range(len(rows)), labels, fontsize=9)
    axes.invert_yaxis()
    axes.set_xscale("log")
    axes.axvline(1, color="#444444", linewidth=1)
    axes.margins(x=0.15)
    axes.set_xlabel("the peer's time over ours (log scale; right of 1: ours is faster)")
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(file)
