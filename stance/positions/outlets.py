"""Where outlets give an actor different positions toward a process in the same period, and how likely that they do.

For each actor, process and period, one set of shares for all outlets is weighed against outlets that lean toward
different stances, in the same shares on average: a Bayes factor, in which outlets with one statement each prove next to
nothing. How often outlets differ at all is learnt from everything that was looked at (Scott and Berger, Annals of
Statistics 38, 2010): the more is looked at without a difference, the more it takes to believe one.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from stance.positions.estimate import GRID, Array, Index, fit, kinds_of, weights
from stance.positions.ledger import Entry, Key, Period, cells, entries
from stance.records import STANCES
from stance.statements import Statement

LEAST = 0.5  # a disagreement is reported from this probability on
EXPECTED = 0.1  # how often outlets are expected to differ, before anything is looked at,
WORTH = 10.0  # and of how many looks that expectation is worth
ROUNDS = 100
LEANING = 0.6  # how far an outlet's shares are drawn from the average toward one stance, if outlets differ
_LEAN = ((1 - LEANING) * GRID[:, None, :] + LEANING * np.eye(len(STANCES))).reshape(-1, len(STANCES))


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
    odds: float  # log Bayes factor


def _log_mean(rows: Array, weight: Array) -> Array:
    """The logarithm of a weighted mean along the last axis, of numbers given by their logarithms."""
    top = rows.max(-1, keepdims=True)
    with np.errstate(divide="ignore"):  # a mean of nothing, as of many outlets' shares that all are 0
        out: Array = top[..., 0] + np.log((np.exp(rows - top) * weight).sum(-1))
    return out


def log_odds(kind: Index, weight: Array, starts: Index) -> float:
    """The log Bayes factor of outlets that lean toward different stances against equal ones.

    Statements, given by kind, are in the order of outlets, whose first ones `starts` names.
    """
    outlets = len(starts)
    lean = np.add.reduceat(fit(kind, weight, _LEAN), starts).reshape(outlets, *GRID.shape)
    free = _log_mean(lean, GRID).sum(0)  # each outlet leans as it may, in the shares that all have on average
    alike = _log_mean(lean.sum(0), GRID**outlets)  # and all of them toward one stance, which is no disagreement
    top = free.max()
    differ = (np.exp(free - top) * -np.expm1(np.minimum(0, alike - free))).sum()
    possible = (1 - (GRID**outlets).sum(1)).sum()
    same = _log_mean(fit(kind, weight, GRID).sum(0), np.full(len(GRID), 1 / len(GRID)))
    return float(top + np.log(differ / possible) - same)


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
            starts = np.searchsorted(number, np.arange(len(ordered)))
            odds = log_odds(kinds_of(flat), weights(flat, number.tolist()), starts)
            out.append(_Look(key, ordered, odds))
    return out


def probabilities(odds: Array) -> Array:
    """The probability of a difference at each look, from log Bayes factors; how often they differ is estimated.

    It is never taken to be more than EXPECTED: many looks that say little must not make each other likely.
    """
    often = EXPECTED
    for _ in range(ROUNDS):
        out: Array = 1 / (1 + np.exp(np.clip(-odds, -500, 500)) * (1 - often) / often)
        often = min(EXPECTED, (EXPECTED * WORTH + out.sum()) / (WORTH + len(odds)))
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
