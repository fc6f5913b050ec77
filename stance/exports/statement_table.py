"""The statement table of discourse network analysis: the columns of rDNA's event list, then this program's own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from stance.codebook import PERSONS, Codebook, Period
from stance.exports.tables import Table
from stance.statements import Statement

COLUMNS: tuple[tuple[str, type], ...] = (
    ("id", int),
    ("time", str),
    ("docId", int),
    ("docTitle", str),
    ("docAuthor", str),
    ("docSource", str),
    ("docSection", str),
    ("docType", str),
    ("person", str),
    ("organization", str),
    ("concept", str),
    ("agreement", int),
    ("start", int),
    ("stop", int),
    ("text", str),
    ("mention", str),
    ("stance", str),
    ("confidence", float),
    ("model", str),
)
People = dict[str, list[tuple[Period, str]]]


def _people(codebook: Codebook) -> People:
    """The persons of a codebook by every phrase that means them, with the period in which it does."""
    out: People = defaultdict(list)
    for actor in codebook.actors:
        if actor.kind in PERSONS:
            for phrase, period in codebook.names(actor):
                out[phrase.casefold()].append((period, actor.name))
    return out


def _person(statement: Statement, people: People, codebook: Codebook) -> str | None:
    """The person who speaks: one whom the mention names, or a private person, who is his own actor."""
    for period, name in people.get(statement.mention.casefold(), ()):
        if period.covers(statement.date):
            return name
    return None if statement.actor.casefold() in codebook.by_name else statement.actor


def statement_table(found: Iterable[Statement], codebook: Codebook) -> Table:
    """One row a statement: `agreement` is 1 where it is supportive and 0 where it is skeptical or boycotting.

    `docId` counts documents from 1 and `docTitle` is their name; `start` and `stop` are character offsets in them.
    """
    people = _people(codebook)
    documents: dict[str, int] = {}
    rows = [
        (
            number,
            f"{s.date} 00:00:00" if s.date else None,
            documents.setdefault(s.doc, len(documents) + 1),
            s.doc,
            None,
            s.outlet,
            None,
            None,
            _person(s, people, codebook),
            s.actor,
            s.process,
            int(s.stance == "supportive"),
            s.start,
            s.end,
            s.text,
            s.mention,
            s.stance,
            s.confidence,
            s.model,
        )
        for number, s in enumerate(found, 1)
    ]
    return Table(COLUMNS, rows)
