"""What statements say of an actor's stance, once it is known how often the model is wrong, and in what way.

A statement is taken for what was printed and how surely: one of nine kinds, a stance and a band of confidence. How
often statements of each true label are of each kind was counted on held-out documents. Shares of labels are then those
of a mixture with known components (Saerens, Latinne and Decaestecker, Neural Computation 14, 2002): an actor who
boycotts nearly always makes a doubtful "skeptical" more likely to be a boycott than it is of actors on average.
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

BANDS = (0.5, 0.7)  # of confidence: about a third of the printed statements each
# Kinds (supportive, skeptical, boycotting, each in its bands from doubtful to sure) by true label (in the order of
# LABELS): the released model on the corpus's validation documents. benchmarks/ledger.py --confusion counts them again.
CONFUSION = np.array(
    [
        *([48, 12, 5, 65], [63, 7, 2, 45], [233, 4, 1, 39]),
        *([15, 62, 11, 48], [10, 81, 4, 27], [3, 167, 4, 27]),
        *([6, 10, 22, 21], [2, 8, 30, 26], [0, 7, 142, 27]),
    ],
    dtype=np.float64,
)
BASE: Array = CONFUSION.sum(0) / CONFUSION.sum()  # how often a printed stance truly is each label
# The likelihood of each kind under each true label, (kinds, LABELS): the mean of its posterior after Jeffreys' prior.
LIKELIHOOD: Array = (CONFUSION + 0.5) / (CONFUSION + 0.5).sum(0)
DESIGN = 2.0  # so many counts tell as much as one, since documents differ: set so that benchmarks/ledger.py has 95%
KNOWN: Array = CONFUSION.sum(0) / DESIGN + 1  # how well each column is known: the denominator of a Dirichlet's variance
PRIOR = 2.0  # statements that the prior is worth (as many as Jeffreys' over four labels), spread as BASE
# How alike two statements of one document are, beyond those of two: 0.4 and 0.7 on two sets of real reporting.
WITHIN_DOCUMENT = 0.5
Z = 1.959963984540054  # the normal distribution's 97.5% quantile
ROUNDS, TOLERANCE = 500, 1e-6
STEPS = 6
# An even grid of shares of the stances, (points, STANCES): what a position can be, where it is summed over.
GRID: Array = np.array([(i, j, STEPS - i - j) for i in range(STEPS + 1) for j in range(STEPS + 1 - i)]) / STEPS


def kinds(said: Index, sure: Array) -> Index:
    """The kinds of printed stances with their confidences.

    Of a statement's probabilities only its own label's is used: the others are not calibrated (docs/confidence.md).
    """
    return said * (len(BANDS) + 1) + np.searchsorted(BANDS, sure, side="right")


def kinds_of(found: Sequence[Statement]) -> Index:
    """The kind of each statement."""
    said = np.fromiter((STANCES.index(s.stance) for s in found), np.intp, len(found))
    return kinds(said, np.fromiter((s.confidence for s in found), np.float64, len(found)))


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


def _fitted(counts: Array) -> Array:
    """Each cell's shares of LABELS, (cells, LABELS), from its weights by kind, by expectation maximisation."""
    theta = np.tile(BASE, (len(counts), 1))
    for _ in range(ROUNDS):
        expected = theta * ((counts / (theta @ LIKELIHOOD.T)) @ LIKELIHOOD)
        new = (PRIOR * BASE + expected) / (PRIOR + counts.sum(1, keepdims=True))
        done = np.abs(new - theta).max(initial=0) < TOLERANCE
        theta = new
        if done:
            break
    return theta


def shares(kind: Index, weight: Array, starts: Index) -> tuple[Array, Array, Array]:
    """Mean, low and high (95%) of each stance's share in each cell: three arrays of shape (cells, STANCES).

    `kind` and `weight` are in the order of cells, whose first statements `starts` names. The shares are those among
    statements that truly have a stance, under a Dirichlet prior. Their variance has two parts: that of the observed
    information (Louis, JRSS B 44, 1982), and what the confusion leaves open, its columns having Dirichlet posteriors,
    carried over by the delta method (for two classes: Rogan and Gladen, American Journal of Epidemiology 107, 1978).
    """
    size = np.diff(np.append(starts, len(kind)))
    place = np.repeat(np.arange(len(starts)), size) * len(CONFUSION) + kind
    weighed = np.bincount(place, weight, len(starts) * len(CONFUSION)).astype(np.float64)
    # Most cells are small, and many of them alike.
    counts, cell = np.unique(weighed.reshape(len(starts), -1), axis=0, return_inverse=True)
    mean, reach = _shares(counts)
    mean, reach = mean[cell], reach[cell]
    return mean, np.maximum(0.0, mean - reach), np.minimum(1.0, mean + reach)


def _shares(counts: Array) -> tuple[Array, Array]:
    """Each stance's share, and how far its interval reaches, from cells' weights by kind, of shape (cells, kinds)."""
    theta = _fitted(counts)
    said = theta[:, : len(STANCES)].sum(1, keepdims=True)
    mean = theta[:, : len(STANCES)] / said
    score = LIKELIHOOD / (theta @ LIKELIHOOD.T)[:, :, None]  # (cells, kinds, LABELS)
    weighed = counts[:, :, None] * score
    information = weighed.transpose(0, 2, 1) @ score + np.eye(len(LABELS)) * (PRIOR * BASE / theta**2)[:, None, :]
    reach = np.empty_like(mean)
    for stance in range(len(STANCES)):
        gradient = np.zeros((len(counts), len(LABELS), 1))
        gradient[:, : len(STANCES), 0] = (np.eye(len(STANCES))[stance] - mean[:, [stance]]) / said
        step = np.linalg.solve(information, gradient)
        # By how much the share moves with the logarithm of each likelihood, and what that is known to.
        moves = weighed * (step.transpose(0, 2, 1) - theta[:, None, :] * (score @ step))
        unsure = (moves**2 / LIKELIHOOD).sum(1) - moves.sum(1) ** 2
        reach[:, stance] = Z * np.sqrt((gradient * step).sum((1, 2)) + (unsure / KNOWN).sum(1))
    return mean, reach


def fit(kind: Index, weight: Array, points: Array) -> Array:
    """Log likelihood of each statement, given by kind, at each point (shares of the stances): (statements, points).

    That a statement has no stance at all is taken to be as likely as of printed statements on average.
    """
    by_kind = np.log((1 - BASE[-1]) * LIKELIHOOD[:, :-1] @ points.T + BASE[-1] * LIKELIHOOD[:, -1:])
    out: Array = by_kind[kind] * weight[:, None]
    return out
