"""How well an encoder finds the attributes of products."""

from dataclasses import asdict, dataclass

import numpy as np
import numpy.typing as npt

from training.data import Flags

Metric = dict[str, str | int | float | None]
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Figures:
    """Figures over products with at least one pair.

    recall_at_k: share of all true pairs whose attribute is among the product's k most similar ones.
    mean_average_precision: mean over products of the mean, over their true attributes, of the precision at each one's
    rank. facet_top1: for each facet, share of the products with a pair in it whose most similar value of the facet is a
    true one.
    """

    products: int
    recall_at_1: float
    recall_at_5: float
    recall_at_10: float
    mean_average_precision: float
    facet_top1: dict[str, float]

    def to_rows(self, split: str, modality: str) -> list[Metric]:
        """A row a figure, as the model card and the table encoder_metrics hold them."""
        rows: list[tuple[str, str, int | None, float]] = [
            ("all", "recall", 1, self.recall_at_1),
            ("all", "recall", 5, self.recall_at_5),
            ("all", "recall", 10, self.recall_at_10),
            ("all", "mean_average_precision", None, self.mean_average_precision),
        ]
        rows += [(facet, "top1_accuracy", 1, value) for facet, value in self.facet_top1.items()]
        return [
            {"split": split, "modality": modality, "facet": facet, "k": k, "metric": metric, "value": value}
            for facet, metric, k, value in rows
        ]

    def to_dict(self) -> dict[str, object]:
        """Plain values, for the history of a run."""
        return asdict(self)


def measure(products: Floats, attributes: Floats, positives: Flags, facets: list[str]) -> Figures:
    """Figures of product embeddings (n, d) against attribute embeddings (m, d); positives (n, m), facets of the m."""
    kept = positives.any(axis=1)
    truth = positives[kept]
    similarity = products[kept] @ attributes.T
    order = np.argsort(-similarity, axis=1, kind="stable")
    ranked = np.take_along_axis(truth, order, axis=1)
    hits = np.cumsum(ranked, axis=1)
    pairs = max(int(truth.sum()), 1)
    precision = hits / np.arange(1, truth.shape[1] + 1)
    averages = (precision * ranked).sum(axis=1) / np.maximum(truth.sum(axis=1), 1)
    recall = {k: float(ranked[:, :k].sum() / pairs) for k in (1, 5, 10)}
    return Figures(
        products=len(truth),
        recall_at_1=recall[1],
        recall_at_5=recall[5],
        recall_at_10=recall[10],
        mean_average_precision=float(averages.mean()) if len(averages) else 0.0,
        facet_top1=_facet_top1(similarity, truth, np.array(facets)),
    )


def _facet_top1(similarity: Floats, truth: Flags, facets: npt.NDArray[np.str_]) -> dict[str, float]:
    found = {}
    for facet in sorted(set(facets.tolist())):
        columns = np.flatnonzero(facets == facet)
        rows = truth[:, columns].any(axis=1)
        if rows.any():
            best = similarity[np.ix_(rows, columns)].argmax(axis=1)
            found[facet] = float(truth[np.ix_(rows, columns)][np.arange(len(best)), best].mean())
    return found
