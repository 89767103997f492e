"""Losses between products and attributes, one class each, called alike.

Each is called with similarity (n, m), cosines of n products with m attributes; weights (n, m), the weight of each pair
and 0 where there is none; counted (n, m), the weight of each cell that is no pair as a negative, 0 where it says
nothing. Each gives a scalar. Temperature and bias are learned: `scale` = exp(model.logit_scale), `bias` =
model.logit_bias.
"""

from typing import Protocol

import torch
from torch import Tensor
from torch.nn import functional

# Logarithm of the weight of a cell that says nothing: with -inf, a column of such cells alone has the gradient NaN.
SILENT = -1e4


class Loss(Protocol):
    """How well similarities fit the pairs; lower is better."""

    def __call__(self, similarity: Tensor, weights: Tensor, counted: Tensor, scale: Tensor, bias: Tensor) -> Tensor: ...


class Sigmoid:
    """Each cell a yes-or-no question (SigLIP, arXiv 2303.15343), over products and distinct attributes.

    sum over pairs of w log(1 + exp(-z)) + sum over other cells of c log(1 + exp(z)), divided by n; z = scale s + bias.
    """

    def __call__(self, similarity: Tensor, weights: Tensor, counted: Tensor, scale: Tensor, bias: Tensor) -> Tensor:
        logits = similarity * scale + bias
        positive = weights > 0
        wrong = functional.softplus(torch.where(positive, -logits, logits))
        return (wrong * torch.where(positive, weights, counted)).sum() / len(similarity)


class WithinFacets:
    """Softmax among the values of one facet: which colour, given that it has one. An addition to the others.

    sum over pairs of w log(1 + sum of exp(z' - z) over the values of the pair's facet that are no pair), divided by n;
    z = scale s. It needs the facets (m,) as numbers, so it is made for a batch's attributes.
    """

    def __init__(self, facets: Tensor) -> None:
        self.member = functional.one_hot(facets).to(torch.float32)

    def __call__(self, similarity: Tensor, weights: Tensor, counted: Tensor, scale: Tensor, bias: Tensor) -> Tensor:
        logits = similarity * scale
        top = logits.detach().amax(1, keepdim=True)
        others = torch.where(weights > 0, 0, torch.exp(logits - top)) @ self.member @ self.member.T
        wrong = functional.softplus((others + 1e-30).log() + top - logits)
        return (wrong * weights).sum() / len(similarity)


class UnmaskedInfoNCE:
    """Softmax in both directions (CLIP, arXiv 2103.00020) as PinLanding has it (arXiv 2503.00619): nothing is masked.

    For each pair, -w log(exp z / sum of exp z over its row), what else the product carries among the negatives; the
    same over its column; the mean of both, weighted over pairs. z = scale s; counted and bias take no part.
    """

    def __call__(self, similarity: Tensor, weights: Tensor, counted: Tensor, scale: Tensor, bias: Tensor) -> Tensor:
        logits = similarity * scale
        rows, columns = (logits.logsumexp(dim, keepdim=True) - logits for dim in (1, 0))
        return ((rows + columns) / 2 * weights).sum() / weights.sum().clamp_min(1e-12)


class InfoNCE:
    """Softmax in both directions (CLIP, arXiv 2103.00020) with false negatives masked.

    For each pair, -w log(exp z / (exp z + sum of c exp z over the cells of its row that are no pair)); the same
    over its column; the mean of both, weighted over pairs. z = scale s; the bias takes no part.
    """

    def __call__(self, similarity: Tensor, weights: Tensor, counted: Tensor, scale: Tensor, bias: Tensor) -> Tensor:
        logits = similarity * scale
        positive = weights > 0
        others = (logits + _logarithm(counted)).masked_fill(positive, SILENT)
        rows = torch.logaddexp(logits, others.logsumexp(1, keepdim=True)) - logits
        columns = torch.logaddexp(logits, others.logsumexp(0, keepdim=True)) - logits
        each = torch.where(positive, (rows + columns) / 2, 0)
        return (each * weights).sum() / weights.sum().clamp_min(1e-12)


class MultiPositive:
    """Cross entropy against all pairs of a product at once (SupCon's L_out, arXiv 2004.11362), both directions.

    For each pair, -w log(exp z / (sum of exp z over the pairs and of c exp z over the others of its row)); the same
    over its column; averaged within the row (column), then over the rows (columns) that have a pair. z = scale s; the
    bias takes no part.
    """

    def __call__(self, similarity: Tensor, weights: Tensor, counted: Tensor, scale: Tensor, bias: Tensor) -> Tensor:
        logits = similarity * scale
        seen = logits + torch.where(weights > 0, 0, _logarithm(counted))
        return (self._one_way(logits, seen, weights, 1) + self._one_way(logits, seen, weights, 0)) / 2

    @staticmethod
    def _one_way(logits: Tensor, seen: Tensor, weights: Tensor, dim: int) -> Tensor:
        each = torch.where(weights > 0, seen.logsumexp(dim, keepdim=True) - logits, 0) * weights
        total = weights.sum(dim)
        return (each.sum(dim)[total > 0] / total[total > 0]).mean() if bool((total > 0).any()) else logits.sum() * 0


def _logarithm(counted: Tensor) -> Tensor:
    return counted.log().clamp_min(SILENT)


LOSSES: dict[str, type[Loss]] = {
    "sigmoid": Sigmoid,
    "info_nce": InfoNCE,
    "info_nce_unmasked": UnmaskedInfoNCE,
    "multi_positive": MultiPositive,
}
