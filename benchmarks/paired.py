"""Differences between systems that judged the same documents, each trained with one or several seeds.

The score is the mean over seeds of macro F1 over the three stances; documents are the units, as in `stance.metrics`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stance import metrics
from stance.metrics import Labels

ROUNDS = 10_000  # of resampling; no p is below 1 in so many
Tables = NDArray[Any]  # confusion matrices, shape (seeds, documents, LABELS, LABELS)


@dataclass(frozen=True)
class Difference:
    """One system's score minus another's, its 95% interval, and the two-sided p of their being alike."""

    mean: float
    low: float
    high: float
    p: float


def tables(gold: Labels, answers: Sequence[Labels], docs: Sequence[str]) -> Tables:
    """A confusion matrix for each seed's answers and each document."""
    return np.stack([metrics.by_document(gold, a, docs) for a in answers]).astype(float)


def scores(found: Tables) -> NDArray[np.float64]:
    """Macro F1 of each seed."""
    return metrics.macro(found.sum(1))


def _resampled(found: Tables, draws: NDArray[Any], rng: np.random.Generator) -> NDArray[np.float64]:
    """The score on each draw of documents, shape (draws, documents); a system's seeds are drawn with them."""
    each = metrics.macro(np.tensordot(draws, found, (1, 1)))
    seeds = rng.integers(0, each.shape[1], each.shape)
    out: NDArray[np.float64] = np.take_along_axis(each, seeds, axis=1).mean(1)
    return out


def _draws(found: Tables, rng: np.random.Generator) -> NDArray[Any]:
    documents = found.shape[1]
    return rng.multinomial(documents, np.full(documents, 1 / documents), ROUNDS).astype(float)


def interval(found: Tables, seed: int) -> tuple[float, float]:
    """95% percentile interval of a system's score, documents and seeds resampled."""
    rng = np.random.default_rng(seed)
    low, high = np.quantile(_resampled(found, _draws(found, rng), rng), [0.025, 0.975])
    return float(low), float(high)


def difference(first: Tables, second: Tables, seed: int) -> Difference:
    """How far the first system is above the second.

    The interval resamples documents, the same for both, and each system's seeds. The p is of the approximate
    randomisation test (Noreen 1989): a document's answers change sides, those of all seeds together.
    """
    rng = np.random.default_rng(seed)
    draws = _draws(first, rng)
    low, high = np.quantile(_resampled(first, draws, rng) - _resampled(second, draws, rng), [0.025, 0.975])
    observed = float(scores(first).mean() - scores(second).mean())
    a, b = np.broadcast_arrays(first, second)
    swap = rng.integers(0, 2, (ROUNDS, first.shape[1])).astype(float)
    moved = np.tensordot(swap, b - a, (1, 1))  # what the first gains, and the second loses
    apart = metrics.macro(a.sum(1) + moved).mean(1) - metrics.macro(b.sum(1) - moved).mean(1)
    extreme = int((abs(apart) >= abs(observed) - 1e-12).sum())
    return Difference(observed, float(low), float(high), (extreme + 1) / (ROUNDS + 1))


def holm(p: Sequence[float]) -> list[float]:
    """The p of several tests made at once, adjusted so that any false alarm is rare (Holm 1979)."""
    order = np.argsort(p)
    stepped = np.maximum.accumulate(np.asarray(p)[order] * np.arange(len(p), 0, -1))
    out = np.empty(len(p))
    out[order] = np.minimum(1.0, stepped)
    return [float(x) for x in out]
