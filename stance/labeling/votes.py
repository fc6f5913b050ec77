"""Apply the rules to candidates and combine their votes into probabilities over the labels.

What a vote is worth is counted on gold: of the training candidates on which a rule votes, how many have which label.
`python -m stance.label --calibrate` writes these counts into COUNTS; docs/labeling.md compares the combinations.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stance.candidates import as_row
from stance.codebook import Codebook
from stance.config import FOLDER
from stance.errors import InputError
from stance.io import found, read_jsonl, write_jsonl
from stance.labeling.rules import RULES
from stance.records import LABELS, Candidate, Label

# Codebook rule 1, with a rule that says "none" weaker than any that says a stance.
PRECEDENCE: tuple[Label, ...] = ("boycotting", "skeptical", "supportive", "none")

COUNTS = FOLDER / "reliability.jsonl"
SILENT = "(silent)"  # in place of a rule's name: the candidates on which every rule abstains
VOTERS: dict[str, Label] = {**{rule.name: rule.label for rule in RULES}, SILENT: "none"}
# A rule's own shares weigh as much as those of its label's rules together once it has voted this often; cross-validated
# log loss is the same to two digits from 20 to 80.
PRIOR_VOTES = 40

Counts = dict[str, dict[Label, int]]  # voter to gold label to candidates
Shares = Mapping[str, NDArray[np.float64]]  # voter to shares over LABELS


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
    """What a candidate's votes come to: probabilities over LABELS."""

    probabilities: tuple[float, ...]

    @property
    def label(self) -> Label:
        """The most probable label."""
        return LABELS[self.probabilities.index(self.confidence)]

    @property
    def confidence(self) -> float:
        """The probability of `label`."""
        return max(self.probabilities)


def vote(marked: str) -> Votes:
    """Ask every rule about a marked sentence."""
    return Votes({rule.name: label for rule in RULES if (label := rule(marked)) is not None})


def count(all_votes: Iterable[Votes], gold: Iterable[Label]) -> Counts:
    """Count the gold labels of the candidates on which each rule votes, and of those on which none does."""
    counts: Counts = {voter: dict.fromkeys(LABELS, 0) for voter in VOTERS}
    for votes, label in zip(all_votes, gold, strict=True):
        for voter in votes.by_rule or (SILENT,):
            counts[voter][label] += 1
    return counts


def write_counts(counts: Counts, path: Path = COUNTS) -> None:
    """Write the counts, a voter a line."""
    write_jsonl(path, ({"rule": voter, "label": VOTERS[voter], "gold": counts[voter]} for voter in VOTERS))


def read_counts(path: Path = COUNTS) -> Counts:
    """Read the counts.

    Raises:
        InputError: no such file, not counts, or counts of other rules than the present ones.
    """
    path = found(path)
    again = "count again with `python -m stance.label --calibrate`"
    counts: Counts = {}
    labels = {}
    for n, row in read_jsonl(path):
        gold = row.get("gold")
        if not isinstance(gold, dict) or set(gold) != set(LABELS) or not all(type(v) is int for v in gold.values()):
            raise InputError(f"a number for each of {', '.join(LABELS)} was expected: {again}", path, n, "gold")
        counts[row.get("rule", "")], labels[row.get("rule", "")] = gold, row.get("label")
    if changed := sorted(v for v in VOTERS.keys() | labels.keys() if VOTERS.get(v) != labels.get(v)):
        raise InputError(f"the rules have changed since they were counted ({', '.join(changed)}): {again}", path)
    return counts


def shares(counts: Counts) -> Shares:
    """Turn counts into probabilities: of each rule, and of each label's rules together under the label's name.

    A rule's shares are drawn toward those of its label by PRIOR_VOTES (the m-estimate of Cestnik 1990), the label's
    toward even ones by one candidate a label (Laplace).
    """
    own = {voter: np.array([gold[label] for label in LABELS], dtype=float) for voter, gold in counts.items()}
    out: dict[str, NDArray[np.float64]] = {}
    for label in LABELS:
        together = sum((own[v] for v in own if VOTERS[v] == label), np.ones(len(LABELS)))
        out[label] = together / together.sum()
    for voter, n in own.items():
        out[voter] = (n + PRIOR_VOTES * out[VOTERS[voter]]) / (n.sum() + PRIOR_VOTES)
    return out


def combine(all_votes: Iterable[Votes], counts: Counts | None = None) -> list[Combined]:
    """Combine each candidate's votes; `counts` are those in COUNTS unless given.

    A candidate gets the mean of what each voting rule is worth (the linear opinion pool of Stone 1961).
    """
    known = shares(read_counts() if counts is None else counts)
    out = []
    for votes in all_votes:
        voters = list(votes.by_rule) or [SILENT]
        out.append(Combined(tuple(np.mean([known[voter] for voter in voters], axis=0).tolist())))
    return out


def label(candidates: Sequence[Candidate], codebook: Codebook) -> list[dict[str, Any]]:
    """Each candidate as a row with the combined label, its confidence and the rules that voted."""
    votes = [vote(c.marked) for c in candidates]
    return [
        {
            **as_row(candidate, codebook),
            "label": combined.label,
            "confidence": round(combined.confidence, 4),
            "rules": sorted(v.by_rule),
        }
        for candidate, v, combined in zip(candidates, votes, combine(votes), strict=True)
    ]
