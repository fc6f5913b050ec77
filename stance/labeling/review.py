"""Which pairs are worth a human's minute, and what becomes of several humans' answers.

A pair is worth more the less sure the model is, where rules and model contradict each other, and where its predicted
class or its process is rare; docs/review.md says what that buys.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from stance.io import digest
from stance.labeling.votes import PRECEDENCE, vote
from stance.records import Annotation, Label, Prediction, Sentence

PER_SENTENCE = 3  # pairs of one sentence in a batch: the fourth teaches little that the first three did not
RARITY = 0.5  # weight of rarity beside uncertainty and conflict: a rare pair that is certain can wait
CONTEXT = 2  # sentences shown before the judged one, or more where a word was resolved from further back
FURTHEST = 1500  # characters to which such a far reference may stretch the context


def pair_id(doc: str, start: int, end: int, actor: str, process: str) -> str:
    """The name of a pair in a sentence: the same wherever and whenever it is judged."""
    return digest((doc, start, end, actor.casefold(), process))


@dataclass(frozen=True, slots=True)
class Pair:
    """A pair up for review: what is shown of it, and what its record needs. `text` is its sentence.

    `shown_from` is where the context begins; the offsets of actor and process are None where no word stands for them.
    """

    doc: str
    start: int
    end: int
    text: str
    shown_from: int
    mention: str
    mention_start: int | None
    actor: str
    process: str
    process_start: int | None
    process_end: int | None
    explicit_actor: bool
    explicit_process: bool
    suggested: Label
    confidence: float
    why: str

    @property
    def id(self) -> str:
        """The pair's name."""
        return pair_id(self.doc, self.start, self.end, self.actor, self.process)


@dataclass(frozen=True)
class Batch:
    """The pairs that go out together, the most worthy first, under the codebook with this digest."""

    codebook: str
    pairs: tuple[Pair, ...]

    @cached_property
    def by_id(self) -> dict[str, Pair]:
        """Pairs by name."""
        return {pair.id: pair for pair in self.pairs}

    @cached_property
    def by_sentence(self) -> dict[tuple[str, int, int], list[Pair]]:
        """Pairs by their sentence, in the order of each sentence's best pair."""
        out: dict[tuple[str, int, int], list[Pair]] = defaultdict(list)
        for pair in self.pairs:
            out[pair.doc, pair.start, pair.end].append(pair)
        return dict(out)


@dataclass(frozen=True, slots=True)
class Judgment:
    """One annotator's answer for one pair."""

    doc: str
    start: int
    end: int
    mention: str
    actor: str
    process: str
    answer: Label
    explicit_actor: bool
    explicit_process: bool
    annotator: str
    comment: str = ""

    @property
    def pair(self) -> str:
        """The name of the pair that was judged."""
        return pair_id(self.doc, self.start, self.end, self.actor, self.process)


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


def _uncertainty(probabilities: Sequence[float]) -> float:
    """From 0, one label for certain, to 1: the closer of the two best, or the entropy over all."""
    best, second = sorted(probabilities, reverse=True)[:2]
    entropy = -sum(p * math.log(p) for p in probabilities if p > 0) / math.log(len(probabilities))
    return max(1 - (best - second), entropy)


def _conflict(prediction: Prediction) -> tuple[float, str]:
    """1 where no rule that votes agrees with the model, a half where the rules disagree among themselves."""
    found = set(vote(prediction.candidate.marked).labels)
    said = " and ".join(label for label in PRECEDENCE if label in found)
    if found and prediction.label not in found:
        return 1.0, f"rules say {said}, not {prediction.label}"
    return (0.5, f"rules say {said}") if len(found) > 1 else (0.0, "")


def rank(predictions: Sequence[Prediction]) -> list[tuple[float, str, Prediction]]:
    """Each prediction with what a human's look at it is worth and why, the most worthy first.

    Rarity is measured among the predictions themselves: 0 for the commonest class and process, near 1 for the rarest.
    """
    labels = Counter(p.label for p in predictions)
    processes = Counter(p.candidate.process.target for p in predictions)
    out = []
    for p in predictions:
        uncertainty, (conflict, said) = _uncertainty(p.probabilities), _conflict(p)
        rare_class = 1 - labels[p.label] / max(labels.values())
        rare_process = 1 - processes[p.candidate.process.target] / max(processes.values())
        reasons = [f"uncertain ({p.confidence:.2f})"] if uncertainty >= 0.5 else []
        reasons += [said] if said else []
        reasons += [f"rare: {p.label}"] if rare_class >= 0.5 else []
        reasons += [f"rare: {p.candidate.process.target}"] if rare_process >= 0.5 else []
        worth = uncertainty + conflict + RARITY * max(rare_class, rare_process)
        out.append((worth, "; ".join(reasons) or "next in line", p))
    return sorted(out, key=lambda item: -item[0])


def _shown_from(prediction: Prediction, sentences: Sequence[Sentence]) -> int:
    """Where the context begins: some sentences back, or where the reading found what the sentence does not say."""
    c = prediction.candidate
    near = sentences[max(0, c.sentence.index - CONTEXT)].start
    spans = [m.resolved_from[0] for m in (c.actor, c.process) if m.resolved_from]
    far = [
        s.start for s in sentences for at in spans if s.start <= at < s.end and c.sentence.start - s.start < FURTHEST
    ]
    return min([near, c.sentence.start, *far])


def as_pair(prediction: Prediction, why: str, sentences: Sequence[Sentence]) -> Pair:
    """A prediction as a pair up for review; `sentences` are its document's."""
    c = prediction.candidate
    return Pair(
        c.doc,
        c.sentence.start,
        c.sentence.end,
        c.sentence.text,
        _shown_from(prediction, sentences),
        c.actor.text,
        c.actor.start,
        c.actor.name,
        c.process.target,
        c.process.start,
        c.process.end,
        c.actor.explicit,
        c.process.explicit,
        prediction.label,
        round(prediction.confidence, 4),
        why,
    )


def choose(predictions: Sequence[Prediction], number: int, judged: Container[str] = ()) -> list[tuple[str, Prediction]]:
    """The pairs most worth a look, with the reason, at most PER_SENTENCE a sentence; the judged ones are left out."""
    taken: Counter[tuple[str, int]] = Counter()
    out: list[tuple[str, Prediction]] = []
    for _, why, p in rank(predictions):
        c = p.candidate
        sentence = c.doc, c.sentence.start
        known = pair_id(c.doc, c.sentence.start, c.sentence.end, c.actor.name, c.process.target) in judged
        if known or taken[sentence] >= PER_SENTENCE:
            continue
        taken[sentence] += 1
        out.append((why, p))
        if len(out) == number:
            break
    return out


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
