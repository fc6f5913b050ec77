"""Who and what a document names: actors by their aliases, processes by place, sponsor or full name.

This module reads one sentence at a time; what a sentence only points at is resolved in `resolution`.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from stance.codebook import Actor, Codebook, Period, Process
from stance.matcher import Matcher
from stance.records import Mention, Sentence, Span

# Between a place or sponsor and its noun: adjectives and names, no word that ends the noun phrase.
_GAP_STOP = (
    "for|to|in|on|with|of|and|or|but|the|a|an|by|at|as|has|have|had|is|was|were|are|be|will|would|could|said|says|"
    "that|which|who|where|when|after|before|from|into|over|than|about|during|ahead|its|his|their|wants?|holds?|hosts?"
)
_WORD = rf"(?!(?:{_GAP_STOP})\b)[\w.’'–-]+"
# Between a sponsor without "-led" and its noun only words that cannot be a verb: "U.N. peace talks", not "U.N. calls".
_QUALIFIER = (
    r"(?:Syrian?|intra-Syrian|inter-Syrian|peace|political|new|latest|planned|proposed|diplomatic|special|separate|own|"
    r"national|dialogue|joint|mediation|mediated|indirect|direct|Geneva|Sochi|parallel|rival|draft|so-called)"
)
_SPONSORED = (
    r"(?:led|backed|sponsored|brokered|mediated|hosted|facilitated|supervised|run|convened|organi[sz]ed|proposed|"
    r"supported|initiated|inspired|sanctioned|moderated|overseen|chaired|driven|held|run|planned|supervised|mandated)"
)


def alternatives(phrases: Iterable[str]) -> str:
    """A regular expression for any of the phrases, longest first."""
    return "|".join(re.escape(p).replace(r"\ ", r"\s+") for p in sorted(set(phrases), key=len, reverse=True))


@dataclass(frozen=True, slots=True)
class Named:
    """What one sentence names: actor and process mentions, and every span that gives a name away."""

    actors: tuple[Mention, ...]
    processes: tuple[Mention, ...]
    masks: tuple[tuple[Span, str], ...]


@dataclass(frozen=True, slots=True)
class _Entry:
    kind: str
    id: str
    period: Period


class Names:
    """The codebook's names, compiled for matching."""

    def __init__(self, codebook: Codebook) -> None:
        self.codebook = codebook
        self._matcher: Matcher[_Entry] = Matcher(self._entries())
        nouns = alternatives(codebook.resolution.nouns)
        self._actor_names = {alias for actor in codebook.actors for alias, _ in codebook.names(actor)}
        self._places: dict[str, list[tuple[Process, Period]]] = {}
        for process in codebook.processes:
            for place in process.places:
                self._places.setdefault(place.name, []).append((process, place))
        places = alternatives(self._places)
        gap = rf"(?:[ -]{_WORD}){{0,4}}?"
        self._place_noun = re.compile(rf"\b(?P<place>{places})(?:['’]s)?{gap}[ -](?:{nouns})\b", re.I)
        self._noun_place = re.compile(
            rf"\b(?:{nouns})\b(?:[ ,]+(?!(?:{nouns})\b)[\w.’'&-]+){{0,9}}?[ ,]+(?:in|at|of|from)\b"
            rf"(?:[ ,]+(?!in\b|from\b)[\w.’'-]+){{0,5}}?[ ,]+(?P<place>{places})\b"
        )
        # "Astana, Kazakhstan": the country says where the city is
        self._in_place = re.compile(rf"\b(?:{alternatives(p for p in self._places if not self.is_actor(p))}),?\s+$")
        self._bare_place = re.compile(rf"\b(?P<place>{places})\b")
        self._dateline = re.compile(
            rf"^(?:(?:{places})(?:\s*/\s*[A-Z]+)*(?:\s*\([\w .]+\)\s*[-–—:]?|,\s+[A-Z][\w.]+\s+\d+|\s*[-–—]\s)"
            rf"|[A-Z]{{4,}}(?:/[A-Z ]{{4,}})*(?:,\s\w+\.?\s\d+)?\s*(?:\([\w .]+\))?\s*[-–—]?\s+(?=[A-Z\"“]))"
        )
        self._acts = re.compile(rf"\s+(?:{alternatives([*codebook.resolution.speech, *codebook.resolution.acts])})\b")
        self._unless = {p.id: re.compile(rf"\b(?:{alternatives(p.unless)})\b") for p in codebook.processes if p.unless}
        self._sponsored = [(p, self._sponsor_pattern(p, nouns)) for p in codebook.processes if p.sponsors]
        self._demonym = re.compile(
            rf"\s+(?:[a-z][\w.-]*\s+|(?:U\.N\.|UN|Syrian|Deputy|Foreign|Prime|Vice|Defen[cs]e|Special)\s+){{0,4}}?"
            rf"(?:{alternatives(codebook.resolution.roles)})\b",
            re.I,
        )

    def _entries(self) -> Iterable[tuple[str, _Entry]]:
        for actor in self.codebook.actors:
            for phrase, period in self.codebook.names(actor):
                yield phrase, _Entry("actor", actor.id, period)
            for demonym in actor.demonyms:
                yield demonym, _Entry("demonym", actor.id, Period())
            for agent in actor.agents:
                yield agent, _Entry("agent", actor.id, Period())
        for process in self.codebook.processes:
            for phrase in process.aliases:
                yield phrase, _Entry("process", process.id, Period())

    def _sponsor_pattern(self, process: Process, nouns: str) -> re.Pattern[str]:
        sponsors = alternatives(process.sponsors)
        own = alternatives(process.sponsor_nouns)
        gap = rf"(?:[ -]{_WORD}){{0,4}}?"
        return re.compile(
            rf"\b(?:{sponsors})[ -]{_SPONSORED}{gap}[ -](?:{nouns})\b"
            + (rf"|\b(?:{sponsors})(?:['’]s)?(?:[ -]{_QUALIFIER}){{0,3}}?[ -](?:{own})\b" if own else "")
        )

    def _owner(self, place: str, day: datetime.date | None) -> Process | None:
        """The process that a place's name means on a day; the first in the codebook where the day is unknown."""
        return next((process for process, period in self._places[place] if period.covers(day)), None)

    def is_actor(self, phrase: str) -> bool:
        """Whether a phrase is some actor's name."""
        return phrase in self._actor_names

    def _excluded(self, text: str, process: Process) -> bool:
        """Whether a sentence is about something else that happens in the process's place."""
        return process.id in self._unless and bool(self._unless[process.id].search(text))

    def named(self, sentence: Sentence, day: datetime.date | None, bare: bool = True) -> Named:
        """Find what a sentence names; with `bare`, a place's name alone is its process, as in a text about talks."""
        matches = list(self._matcher.find(sentence.text))
        processes = self._processes(sentence, day, matches, bare)
        taken = [m.span for m in processes if m.span]
        actors, masks = [], [(span, m.target) for m in processes if (span := m.span)]
        dateline = self._dateline.match(sentence.text)
        for start, end, entries in matches:
            span = sentence.start + start, sentence.start + end
            if (dateline and end <= dateline.end()) or self._in_place.search(sentence.text[max(0, start - 20) : start]):
                continue
            if any(a < span[1] and span[0] < b for a, b in taken):
                continue
            actor_id = self._pick([e for e in entries if e.kind != "process"], day)
            if actor_id is None:
                continue
            kinds = {e.kind for e in entries if e.id == actor_id}
            if "agent" in kinds and not self._acts.match(sentence.text, end):
                continue
            masks.append((span, self.codebook.principal(actor_id).id))
            if kinds == {"demonym"}:  # an actor only with a role behind it ("Turkish officials")
                role = self._demonym.match(sentence.text, end)
                if role is None:
                    continue
                span = span[0], sentence.start + role.end()
            actors.append(self._actor_mention(sentence, span, actor_id))
        return Named(tuple(distinct(actors)), tuple(processes), tuple(masks))

    def _pick(self, entries: Sequence[_Entry], day: datetime.date | None) -> str | None:
        """The actor meant by a phrase that several share at different dates: who held it then, or whom all serve."""
        return next((e.id for e in entries if e.period.covers(day)), entries[0].id if entries else None)

    def _actor_mention(self, sentence: Sentence, span: Span, actor_id: str) -> Mention:
        text = sentence.text[span[0] - sentence.start : span[1] - sentence.start]
        holder = self.codebook.principal(actor_id)
        return Mention(holder.id, holder.name, self.codebook.actor[actor_id].kind, text, *span, how=actor_id)

    def _processes(
        self,
        sentence: Sentence,
        day: datetime.date | None,
        matches: Sequence[tuple[int, int, list[_Entry]]],
        bare: bool,
    ) -> list[Mention]:
        text, found = sentence.text, list[tuple[int, int, Process, bool]]()
        for start, end, entries in matches:
            found += [(start, end, self.codebook.process[e.id], True) for e in entries if e.kind == "process"]
        for process, pattern in self._sponsored:
            if process.covers(day):
                # The sponsor of a process without an end settles it by itself; of a dated one, only in its time.
                found += [(*m.span(), process, process.to is None) for m in pattern.finditer(text)]
        dateline = self._dateline.match(text)
        floor = dateline.end() if dateline else 0
        actors = [(start, end) for start, end, entries in matches if any(e.kind == "actor" for e in entries)]
        for match in self._place_noun.finditer(text, floor):
            process_ = self._owner(_title(match["place"]), day)
            # "Moscow talks" are a process, "Moscow's peace drive" is an actor's
            ambiguous = self.is_actor(match["place"]) and text[match.end("place")] in "'’"
            if process_ and not ambiguous and not _inside(match.span("place"), actors):
                found.append((*match.span(), process_, True))
        for match in self._noun_place.finditer(text, floor):
            if process_ := self._owner(match["place"], day):
                found.append((*match.span("place"), process_, True))
        for match in self._bare_place.finditer(text, floor) if bare else ():
            process_ = self._owner(match["place"], day)
            if process_ and not self.is_actor(match["place"]) and not _inside(match.span(), actors):
                found.append((*match.span(), process_, True))
        return _process_mentions(sentence, [f for f in found if not self._excluded(text, f[2])])


