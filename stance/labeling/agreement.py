"""What several coders' answers come to: one decision a pair by majority, and how far they agree.

A coder is whoever judges pairs: a person, the rules, a model. Agreement is Krippendorff's alpha over the labels, and F1
on pairs, on triples and per stance, the measures of the corpus.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

from stance.codebook import Codebook
from stance.corpus import actor_name, same_actor
from stance.labeling.review import Judgment
from stance.metrics import Counts
from stance.records import STANCES, Annotation, Label

Unit = dict[str, Judgment]  # what each coder who marked a pair said of it
Answers = dict[int, Label]  # of one coder, by the unit's number


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


def as_judgment(annotation: Annotation, annotator: str, codebook: Codebook) -> Judgment:
    """An annotation as an annotator's answer, its actor under the canonical name."""
    a = annotation
    flags = a.explicit_actor, a.explicit_process
    return Judgment(a.doc, a.start, a.end, a.mention, actor_name(codebook, a), a.process, *flags, a.stance, annotator)


def _named(a: Judgment, b: Judgment) -> bool:
    return a.actor.casefold() == b.actor.casefold()


def _worded(a: Judgment, b: Judgment) -> bool:
    return same_actor(a.actor, a.mention, b.actor, b.mention)


def join(judgments: Iterable[Judgment]) -> list[Unit]:
    """The pairs that any coder marked: in one sentence, of one process and of actors that are the same.

    Equal actors are joined first, then actors of whom one's words hold the other's (`stance.corpus.same_actor`).
    """
    by_coder: dict[str, list[Judgment]] = defaultdict(list)
    for j in judgments:
        by_coder[j.annotator].append(j)
    places: dict[tuple[str, int, int, str], list[Unit]] = defaultdict(list)
    for coder, given in by_coder.items():
        for same in (_named, _worded):
            left = []
            for j in given:
                here = (u for u in places[j.doc, j.start, j.end, j.process] if coder not in u)
                if (unit := next((u for u in here if any(same(j, o) for o in u.values())), None)) is not None:
                    unit[coder] = j
                else:
                    left.append(j)
            given = left
        for j in given:
            places[j.doc, j.start, j.end, j.process].append({coder: j})
    return [unit for units in places.values() for unit in units]


def answers(units: Sequence[Unit], readers: Iterable[str], read: Collection[str]) -> dict[str, Answers]:
    """Every coder's answers; of the documents that they `read` whole, what the `readers` did not mark is `none`."""
    out: dict[str, Answers] = {coder: {} for coder in readers}
    readers = tuple(out)
    for i, unit in enumerate(units):
        for coder in readers if next(iter(unit.values())).doc in read else ():
            out[coder][i] = "none"
        for coder, judgment in unit.items():
            out.setdefault(coder, {})[i] = judgment.answer
    return out


def alpha_of(coders: Sequence[Answers]) -> float | None:
    """Krippendorff's alpha of some coders over the units that two or more of them judged."""
    return alpha([c[i] for c in coders if i in c] for i in sorted({i for c in coders for i in c}))


def against(said: Answers, gold: Answers) -> dict[str, Counts]:
    """The counts of each stance, on the units that both judged; nothing where there are none."""
    both = said.keys() & gold.keys()
    return {
        s: Counts(
            sum(said[i] == gold[i] == s for i in both),
            sum(said[i] == s for i in both),
            sum(gold[i] == s for i in both),
        )
        for s in (STANCES if both else ())
    }
