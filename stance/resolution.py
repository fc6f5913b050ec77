"""Reading a document from its first sentence to its last: what "the congress", "he" and "we" stand for.

Each resolved mention says how it was resolved and from which span, so that a person can check it.
"""

from __future__ import annotations

import datetime
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from stance.codebook import Codebook, Process
from stance.matcher import Cue, Matcher, alternatives
from stance.mentions import Named, Names, distinct
from stance.people import People, PeopleCues
from stance.records import Document, Mention, Sentence, Span, without_overlap
from stance.speakers import SpeakerCues, Speakers

CARRY = 9  # sentences for which a process stays the subject without a word for it
LEAD = 3  # sentences that tell what a document is about; one before the first process is about that
FADE, START = 0.95, 0.5  # how focus fades from sentence to sentence, and what a document's main process starts with
_ODD_SPACES = ("  ", "\t", "\xa0", "\u2009", "\u202f")
_DETERMINER = r"(?:the|this|that|these|those|its|their|his|such|any|a|an|another|new|next|latest|fresh|further)"
_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
_MONTH_YEAR = re.compile(rf"\b({'|'.join(_MONTHS)})[a-z]*\.?,?\s+(?:\d{{1,2}},?\s+)?(20[12]\d)\b")


@dataclass(frozen=True, slots=True)
class Reading:
    """One sentence as it was understood: its actors and processes, and every span that names somebody, in order."""

    sentence: Sentence
    actors: tuple[Mention, ...]
    processes: tuple[Mention, ...]
    masks: tuple[tuple[Span, str], ...]


def document_day(document: Document) -> datetime.date | None:
    """The document's date: its metadata's, else the latest month that its text names with a year."""
    if document.date:
        return document.date
    days = [datetime.date(int(y), _MONTHS.index(m) + 1, 15) for m, y in _MONTH_YEAR.findall(document.text[:200_000])]
    return max(days, default=None)


def _day_within(processes: Sequence[Process]) -> datetime.date | None:
    """A day on which an undated document can have been written: the middle of the first bounded process it names."""
    return next((p.from_ + (p.to - p.from_) / 2 for p in processes if p.from_ and p.to), None)


def _unsaid(named: Mention, how: str) -> Mention:
    """A process that a sentence is about without a word for it, as it is named elsewhere."""
    return replace(named, text="", start=None, end=None, explicit=False, resolved_from=named.span, how=how)


