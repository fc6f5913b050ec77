"""What each rule is worth against gold, how votes are best combined, and whether the combination's confidence holds.

Combinations are compared by cross-validation over documents: the gold of nine tenths of them counts what votes are
worth, the last tenth is judged.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from stance.labeling.rules import RULES, Rule
from stance.labeling.votes import PRECEDENCE, SILENT, Counts, Votes, combine, count, shares, vote
from stance.metrics import Labels, calibration_error, confusion, macro_f1, per_class
from stance.models.base import Probabilities, Row, targets
from stance.records import LABELS, STANCES

Indices = NDArray[np.int64]
FOLDS = 10
AVERAGE = "average"  # the combination in use (stance/labeling/votes.py)
BANDS = (0.0, 0.5, 0.6, 0.7, 0.8, 1.0)  # of confidence


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
class Band:
    """The candidates whose confidence lies in a band: how sure the combination is of them, and how often right."""

    low: float
    high: float
    candidates: int
    confidence: float
    right: float


@dataclass(frozen=True, slots=True)
class Report:
    """Every rule, every combination, and the bands of the combination in use where a rule votes.

    A combination's figures: macro F1, F1 per stance, log loss, Brier score, expected calibration error; then log loss
    and calibration error on the candidates on which a rule votes.
    """

    candidates: int
    rules: list[RuleReport]
    methods: dict[str, list[float]]
    bands: list[Band]


def _rule(rule: Rule, votes: Sequence[Votes], rows: Sequence[Row]) -> RuleReport:
    mine = [(v, r) for v, r in zip(votes, rows, strict=True) if rule.name in v.by_rule]
    n = max(1, len(rows))
    right = sum(rule.label == r["label"] for v, r in mine)
    overlap = sum(len(v.by_rule) > 1 for v, _ in mine)
    conflict = sum(len(set(v.by_rule.values())) > 1 for v, _ in mine)
    return RuleReport(
        rule.name, rule.label, len(mine), len(mine) / n, overlap / n, conflict / n, right / max(1, len(mine))
    )


def _majority(votes: Votes) -> str:
    counts = Counter(votes.labels)
    return max(PRECEDENCE, key=lambda p: (counts[p], -PRECEDENCE.index(p))) if counts else SILENT


def _precedence(votes: Votes) -> str:
    return next((label for label in PRECEDENCE if label in votes.labels), SILENT)


def dawid_skene(all_votes: Sequence[Votes]) -> list[str]:
    """Dawid and Skene (1979): each rule's confusion is estimated from its agreement with the others, without gold."""
    import pandas as pd
    from crowdkit.aggregation import DawidSkene

    rows = [(i, name, label) for i, votes in enumerate(all_votes) for name, label in votes.by_rule.items()]
    if not rows:
        return [SILENT] * len(all_votes)
    decided = DawidSkene(n_iter=50).fit_predict(pd.DataFrame(rows, columns=["task", "worker", "label"]))
    return [str(decided.get(i, SILENT)) for i in range(len(all_votes))]


def naive_bayes(all_votes: Sequence[Votes], prior: NDArray[np.float64], counts: Counts) -> Probabilities:
    """Rules vote independently given the label: p(label) times p(label | rule) / p(label) for each rule that votes."""
    known = shares(counts)
    out = np.empty((len(all_votes), len(LABELS)))
    for i, votes in enumerate(all_votes):
        ratios = [known[name] / prior for name in votes.by_rule]
        out[i] = prior * np.prod(ratios, axis=0) if ratios else known[SILENT]
    out /= out.sum(1, keepdims=True)
    return out


def _by_decision(decided: Sequence[str], gold: Labels, train: Indices, held: Indices) -> Probabilities:
    """Each decision as the shares of the gold labels that it met in training (Laplace)."""
    met = {d: np.ones(len(LABELS)) for d in set(decided)}
    for i in train:
        met[decided[i]][gold[i]] += 1
    return np.array([met[decided[i]] / met[decided[i]].sum() for i in held])


def _judged(votes: Sequence[Votes], gold: Labels, docs: Sequence[str]) -> dict[str, Probabilities]:
    """Every combination's probabilities of each candidate, from the gold of other folds' documents."""
    from sklearn.model_selection import GroupKFold

    decided = {
        "precedence": [_precedence(v) for v in votes],
        "majority": [_majority(v) for v in votes],
        "dawid_skene": dawid_skene(votes),
    }
    names = (AVERAGE, "naive_bayes", *decided)
    out = {name: np.empty((len(votes), len(LABELS))) for name in names}
    for train, held in GroupKFold(min(FOLDS, len(set(docs)))).split(gold, groups=docs):
        counts = count([votes[i] for i in train], [LABELS[gold[i]] for i in train])
        new = [votes[i] for i in held]
        out[AVERAGE][held] = [c.probabilities for c in combine(new, counts)]
        prior = np.bincount(gold[train], minlength=len(LABELS)) + 1.0
        out["naive_bayes"][held] = naive_bayes(new, prior / prior.sum(), counts)
        for name, decisions in decided.items():
            out[name][held] = _by_decision(decisions, gold, train, held)
    return out


def _figures(p: Probabilities, gold: Labels, voted: NDArray[np.bool_]) -> list[float]:
    predicted = p.argmax(1)
    classes = per_class(confusion(gold, predicted))
    loss = -np.log(p[np.arange(len(gold)), gold])
    brier = ((p - np.eye(len(LABELS))[gold]) ** 2).sum(1)
    everywhere = float(loss.mean()), float(brier.mean()), calibration_error(p, gold)
    where_voted = (float(loss[voted].mean()), calibration_error(p[voted], gold[voted])) if voted.any() else (0.0, 0.0)
    return [macro_f1(gold, predicted), *(classes[s].f1 for s in STANCES), *everywhere, *where_voted]


def _bands(p: Probabilities, gold: Labels) -> list[Band]:
    confidence, right = p.max(1), p.argmax(1) == gold
    out = []
    for low, high in pairwise(BANDS):
        here = (confidence >= low) & (confidence < high)
        if here.any():
            out.append(Band(low, high, int(here.sum()), float(confidence[here].mean()), float(right[here].mean())))
    return out


def analyze(rows: Sequence[Row]) -> Report:
    """Measure every rule, every combination, and the confidence of the combination in use, on labelled rows."""
    votes, gold = [vote(row["marked"]) for row in rows], targets(rows)
    judged = _judged(votes, gold, [row["doc"] for row in rows])
    voted = np.array([bool(v.by_rule) for v in votes])
    return Report(
        len(rows),
        [_rule(rule, votes, rows) for rule in RULES],
        {name: _figures(p, gold, voted) for name, p in judged.items()},
        _bands(judged[AVERAGE][voted], gold[voted]),
    )
