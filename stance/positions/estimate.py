"""What statements say of an actor's stance, once it is known how often the model is wrong, and in what way.

A statement's confidence is how often such a statement is right; where it is wrong, held-out documents tell what it was
instead. That makes a likelihood of each true label. Shares of labels are then those of a mixture with known components
(Saerens, Latinne and Decaestecker, Neural Computation 14, 2002): an actor who boycotts nearly always makes a doubtful
"skeptical" more likely to be a boycott than it is of actors on average.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from stance.records import LABELS, STANCES
from stance.statements import Statement

Array = NDArray[np.float64]
Index = NDArray[np.intp]

# Printed stance by true label (in the order of LABELS): the released model on the corpus's validation documents.
CONFUSION = np.array([[315, 23, 6, 164], [35, 297, 17, 114], [15, 32, 194, 92]], dtype=np.float64)
BASE: Array = CONFUSION.sum(0) / CONFUSION.sum()  # how often a printed stance truly is each label
PRIOR = 2.0  # statements that the prior is worth (as many as Jeffreys' over four labels), spread as BASE
# How alike two statements of one document are, beyond those of two: 0.4 and 0.7 on two sets of real reporting.
WITHIN_DOCUMENT = 0.5
Z = 1.959963984540054  # the normal distribution's 97.5% quantile
ROUNDS, TOLERANCE = 500, 1e-6
MEASURED = 400.0  # statements that would tell as much of a position as is known of the confusion
EDGE = 1e-3  # no statement is surer than that
STEPS = 6
# An even grid of shares of the stances, (points, STANCES): what a position can be, where it is summed over.
GRID: Array = np.array([(i, j, STEPS - i - j) for i in range(STEPS + 1) for j in range(STEPS + 1 - i)]) / STEPS


def likelihood(said: Index, sure: Array) -> Array:
    """The likelihood of each true label, relative to BASE, of printed stances and their confidences.

    Of a statement's probabilities only its own label's is calibrated (docs/confidence.md), so the rest is spread over
    the other labels as errors of such statements are on held-out documents. Shape (statements, LABELS).
    """
    errors = CONFUSION.copy()
    errors[np.arange(len(STANCES)), np.arange(len(STANCES))] = 0
    errors /= errors.sum(1, keepdims=True)
    sure = np.clip(sure, EDGE, 1 - EDGE)
    out: Array = errors[said] * (1 - sure)[:, None]
    out[np.arange(len(said)), said] = sure
    return out / BASE


def ratios(found: Sequence[Statement]) -> Array:
    """The likelihood of each statement under each true label: shape (statements, LABELS)."""
    said = np.fromiter((STANCES.index(s.stance) for s in found), np.intp, len(found))
    return likelihood(said, np.fromiter((s.confidence for s in found), np.float64, len(found)))


def weights(found: Sequence[Statement], cell: Sequence[int]) -> Array:
    """What each statement counts within its cell: copies of a sentence once, many in one document less than many.

    Of copies the first given counts. Where a document has m statements in a cell, each counts 1 / (1 + (m - 1) rho):
    the weight of equally correlated observations in generalised least squares, and Kish's (1965) design effect.
    """
    seen: set[tuple[int, str]] = set()
    fresh = []
    for s, c in zip(found, cell, strict=True):
        key = c, " ".join(s.text.casefold().split())
        fresh.append(key not in seen)
        seen.add(key)
    size = Counter((c, s.doc) for s, c, f in zip(found, cell, fresh, strict=True) if f)
    effect = [
        f / (1 + (size[c, s.doc] - 1) * WITHIN_DOCUMENT) if f else 0.0
        for s, c, f in zip(found, cell, fresh, strict=True)
    ]
    return np.array(effect, dtype=np.float64)


def shares(ratio: Array, weight: Array, starts: Index) -> tuple[Array, Array, Array]:
    """Mean, low and high (95%) of each stance's share in each cell: three arrays of shape (cells, STANCES).

    `ratio` (statements, LABELS) and `weight` are in the order of cells, whose first statements `starts` names. The
    shares are those among statements that truly have a stance. They are found by expectation maximisation with a
    Dirichlet prior; their uncertainty is that of the observed information (Louis, JRSS B 44, 1982), on the logit scale.
    """
    prior = PRIOR * BASE
    size = np.diff(np.append(starts, len(ratio)))
    cell = np.repeat(np.arange(len(starts)), size)
    total = np.add.reduceat(weight, starts)[:, None] + PRIOR
    theta = np.tile(BASE, (len(starts), 1))
    for _ in range(ROUNDS):
        likelihood = theta[cell] * ratio
        likelihood *= (weight / likelihood.sum(1))[:, None]
        new = (prior + np.add.reduceat(likelihood, starts)) / total
        done = np.abs(new - theta).max(initial=0) < TOLERANCE
        theta = new
        if done:
            break
    score = ratio / (theta[cell] * ratio).sum(1, keepdims=True)
    outer = (score * weight[:, None])[:, :, None] * score[:, None, :]
    information = np.add.reduceat(outer, starts) + np.eye(len(LABELS)) * (prior / theta**2)[:, None, :]
    said = theta[:, : len(STANCES)].sum(1, keepdims=True)
    mean = theta[:, : len(STANCES)] / said
    gradient = np.zeros((len(starts), len(LABELS), len(STANCES)))
    gradient[:, : len(STANCES)] = (np.eye(len(STANCES)) - mean[:, None, :]) / said[:, :, None]
    variance = (gradient * np.linalg.solve(information, gradient)).sum(1)
    variance *= 1 + (total - PRIOR) / MEASURED
    reach = Z * np.sqrt(variance)
    return mean, np.maximum(0.0, mean - reach), np.minimum(1.0, mean + reach)


def fit(ratio: Array, weight: Array, points: Array) -> Array:
    """Log likelihood of each statement at each point (shares of the stances), of shape (statements, points).

    That a statement has no stance at all is taken to be as likely as of printed statements on average.
    """
    out: Array = np.log((1 - BASE[-1]) * ratio[:, :-1] @ points.T + BASE[-1] * ratio[:, -1:])
    return out * weight[:, None]