class Resolver:
    """Reads documents under one codebook."""

    def __init__(self, codebook: Codebook) -> None:
        self.codebook = codebook
        self.names = Names(codebook)
        words = codebook.resolution
        full_names = [alias for process in codebook.processes for alias in process.aliases]
        echoes = [noun for process in codebook.processes for noun in process.echoes]
        pointers = [*words.nouns, *echoes]
        places = [place.name for process in codebook.processes for place in process.places]
        sponsored = [noun for process in codebook.processes for noun in process.sponsor_nouns]
        self._subject = Matcher((phrase, None) for phrase in {*words.subjects, *full_names})
        self._talks = Matcher(
            (phrase, None) for phrase in {*full_names, *places, *words.generic, *pointers, *sponsored}
        )
        self._generic = Cue(
            rf"\b(?P<bare>{alternatives(words.generic)})\b"
            rf"|\b{_DETERMINER}\s+(?P<noun>(?:[\w-]+\s+){{0,2}}?(?:{alternatives(pointers)}))\b",
            [*words.generic, *pointers],
            re.I,
        )
        self._attendance = Cue(rf"\b(?:{alternatives(words.attendance)})\b", words.attendance, re.I)
        self._hints = {p.id: re.compile(rf"\b(?:{alternatives(p.hints)})(?!\w)") for p in codebook.processes if p.hints}
        self._echoes = {
            p.id: re.compile(rf"\b(?:{alternatives(p.echoes)})\b", re.I) for p in codebook.processes if p.echoes
        }
        self._people = PeopleCues(codebook)
        self._speakers = SpeakerCues(codebook)

    def concerns(self, text: str) -> bool:
        """Whether a text can be about the codebook's processes at all: it has a subject's word and a word for talks.

        This is what most documents of an archive are asked, so it looks at words alone, at the matcher's speed; but it
        must let every document through in which `read` would find a process beside a subject's word.
        """
        if any(space in text for space in _ODD_SPACES):  # a pattern takes any white space, a matcher what is written
            text = " ".join(text.split())
        return self._subject.within(text) and self._talks.within(text)

    def read(self, document: Document, sentences: Sequence[Sentence]) -> list[Reading]:
        """Read a document's sentences; page furniture is read as empty."""
        live = [s for s in sentences if not s.furniture]
        talks = [bool(self._generic.search(s)) for s in live]
        generic = any(talks)
        day = known = document_day(document)
        bare = [generic or self._attendance.search(s) is not None for s in live]
        named = [self.names.named(s, day, b) for s, b in zip(live, bare, strict=True)]
        if known is None:
            day = _day_within([self.codebook.process[m.target] for n in named for m in n.processes])
        # Without a name, the subject and its talks must at least stand close together: "the talks on Syria".
        subject = [self.names.processes.names_subject(s) for s in live]
        meant = any(
            t and not n.barred and any(subject[max(0, i - 1) : i + 2])
            for i, (t, n) in enumerate(zip(talks, named, strict=True))
        )
        about = self._about(document, day, named, meant)
        if not about:
            return []
        if day != known:
            named = [self.names.named(s, day, b) for s, b in zip(live, bare, strict=True)]
        processes = self._resolve_processes(live, named, about)
        people, speakers = People(self._people), Speakers(self._speakers)
        readings = []
        for i, (sentence, names) in enumerate(zip(live, named, strict=True)):
            taken = [span for span, _ in names.masks]
            people.introduce(sentence, names.actors, taken)
            ahead = (live[i + 1], named[i + 1].actors) if i + 1 < len(live) else None
            found = (*names.actors, *people.find(sentence, names.actors, taken))
            actors = speakers.resolve(sentence, found, names.again, ahead)
            spans = without_overlap([*names.masks, *((m.span, m.target) for m in (*actors, *processes[i]) if m.span)])
            readings.append(Reading(sentence, tuple(actors), tuple(processes[i]), tuple(spans)))
        return readings

    def _about(self, document: Document, day: datetime.date | None, named: Sequence[Named], meant: bool) -> list[str]:
        """The processes that a document can be about, the main one first.

        Those it names, then those it hints at in their time, then the one that "peace talks" meant in its year.
        """
        counts = Counter(m.target for n in named for m in n.processes)
        if not counts and not meant:
            return []
        hinted = Counter({p: n for p in self._hints if (n := self._hint(p, document.text, day, bool(counts)))})
        lead = {m.target for n in named[:LEAD] for m in n.processes}
        found = sorted(counts, key=lambda p: (p not in lead, -counts[p]))
        found += [p for p, _ in hinted.most_common(None if counts else 1) if p not in found]
        unnamed = [p.id for p in self.codebook.processes if p.unnamed and day and p.unnamed.covers(day)]
        return found or unnamed[:1]

    def _hint(self, process_id: str, text: str, day: datetime.date | None, named: bool) -> int:
        """How often a text hints at a process; beside named ones, only one of a bounded period can be hinted at."""
        process = self.codebook.process[process_id]
        if not process.covers(day) or (named and not (process.to and day)):
            return 0
        return len(self._hints[process_id].findall(text))

    def _resolve_processes(
        self, live: Sequence[Sentence], named: Sequence[Named], about: Sequence[str]
    ) -> list[list[Mention]]:
        """Each sentence's processes: named, else pointed at, else carried over from just before.

        What is pointed at or carried is the process in focus: each mention adds one to its process, and all fade
        by FADE a sentence, so that a rival named once as a yardstick does not take the subject over.
        """
        focus = {p: START * (n == 0) for n, p in enumerate(about)}
        latest = {m.target: m for n in reversed(named) for m in reversed(n.processes)}
        opening = latest.get(about[0])
        silent = 0
        out: list[list[Mention]] = []
        for sentence, names in zip(live, named, strict=True):
            main = latest.get(max(focus, key=focus.__getitem__))
            found = distinct(names.processes)
            if found:
                found += [m for m in self._echoed(sentence, found, about) if m.target not in names.barred]
            elif echo := self._pointed(sentence, names, main, about):
                found = [echo]
            silent = 0 if found else silent + 1
            focus = {p: FADE * v for p, v in focus.items()}
            for mention in found:
                focus[mention.target] = focus.get(mention.target, 0) + (1 if mention.explicit else 0.5)
                latest[mention.target] = mention if mention.span else latest[mention.target]
            if not found and main and out and silent <= CARRY and main.target not in names.barred:
                found = [_unsaid(main, "carried")]
            out.append(found)
        return self._foreseen(out, opening)

    @staticmethod
    def _foreseen(found: list[list[Mention]], main: Mention | None) -> list[list[Mention]]:
        """Give a headline or lead that comes before any word for a process the document's main one."""
        first = next((i for i, mentions in enumerate(found) if mentions), 0)
        if main is None or first > LEAD:
            return found
        return [[_unsaid(main, "foreseen")]] * first + found[first:]

    def _echoed(self, sentence: Sentence, found: Sequence[Mention], about: Sequence[str]) -> list[Mention]:
        """Processes that a sentence points at beside those it names: "the congress must support the Geneva talks"."""
        out: list[Mention] = []
        for target in about:
            if target not in self._echoes or target in {m.target for m in (*found, *out)}:
                continue
            for match in self._generic.find(sentence):
                start, end = match.span("bare" if match["bare"] else "noun")
                start, end = sentence.start + start, sentence.start + end
                free = not any(m.start < end and start < m.end for m in found if m.start is not None and m.end)
                if free and self._echoes[target].search(match.group()):
                    text = sentence.text[start - sentence.start : end - sentence.start]
                    name = self.codebook.process[target].name
                    out.append(Mention(target, name, "process", text, start, end, False, None, "pointed"))
                    break
        return out

    def _pointed(self, sentence: Sentence, names: Named, last: Mention | None, about: Sequence[str]) -> Mention | None:
        match = self._generic.search(sentence)
        if match is None:
            return None
        start, end = match.span("bare" if match["bare"] else "noun")
        for (a, b), _ in names.masks:  # "the Turkish congress": whose it is, is another mention
            if a - sentence.start < end and start < b - sentence.start < end:
                start = b - sentence.start + 1
        text = sentence.text[start:end]
        fits = [p for p in about if p in self._echoes and self._echoes[p].search(text)]
        target = fits[0] if fits and fits[0] in about[:2] else last.target if last else about[0]
        if target in names.barred:
            return None
        process = self.codebook.process[target]
        source = (last.span or last.resolved_from) if last and last.target == target else None
        span = sentence.start + start, sentence.start + end
        return Mention(target, process.name, "process", text, *span, False, source, "pointed")
