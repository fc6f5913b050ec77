"""Pairs (actor, process) with their context, marked and masked: the one generator that all verbs share.

What a model reads holds no name: the judged pair is `[ACTOR]` and `[PROCESS]`, every other actor is `[OTHER]` and
every other process `[RIVAL]`, so that only the sentence can decide.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from stance.codebook import Codebook
from stance.mentions import kind_of
from stance.records import Annotation, Candidate, Document, Mention, Sentence, Span, without_overlap
from stance.resolution import Reading, Resolver
from stance.sentences import sentences

ACTOR, PROCESS, OTHER, RIVAL = MARKERS = ("[ACTOR]", "[PROCESS]", "[OTHER]", "[RIVAL]")
# "Foreign Minister Sergei Lavrov" may be two names of one actor; he is shown once.
_TWICE = re.compile(r"(\[[A-Z]+\])(?: \1)+")
CONTEXT = 2  # preceding sentences that a model may read
MAX_PAIRS = 100  # of a sentence; the most in real reporting is 14, and what has more is a list, not a statement


class Generator:
    """Turns documents into candidates under one codebook."""

    def __init__(self, codebook: Codebook) -> None:
        self.codebook = codebook
        self._resolver = Resolver(codebook)
        self._processes = frozenset(codebook.process)

    def sentences(self, document: Document) -> list[Sentence]:
        """The document's sentences, page furniture marked."""
        return sentences(document, self.codebook.resolution.furniture)

    def concerns(self, document: Document) -> bool:
        """Whether a document can have candidates at all, told by its words at the matcher's speed."""
        return self._resolver.concerns(document.text)

    def read(self, document: Document) -> list[Reading]:
        """The document's sentences as they are understood: their actors and processes, resolved.

        A document that has no word for the codebook's subject is not even split.
        """
        return self._resolver.read(document, self.sentences(document)) if self.concerns(document) else []

    def candidates(self, document: Document) -> Iterator[Candidate]:
        """Yield every pair of an actor and a process in every sentence of a document, in order."""
        yield from self.pairs(document, self.read(document))

    def pairs(self, document: Document, readings: Sequence[Reading]) -> Iterator[Candidate]:
        """Yield the pairs of a document that has been read; a list of names has none."""
        for i, reading in enumerate(readings):
            if len(reading.processes) * len(reading.actors) > MAX_PAIRS:
                continue
            for process in reading.processes:
                for actor in reading.actors:
                    yield self._pair(document, readings, i, actor, process)

    def annotated(self, document: Document, readings: Sequence[Reading], annotation: Annotation) -> Candidate | None:
        """The pair of an annotation that reading did not find, built from its words; None where no sentence fits."""
        for i, reading in enumerate(readings):
            s = reading.sentence
            at = s.text.find(annotation.mention)
            if not (s.start <= annotation.start < s.end or annotation.start <= s.start < annotation.end) or at < 0:
                continue
            start = s.start + at if annotation.mention else None
            end = start + len(annotation.mention) if start is not None else None
            actor = Mention(
                annotation.actor, annotation.actor, "expert", annotation.mention, start, end, how="annotated"
            )
            name = self.codebook.process[annotation.process].name
            unsaid = Mention(annotation.process, name, "process", "", None, None, False, how="annotated")
            process = next((p for p in reading.processes if p.target == annotation.process), unsaid)
            return self._pair(document, readings, i, actor, process)
        return None

    def _pair(
        self, document: Document, readings: Sequence[Reading], i: int, actor: Mention, process: Mention
    ) -> Candidate:
        context = " ".join(self._masked(r, actor, process) for r in readings[max(0, i - CONTEXT) : i])
        reading = readings[i]
        marked = self._masked(reading, actor, process, (actor, process))
        # A pair member without words of its own stands at the sentence's head or end.
        marked = marked if ACTOR in marked else f"{ACTOR}: {marked}"
        marked = marked if PROCESS in marked else f"{marked} ({PROCESS})"
        return Candidate(document.id, reading.sentence, actor, process, marked, context, document.date, document.outlet)

    def _masked(self, reading: Reading, actor: Mention, process: Mention, own: Sequence[Mention] = ()) -> str:
        """A sentence with each name replaced by its marker; the judged mentions' `own` spans come first."""
        names: Sequence[tuple[Span, str]] = reading.masks
        spans = [(m.span, m.target) for m in own if m.span]
        if not all(span in names for span in spans):
            names = without_overlap([*spans, *names])
        sentence, out, at = reading.sentence, [], reading.sentence.start
        for (start, end), target in names:
            if target == actor.target or target == process.target:
                mark = ACTOR if target == actor.target else PROCESS
            else:
                mark = RIVAL if target in self._processes else OTHER
            out += [sentence.text[at - sentence.start : start - sentence.start], mark]
            at = end
        text = "".join([*out, sentence.text[at - sentence.start :]])
        return _TWICE.sub(r"\1", text) if "] [" in text else text


def as_row(candidate: Candidate, codebook: Codebook) -> dict[str, Any]:
    """A candidate as a flat row: what the data set stores beside the label, and what silver labels are kept with."""
    c = candidate
    return {
        "doc": c.doc,
        "start": c.sentence.start,
        "end": c.sentence.end,
        "text": c.sentence.text,
        "mention": c.actor.text,
        "actor": c.actor.name,
        "actor_kind": kind_of(codebook, c.actor),
        "process": c.process.target,
        "explicit": c.actor.explicit and c.process.explicit,
        "marked": c.marked,
        "context": c.context,
    }
