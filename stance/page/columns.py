"""What the page holds, as columns of small numbers: names are written once, and a browser reads them in one piece.

Two blocks, so that the page answers before it has unpacked the text: `figures` is all that filters and charts need,
`texts` the sentences in their paragraphs. Offsets are UTF-16 units, as JavaScript counts them.
"""

from __future__ import annotations

import base64
import datetime
import gzip
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, field
from typing import Any, Generic, TypeVar

from stance.positions.changes import Change
from stance.positions.ledger import Entry, Period
from stance.positions.outlets import Disagreement
from stance.records import STANCES
from stance.statements import Statement

EPOCH = datetime.date(1970, 1, 1)
NOTHING = -1  # no outlet, no date, no mention in the sentence
AROUND = 1000  # characters of a paragraph kept on either side of a sentence
T = TypeVar("T")


@dataclass
class Pool(Generic[T]):
    """Values by number, in the order in which they were first met."""

    numbers: dict[T, int] = field(default_factory=dict)

    def add(self, value: T | None) -> int:
        """The number of a value; NOTHING for None."""
        return NOTHING if value is None else self.numbers.setdefault(value, len(self.numbers))


def day(date: datetime.date | None) -> int | None:
    """Days since 1970-01-01, negative before; None without a date."""
    return None if date is None else (date - EPOCH).days


def packed(text: str) -> str:
    """A text, compressed and in base64: no character in it means anything to HTML."""
    return base64.b64encode(gzip.compress(text.encode(), 6, mtime=0)).decode("ascii")


def pack(value: object) -> str:
    """A value as compressed JSON in base64."""
    return packed(json.dumps(value, separators=(",", ":")))


def _ledger(entries: Iterable[Entry], actors: Pool[str], processes: Pool[str]) -> list[list[Any]]:
    """Lines of [actor, process, first day, mean, low, high of each stance], shares in thousandths."""
    return [
        [
            actors.add(e.actor),
            processes.add(e.process),
            day(e.start),
            *(round(1000 * v) for s in STANCES for v in (e.shares[s].mean, e.shares[s].low, e.shares[s].high)),
        ]
        for e in entries
    ]


def _differences(found: Iterable[Disagreement], pools: Mapping[str, Pool[str]]) -> list[dict[str, Any]]:
    """Disagreements, with [outlet, leading stance, its mean, low, high, statements] of each outlet."""
    return [
        {
            "actor": pools["actor"].add(d.actor),
            "process": pools["process"].add(d.process),
            "start": day(d.start),
            "probability": d.probability,
            "views": [
                [pools["outlet"].add(outlet), STANCES.index(v.stance), *astuple(v.shares[v.stance]), v.sentences]
                for outlet, v in d.views.items()
            ],
        }
        for d in found
    ]


def figures(
    found: Sequence[Statement],
    periods: Mapping[Period, Iterable[Entry]],
    shifts: Iterable[Change],
    differences: Mapping[Period, Iterable[Disagreement]],
) -> dict[str, Any]:
    """Names, one column a field of the statements, the ledger and outlets' differences by period, and the changes."""
    pools: dict[str, Pool[str]] = {name: Pool() for name in ("actor", "process", "outlet", "doc", "model")}
    columns: dict[str, list[Any]] = {name: [pool.add(getattr(s, name)) for s in found] for name, pool in pools.items()}
    columns["day"] = [day(s.date) for s in found]
    columns["stance"] = [STANCES.index(s.stance) for s in found]
    columns["confidence"] = [round(1000 * s.confidence) for s in found]
    actors, processes = pools["actor"], pools["process"]
    place = {s: n for n, s in enumerate(found)}
    return {
        "stances": STANCES,
        "names": {name: list(pool.numbers) for name, pool in pools.items()},
        "columns": columns,
        "ledger": {period: _ledger(entries, actors, processes) for period, entries in periods.items()},
        "differences": {period: _differences(some, pools) for period, some in differences.items()},
        "changes": [
            {
                "actor": actors.add(c.actor),
                "process": processes.add(c.process),
                "day": day(c.day),
                "earlier": STANCES.index(c.earlier),
                "later": STANCES.index(c.later),
                "probability": round(c.probability, 3),
                "rows": [place[c.before], place[c.after]],
            }
            for c in shifts
        ],
    }


def _units(text: str, offset: int) -> int:
    """A character offset in UTF-16 units."""
    return offset if text.isascii() else len(text[:offset].encode("utf-16-le", "surrogatepass")) // 2


def _window(text: str, start: int, end: int) -> tuple[str, int]:
    """What is kept of a paragraph around a sentence, between spaces, and where the sentence stands in it."""
    first, last = max(0, start - AROUND), min(len(text), end + AROUND)
    if first:
        first = max(first, text.find(" ", first, start) + 1)
    if last < len(text):
        last = text.rfind(" ", end, last) if " " in text[end:last] else last
    before, after = "… " if first else "", " …" if last < len(text) else ""
    return before + text[first:last] + after, start - first + len(before)


def _place(statement: Statement) -> tuple[str, int, int, int, int]:
    """The paragraph, with where in it the sentence and the mention stand: NOTHING for a mention that is elsewhere."""
    s = statement
    text, start = s.paragraph, s.start - (s.paragraph_start or 0)
    if text is None or start < 0 or text[start : start + len(s.text)] != s.text:
        text, start = s.text, 0
    text, start = _window(text, start, start + len(s.text))
    mention = (NOTHING, NOTHING)
    if s.mention and s.mention_start is not None:
        first = start + s.mention_start - s.start
        if first >= 0 and text[first : first + len(s.mention)] == s.mention:
            mention = first, first + len(s.mention)
    return text, start, start + len(s.text), *mention


def texts(found: Iterable[Statement]) -> dict[str, Any]:
    """Paragraphs, each once, and for each statement its paragraph, sentence and mention."""
    paragraphs, mentions = Pool[str](), Pool[str]()
    rows = []
    for s in found:
        text, *offsets = _place(s)
        spans = [o if o == NOTHING else _units(text, o) for o in offsets]
        rows.append([paragraphs.add(text), *spans, mentions.add(s.mention if spans[2] == NOTHING else None)])
    return {"paragraphs": list(paragraphs.numbers), "mentions": list(mentions.numbers), "rows": rows}
