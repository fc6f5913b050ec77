"""How far annotators agree: Krippendorff's alpha, and F1 on pairs and on triples, the measures of the codebook."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

from stance.labeling.review import Judgment
from stance.metrics import Counts


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
