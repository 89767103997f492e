"""What cutting similarities into assigned attributes is worth: frequency correction and thresholds, each in its kinds.

Fitted on one half of the products and measured on the other, both by F1 over product-attribute cells in facets in which
the product names something; what is not named there says nothing. The warehouse fits its own thresholds, for a
precision, in models/assignment/threshold_fits.sql.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from training.data import Flags
from training.evaluate import Floats, Metric

KINDS = ("none", "global", "per_attribute")


@dataclass(frozen=True)
class Cells:
    """Products (n) against attributes (m): similarity (n, m) cosines, positives (n, m), counted (n, m)."""

    similarity: Floats
    positives: Flags
    counted: Flags

    def at(self, rows: Flags) -> "Cells":
        """The cells of some of the products."""
        return Cells(self.similarity[rows], self.positives[rows], self.counted[rows])


def corrected(similarity: Floats, share: npt.NDArray[np.float64], weight: float) -> Floats:
    """similarity - weight ln(share of the products that carry the attribute): attribute_score_blocks' correction."""
    return (similarity - weight * np.log(np.maximum(share, 1e-6))).astype(np.float32)


def assigned(kind: str, fit: Cells, judged: Cells) -> Flags:
    """Which cells of `judged` are assigned, (n, m), under thresholds of a kind fitted on `fit`.

    none: as many of the best attributes for each product as products have on average. global: one threshold, the best
    by F1. per_attribute: each its own; where nothing was seen of an attribute, the global one.
    """
    if kind == "none":
        best = max(round(float(fit.positives.sum(axis=1).mean())), 1)
        order = np.argsort(-judged.similarity, axis=1, kind="stable")
        taken = np.zeros_like(judged.positives)
        np.put_along_axis(taken, order[:, :best], True, axis=1)
        return taken
    threshold = best_threshold(fit.similarity[fit.counted], fit.positives[fit.counted])
    thresholds = np.full(fit.similarity.shape[1], threshold)
    if kind == "per_attribute":
        for column in np.flatnonzero(fit.positives.any(axis=0)):
            counted = fit.counted[:, column]
            thresholds[column] = best_threshold(fit.similarity[counted, column], fit.positives[counted, column])
    return judged.similarity >= thresholds


def best_threshold(scores: Floats, positives: Flags) -> float:
    """The score from which on taking everything gives the highest F1; infinity where there is no positive."""
    if not positives.any():
        return float("inf")
    order = np.argsort(-scores, kind="stable")
    right = np.cumsum(positives[order])
    taken = np.arange(1, len(order) + 1)
    f1 = 2 * right / (taken + positives.sum())
    # Equal scores are taken together: only the last of them is a cut.
    f1[:-1][scores[order][:-1] == scores[order][1:]] = -1
    return float(scores[order][f1.argmax()])


def assignment_metrics(taken: Flags, judged: Cells, modality: str) -> list[Metric]:
    """Precision, recall and F1 over all counted cells together, as rows of encoder_metrics."""
    right = int((taken & judged.positives & judged.counted).sum())
    precision = right / max(int((taken & judged.counted).sum()), 1)
    recall = right / max(int((judged.positives & judged.counted).sum()), 1)
    f1 = 2 * precision * recall / max(precision + recall, 1e-12)
    return [
        {"split": "validation", "modality": modality, "facet": "all", "k": None, "metric": metric, "value": value}
        for metric, value in (("precision", precision), ("recall", recall), ("f1", f1))
    ]
