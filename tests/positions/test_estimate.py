"""Shares, intervals and likelihoods are what their definitions give when nothing is taken a short way."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy.optimize import minimize

from stance.positions import estimate
from stance.positions.estimate import BASE, GRID, KNOWN, LIKELIHOOD, PRIOR, Array, Z, fit, kinds, kinds_of, weights
from stance.records import LABELS, STANCES
from tests.positions.conftest import statement

KINDS = len(LIKELIHOOD)
CELLS = ([3.0, 0, 0, 0, 0, 1, 0, 0, 0], [0.5, 2, 7, 0, 4, 3, 1, 0, 12], [0, 0, 0, 0, 0, 0, 0, 0, 40.0])


def test_a_kind_is_a_stance_and_a_band_of_confidence() -> None:
    said, sure = np.array([0, 0, 1, 1, 2, 2]), np.array([0.3, 0.5, 0.69, 0.7, 0.49, 1.0])
    assert kinds(said, sure).tolist() == [0, 1, 4, 5, 6, 8]
    found = [statement("skeptical", confidence=0.6), statement("boycotting", confidence=0.9), statement()]
    assert kinds_of(found).tolist() == [4, 8, 2]


def test_copies_count_nothing_and_a_documents_statements_less() -> None:
    found = [
        statement(doc="a", text="Turkey stays away."),
        statement(doc="b", text="turkey  stays\naway."),  # a copy, so that of b one statement is left
        statement(doc="b"),
        statement(doc="a"),
        statement(doc="a", text="Turkey stays away."),  # in another cell, where it is no copy
    ]
    assert weights(found, [0, 0, 0, 0, 1]).tolist() == [2 / 3, 0, 1, 2 / 3, 1]
    assert weights([statement(doc="a") for _ in range(5)], [0] * 5).tolist() == [pytest.approx(1 / 3)] * 5


def test_the_likelihood_is_that_of_a_mixture_with_statements_that_have_no_stance() -> None:
    kind, weight = np.array([0, 4, 8, 8]), np.array([1.0, 0.5, 1.0, 0.0])
    found = fit(kind, weight, GRID)
    for n, k in enumerate(kind):
        for p, point in enumerate(GRID):
            stances = sum(point[s] * LIKELIHOOD[k, s] for s in range(len(STANCES)))
            said = (1 - BASE[3]) * stances + BASE[3] * LIKELIHOOD[k, 3]
            assert found[n, p] == pytest.approx(weight[n] * np.log(said))


def _posterior(theta: Array, counts: Array, likelihood: Array) -> float:
    """The log posterior of shares of LABELS."""
    return float(counts @ np.log(likelihood @ theta) + PRIOR * BASE @ np.log(theta))


def _mode(counts: Array, likelihood: Array) -> Array:
    """The shares of LABELS where it is highest: found as logarithms, of which only differences count."""

    def badness(logs: Array) -> float:
        theta = np.exp(logs - logs.max())
        return -_posterior(theta / theta.sum(), counts, likelihood) + float(logs.sum()) ** 2

    logs = minimize(badness, np.zeros(len(LABELS)), tol=1e-12).x
    theta: Array = np.exp(logs) / np.exp(logs).sum()
    return theta


def _share(theta: Array) -> Array:
    share: Array = theta[:3] / theta[:3].sum()
    return share


def _slope(of: Callable[[Array], Array], at: Array, size: float = 1e-4) -> Array:
    """By how much the values of a function move with each of its inputs, (inputs, values)."""
    return np.array([(of(at + step) - of(at - step)) / (2 * size) for step in np.eye(len(at)) * size])


@pytest.mark.parametrize("cell", CELLS)
def test_shares_and_intervals_are_those_of_the_posterior_and_the_delta_method(cell: list[float]) -> None:
    """The mode found by a general optimiser; its variance, and how the confusion moves it, by differences."""
    counts = np.array(cell)
    kind, weight = np.flatnonzero(counts), counts[counts > 0]
    (mean,), (low,), (high,) = estimate.shares(kind, weight, np.array([0]))
    theta = _mode(counts, LIKELIHOOD)
    assert mean == pytest.approx(_share(theta), abs=2e-4)

    def posterior(t: Array) -> Array:
        return np.array(_posterior(t, counts, LIKELIHOOD))

    curve = _slope(lambda t: _slope(posterior, t), theta)
    slope = _slope(_share, theta)
    variance = (slope * np.linalg.solve(-curve, slope)).sum(0)
    for label in range(len(LABELS)):
        moves = np.empty((KINDS, 3))
        for k in range(KINDS):
            more, less = LIKELIHOOD.copy(), LIKELIHOOD.copy()
            more[k, label] *= np.exp(0.02)
            less[k, label] *= np.exp(-0.02)
            moves[k] = (_share(_mode(counts, more)) - _share(_mode(counts, less))) / 0.04
        likely = LIKELIHOOD[:, label, None]  # a Dirichlet's covariance, by the logarithm of what it is of
        variance += ((moves**2 / likely).sum(0) - moves.sum(0) ** 2) / KNOWN[label]
    reach = Z * np.sqrt(variance)
    assert low == pytest.approx(np.maximum(0, mean - reach), abs=0.003)
    assert high == pytest.approx(np.minimum(1, mean + reach), abs=0.003)


def test_cells_are_estimated_apart() -> None:
    alone = [estimate.shares(np.arange(KINDS), np.array(cell), np.array([0])) for cell in CELLS]
    kind, weight = np.tile(np.arange(KINDS), len(CELLS)), np.concatenate(CELLS)
    together = estimate.shares(kind, weight, np.arange(len(CELLS)) * KINDS)
    for n, single in enumerate(alone):
        for one, all_ in zip(single, together, strict=True):
            assert all_[n] == pytest.approx(one[0], abs=1e-5)
