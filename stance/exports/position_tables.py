"""Positions as flat tables: the ledger, its changes, and what outlets disagree about."""

from __future__ import annotations

import datetime
from collections.abc import Iterable

from stance.exports.tables import Table
from stance.positions.changes import Change
from stance.positions.ledger import Entry
from stance.positions.outlets import Disagreement
from stance.records import STANCES
from stance.statements import Statement

Columns = tuple[tuple[str, type], ...]
_KEY: Columns = (("actor", str), ("process", str))
_PERIOD: Columns = (("period", str), ("start", datetime.date))
_FOUND: Columns = (
    ("stance", str),
    *((s, int) for s in STANCES),
    *((f"{s}_{part}", float) for s in STANCES for part in ("share", "low", "high")),
    ("sentences", int),
    ("documents", int),
)


def _quoted(role: str) -> Columns:
    """The columns of a statement in a role ("evidence", "before")."""
    kinds = {"start": int, "end": int, "confidence": float, "date": datetime.date}
    names = ("stance", "confidence", "date", "outlet", "doc", "start", "end", "text")
    return tuple((f"{role}_{name}", kinds.get(name, str)) for name in names)


def _quote(s: Statement | None) -> tuple[object, ...]:
    if s is None:
        return (None,) * len(_quoted(""))
    return s.stance, s.confidence, s.date, s.outlet, s.doc, s.start, s.end, s.text


def _found(entry: Entry) -> tuple[object, ...]:
    shares = (entry.shares[s] for s in STANCES)
    return (
        entry.stance,
        *(entry.counts.get(s, 0) for s in STANCES),
        *(round(value, 4) for share in shares for value in (share.mean, share.low, share.high)),
        entry.sentences,
        entry.documents,
    )


def ledger_table(entries: Iterable[Entry]) -> Table:
    """One row an actor, process and period: counts, corrected shares with their intervals, and both sides' evidence."""
    lists: Columns = (("outlets", list), ("models", list))
    columns = (*_KEY, *_PERIOD, *_FOUND, *lists, *_quoted("evidence"), *_quoted("counter"))
    rows = [
        (
            e.actor,
            e.process,
            e.period,
            e.start,
            *_found(e),
            list(e.outlets),
            list(e.models),
            *_quote(e.evidence),
            *_quote(e.counter),
        )
        for e in entries
    ]
    return Table(columns, rows)


def change_table(changes: Iterable[Change]) -> Table:
    """One row a change of position, with the statements before and after it."""
    what: Columns = (("day", datetime.date), ("earlier", str), ("later", str), ("probability", float))
    rows = [
        (c.actor, c.process, c.day, c.earlier, c.later, round(c.probability, 4), *_quote(c.before), *_quote(c.after))
        for c in changes
    ]
    return Table((*_KEY, *what, *_quoted("before"), *_quoted("after")), rows)


def disagreement_table(disagreements: Iterable[Disagreement]) -> Table:
    """One row an outlet in each disagreement: where it puts the actor, and its strongest sentence for that."""
    columns = (*_KEY, *_PERIOD, ("probability", float), ("outlet", str), *_FOUND, *_quoted("evidence"))
    rows = [
        (d.actor, d.process, d.period, d.start, round(d.probability, 4), outlet, *_found(view), *_quote(view.evidence))
        for d in disagreements
        for outlet, view in sorted(d.views.items())
    ]
    return Table(columns, rows)
