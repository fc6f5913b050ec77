"""People whom no list knows: names that a sentence introduces as speakers, and for whom they speak.

"Kremlin adviser Pavel Orlov said" gives a holder who speaks for Russia; "Pavel Orlov, who heads a Moscow institute,
said" gives a holder who is himself. Later the bare surname means the same person.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from stance.codebook import PERSONS, Codebook
from stance.matcher import Pattern, alternatives
from stance.mentions import kind_of
from stance.records import Mention, Sentence, Span

_PARTICLE = r"(?:al-|el-|de |De |van |von |bin |ibn |Al |Abu )"
# A capital, and a small letter behind it; possessive, so that a long word is gone through once.
_TOKEN = rf"(?:{_PARTICLE})?[A-ZÀ-ÖØ-ÞĀ-Ž](?:(?![a-z])[\w’'-])*+[a-z][\w’'-]*+"
_NAME = re.compile(rf"\b{_TOKEN}(?:\s+(?:[A-Z]\.\s+)?{_TOKEN}){{1,3}}")
_NOT_NAMES = frozenset(
    """
    The A An In On At But And He She It They We I For From After Before While When If As By With Monday Tuesday
    Wednesday Thursday Friday Saturday Sunday January February March April May June July August September
    October November December Black Sea Middle East United Nations Security Council European Union Foreign
    Minister Prime President Reuters Interfax According Speaking Asked Earlier Later Meanwhile However Also
    Another Both Free Army North South West Eastern Western Northern Southern Related Read News Agency Times
    Post Daily Press
    """.split()
)
_TITLES = frozenset(
    """
    Ambassador Minister Secretary General Colonel Dr Mr Mrs Ms Professor Prof Sheikh Senator Deputy Spokesman
    Spokeswoman Foreign State Envoy Special Representative Vice President
    """.split()
)
_ROLE_GAP = re.compile(
    r"^(?:['’]s)?(?:\s+(?:[a-z][\w.-]*|U\.N\.|UN|Deputy|Foreign|Minister|Prime|Ambassador|Mr|Mr\.|Dr|Dr\.)){0,6}"
    r",?\s+(?:[A-Z][a-z]+\.?\s+)?$"
)
_APPOSITION = re.compile(r"^,?\s+(?:who\s+(?:is|was|leads|heads|represents|speaks for)\s+)?(?:[a-z][\w-]*\s+){0,8}$")
# "an analyst at a Moscow institute, Selin Aktas, doubted": what stands before the name and behind it.
_APPOSED = re.compile(r"\b(?:[Aa]n?|[Aa]nother|[Tt]he|[Ii]ts|[Hh]is|[Hh]er)\s[^,;.\n]{3,70}, $")
_ACTS = re.compile(r",\s(?:has |had |who |also )?[a-z]+(?:ed|s|id)\b")
BEFORE = 80  # characters before a name that may say what he is
REMEMBERED = 1_000  # people at a time: each sentence is searched for all of them


class PeopleCues:
    """The codebook's words around a speaker's name, compiled once for all documents."""

    def __init__(self, codebook: Codebook) -> None:
        self.codebook = codebook
        speech = alternatives(codebook.resolution.speech)
        roles = alternatives(codebook.resolution.person_roles)
        self._introduced = Pattern(rf"\b(?:(?:{speech}),?\s+(?:(?:by|to)\s+)?|(?i:{roles})\s+)$")
        self._speaks = Pattern(
            rf"(?:,[^,;]{{3,90}},)?\s+(?:has |had |also |later |then )?(?:{speech})\b"
            rf"|,\s+(?:who\s+\w+|(?:an?|the|its|senior|former|head|director|chief)\s[^,]{{0,60}}?\b(?:{roles})\b)"
        )
        self.role = Pattern(rf"\b(?:{roles})\b", re.I)
        private = alternatives(codebook.resolution.private_roles)
        self.private = Pattern(rf"\b(?:{private})\b", re.I)
        self._roles = {*codebook.resolution.person_roles, *codebook.resolution.private_roles}
        demonyms = {demonym for actor in codebook.actors for demonym in actor.demonyms}
        self._no_names = _NOT_NAMES | _TITLES | demonyms

    def is_title(self, token: str) -> bool:
        """Whether a capitalised word before a name is no part of it."""
        return token in self._no_names or token.lower() in self._roles or token.endswith("ologist")

    def introduce(self, text: str, start: int, end: int) -> bool:
        """Whether the words around a name make it a speaker's: "said X", "the envoy X", "X, who heads ...,"."""
        before = text[max(0, start - BEFORE) : start]
        if self._speaks.match(text, end) or self._introduced.search(before):
            return True
        return bool(_ACTS.match(text, end) and _APPOSED.search(before))


