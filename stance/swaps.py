"""Texts in which names have changed places, and the pairs that must keep their labels for it.

The invariance tests of Ribeiro et al. (ACL 2020), made of whole documents: the text is changed and read again, so that
reading and masking are probed together with the model. Which name may stand in another's place is taken from the
documents themselves: one of the same kind, number of words and grammatical number, with or without an article.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from stance.candidates import Generator
from stance.codebook import PERSONS, Actor, Codebook
from stance.records import Candidate, Document, Mention, Span
from stance.resolution import Reading

PER_TEXT = 8  # pairs probed of one changed text, so that no long one weighs most
ACTORS = 3  # replaced in one document, one at a time
PARTNERS = 12  # the most often named actors of a kind: whom another of the kind is replaced by
_AN = re.compile(r"\b([Aa])n? $")
_PLURAL = re.compile(r"[^ius]s$")
Edits = Mapping[Span, str]
Form = tuple[str, bool, bool, bool, bool]  # kind, with an article, of several words, plural, with a capital


@dataclass(frozen=True, slots=True)
class Swap:
    """A pair before and after the names changed; `after` is None where reading no longer finds it."""

    before: Candidate
    after: Candidate | None


@dataclass(frozen=True)
class Text:
    """A document with its readings and pairs."""

    document: Document
    readings: list[Reading]
    candidates: list[Candidate]

    @classmethod
    def read(cls, document: Document, generator: Generator) -> Text:
        """Read a document once for both."""
        readings = generator.read(document)
        return cls(document, readings, list(generator.pairs(document, readings)))

    def words(self, span: Span) -> str:
        """The document's words in a span."""
        return self.document.text[slice(*span)]

    def behind_the(self, span: Span) -> bool:
        """Whether an article precedes a span."""
        return self.document.text[max(0, span[0] - 4) : span[0]].lower() == "the "

    def bare(self, span: Span) -> Span:
        """A name's span without the article that some aliases begin with."""
        return (span[0] + 4, span[1]) if self.words(span)[:4].lower() == "the " else span

    def edited(self, edits: Edits) -> Document:
        """The document with each span replaced; "a" and "an" before it follow."""
        out, at = "", 0
        for (start, end), new in sorted(edits.items()):
            out += self.document.text[at:start]
            out = _AN.sub(rf"\g<1>{'n' if new[0] in 'AEIOaeio' else ''} ", out) + new
            at = end
        return replace(self.document, text=out + self.document.text[at:])


def _plural(text: str) -> bool:
    return bool(_PLURAL.search(text))


class Lexicon:
    """The names that some documents use, by form and actor, the most frequent first."""

    def __init__(self, codebook: Codebook, texts: Iterable[Text]) -> None:
        self._owner = {phrase: actor for actor in codebook.actors for phrase in (actor.name, *actor.aliases)}
        counts: dict[Form, Counter[tuple[str, str]]] = defaultdict(Counter)
        named: Counter[str] = Counter()
        for text in texts:
            for reading in text.readings:
                for span, target in reading.masks:
                    if form := self.form(text, span):
                        counts[form][target, text.words(text.bare(span))] += 1
                        named[target] += 1
        self._names: dict[tuple[Form, str], list[str]] = defaultdict(list)
        for form, found in counts.items():
            for (target, name), _ in found.most_common():
                self._names[form, target].append(name)
        self._frequent = [codebook.actor[a] for a, _ in named.most_common() if a in codebook.actor]

    def form(self, text: Text, span: Span) -> Form | None:
        """A name's grammatical form; None where the words are not an actor's name or alias."""
        owner = self._owner.get(text.words(span))
        if owner is None:
            return None
        bare = text.bare(span)
        name = text.words(bare)
        return owner.kind, text.behind_the(bare), " " in name, _plural(name), name[0].isupper()

    def partners(self, actor: Actor, present: set[str]) -> list[Actor]:
        """The frequent actors of the same kind that a document does not name."""
        same = [a for a in self._frequent if a.kind == actor.kind and bool(a.demonyms) == bool(actor.demonyms)]
        return [a for a in same[:PARTNERS] if a.id not in present]

    def stand_in(self, text: Text, span: Span, actor: Actor, other: Actor) -> str | None:
        """What the other actor is called where a name of the actor stands, or None if nothing fits there."""
        name = text.words(text.bare(span))
        for demonym in actor.demonyms:  # "Turkish", "Turkish officials", but not "Saudi Arabia"
            if name != actor.name and re.match(rf"{re.escape(demonym)}\b", name):
                return other.demonyms[0] + name[len(demonym) :]
        form = self.form(text, span)
        if form is None or not (names := self._names.get((form, other.id))):
            return None
        return names[min(self._names[form, actor.id].index(name), len(names) - 1)]


def _overlap(span: Span | None, edits: Edits) -> bool:
    return span is not None and any(a < span[1] and span[0] < b for a, b in edits)


def _complete(text: Text, reading: Reading, edits: Edits, targets: set[str]) -> bool:
    """Whether every capitalised name of the targets in a sentence is replaced, so that it names them no more."""
    names = (span for span, target in reading.masks if target in targets)
    return all(_overlap(s, edits) or text.words(s).islower() for s in names)


def _compare(text: Text, generator: Generator, edits: Edits, new: Mapping[str, str], told: str) -> Iterator[Swap]:
    """The pairs whose actor or process (`told`) an edit renamed, with what they have become.

    `new` maps the ids that change; a document that falls into other sentences than before loses every pair.
    """
    after = Text.read(text.edited(edits), generator)
    same = len(after.readings) == len(text.readings)
    found = {(c.sentence.index, c.actor.target, c.process.target): c for c in after.candidates if same}
    whole = {r.sentence.index for r in text.readings if _complete(text, r, edits, set(new))}
    for c in text.candidates:
        mention: Mention = getattr(c, told)
        renamed = mention.target in new and _overlap(mention.span or mention.resolved_from, edits)
        if renamed and c.sentence.index in whole:
            actor, process = (new.get(t, t) for t in (c.actor.target, c.process.target))
            yield Swap(c, found.get((c.sentence.index, actor, process)))


