"""Which pairs are worth a human's minute, what is shown of them, and the answers that come back.

A pair is worth more the less sure the model is, where rules and model contradict each other, and where its predicted
class or its process is rare; docs/review.md says what that buys.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from stance.errors import InputError
from stance.io import digest, typed
from stance.labeling.votes import PRECEDENCE, vote
from stance.records import LABELS, Candidate, Document, Label, Prediction, Sentence

PER_SENTENCE = 3  # pairs of one sentence in a batch: the fourth teaches little that the first three did not
# Beside uncertainty, which weighs 1. Chosen on the validation documents by the model errors among the first pairs:
# a heavier conflict finds the rules' errors, not the model's (docs/review.md).
CONFLICT, RARITY = 0.1, 0.25
CONTEXT = 2  # sentences shown before the judged one, or more where a word was resolved from further back
FURTHEST = 1500  # characters to which such a far reference may stretch the context

FORMAT = 1
MISFIT = (KeyError, IndexError, TypeError, ValueError, AttributeError)  # of JSON that is not what it should be
JUDGED, FOOT, UNSAID = "▶ ", "\n\nNot in the words of the sentence: ", "actor"
_KINDS = {"start": int, "end": int, **dict.fromkeys(("doc", "text", "mention", "actor", "process"), str)}
OWN = ("doc", "start", "end", "mention", "actor", "process", "explicit_actor", "explicit_process")  # of a pair


def pair_id(doc: str, start: int, end: int, actor: str, process: str) -> str:
    """The name of a pair in a sentence: the same wherever and whenever it is judged."""
    return digest((doc, start, end, actor.casefold(), process))


def pair_of(candidate: Candidate) -> str:
    """The name of a candidate's pair."""
    c = candidate
    return pair_id(c.doc, c.sentence.start, c.sentence.end, c.actor.name, c.process.target)


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

    def judged(self, answer: Label, annotator: str, comment: str = "") -> Judgment:
        """An answer for the pair just as it was suggested."""
        own = {name: getattr(self, name) for name in OWN}
        return Judgment(**own, answer=answer, annotator=annotator, comment=comment)


@dataclass(frozen=True, slots=True)
class Judgment:
    """One annotator's answer for one pair."""

    doc: str
    start: int
    end: int
    mention: str
    actor: str
    process: str
    explicit_actor: bool
    explicit_process: bool
    answer: Label
    annotator: str
    comment: str = ""

    @property
    def pair(self) -> str:
        """The name of the pair that was judged."""
        return pair_id(self.doc, self.start, self.end, self.actor, self.process)


@dataclass(frozen=True)
class Batch:
    """The pairs that go out together, the most worthy first, under the codebook with this digest.

    What comes back is checked against it; every error names the file and row that `where` gives.
    """

    codebook: str
    pairs: tuple[Pair, ...]

    @classmethod
    def of(cls, tasks: Iterable[dict[str, Any]], codebook: str, path: Path) -> Batch:
        """The batch of the tasks that went out, refusing another codebook's or another version's."""
        empty, pairs = cls(codebook, ()), []
        for n, task in enumerate(tasks, 1):
            try:
                empty.check(task["meta"]["format"], task["meta"]["codebook"], path, n, "meta")
                rows = [{k: v for k, v in row.items() if k != "id"} for row in task["meta"]["pairs"]]
                for row in rows:
                    typed(row, _KINDS, path, n, "meta")
                    if len(row["text"]) != row["end"] - row["start"]:
                        raise ValueError("a sentence of another length than its span")
                pairs += [Pair(**row) for row in rows]
            except MISFIT as error:
                raise InputError(f"not a task that `review export` wrote: {error!r}", path, n, "meta") from None
        return cls(codebook, tuple(pairs))

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

    def check(self, version: object, codebook: object, *where: str | int | Path) -> None:
        """Refuse what another version of the format or another codebook made."""
        if str(version) != str(FORMAT):
            raise InputError(f"format version {version} is not readable by this version (it reads {FORMAT})", *where)
        if codebook != self.codebook:
            raise InputError(f"made under another codebook ({codebook}, not {self.codebook}): export again", *where)

    def pair(self, key: str, *where: str | int | Path) -> Pair:
        """The pair of a name that came back."""
        if key not in self.by_id:
            raise InputError(f"unknown id {key!r}: not in this batch", *where)
        return self.by_id[key]


