"""Apply the rules to candidates and combine their votes into one label with a confidence.

`precedence` is the codebook's rule 1. `majority` and `dawid_skene` are crowd-kit's; docs/labeling.md compares them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from stance.candidates import as_row
from stance.codebook import Codebook
from stance.labeling.rules import RULES
from stance.records import LABELS, Candidate, Label

Method = Literal["precedence", "majority", "dawid_skene"]
# Codebook rule 1, with a rule that says "none" weaker than any that says a stance.
PRECEDENCE: tuple[Label, ...] = ("boycotting", "skeptical", "supportive", "none")


@dataclass(frozen=True, slots=True)
class Votes:
    """What the rules said of one candidate: rule name to label, abstentions left out."""

    by_rule: dict[str, Label]

    @property
    def labels(self) -> list[Label]:
        """The votes without their voters."""
        return list(self.by_rule.values())


@dataclass(frozen=True, slots=True)
class Combined:
    """A label and how sure the combination is of it, from 0 to 1."""

    label: Label
    confidence: float


def vote(marked: str) -> Votes:
    """Ask every rule about a marked sentence."""
    return Votes({rule.name: label for rule in RULES if (label := rule(marked)) is not None})


def _precedence(votes: Votes) -> Combined:
    if not votes.by_rule:
        return Combined("none", 0.5)
    label = next(p for p in PRECEDENCE if p in votes.labels)
    return Combined(label, (votes.labels.count(label) + 1) / (len(votes.labels) + 2) if len(votes.labels) > 1 else 0.7)


def _majority(votes: Votes) -> Combined:
    if not votes.by_rule:
        return Combined("none", 0.5)
    counts = Counter(votes.labels)
    label = max(PRECEDENCE, key=lambda p: (counts[p], -PRECEDENCE.index(p)))
    return Combined(label, counts[label] / len(votes.labels))


def _dawid_skene(all_votes: Sequence[Votes]) -> list[Combined]:
    """Dawid and Skene (1979): each rule's confusion is estimated from its agreement with the others."""
    import pandas as pd
    from crowdkit.aggregation import DawidSkene

    rows = [(i, name, label) for i, votes in enumerate(all_votes) for name, label in votes.by_rule.items()]
    if not rows:
        return [Combined("none", 0.5) for _ in all_votes]
    frame = pd.DataFrame(rows, columns=["task", "worker", "label"])
    probabilities = DawidSkene(n_iter=50).fit_predict_proba(frame)
    out = []
    for i in range(len(all_votes)):
        if i not in probabilities.index:
            out.append(Combined("none", 0.5))
            continue
        given = probabilities.loc[i].to_dict()
        row = {label: float(given.get(label, 0.0)) for label in LABELS}
        best = max(LABELS, key=row.__getitem__)
        out.append(Combined(best, row[best]))
    return out


def combine(all_votes: Sequence[Votes], method: Method) -> list[Combined]:
    """Combine each candidate's votes; where every rule abstains the label is `none` at 0.5."""
    if method == "dawid_skene":
        return _dawid_skene(all_votes)
    return [(_precedence if method == "precedence" else _majority)(votes) for votes in all_votes]


def label(candidates: Sequence[Candidate], codebook: Codebook, method: Method) -> list[dict[str, Any]]:
    """Each candidate as a row with the combined label, its confidence and the rules that voted."""
    votes = [vote(c.marked) for c in candidates]
    return [
        {
            **as_row(candidate, codebook),
            "label": combined.label,
            "confidence": round(combined.confidence, 4),
            "rules": sorted(v.by_rule),
        }
        for candidate, v, combined in zip(candidates, votes, combine(votes, method), strict=True)
    ]
