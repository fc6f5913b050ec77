"""Where each actor stands toward each process, counted over predictions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from stance.records import STANCES, Prediction, Stance


def dominant(counts: Mapping[Stance, int]) -> Stance:
    """The most frequent stance; of equals the graver one (codebook rule 1)."""
    return max(STANCES, key=lambda stance: (counts.get(stance, 0), STANCES.index(stance)))


@dataclass(slots=True)
class Cell:
    """One actor and one process: annotations by stance, and the documents that they are in."""

    actor: str
    process: str
    counts: Counter[Stance] = field(default_factory=Counter)
    documents: set[str] = field(default_factory=set)

    @property
    def total(self) -> int:
        """Number of annotations."""
        return self.counts.total()

    @property
    def stance(self) -> Stance:
        """The dominant stance."""
        return dominant(self.counts)

    def row(self) -> dict[str, object]:
        """The cell as a row of docs/contracts.md."""
        return {
            "actor": self.actor,
            "process": self.process,
            "stance": self.stance,
            "annotations": self.total,
            **{str(stance): self.counts[stance] for stance in STANCES},
            "documents": len(self.documents),
        }


def summarise(predictions: Iterable[Prediction]) -> list[Cell]:
    """Count predictions with a stance: the actor with most annotations first, each actor's processes likewise."""
    cells: dict[tuple[str, str], Cell] = {}
    actors: Counter[str] = Counter()
    for p in predictions:
        if p.label != "none":
            key = p.candidate.actor.name, p.candidate.process.target
            cell = cells.setdefault(key, Cell(*key))
            cell.counts[p.label] += 1
            cell.documents.add(p.candidate.doc)
            actors[key[0]] += 1
    return sorted(cells.values(), key=lambda c: (-actors[c.actor], c.actor, -c.total, c.process))