class People:
    """The unlisted speakers of one document, remembered by surname."""

    def __init__(self, cues: PeopleCues) -> None:
        self._cues = cues
        self._known: dict[str, Mention] = {}

    def introduce(self, sentence: Sentence, actors: Sequence[Mention], taken: Sequence[Span]) -> None:
        """Remember the people that a sentence introduces, with the actor for whom each speaks.

        `taken` are spans of names that the codebook knows.
        """
        for mention in actors:
            if kind_of(self._cues.codebook, mention) in PERSONS:
                self._remember(mention.text.split()[-1], mention)
        for match in _NAME.finditer(sentence.text):
            start, name = match.start(), match.group()
            while name and self._cues.is_title(name.split()[0]):
                start += len(name) - len(rest := name.partition(" ")[2])
                name = rest
            tokens = name.split()
            if len(tokens) < 2 or tokens[-1] in self._known or any(token in _NOT_NAMES for token in tokens):
                continue
            span = sentence.start + start, sentence.start + match.end()
            if any(a < span[1] and span[0] < b for a, b in taken):
                continue
            if self._cues.introduce(sentence.text, start, match.end()):
                self._remember(tokens[-1], self._person(name, *span, sentence, actors))

    def _remember(self, surname: str, person: Mention) -> None:
        self._known.setdefault(surname, person)
        if len(self._known) > REMEMBERED:
            del self._known[next(iter(self._known))]

    def _person(self, name: str, start: int, end: int, sentence: Sentence, actors: Sequence[Mention]) -> Mention:
        for actor in actors:
            if actor.start is not None and actor.end is not None and self._speaks_for(actor, start, end, sentence):
                return Mention(actor.target, actor.name, "official", name, start, end, how="apposition")
        return Mention(name.casefold().replace(" ", "-"), name, "expert", name, start, end, how="speaker")

    def _speaks_for(self, actor: Mention, start: int, end: int, sentence: Sentence) -> bool:
        """Whether the words between a name and an actor say that the person is the actor's official."""
        cues = self._cues
        assert actor.start is not None
        assert actor.end is not None
        if actor.end <= start:
            between = sentence.text[actor.end - sentence.start : start - sentence.start]
            office = f"{actor.text} {between}"
            fits = _ROLE_GAP.match(between) and (cues.role.search(office) or "inister" in between)
        else:
            office = between = sentence.text[end - sentence.start : actor.start - sentence.start]
            fits = _APPOSITION.match(between) and cues.role.search(between)
        return bool(fits) and not cues.private.search(office)

    def find(self, sentence: Sentence, actors: Sequence[Mention], taken: Sequence[Span]) -> list[Mention]:
        """The remembered people whose full name or surname stands in a sentence and no listed actor covers."""
        out: list[Mention] = []
        for surname, person in self._known.items():
            at = sentence.text.find(surname)
            if at < 0 or person.target in {m.target for m in (*actors, *out)}:
                continue
            whole = sentence.text.find(person.text)
            text = person.text if whole >= 0 else surname
            start = sentence.start + (whole if whole >= 0 else at)
            end = start + len(text)
            if end < sentence.end and sentence.text[end - sentence.start].isalnum():
                continue
            if any(a < end and start < b for a, b in taken):
                continue
            out.append(Mention(person.target, person.name, person.kind, text, start, end, how="introduced"))
        return out
