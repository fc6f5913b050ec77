"""Who a document names: actors by their aliases, as holders of a position and not as places or owners.

This module reads one sentence at a time; what a sentence only points at is resolved in `resolution`.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from stance.codebook import ALWAYS, Actor, Codebook, Period
from stance.matcher import Matcher, Pattern, alternatives
from stance.processes import ProcessNames
from stance.records import Mention, Sentence, Span

_ARTICLE = re.compile(r"\b(?:[Tt]he|[Aa]n?)\s+$")
# Behind a name: "Saudi-backed", "Beirut-based"; before it: "in Paris", "the capital of Kazakhstan", "a former Turkish".
_ADJECTIVE = re.compile(
    r"[-–](?:based|led|backed|born|trained|brokered|sponsored|supported|supplied|controlled|held|funded|mediated|hosted|"
    r"allied|friendly|appointed|made|dominated|occupied)\b"
)
_WHERE = re.compile(
    r"\b(?:in|near|outside|around|across|inside|throughout|fl(?:y|ew|own) from|suburbs? of|capital of|"
    r"streets of|city of|outskirts of|north of|south of|east of|west of)\s+(?:the\s+)?$",
    re.I,
)
_ABOUT = re.compile(r"\b(?:on|in|of|for|about|to|from|with|over|inside|across|at|against)\s+$", re.I)
_FORMER = re.compile(r"\b(?:former|retired|ex|one-time|onetime)[ -](?:[a-z]+\s+)?$", re.I)
_CLAUSE = re.compile(r"(?:^|[,;:–—-]|\b(?:and|but|as|while|whether))\s*$")
NEAR = 40  # characters before a name that are looked at


@dataclass(frozen=True, slots=True)
class Named:
    """What one sentence names: actor and process mentions, and every span that gives a name away.

    `actors` has each actor once; `again` are his further mentions ("Damascus ... Bashar al-Jaafari"). `barred` are the
    processes that the sentence cannot be about, since it is about something else.
    """

    actors: tuple[Mention, ...]
    again: tuple[Mention, ...]
    processes: tuple[Mention, ...]
    masks: tuple[tuple[Span, str], ...]
    barred: frozenset[str] = frozenset()


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
        self.processes = ProcessNames(codebook)
        words = codebook.resolution
        acts = rf"\s+(?:{alternatives([*words.speech, *words.acts])})\b"
        self._acts, self._alone = Pattern(acts), Pattern(rf"[,;.]|{acts}")
        self._owned = Pattern(rf"(?:['’]s)?\s+(?:{alternatives(words.owned)})\b") if words.owned else None
        role = alternatives([*words.roles, *words.person_roles])
        self._un_office = Pattern(
            rf"['’]s\s+(?:[a-z]+\s+){{0,2}}(?:U\.N\.|UN|United Nations)\s+(?:[a-z]+\s+)?(?:{role})\b"
        )
        self._role_in = Pattern(rf"\b(?:{role})\s+in\s+(?:the\s+)?$", re.I)
        self._ends_in_role = Pattern(rf"\b(?:{role})$", re.I)
        demonyms = alternatives({demonym for actor in codebook.actors for demonym in actor.demonyms})
        self._demonym = Pattern(
            rf"\s+(?:[a-z][\w.-]*\s+|(?:U\.N\.|UN|{demonyms}|Deputy|Foreign|Prime|Vice|Defen[cs]e|Special)\s+){{0,4}}?"
            rf"(?:{alternatives(words.roles)})\b",
            re.I,
        )

    def _entries(self) -> Iterable[tuple[str, _Entry]]:
        for actor in self.codebook.actors:
            for phrase, period in self.codebook.names(actor):
                yield phrase, _Entry("actor", actor.id, period)
            for demonym in actor.demonyms:
                yield demonym, _Entry("demonym", actor.id, ALWAYS)
            for agent in actor.agents:
                yield agent, _Entry("agent", actor.id, ALWAYS)
        for process in self.codebook.processes:
            for phrase in process.aliases:
                yield phrase, _Entry("process", process.id, ALWAYS)

    def _passing(self, text: str, start: int, end: int, actor_id: str) -> bool:
        """Whether a name is only a place, an adjective, an owner's, or an office that somebody once held."""
        if _ADJECTIVE.match(text, end) or (self._owned and self._owned.match(text, end)):
            return True
        before = text[max(0, start - NEAR) : start]
        if self.codebook.actor[actor_id].kind == "state" and _WHERE.search(before) and not self._role_in.search(before):
            return not self._ends_in_role.search(text[start:end])
        return bool(_FORMER.search(before) and self._ends_in_role.search(text[start:end]))

    def named(self, sentence: Sentence, day: datetime.date | None, bare: bool = True) -> Named:
        """Find what a sentence names; with `bare`, a place's name alone is its process, as in a text about talks."""
        matches = self._matcher.find(sentence.text)
        floor, cities = self.processes.floor(sentence), self.processes.cities(sentence)
        full = [(start, end, e.id) for start, end, entries in matches for e in entries if e.kind == "process"]
        known = [(start, end) for start, end, entries in matches if any(e.kind == "actor" for e in entries)]
        barred = self.processes.barred(sentence)
        processes = [p for p in self.processes.find(sentence, day, full, known, floor, bare) if p.target not in barred]
        taken = [m.span for m in processes if m.span]
        actors, masks = [], [(span, m.target) for m in processes if (span := m.span)]
        busy = 0
        for start, end, entries in matches:
            span = sentence.start + start, sentence.start + end
            if end <= floor or start in cities or any(a < span[1] and span[0] < b for a, b in taken):
                continue
            actor_id = self._pick([e for e in entries if e.kind != "process"], day)
            if actor_id is None:
                continue
            kinds = {e.kind for e in entries if e.id == actor_id}
            if "agent" in kinds and not self._is_agent(sentence.text, start, end):
                kinds.discard("agent")
                if not kinds:
                    continue
            masks.append((span, self.codebook.principal(actor_id).id))
            end = self._holder_end(sentence.text, start, end, kinds, actor_id)
            if end > start >= busy:
                busy = end
                actors.append(self._actor_mention(sentence, (span[0], sentence.start + end), actor_id))
        once = distinct(actors)
        again = tuple(m for m in actors if m not in once)
        return Named(tuple(once), again, tuple(processes), tuple(masks), barred)

    def _is_agent(self, text: str, start: int, end: int) -> bool:
        """Whether a name acts here: "Syria said", "Syria's UN ambassador", not "the congress on Syria is".

        A common word does at the head of a clause alone: "talks may slip, mediator says", not "Iran's mediator says".
        """
        before = text[max(0, start - NEAR) : start]
        acts = self._acts.match(text, end) and not _ABOUT.search(before)
        if text[start].islower() and not _CLAUSE.search(before):
            return False
        return bool(acts or self._un_office.match(text, end))

    def _holder_end(self, text: str, start: int, end: int, kinds: set[str], actor_id: str) -> int:
        """Where the words for a holder end that begin with a name; 0 where the name is not a holder's here."""
        if kinds == {"demonym"}:  # an actor only with a role behind it ("Turkish officials")
            role = self._demonym.match(text, end)
            if role is None and not self._nationality(text, start, end):
                return 0
            end = role.end() if role else end
            before = text[max(0, start - NEAR) : start]
            return 0 if role and _FORMER.search(before) else end
        if self._passing(text, start, end, actor_id):
            return 0
        office = self._un_office.match(text, end)  # "Syria's deputy UN ambassador" is Syria's
        return office.end() if office else end

    def _nationality(self, text: str, start: int, end: int) -> bool:
        """Whether a demonym stands for a person: "the Jordanian, who ...", "a Turk said"."""
        return bool(_ARTICLE.search(text[max(0, start - 5) : start]) and self._alone.match(text, end))

    def _pick(self, entries: Sequence[_Entry], day: datetime.date | None) -> str | None:
        """The actor meant by a phrase that several share at different dates: who held it then, or whom all serve."""
        return next((e.id for e in entries if e.period.covers(day)), entries[0].id if entries else None)

    def _actor_mention(self, sentence: Sentence, span: Span, actor_id: str) -> Mention:
        text = sentence.text[span[0] - sentence.start : span[1] - sentence.start]
        holder = self.codebook.principal(actor_id)
        return Mention(holder.id, holder.name, self.codebook.actor[actor_id].kind, text, *span, how=actor_id)


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
