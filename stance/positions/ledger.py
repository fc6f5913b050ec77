"""The ledger: where each actor stands toward each process in each period, how surely, and on what evidence."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

import numpy as np

from stance.positions.estimate import kinds_of, shares, weights
from stance.records import STANCES, Stance
from stance.statements import Statement

Period = Literal["day", "week", "month", "year", "all"]
UNDATED = "undated"
Key = tuple[str, str, str, datetime.date | None]  # actor, process, period, its first day


@dataclass(frozen=True, slots=True)
class Share:
    """The share of one stance, with its 95% interval."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the ledger: an actor toward a process in a period.

    `counts` are the statements found; `shares` are what they say once the model's confusion is taken into account and
    copies of a sentence are counted once. `evidence` is the surest statement of the dominant stance, `counter` the
    surest of another. `start` is the period's first day, None for "all" and "undated".
    """

    actor: str
    process: str
    period: str
    start: datetime.date | None
    counts: Mapping[Stance, int]
    shares: Mapping[Stance, Share]
    documents: int
    outlets: tuple[str, ...]
    evidence: Statement
    counter: Statement | None
    models: tuple[str, ...]

    @property
    def sentences(self) -> int:
        """Number of statements."""
        return sum(self.counts.values())

    @property
    def stance(self) -> Stance:
        """The dominant stance: of those found, the one with the largest share."""
        return self.evidence.stance


def period_of(day: datetime.date | None, period: Period) -> tuple[str, datetime.date | None]:
    """A day's period and the period's first day."""
    if period == "all":
        return "all", None
    if day is None:
        return UNDATED, None
    if period == "day":
        return day.isoformat(), day
    if period == "week":
        year, week, _ = day.isocalendar()
        return f"{year:04}-W{week:02}", day - datetime.timedelta(days=day.weekday())
    if period == "month":
        return day.isoformat()[:7], day.replace(day=1)
    return day.isoformat()[:4], day.replace(month=1, day=1)


def in_order(found: Iterable[Statement]) -> list[Statement]:
    """Statements in an order of their own, whatever the order they came in: by date, document and place."""
    last = datetime.date.max
    return sorted(
        found, key=lambda s: (s.date or last, s.doc, s.start, s.end, s.actor, s.process, s.mention, -s.confidence)
    )


def cells(found: Iterable[Statement], period: Period) -> Iterator[tuple[Key, list[Statement]]]:
    """Statements by actor, process and period, in that order, the undated last."""
    keyed = [((s.actor, s.process, *period_of(s.date, period)), s) for s in in_order(found)]
    last = datetime.date.max
    keyed.sort(key=lambda item: (*item[0][:2], item[0][3] or last))
    for key, group in groupby(keyed, key=lambda item: item[0]):
        yield key, [s for _, s in group]


def _entry(key: Key, cell: Sequence[Statement], estimate: Mapping[Stance, Share]) -> Entry:
    counts = Counter(s.stance for s in cell)
    dominant = max(counts, key=lambda stance: (estimate[stance].mean, STANCES.index(stance)))
    counter = max((s for s in cell if s.stance != dominant), key=lambda s: s.confidence, default=None)
    return Entry(
        *key,
        counts={stance: counts[stance] for stance in STANCES},
        shares=estimate,
        documents=len({s.doc for s in cell}),
        outlets=tuple(sorted({s.outlet for s in cell if s.outlet})),
        evidence=max((s for s in cell if s.stance == dominant), key=lambda s: s.confidence),
        counter=counter,
        models=tuple(sorted({s.model for s in cell})),
    )


def entries(groups: Sequence[tuple[Key, Sequence[Statement]]]) -> list[Entry]:
    """The ledger's lines for statements already sorted into cells, none of them empty."""
    if not groups:
        return []
    flat = [s for _, cell in groups for s in cell]
    size = np.array([len(cell) for _, cell in groups])
    starts = np.cumsum(size) - size
    number = np.repeat(np.arange(len(groups)), size).tolist()
    figures = np.stack(shares(kinds_of(flat), weights(flat, number), starts), axis=2).tolist()
    return [
        _entry(key, cell, {stance: Share(*f) for stance, f in zip(STANCES, figure, strict=True)})
        for (key, cell), figure in zip(groups, figures, strict=True)
    ]


def ledger(found: Iterable[Statement], period: Period = "month") -> list[Entry]:
    """Where each actor stands toward each process, by period: sorted by actor, process and time, the undated last."""
    return entries(list(cells(found, period)))