def _sampled(
    texts: Sequence[Text], probe: Callable[[Text, np.random.Generator], Iterable[list[Swap]]], limit: int, seed: int
) -> list[list[Swap]]:
    """What a probe finds in the documents, some of each, in random order until there are enough pairs."""
    rng = np.random.default_rng(seed)
    out: list[list[Swap]] = []
    for i in rng.permutation(len(texts)):
        for swaps in probe(texts[i], rng):
            if sum(map(len, out)) >= limit:
                return out
            if swaps:
                out.append([swaps[n] for n in sorted(rng.permutation(len(swaps))[:PER_TEXT])])
    return out


def actor_swaps(texts: Sequence[Text], generator: Generator, limit: int, seed: int) -> list[Swap]:
    """In each document some actors, one at a time, replaced throughout by a frequent one whom it does not name."""
    codebook = generator.codebook
    lexicon = Lexicon(codebook, texts)

    def probe(text: Text, rng: np.random.Generator) -> Iterator[list[Swap]]:
        masks = [m for reading in text.readings for m in reading.masks]
        present = {target for _, target in masks}
        partners = {t: lexicon.partners(codebook.actor[t], present) for t in sorted(present) if t in codebook.actor}
        named = [(t, others) for t, others in partners.items() if others]
        for target, others in (named[n] for n in rng.permutation(len(named))[:ACTORS]):
            actor, other = codebook.actor[target], others[rng.integers(len(others))]
            spans = [span for span, t in masks if t == target]
            names = {s: lexicon.stand_in(text, s, actor, other) for s in spans}
            edits = {text.bare(span): name for span, name in names.items() if name}
            yield list(_compare(text, generator, edits, {target: other.id}, "actor"))

    return [s for swaps in _sampled(texts, probe, limit, seed) for s in swaps]


def process_swaps(texts: Sequence[Text], generator: Generator, limit: int, seed: int) -> list[Swap]:
    """In each document the places of two processes exchanged throughout, "Geneva" for "Sochi" and back."""
    codebook = generator.codebook
    actors = {phrase for actor in codebook.actors for phrase, _ in codebook.names(actor)}

    def places(text: Text) -> dict[str, list[str]]:
        day = text.document.date
        named = {p.id: [n.name for n in p.places if n.covers(day) and p.covers(day)] for p in codebook.processes}
        return {p: [n for n in names if " " not in n and n not in actors] for p, names in named.items()}

    def probe(text: Text, rng: np.random.Generator) -> Iterator[list[Swap]]:
        known = {p: names for p, names in places(text).items() if names}
        taken = {s: "" for r in text.readings for s, target in r.masks if target not in codebook.process}
        named = [p for p in known if any(name in text.document.text for name in known[p])]
        if not named or len(known) < 2:
            return
        first = named[rng.integers(len(named))]
        others = [p for p in known if p != first]
        second = others[rng.integers(len(others))]
        new = {name: known[b][0] for a, b in ((first, second), (second, first)) for name in known[a]}
        found = re.finditer(rf"\b(?:{'|'.join(map(re.escape, new))})\b", text.document.text)
        edits = {m.span(): new[m.group()] for m in found if not _overlap(m.span(), taken)}
        yield list(_compare(text, generator, edits, {first: second, second: first}, "process"))

    return [s for swaps in _sampled(texts, probe, limit, seed) for s in swaps]


def exchanges(texts: Sequence[Text], generator: Generator, limit: int, seed: int) -> list[list[Swap]]:
    """Sentences that name two actors and no other, with the two exchanged: both pairs of each, process by process."""
    lexicon = Lexicon(generator.codebook, texts)

    def probe(text: Text, rng: np.random.Generator) -> Iterator[list[Swap]]:
        for reading in text.readings:
            actors = [m for m in reading.actors if m.span and lexicon.form(text, m.span)]
            spans = [m.span for m in actors if m.span]
            if len(reading.actors) != 2 or len(actors) != 2 or not _alike(text.document, *actors):
                continue
            targets = [m.target for m in actors]
            if sorted(s for s, target in reading.masks if target in targets) != sorted(spans):
                continue
            new = dict(zip(targets, reversed(targets), strict=True))
            swaps = list(_compare(text, generator, _exchanged(text, reading, *spans), new, "actor"))
            here = [s for s in swaps if s.before.sentence == reading.sentence]
            for process in reading.processes:
                both = [s for s in here if s.before.process.target == process.target]
                if len(both) == 2:
                    yield both

    return _sampled(texts, probe, limit, seed)


def _alike(document: Document, *two: Mention) -> bool:
    """Whether two names can be exchanged and the sentence stays English: both persons or both bodies, one number."""
    first, second = ((m.kind in PERSONS, _plural(m.text)) for m in two)
    single = any(_AN.search(document.text[: m.start]) for m in two)  # "a Turkish diplomat" is no name
    return first == second and not single


def _exchanged(text: Text, reading: Reading, first: Span, second: Span) -> Edits:
    """Two names in each other's place, each with its own article."""
    spans = [(s - 4 * text.behind_the((s, e)), e) for s, e in (first, second)]
    edits = {}
    for here, there in (spans, spans[::-1]):
        name = text.words(there)
        name = "the" + name[3:] if name.startswith("The ") else name
        edits[here] = name[0].upper() + name[1:] if here[0] == reading.sentence.start else name
    return edits
