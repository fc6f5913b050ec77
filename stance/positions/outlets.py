"""Where outlets give an actor different positions toward a process in the same period, and how likely that they do.

For each actor, process and period, one set of shares for all outlets is weighed against one for each (a Bayes factor).
How often outlets differ at all is learnt from everything that was looked at (Scott and Berger, Annals of Statistics 38,
2010): the more is looked at without a difference, the more it takes to believe one.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from stance.positions.changes import fit
from stance.positions.estimate import Array, ratios, weights
from stance.positions.ledger import Entry, Key, Period, cells, entries
from stance.statements import Statement

LEAST = 0.5  # a disagreement is reported from this probability on
EXPECTED = 0.1  # how often outlets are expected to differ, before anything is looked at,
WORTH = 10.0  # and of how many looks that expectation is worth
ROUNDS = 100


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Outlets that give an actor different positions: each one's line of the ledger, with its strongest evidence."""

    actor: str
    process: str
    period: str
    start: datetime.date | None
    views: Mapping[str, Entry]
    probability: float


class _Look(NamedTuple):
    key: Key
    outlets: dict[str, list[Statement]]
    odds: float  # log Bayes factor of one set of shares for each outlet against one for all


def _evidence(rows: Array) -> Array:
    """Log marginal likelihood of the sums of rows (..., points) under a uniform prior over the grid."""
    top = rows.max(-1, keepdims=True)
    out: Array = top[..., 0] + np.log(np.exp(rows - top).mean(-1))
    return out


def _looks(found: Iterable[Statement], period: Period) -> list[_Look]:
    out = []
    for key, cell in cells((s for s in found if s.outlet), period):
        by_outlet: dict[str, list[Statement]] = {}
        for s in cell:
            by_outlet.setdefault(str(s.outlet), []).append(s)
        if len(by_outlet) > 1:
            ordered = dict(sorted(by_outlet.items()))
            flat = [s for statements in ordered.values() for s in statements]
            number = np.repeat(np.arange(len(ordered)), [len(s) for s in ordered.values()])
            rows = fit(ratios(flat), weights(flat, number.tolist()))
            each = np.add.reduceat(rows, np.searchsorted(number, np.arange(len(ordered))))
            out.append(_Look(key, ordered, float(_evidence(each).sum() - _evidence(each.sum(0)))))
    return out


def probabilities(odds: Array) -> Array:
    """The probability of a difference at each look, from log Bayes factors; how often they differ is estimated."""
    often = EXPECTED
    for _ in range(ROUNDS):
        out: Array = 1 / (1 + np.exp(np.clip(-odds, -500, 500)) * (1 - often) / often)
        often = (EXPECTED * WORTH + out.sum()) / (WORTH + len(odds))
    return out


def disagreements(found: Iterable[Statement], period: Period = "month") -> list[Disagreement]:
    """The actors, processes and periods of which outlets probably give different positions, the likeliest first.

    A sentence that several outlets carry counts once for each.
    """
    looks = _looks(found, period)
    if not looks:
        return []
    out = []
    for look, probability in zip(looks, probabilities(np.array([look.odds for look in looks])).tolist(), strict=True):
        if probability >= LEAST:
            lines = entries([(look.key, statements) for statements in look.outlets.values()])
            out.append(Disagreement(*look.key, dict(zip(look.outlets, lines, strict=True)), probability))
    return sorted(out, key=lambda d: -d.probability)
