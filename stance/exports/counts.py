"""How often each actor takes each stance toward each process, and the matrix of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from stance.exports.tables import Table
from stance.records import STANCES, Stance
from stance.statements import Statement
from stance.summary import dominant

Counts = Mapping[tuple[str, str], Counter[Stance]]


def count(found: Iterable[Statement]) -> Counts:
    """The number of statements of each stance by (actor, process), in the order of the names."""
    out: dict[tuple[str, str], Counter[Stance]] = {}
    for s in found:
        out.setdefault((s.actor, s.process), Counter())[s.stance] += 1
    return dict(sorted(out.items()))


def _square(counts: Counts, cell: type, value: Mapping[tuple[str, str], object], empty: object) -> Table:
    """A table of actors by processes."""
    processes = sorted({process for _, process in counts})
    rows = [
        (actor, *(value.get((actor, process), empty) for process in processes))
        for actor in sorted({actor for actor, _ in counts})
    ]
    return Table((("actor", str), *((process, cell) for process in processes)), rows)


def matrices(counts: Counts) -> dict[str, Table]:
    """The actor by process matrix: of all statements, of each stance, and of the dominant stance."""
    out = {"statements": _square(counts, int, {k: c.total() for k, c in counts.items()}, 0)}
    for stance in STANCES:
        out[stance] = _square(counts, int, {k: c[stance] for k, c in counts.items()}, 0)
    out["dominant"] = _square(counts, str, {k: dominant(c) for k, c in counts.items()}, "")
    return out


def flat_matrix(counts: Counts) -> Table:
    """The actor by process matrix in one table, with a column `process.stance` for each stance toward each process."""
    processes = sorted({process for _, process in counts})
    columns = [(process, stance) for process in processes for stance in STANCES]
    rows = [
        (actor, *(counts.get((actor, process), Counter())[stance] for process, stance in columns))
        for actor in sorted({actor for actor, _ in counts})
    ]
    return Table((("actor", str), *((f"{process}.{stance}", int) for process, stance in columns)), rows)
