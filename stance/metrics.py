"""Counts per class, with ratios as properties; intervals and paired tests that resample documents.

Scores are macro F1 over the three stances unless said otherwise: `none` is the absence of an annotation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stance.records import LABELS, STANCES

Labels = NDArray[np.int64]
NONE = LABELS.index("none")


@dataclass(frozen=True, slots=True)
class Counts:
    """True positives, predicted and gold of one class; counts add, ratios follow."""

    hits: int
    predicted: int
    gold: int

    def __add__(self, other: Counts) -> Counts:
        return Counts(self.hits + other.hits, self.predicted + other.predicted, self.gold + other.gold)

    @property
    def precision(self) -> float:
        """Share of the predicted that are right; 0 where nothing is predicted."""
        return self.hits / self.predicted if self.predicted else 0.0

    @property
    def recall(self) -> float:
        """Share of the gold that is found; 0 where there is no gold."""
        return self.hits / self.gold if self.gold else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        return 2 * self.hits / (self.predicted + self.gold) if self.predicted + self.gold else 0.0


def confusion(gold: Labels, predicted: Labels) -> NDArray[np.int64]:
    """The confusion matrix, shape (LABELS, LABELS): gold in rows, predicted in columns."""
    size = len(LABELS)
    return np.bincount(gold * size + predicted, minlength=size * size).reshape(size, size)


def per_class(matrix: NDArray[np.int64]) -> dict[str, Counts]:
    """The counts of each label."""
    return {
        label: Counts(int(matrix[i, i]), int(matrix[:, i].sum()), int(matrix[i].sum()))
        for i, label in enumerate(LABELS)
    }


def macro(matrices: NDArray[Any], classes: int = len(STANCES)) -> NDArray[np.float64]:
    """Mean F1 of the first classes of each confusion matrix: of shape (..., LABELS, LABELS), the mean of (...)."""
    hits = np.diagonal(matrices, axis1=-2, axis2=-1)[..., :classes]
    total = (matrices.sum(-2) + matrices.sum(-1))[..., :classes]
    f1 = np.divide(2 * hits, total, out=np.zeros(hits.shape), where=total > 0)
    return np.asarray(f1.mean(-1))


def macro_f1(gold: Labels, predicted: Labels, *, with_none: bool = False) -> float:
    """Mean F1 of the three stances, or of all four labels."""
    return float(macro(confusion(gold, predicted), len(LABELS) if with_none else len(STANCES)))


def by_document(gold: Labels, predicted: Labels, docs: Sequence[str]) -> NDArray[np.int64]:
    """One confusion matrix a document, shape (documents, LABELS, LABELS)."""
    _, index = np.unique(np.asarray(docs), return_inverse=True)
    size = len(LABELS)
    flat = index * size * size + gold * size + predicted
    return np.bincount(flat, minlength=(index.max() + 1) * size * size).reshape(-1, size, size)


def bootstrap(gold: Labels, predicted: Labels, docs: Sequence[str], rounds: int, seed: int) -> tuple[float, float]:
    """95% percentile interval of macro F1, resampling documents (Efron and Tibshirani 1993)."""
    matrices = by_document(gold, predicted, docs)
    rng = np.random.default_rng(seed)
    n = len(matrices)
    scores = [macro(matrices[rng.integers(0, n, n)].sum(0)) for _ in range(rounds)]
    low, high = np.quantile(scores, [0.025, 0.975])
    return float(low), float(high)


def paired_test(gold: Labels, a: Labels, b: Labels, docs: Sequence[str], rounds: int, seed: int) -> tuple[float, float]:
    """Difference in macro F1 (a minus b) and its two-sided p, by swapping the models' answers document by document.

    The approximate randomisation test of Noreen (1989), with documents as the exchangeable units.
    """
    first, second = by_document(gold, a, docs), by_document(gold, b, docs)
    observed = float(macro(first.sum(0)) - macro(second.sum(0)))
    rng = np.random.default_rng(seed)
    extreme = 0
    for _ in range(rounds):
        swap = rng.integers(0, 2, len(first)).astype(bool)[:, None, None]
        difference = macro(np.where(swap, second, first).sum(0)) - macro(np.where(swap, first, second).sum(0))
        extreme += int(abs(difference) >= abs(observed) - 1e-12)
    return observed, (extreme + 1) / (rounds + 1)


def calibration_error(probabilities: NDArray[np.float64], gold: Labels, bins: int = 10) -> float:
    """Expected calibration error of the winning label's probability, in bins of equal width (Guo et al., ICML 2017)."""
    filled = reliability(probabilities.max(1), probabilities.argmax(1) == gold, bins)
    return sum(abs(mean - right) * count for mean, right, count in filled) / max(1, len(gold))


def reliability(
    confidence: NDArray[np.float64], right: NDArray[np.bool_], bins: int = 10
) -> list[tuple[float, float, int]]:
    """Mean confidence, share that is right and number of each bin of equal width that has any."""
    filled = np.clip((confidence * bins).astype(int), 0, bins - 1)
    return [
        (float(confidence[filled == b].mean()), float(right[filled == b].mean()), int((filled == b).sum()))
        for b in np.unique(filled)
    ]


def selective(probabilities: NDArray[np.float64], gold: Labels, least: float) -> dict[str, float]:
    """Predicted stances at a confidence of `least` or more: their share of all, and the share of them that is right.

    Coverage and one minus the selective risk of El-Yaniv and Wiener (JMLR 2010); precision is 0 where none is left.
    """
    label = probabilities.argmax(1)
    said = label != NONE
    kept = said & (probabilities.max(1) >= least)
    hits = Counts(int((label == gold)[kept].sum()), int(kept.sum()), int((gold != NONE).sum()))
    return {"precision": hits.precision, "answered": hits.predicted, "share": hits.predicted / max(1, int(said.sum()))}


def slices(
    rows: Sequence[Mapping[str, Any]], gold: Labels, predicted: Labels, key: Callable[[Mapping[str, Any]], str]
) -> dict[str, dict[str, float]]:
    """Macro F1 and number of examples in each group of rows."""
    groups = np.asarray([key(row) for row in rows])
    return {
        str(name): {
            "examples": int((groups == name).sum()),
            "macro_f1": macro_f1(gold[groups == name], predicted[groups == name]),
        }
        for name in np.unique(groups)
    }
