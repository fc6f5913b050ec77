"""What several annotators' answers come to: one decision a pair by majority, and how far they agree.

Agreement is Krippendorff's alpha over the labels, and F1 on pairs and on triples, the measures of the corpus.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

from stance.labeling.review import Judgment
from stance.metrics import Counts
from stance.records import Annotation, Label


@dataclass(frozen=True, slots=True)
class Decision:
    """All answers for one pair, and the one that most annotators gave; None where that is a tie."""

    judgments: tuple[Judgment, ...]
    answer: Label | None

    @property
    def disputed(self) -> bool:
        """Whether the annotators gave different answers."""
        return len({j.answer for j in self.judgments}) > 1

    @property
    def record(self) -> Annotation | None:
        """The codebook's record; None where there is no stance or no decision."""
        if self.answer is None or self.answer == "none":
            return None
        agreeing = [j for j in self.judgments if j.answer == self.answer]
        mention = Counter(j.mention for j in agreeing).most_common(1)[0][0]
        j = next(j for j in agreeing if j.mention == mention)
        flags = j.explicit_actor, j.explicit_process
        return Annotation(j.doc, j.start, j.end, mention, j.actor, j.process, self.answer, *flags)


def latest(judgments: Iterable[Judgment]) -> list[Judgment]:
    """One judgment per pair and annotator: the later one where somebody changed his mind."""
    return list({(j.pair, j.annotator): j for j in judgments}.values())


def decide(judgments: Iterable[Judgment]) -> list[Decision]:
    """Majority per pair, in order of first judgment; where two answers lead together there is none."""
    by_pair: dict[str, list[Judgment]] = defaultdict(list)
    for judgment in judgments:
        by_pair[judgment.pair].append(judgment)
    out = []
    for group in by_pair.values():
        counts = Counter(j.answer for j in group).most_common(2)
        tied = len(counts) > 1 and counts[0][1] == counts[1][1]
        out.append(Decision(tuple(group), None if tied else counts[0][0]))
    return out


def alpha(units: Iterable[Sequence[Hashable]]) -> float | None:
    """Krippendorff's alpha for nominal data; each unit holds the values that it was given, missing ones left out.

    None where it is not defined: nothing was judged twice, or every value is the same. After Krippendorff (2011),
    "Computing Krippendorff's Alpha-Reliability", section C: 1 - (n - 1) (n - sum o_cc) / (n^2 - sum n_c^2) on the
    coincidence matrix o, in which each of a unit's m values is paired with the others at weight 1 / (m - 1).
    """
    diagonal, totals = 0.0, Counter[Hashable]()
    for values in units:
        if len(values) < 2:
            continue
        counts = Counter(values)
        totals += counts
        diagonal += sum(n * (n - 1) for n in counts.values()) / (len(values) - 1)
    n = totals.total()
    expected = n * n - sum(count * count for count in totals.values())
    return None if expected == 0 else 1 - (n - 1) * (n - diagonal) / expected


@dataclass(frozen=True, slots=True)
class Agreement:
    """Agreement over the pairs of actor and process that at least two annotators judged."""

    annotators: int
    shared: int
    pairs: Counts
    triples: Counts
    alpha: float | None

    def __str__(self) -> str:
        if not self.shared:
            return f"agreement: no pair was judged by two annotators ({self.annotators} in all)"
        value = "undefined (one label only)" if self.alpha is None else f"{self.alpha:.3f}"
        figures = f"pairs F1 {self.pairs.f1:.3f}, triples F1 {self.triples.f1:.3f}, Krippendorff's alpha {value}"
        return f"agreement of {self.annotators} annotators on {self.shared} shared pairs: {figures}"


def _compare(a: dict[str, str], b: dict[str, str]) -> tuple[Counts, Counts]:
    """Pairs that both gave a stance, and those to which they gave the same one, among what both judged."""
    both = a.keys() & b.keys()
    first, second = ({k for k in both if side[k] != "none"} for side in (a, b))
    same = sum(a[k] == b[k] for k in first & second)
    return Counts(len(first & second), len(first), len(second)), Counts(same, len(first), len(second))


def agreement(judgments: Iterable[Judgment]) -> Agreement:
    """Measure agreement; F1 adds up the counts of every two annotators."""
    by_annotator: dict[str, dict[str, str]] = defaultdict(dict)
    by_pair: dict[str, list[str]] = defaultdict(list)
    for j in judgments:
        by_annotator[j.annotator][j.pair] = j.answer
        by_pair[j.pair].append(j.answer)
    pairs = triples = Counts(0, 0, 0)
    for a, b in combinations(by_annotator.values(), 2):
        found, agreed = _compare(a, b)
        pairs, triples = pairs + found, triples + agreed
    shared = sum(len(answers) > 1 for answers in by_pair.values())
    return Agreement(len(by_annotator), shared, pairs, triples, alpha(by_pair.values()))
