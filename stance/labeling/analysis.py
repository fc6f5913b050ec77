"""What each rule is worth against gold: coverage, overlap, conflict, accuracy; and how votes are best combined."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import get_args

import numpy as np

from stance.labeling.rules import RULES, Rule
from stance.labeling.votes import Method, Votes, combine, vote
from stance.metrics import confusion, macro_f1, per_class
from stance.models.base import Row, targets
from stance.records import LABELS, STANCES


@dataclass(frozen=True, slots=True)
class RuleReport:
    """One rule's figures as shares of all candidates, and its accuracy where it votes."""

    name: str
    label: str
    votes: int
    coverage: float
    overlap: float
    conflict: float
    accuracy: float


@dataclass(frozen=True, slots=True)
class Report:
    """Every rule, and for each combination macro F1, F1 per stance, and accuracy."""

    candidates: int
    rules: list[RuleReport]
    methods: dict[str, list[float]]


def _rule(rule: Rule, votes: Sequence[Votes], rows: Sequence[Row]) -> RuleReport:
    mine = [(v, r) for v, r in zip(votes, rows, strict=True) if rule.name in v.by_rule]
    n = max(1, len(rows))
    right = sum(rule.label == r["label"] for v, r in mine)
    overlap = sum(len(v.by_rule) > 1 for v, _ in mine)
    conflict = sum(len(set(v.by_rule.values())) > 1 for v, _ in mine)
    return RuleReport(
        rule.name, rule.label, len(mine), len(mine) / n, overlap / n, conflict / n, right / max(1, len(mine))
    )


def analyze(rows: Sequence[Row]) -> Report:
    """Measure every rule and every combination on labelled rows."""
    votes = [vote(row["marked"]) for row in rows]
    gold = targets(rows)
    methods = {}
    for method in get_args(Method):
        predicted = np.array([LABELS.index(c.label) for c in combine(votes, method)])
        classes = per_class(confusion(gold, predicted))
        figures = [macro_f1(gold, predicted), *(classes[s].f1 for s in STANCES), float((gold == predicted).mean())]
        methods[method] = figures
    return Report(len(rows), [_rule(rule, votes, rows) for rule in RULES], methods)