def answer_of(text: object, *where: str | int | Path) -> Label:
    """A label that came back, checked."""
    for label in LABELS:
        if text == label:
            return label
    raise InputError(f"{text!r} is not one of {', '.join(LABELS)}", *where)


@dataclass(frozen=True)
class Shown:
    """What an annotator sees of a sentence: its context, the sentence, and a foot for what it has no words for.

    `sentence` and `foot` are where its parts begin; within the sentence no character is moved.
    """

    text: str
    sentence: int
    foot: dict[str, int]

    @classmethod
    def of(cls, pairs: Sequence[Pair], document: Document, processes: Iterable[str]) -> Shown:
        """The text for the pairs of one sentence."""
        context = document.text[min(p.shown_from for p in pairs) : pairs[0].start].strip()
        head = f"{context}\n\n{JUDGED}" if context else JUDGED
        text, foot = head + pairs[0].text + FOOT, {}
        for word in (UNSAID, *processes):
            foot[word] = len(text)
            text += f"{word}  "
        # A carriage return would be dropped on screen, and every offset behind it would shift.
        return cls(text.rstrip().replace("\r", " "), len(head), foot)


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


@dataclass(frozen=True, slots=True)
class Question:
    """A pair that may go to people: what a model says of it, why it is asked, and the label that is suggested."""

    prediction: Prediction
    why: str
    suggested: Label

    @property
    def pair(self) -> str:
        """The pair's name."""
        return pair_of(self.prediction.candidate)


def rank(predictions: Sequence[Prediction]) -> list[Question]:
    """A question a prediction, the one most worth a human's look first.

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
        worth = uncertainty + CONFLICT * conflict + RARITY * max(rare_class, rare_process)
        out.append((worth, Question(p, "; ".join(reasons) or "next in line", p.label)))
    return [question for _, question in sorted(out, key=lambda item: -item[0])]


def _shown_from(prediction: Prediction, sentences: Sequence[Sentence]) -> int:
    """Where the context begins: some sentences back, or where the reading found what the sentence does not say."""
    c = prediction.candidate
    near = sentences[max(0, c.sentence.index - CONTEXT)].start
    spans = [m.resolved_from[0] for m in (c.actor, c.process) if m.resolved_from]
    far = [
        s.start for s in sentences for at in spans if s.start <= at < s.end and c.sentence.start - s.start < FURTHEST
    ]
    return min([near, c.sentence.start, *far])


def as_pair(question: Question, sentences: Sequence[Sentence]) -> Pair:
    """A question as a pair up for review; `sentences` are its document's."""
    c = question.prediction.candidate
    return Pair(
        c.doc,
        c.sentence.start,
        c.sentence.end,
        c.sentence.text,
        _shown_from(question.prediction, sentences),
        c.actor.text,
        c.actor.start,
        c.actor.name,
        c.process.target,
        c.process.start,
        c.process.end,
        c.actor.explicit,
        c.process.explicit,
        question.suggested,
        round(question.prediction.probabilities[LABELS.index(question.suggested)], 4),
        question.why,
    )


def choose(questions: Iterable[Question], number: int, settled: Container[str] = ()) -> list[Question]:
    """The first questions, at most PER_SENTENCE a sentence; pairs that are settled are left out."""
    taken: Counter[tuple[str, int]] = Counter()
    out: list[Question] = []
    for question in questions:
        c = question.prediction.candidate
        sentence = c.doc, c.sentence.start
        if question.pair in settled or taken[sentence] >= PER_SENTENCE:
            continue
        taken[sentence] += 1
        out.append(question)
        if len(out) == number:
            break
    return out
