"""Which processes a sentence names: by full name, by place or sponsor with a noun; and which it cannot be about."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Sequence

from stance.codebook import Codebook, Period, Process
from stance.matcher import Cue, alternatives
from stance.records import Mention, Sentence, Span, without_overlap

# Between a place or sponsor and its noun: adjectives and names, no word that ends the noun phrase.
_GAP_STOP = (
    "for|to|in|on|with|of|and|or|but|the|a|an|by|at|as|has|have|had|is|was|were|are|be|will|would|could|said|says|"
    "that|which|who|where|when|after|before|from|into|over|than|about|during|ahead|its|his|their|wants?|holds?|held|hosts?|"
    "hosted"
)
# Hyphens are counted and the rest is possessive: else "Geneva-a-a-a-" can be cut into words in millions of ways.
_WORD = rf"(?!(?:{_GAP_STOP})\b)[\w.’'–]++(?:-[\w.’'–]++){{0,3}}"
# Between a sponsor without "-led" and its noun only words that cannot be a verb: "U.N. peace talks", not "U.N. calls".
_QUALIFIER = (
    "peace|political|new|latest|planned|proposed|diplomatic|special|separate|own|national|dialogue|joint|mediation|"
    "mediated|indirect|direct|parallel|rival|draft|so-called"
)
_SPONSORED = (
    r"(?:led|backed|sponsored|brokered|mediated|hosted|facilitated|supervised|run|convened|organi[sz]ed|proposed|"
    r"supported|initiated|inspired|sanctioned|moderated|overseen|chaired|driven|held|run|planned|supervised|mandated)"
)


class ProcessNames:
    """The codebook's ways to name a process, compiled for matching."""

    def __init__(self, codebook: Codebook) -> None:
        self._codebook = codebook
        nouns = alternatives(codebook.resolution.nouns)
        self._actor_names = {alias for actor in codebook.actors for alias, _ in codebook.names(actor)}
        self._places: dict[str, list[tuple[Process, Period]]] = {}
        for process in codebook.processes:
            for place in process.places:
                self._places.setdefault(place.name, []).append((process, place))
        places = alternatives(self._places)
        gap = rf"(?:[ -]{_WORD}){{0,4}}?"
        place_noun = rf"\b(?P<place>{places})(?:['’]s)?{gap}[ -](?:{nouns})\b"
        self._place_noun = Cue(place_noun, self._places, re.I)
        noun_place = (
            rf"\b(?:{nouns})\b(?:[ ,]+(?!(?:{nouns})\b)[\w.’'&-]+){{0,9}}?[ ,]+(?:in|at|of|from)\b"
            rf"(?:[ ,]+(?!in\b|from\b)[\w.’'-]+){{0,5}}?[ ,]+(?P<place>{places})\b"
        )
        self._noun_place = Cue(noun_place, self._places)
        cities = alternatives(p for p in self._places if not self._is_actor(p))
        name = r"[A-Z][\w.-]*(?:\s+[A-Z][\w.-]*){0,2}"
        self._city = Cue(
            rf"\b(?:{cities}),?\s+(?={name}(?:[.;:)]|,(?!\s+(?:and\s+)?{name},?\s+(?:and|[a-z]))|$))", self._places
        )
        self._bare_place = Cue(rf"\b(?P<place>{places})\b(?!-)", self._places)
        self._dateline = re.compile(
            rf"^(?:(?:{places})(?:\s*/\s*[A-Z]+)*(?:\s*\([\w .]+\)\s*[-–—:]?|,\s+[A-Z][\w.]+\s+\d+|\s*[-–—]\s)"
            r"|[A-Z]{4,}+(?:/(?=[A-Z ]{4})[A-Z]++(?: [A-Z]++)*)*(?:,\s\w+\.?\s\d+)?(?:\s*\([\w .]+\))?"
            r"(?:\s*[-–—])?\s+(?=[A-Z\"“]))"
        )
        about = alternatives([*(w for w in codebook.resolution.subjects if w != w.lower()), *self._places])
        self._qualifier = rf"(?:{_QUALIFIER}|{about})"
        self._sponsored = [(p, self._sponsor_pattern(p, nouns)) for p in codebook.processes if p.sponsors]
        self._unless = {
            p.id: Cue(rf"\b(?:{alternatives(p.unless)})\b", p.unless) for p in codebook.processes if p.unless
        }
        words = codebook.resolution
        self._subject = _proper(words.subjects)  # "Syria", not "rebels", whom other wars have too
        self._elsewhere = _proper(words.elsewhere)
        other = alternatives(words.elsewhere)
        on = rf"(?:(?:in|at)\s+\w+\s+)?(?:on|over|about|between)\s+(?:[\w'’-]+\s+){{0,3}}?(?:{other})"
        # "talks on Yemen", "the Libya talks"
        self._other_talks = Cue(rf"\b(?:{nouns})\s+{on}\b|\b(?:{other})\s+(?:{nouns})\b", words.elsewhere)

    def _sponsor_pattern(self, process: Process, nouns: str) -> Cue:
        sponsors = alternatives(process.sponsors)
        own = alternatives(process.sponsor_nouns)
        gap = rf"(?:[ -]{_WORD}){{0,4}}?"
        return Cue(
            rf"\b(?:{sponsors})[ -]{_SPONSORED}{gap}[ -](?:{nouns})\b"
            + (rf"|\b(?:{sponsors})(?:['’]s)?(?:[ -]{self._qualifier}){{0,3}}?[ -](?:{own})\b" if own else ""),
            process.sponsors,
        )

    def _owner(self, place: str, day: datetime.date | None) -> Process | None:
        """The process that a place's name means on a day; on an unknown day, one that always met there comes first."""
        owners = [(p, period) for p, period in self._places[place] if period.covers(day)]
        if day is None:
            owners.sort(key=lambda owner: not owner[1].includes(owner[0]))
        return owners[0][0] if owners else None

    def _is_actor(self, phrase: str) -> bool:
        """Whether a phrase is some actor's name."""
        return phrase in self._actor_names

    def names_subject(self, sentence: Sentence) -> bool:
        """Whether a sentence has one of the subject's own names."""
        return self._subject.search(sentence) is not None

    def barred(self, sentence: Sentence) -> frozenset[str]:
        """The processes that a sentence is not about: it is on another subject, or on what else the place is for."""
        away = self._elsewhere.search(sentence) and not self.names_subject(sentence)
        if away or self._other_talks.search(sentence):
            return frozenset(self._codebook.process)
        return frozenset(p for p, cue in self._unless.items() if cue.search(sentence))

    def floor(self, sentence: Sentence) -> int:
        """Where the text begins behind a dateline ("GENEVA (Agency) - "); 0 without one."""
        dateline = self._dateline.match(sentence.text)
        return dateline.end() if dateline else 0

    def cities(self, sentence: Sentence) -> set[int]:
        """Where something begins that only says where a city is: the country in "Astana, Kazakhstan"."""
        return {m.end() for m in self._city.find(sentence)}

    def find(
        self,
        sentence: Sentence,
        day: datetime.date | None,
        full: Sequence[tuple[int, int, str]],
        actors: Sequence[Span],
        floor: int,
        bare: bool,
    ) -> list[Mention]:
        """The processes that a sentence names, in order.

        `full` are its full names of processes with their ids, `actors` its names of actors, both by offsets in the
        sentence; its text begins at `floor`. With `bare`, a place's name alone is its process,
        as in a text about talks.
        """
        text = sentence.text
        found = [(start, end, self._codebook.process[target], True) for start, end, target in full]
        for process, pattern in self._sponsored:
            if process.covers(day):
                # The sponsor of a process without an end settles it by itself; of a dated one, only in its time.
                found += [(*m.span(), process, process.to is None) for m in pattern.find(sentence)]
        for match in self._place_noun.find(sentence, floor):
            process_ = self._owner(_title(match["place"]), day)
            # "Moscow talks" are a process, "Moscow's peace drive" is an actor's
            ambiguous = self._is_actor(match["place"]) and text[match.end("place")] in "'’"
            if process_ and not ambiguous and not _inside(match.span("place"), actors):
                found.append((*match.span(), process_, True))
        for match in self._noun_place.find(sentence, floor):
            if process_ := self._owner(match["place"], day):
                found.append((*match.span("place"), process_, True))
        for match in self._bare_place.find(sentence, floor) if bare else ():
            process_ = self._owner(match["place"], day)
            if process_ and not self._is_actor(match["place"]) and not _inside(match.span(), actors):
                found.append((*match.span(), process_, True))
        return _process_mentions(sentence, found)


def _proper(phrases: Iterable[str]) -> Cue:
    """Those of the phrases that have a capital."""
    proper = [phrase for phrase in phrases if phrase != phrase.lower()]
    return Cue(rf"\b(?:{alternatives(proper)})\b", proper)


def _inside(span: Span, names: Sequence[Span]) -> bool:
    """Whether a span is part of a longer name ("Astana" in "Astana Platform")."""
    return any(a <= span[0] and span[1] <= b and (a, b) != span for a, b in names)


def _title(place: str) -> str:
    return "-".join(part.capitalize() for part in place.split("-"))


def _process_mentions(sentence: Sentence, found: list[tuple[int, int, Process, bool]]) -> list[Mention]:
    """One mention per place in the text: the longest span wins, in the order in which the sentence has them."""
    longest = sorted(found, key=lambda f: (f[0] - f[1], f[0]))
    return [
        Mention(p.id, p.name, "process", sentence.text[a:b], sentence.start + a, sentence.start + b, explicit)
        for (a, b), (p, explicit) in without_overlap(((a, b), (p, explicit)) for a, b, p, explicit in longest)
    ]
