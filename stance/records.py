"""The nouns of the program: small, frozen and self-checking.

Offsets are character offsets into `Document.text`; a span `[start, end)` always satisfies
`document.text[start:end] == span text`.
"""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, TypeVar, get_args

from stance.errors import InputError

Stance = Literal["supportive", "skeptical", "boycotting"]
Label = Literal["supportive", "skeptical", "boycotting", "none"]
STANCES: tuple[Stance, ...] = get_args(Stance)
LABELS: tuple[Label, ...] = get_args(Label)

Span = tuple[int, int]
T = TypeVar("T")
_WORD = re.compile(r"[^\W_]+")


def without_overlap(spans: Iterable[tuple[Span, T]]) -> list[tuple[Span, T]]:
    """Spans with what they stand for, in reading order; of two that overlap, the one given first stays."""
    kept: list[tuple[Span, T]] = []
    for span, value in spans:
        at = bisect(kept, span[0], key=lambda item: item[0][0])
        if not any(a < span[1] and span[0] < b for (a, b), _ in kept[max(0, at - 1) : at + 1]):
            kept.insert(at, (span, value))
    return kept


def words(text: str) -> list[str]:
    """The lower-case words of a text, in order."""
    return _WORD.findall(text.lower())


def _check_span(start: int, end: int) -> None:
    if not 0 <= start < end:
        raise InputError(f"not a span: {start} to {end}")


@dataclass(frozen=True, slots=True)
class Document:
    """A text as it was read, with what is known about it."""

    id: str
    text: str
    date: date | None = None
    outlet: str | None = None
    kind: str | None = None
    source: str | None = None

    def __post_init__(self) -> None:
        for text in (self.id, self.text, self.outlet or ""):
            try:
                text.encode()
            except UnicodeEncodeError as error:
                raise InputError(f"not text: half a character at {error.start}", self.source) from None


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of a document; `paragraph` counts the document's lines that hold text.

    `words` are its lower-case words: by them a pattern that cannot match is passed over without looking.
    """

    index: int
    start: int
    end: int
    text: str
    paragraph: int = 0
    furniture: bool = False
    words: frozenset[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        _check_span(self.start, self.end)
        if len(self.text) != self.end - self.start:
            raise InputError(f"sentence of {len(self.text)} characters in a span of {self.end - self.start}")
        object.__setattr__(self, "words", frozenset(words(self.text)))


@dataclass(frozen=True, slots=True)
class Mention:
    """Words that stand for an actor or a process, resolved to its codebook id.

    `start` and `end` are None where the sentence has no words for it. `explicit` says that the sentence alone
    tells what is meant; else `resolved_from` is the span that told it and `how` names the way.
    """

    target: str
    name: str
    kind: str
    text: str
    start: int | None
    end: int | None
    explicit: bool = True
    resolved_from: Span | None = None
    how: str = "named"

    def __post_init__(self) -> None:
        if (self.start is None) != (self.end is None):
            raise InputError("a mention has both offsets or neither")
        if self.start is not None and self.end is not None:
            _check_span(self.start, self.end)

    @property
    def span(self) -> Span | None:
        """The mention's offsets, or None where the sentence has no words for it."""
        return None if self.start is None or self.end is None else (self.start, self.end)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A pair (actor, process) in a sentence, whose stance is to be judged.

    `marked` is the sentence with the pair marked and every name masked; `context` is what precedes it, masked
    the same way. `date` and `outlet` are the document's, where they are known.
    """

    doc: str
    sentence: Sentence
    actor: Mention
    process: Mention
    marked: str
    context: str
    date: date | None = None
    outlet: str | None = None


@dataclass(frozen=True, slots=True)
class Annotation:
    """A human's judgement of one pair in one sentence: the codebook's record, with the sentence's span."""

    doc: str
    start: int
    end: int
    mention: str
    actor: str
    process: str
    stance: Stance
    explicit_actor: bool = True
    explicit_process: bool = True

    def __post_init__(self) -> None:
        _check_span(self.start, self.end)
        if self.stance not in STANCES:
            raise InputError(f"stance {self.stance!r} is not one of {', '.join(STANCES)}")


@dataclass(frozen=True, slots=True)
class Prediction:
    """A judged candidate: probabilities over LABELS, and the model that gave them."""

    candidate: Candidate
    probabilities: tuple[float, ...] = field(repr=False)
    model: str

    def __post_init__(self) -> None:
        if len(self.probabilities) != len(LABELS) or abs(sum(self.probabilities) - 1) > 1e-3:
            raise InputError(f"not probabilities over {len(LABELS)} labels: {self.probabilities}")

    @property
    def label(self) -> Label:
        """The most probable label."""
        return LABELS[max(range(len(LABELS)), key=self.probabilities.__getitem__)]

    @property
    def confidence(self) -> float:
        """The probability of `label`."""
        return max(self.probabilities)

    def row(self) -> dict[str, object]:
        """The prediction as the contract's JSON object (docs/contracts.md)."""
        c = self.candidate
        return {
            "doc": c.doc,
            "date": c.date and c.date.isoformat(),
            "outlet": c.outlet,
            "sent": c.sentence.index,
            "start": c.sentence.start,
            "end": c.sentence.end,
            "text": c.sentence.text,
            "mention": c.actor.text,
            "mention_start": c.actor.start,
            "mention_end": c.actor.end,
            "actor": c.actor.name,
            "actor_id": c.actor.target,
            "process": c.process.target,
            "stance": self.label,
            "confidence": round(self.confidence, 4),
            "probabilities": {k: round(p, 4) for k, p in zip(LABELS, self.probabilities, strict=True)},
            "explicit_actor": c.actor.explicit,
            "explicit_process": c.process.explicit,
            "model": self.model,
        }
