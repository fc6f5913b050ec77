"""Does a model read the sentence, or does it know the names? What swapped names and unusual stances make of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np

from stance.candidates import Generator
from stance.metrics import Labels, macro_f1
from stance.models.base import Row, targets
from stance.pipeline import Judge
from stance.records import STANCES, Document, Label
from stance.swaps import Swap, Text, actor_swaps, exchanges, process_swaps

ACTOR, PROCESS, TWO = PROBES = ("actor swap", "process swap", "two actors exchanged")
Judged = tuple[Label, Label | None]  # a pair's label before and after its names changed


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many pairs were probed, how many of them reading lost, and how many changed their label for a name."""

    pairs: int
    lost: int
    flips: int

    @property
    def lost_share(self) -> float:
        """Lost, of all pairs."""
        return self.lost / self.pairs if self.pairs else 0.0

    @property
    def flip_share(self) -> float:
        """Wrong flips, of the pairs that are still found."""
        return self.flips / (self.pairs - self.lost) if self.pairs > self.lost else 0.0

    def report(self) -> dict[str, float]:
        """The counts and shares as plain values."""
        return {**asdict(self), "lost_share": self.lost_share, "flip_share": self.flip_share}

    @classmethod
    def of(cls, judged: Iterable[Judged]) -> Outcome:
        """Count: a label that is not what it was is a flip."""
        judged = list(judged)
        return cls(len(judged), sum(b is None for _, b in judged), sum(b is not None and a != b for a, b in judged))


@dataclass(frozen=True)
class Probes:
    """The swapped pairs of some documents, made once and judged by every model."""

    actors: list[Swap]
    processes: list[Swap]
    exchanged: list[list[Swap]]

    @classmethod
    def of(cls, documents: Iterable[Document], generator: Generator, limit: int, seed: int) -> Probes:
        """Read documents and swap their names, up to `limit` pairs a probe."""
        texts = [Text.read(document, generator) for document in documents]
        asked = texts, generator, limit, seed
        return cls(actor_swaps(*asked), process_swaps(*asked), exchanges(*asked))

    def run(self, judge: Judge) -> dict[str, Outcome]:
        """What a model makes of each probe.

        Of two exchanged actors only those count whom the model had given different labels: the labels must change
        hands, that is, stay where they are in the sentence.
        """
        two = [_judged(judge, swaps) for swaps in self.exchanged]
        told_apart = [pair for pairs in two if len({before for before, _ in pairs}) > 1 for pair in pairs]
        return {
            ACTOR: Outcome.of(_judged(judge, self.actors)),
            PROCESS: Outcome.of(_judged(judge, self.processes)),
            TWO: Outcome.of(told_apart),
        }


def _judged(judge: Judge, swaps: Sequence[Swap]) -> list[Judged]:
    before = judge.judge([s.before for s in swaps])
    after = judge.judge([s.after for s in swaps if s.after])
    return [(b.label, next(after).label if s.after else None) for s, b in zip(swaps, before, strict=True)]


def majorities(train: Iterable[Row]) -> dict[str, str]:
    """Each actor's most frequent stance in training; actors without one are left out."""
    counts: dict[str, Counter[str]] = {}
    for row in train:
        if row["label"] in STANCES:
            counts.setdefault(row["actor"], Counter())[row["label"]] += 1
    return {actor: labels.most_common(1)[0][0] for actor, labels in counts.items()}


def against_majority(rows: Sequence[Row], predicted: Labels, usual: Mapping[str, str]) -> dict[str, dict[str, float]]:
    """Accuracy and macro F1 on pairs with a stance: all, those with the actor's usual stance, those against it.

    An actor without a stance in training has no usual one, and counts among all.
    """
    gold = targets(rows)
    stance = np.array([row["label"] in STANCES for row in rows])
    known = np.array([row["actor"] in usual for row in rows])
    same = np.array([usual.get(row["actor"]) == row["label"] for row in rows])
    groups = {"all": stance, "with": stance & same, "against": stance & known & ~same}
    return {
        name: {
            "pairs": int(group.sum()),
            "accuracy": float((gold == predicted)[group].mean()) if group.any() else 0.0,
            "macro_f1": macro_f1(gold[group], predicted[group]),
        }
        for name, group in groups.items()
    }
