"""The curves of a run as a picture."""

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

CURVES = "curves.png"
SMOOTHED = 50  # steps


def draw_curves(loss: list[float], validation: list[dict[str, Any]], path: Path) -> None:
    """Write a PNG: loss by step, with its running mean, beside validation Recall@10 by step.

    `validation` holds `step` and `recall_at_10` of each measurement.
    """
    figure = Figure(figsize=(10, 3.6), layout="constrained")
    left, right = figure.subplots(1, 2)
    steps = np.arange(1, len(loss) + 1)
    left.plot(steps, loss, color="0.8", linewidth=0.8)
    window = min(SMOOTHED, max(len(loss), 1))
    if loss:
        smooth = np.convolve(loss, np.full(window, 1 / window), mode="valid")
        left.plot(steps[window - 1 :], smooth, color="tab:blue", label=f"mean of {window} steps")
        left.legend(frameon=False)
    left.set(title="loss", xlabel="step")
    recall = [measured["recall_at_10"] for measured in validation]
    right.plot([measured["step"] for measured in validation], recall, color="tab:blue", marker="o", markersize=3)
    right.set(title="validation Recall@10", xlabel="step", ylim=(0, 1))
    right.grid(alpha=0.3)
    figure.savefig(path, dpi=120)
