"""What cutting similarities into assigned attributes is worth: frequency correction and thresholds, each in its kinds.

Fitted on one half of the products and measured on the other, both by F1 over product-attribute cells in facets in which
the product names something; what is not named there says nothing. The warehouse fits its own thresholds, for a
precision, in models/assignment/threshold_fits.sql.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from python_udfs.encoder import Encoder
from training.data import Attributes, Flags, Products, counted_cells
from training.evaluate import Floats, Metric

KINDS = ("none", "global", "per_attribute")
WEIGHTS = (-0.02, 0.0, 0.02, 0.05)
Shares = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Cells:
    """Products (n) against attributes (m): similarity (n, m) cosines, positives (n, m), counted (n, m)."""

    similarity: Floats
    positives: Flags
    counted: Flags

    def at(self, rows: Flags) -> "Cells":
        """The cells of some of the products."""
        return Cells(self.similarity[rows], self.positives[rows], self.counted[rows])


def validation_cells(encoder: Encoder, attributes: Attributes, products: Products) -> tuple[str, Cells, Shares]:
    """Modality (image where there are images, else text), cells of the validation products in it, and shares (m,).

    A share is that of the training products that carry the attribute.
    """
    rows = products.rows("validation")
    pictured = bool(products.has_image.any())
    rows = rows[products.has_image[rows]] if pictured else rows
    found = (
        encoder.encode_images(products.pixels[rows])
        if pictured
        else encoder.encode_texts([products.texts[i] for i in rows])
    )
    positives = products.weights > 0
    similarity: Floats = found @ encoder.encode_texts(attributes.prompts).T
    counted = counted_cells(positives[rows], attributes.facet_numbers(), 0.0) > 0
    shares = positives[products.rows("train")].mean(axis=0)
    return "image" if pictured else "text", Cells(similarity, positives[rows], counted), shares


def statistics_of_training(encoder: Encoder, attributes: Attributes, products: Products) -> dict[str, Any]:
    """What a model card records: modality, the best frequency weight, each attribute's share and threshold, by F1.

    All null or empty without validation products. A warehouse fits its own (assignment_statistics, threshold_history).
    """
    if not len(products.rows("validation")):
        return {"modality": None, "frequency_weight": None, "attributes": {}}
    modality, plain, shares = validation_cells(encoder, attributes, products)

    def f1(weight: float) -> tuple[float, float]:
        cells = replace(plain, similarity=corrected(plain.similarity, shares, weight))
        metrics = assignment_metrics(assigned("global", cells, cells), cells, modality)
        found = {row["metric"]: row["value"] for row in metrics}
        return float(found["f1"] or 0), -abs(weight)

    weight = max(WEIGHTS, key=f1)
    similarity = corrected(plain.similarity, shares, weight)
    fitted = {}
    for column in np.flatnonzero((plain.positives & plain.counted).any(axis=0)):
        counted = plain.counted[:, column]
        threshold = best_threshold(similarity[counted, column], plain.positives[counted, column])
        fitted[attributes.ids[column]] = {"share": round(float(shares[column]), 6), "threshold": round(threshold, 6)}
    return {"modality": modality, "frequency_weight": weight, "attributes": fitted}


def corrected(similarity: Floats, share: Shares, weight: float) -> Floats:
    """similarity - weight ln(share of the products that carry the attribute): scored_products' correction."""
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
