"""When an actor's position toward a process shifts, how likely it is that it did, and the two statements around it.

A history is cut into stretches, each with shares of stances of its own, and the cut is summed over: the product
partition model (Barry and Hartigan, JASA 88, 1993) with exact forward-backward recursions (Fearnhead, Statistics and
Computing 16, 2006). Shares lie on a grid, which makes the recursions those of a hidden Markov model, linear in the
number of days, and lets every statement count with the model's confusion (estimate.py) instead of as its label.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

import numpy as np

from stance.positions.estimate import GRID, Array, fit, kinds_of, weights
from stance.positions.ledger import in_order
from stance.records import STANCES, Stance
from stance.statements import Statement

LEAST = 0.5  # a shift is reported from this probability on (benchmarks/changes.py: false alarms)
EXPECTED = 1.0  # shifts that a history is expected to have before it is read
OPEN = len(STANCES)  # where no stance leads
_FIRST, _SECOND = np.sort(GRID, axis=1)[:, :0:-1].T
_LEADER = np.eye(len(STANCES) + 1)[np.where(_FIRST > _SECOND, GRID.argmax(1), OPEN)]  # sums points by leading stance


@dataclass(frozen=True, slots=True)
class Change:
    """A shift of an actor's dominant stance toward a process.

    `day` is the first day after it. `before` is the last statement with the earlier stance before it, `after` the first
    with the later stance from `day` on. `probability` is that of such a shift about then.
    """

    actor: str
    process: str
    day: datetime.date
    earlier: Stance
    later: Stance
    probability: float
    before: Statement
    after: Statement


def _recursions(likelihood: Array, jump: float) -> tuple[Array, Array]:
    """Forward and backward messages, both of shape (days, points), scaled."""
    days, points = likelihood.shape
    forward, backward = np.empty((days, points)), np.ones((days, points))
    forward[0] = likelihood[0] / likelihood[0].sum()
    for t in range(1, days):
        row = ((1 - jump) * forward[t - 1] + jump / points) * likelihood[t]
        forward[t] = row / row.sum()
    for t in range(days - 2, -1, -1):
        ahead = backward[t + 1] * likelihood[t + 1]
        row = (1 - jump) * ahead + jump * ahead.mean()
        backward[t] = row / row.sum()
    return forward, backward


def posterior(log_likelihood: Array) -> tuple[Array, Array]:
    """Each day's leading stance (days, STANCES and OPEN), and each gap's shift (days - 1, before, after).

    `log_likelihood` is (days, points). Both are probabilities given the whole history.
    """
    days, points = log_likelihood.shape
    jump = min(0.5, EXPECTED / max(1, days - 1))
    likelihood = np.exp(log_likelihood - log_likelihood.max(1, keepdims=True))
    forward, backward = _recursions(likelihood, jump)
    state = forward * backward
    state /= state.sum(1, keepdims=True)
    ahead = likelihood[1:] * backward[1:]
    reached = ((1 - jump) * forward[:-1] * ahead).sum(1) + jump * ahead.mean(1)
    left, entered = forward[:-1] @ _LEADER, jump / points * (ahead @ _LEADER)
    return state @ _LEADER, left[:, :, None] * entered[:, None, :] / reached[:, None, None]


def shifts(log_likelihood: Array) -> Iterator[tuple[int, int, int, float]]:
    """Yield (first day after, stance before, stance after, probability) of each shift in a history, likely or not.

    Stretches are the runs of days with one most probable stance; a shift's probability is summed over the gaps from
    the middle of the stretch before it to the middle of the stretch after. A stretch where no stance leads has none.
    """
    stance, gaps = posterior(log_likelihood)
    best = stance.argmax(1)
    edges = [0, *(np.flatnonzero(np.diff(best)) + 1).tolist(), len(best)]
    middles = [(a + b) // 2 for a, b in pairwise(edges)]
    for cut, (first, last) in zip(edges[1:-1], pairwise(middles), strict=True):
        before, after = int(best[cut - 1]), int(best[cut])
        if OPEN in (before, after):
            continue
        window = gaps[first:last, before, after]
        yield first + int(window.argmax()) + 1, before, after, min(1.0, float(window.sum()))


def _changes(history: Sequence[Statement], log_likelihood: Array) -> Iterator[Change]:
    """The shifts of one actor toward one process; its dated statements in order, each with its row."""
    days = [(day, list(group)) for day, group in groupby(range(len(history)), key=lambda n: history[n].date)]
    starts = np.array([numbers[0] for _, numbers in days])
    for at, earlier, later, probability in shifts(np.add.reduceat(log_likelihood, starts)):
        before = [s for s in history[: starts[at]] if s.stance == STANCES[earlier]]
        after = [s for s in history[starts[at] :] if s.stance == STANCES[later]]
        day = days[at][0]
        if probability >= LEAST and before and after and day:
            names = history[0].actor, history[0].process
            yield Change(*names, day, STANCES[earlier], STANCES[later], probability, before[-1], after[0])


def changes(found: Iterable[Statement]) -> list[Change]:
    """The shifts in the dated statements, sorted by actor, process and day."""
    histories: defaultdict[tuple[str, str], list[Statement]] = defaultdict(list)
    for s in in_order(s for s in found if s.date):
        histories[s.actor, s.process].append(s)
    out: list[Change] = []
    for _, history in sorted(histories.items()):
        if history[0].date != history[-1].date:
            rows = fit(kinds_of(history), weights(history, [0] * len(history)), GRID)
            out += _changes(history, rows)
    return out