def _inside(span: Span, names: Sequence[Span]) -> bool:
    """Whether a span is part of a longer name ("Astana" in "Astana Platform")."""
    return any(a <= span[0] and span[1] <= b and (a, b) != span for a, b in names)


def _title(place: str) -> str:
    return "-".join(part.capitalize() for part in place.split("-"))


def _process_mentions(sentence: Sentence, found: list[tuple[int, int, Process, bool]]) -> list[Mention]:
    """One mention per place in the text: the longest span wins, in the order in which the sentence has them."""
    kept: list[tuple[int, int, Process, bool]] = []
    for item in sorted(found, key=lambda f: (f[0] - f[1], f[0])):
        if not any(a < item[1] and item[0] < b for a, b, *_ in kept):
            kept.append(item)
    return [
        Mention(p.id, p.name, "process", sentence.text[a:b], sentence.start + a, sentence.start + b, explicit)
        for a, b, p, explicit in sorted(kept, key=lambda f: f[0])
    ]


def distinct(mentions: Sequence[Mention]) -> list[Mention]:
    """The first mention of each target, in order."""
    seen: dict[str, Mention] = {}
    for mention in mentions:
        seen.setdefault(mention.target, mention)
    return list(seen.values())


def kind_of(codebook: Codebook, mention: Mention) -> str:
    """The kind of the actor who holds a mention's positions; a person whom no list knows is an expert."""
    actor: Actor | None = codebook.actor.get(mention.target)
    return actor.kind if actor else "expert"
