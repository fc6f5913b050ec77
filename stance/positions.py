"""Predictions become positions: where each actor stands toward each process, since when, on what evidence."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from stance.records import STANCES

Row = Mapping[str, Any]  # a prediction in the contract's form


@dataclass
class Position:
    """One actor toward one process: how often each stance was found, and the surest sentence for each."""

    actor: str
    process: str
    counts: Counter[str] = field(default_factory=Counter)
    documents: set[str] = field(default_factory=set)
    evidence: dict[str, Row] = field(default_factory=dict)

    @property
    def sentences(self) -> int:
        """Number of annotations."""
        return sum(self.counts.values())

    @property
    def stance(self) -> str:
        """The most frequent stance; of equals the graver one (codebook rule 1)."""
        return max(STANCES, key=lambda s: (self.counts[s], STANCES.index(s)))

    def add(self, row: Row) -> None:
        """Count one prediction."""
        stance = row["stance"]
        self.counts[stance] += 1
        self.documents.add(row["doc"])
        best = self.evidence.get(stance)
        if best is None or row["confidence"] > best["confidence"]:
            self.evidence[stance] = row


def positions(rows: Iterable[Row]) -> list[Position]:
    """The positions in predictions, the best attested first; pairs without a stance do not count."""
    found: dict[tuple[str, str], Position] = {}
    for row in rows:
        if row["stance"] in STANCES:
            key = row["actor"], row["process"]
            found.setdefault(key, Position(*key)).add(row)
    return sorted(found.values(), key=lambda p: (-p.sentences, p.actor, p.process))


def matrix(found: Iterable[Position]) -> dict[str, dict[str, Position]]:
    """Positions as actor to process to position."""
    out: dict[str, dict[str, Position]] = defaultdict(dict)
    for position in found:
        out[position.actor][position.process] = position
    return dict(out)
