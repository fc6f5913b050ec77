"""People whom no list knows: names that a sentence introduces as speakers, and for whom they speak.

"Kremlin adviser Pavel Orlov said" gives a holder who speaks for Russia; "Pavel Orlov, who heads a Moscow institute,
said" gives a holder who is himself. Later the bare surname means the same person.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from stance.codebook import PERSONS, Codebook
from stance.mentions import alternatives, kind_of
from stance.records import Mention, Sentence, Span

_PARTICLE = r"(?:al-|el-|de |De |van |von |bin |ibn |Al |Abu )"
_TOKEN = rf"(?:{_PARTICLE})?[A-Z][\w’'-]*[a-z][\w’'-]*"
_NAME = rf"{_TOKEN}(?:\s+(?:[A-Z]\.\s+)?{_TOKEN}){{1,3}}"
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
    Spokeswoman Foreign State Envoy Special Representative Vice Syrian Russian Turkish Iranian President
    """.split()
)
_ROLE_GAP = re.compile(
    r"^(?:['’]s)?(?:\s+(?:[a-z][\w.-]*|U\.N\.|UN|Deputy|Foreign|Minister|Prime|Ambassador|Mr|Mr\.|Dr|Dr\.)){0,6}"
    r",?\s+(?:[A-Z][a-z]+\.?\s+)?$"
)
_APPOSITION = re.compile(r"^,?\s+(?:who\s+(?:is|was|leads|heads|represents|speaks for)\s+)?(?:[a-z][\w-]*\s+){0,8}$")


class People:
    """The unlisted speakers of one document, remembered by surname."""

    def __init__(self, codebook: Codebook) -> None:
        self._codebook = codebook
        speech = alternatives(codebook.resolution.speech)
        roles = alternatives(codebook.resolution.person_roles)
        self._intro = re.compile(
            rf"\b(?:{speech}),?\s+(?:(?:by|to)\s+)?(?P<after>{_NAME})"
            rf"|(?P<before>{_NAME})(?:,[^,;]{{3,90}},)?\s+(?:has |had |also |later |then )?(?:{speech})\b"
            rf"|(?P<titled>{_NAME}),\s+"
            rf"(?:who\s+\w+|(?:an?|the|its|senior|former|head|director|chief)\s[^,]{{0,60}}?\b(?:{roles})\b)"
            rf"|\b(?:{roles})\s+(?P<role>{_NAME})"
        )
        self._role = re.compile(rf"\b(?:{roles})\b", re.I)
        self._known: dict[str, Mention] = {}

    def introduce(self, sentence: Sentence, actors: Sequence[Mention], taken: Sequence[Span]) -> None:
        """Remember the people that a sentence introduces, with the actor for whom each speaks.

        `taken` are spans of names that the codebook knows.
        """
        for mention in actors:
            if kind_of(self._codebook, mention) in PERSONS:
                self._known.setdefault(mention.text.split()[-1], mention)
        for match in self._intro.finditer(sentence.text):
            group = str(match.lastgroup)
            start, end = match.span(group)
            name = match[group]
            while name and name.split()[0] in _NOT_NAMES | _TITLES:
                start += len(name) - len(rest := name.partition(" ")[2])
                name = rest
            if len(name.split()) < 2 or any(token in _NOT_NAMES for token in name.split()):
                continue
            start, end = sentence.start + start, sentence.start + end
            if any(a < end and start < b for a, b in taken):
                continue
            surname = name.split()[-1]
            if surname not in self._known:
                self._known[surname] = self._person(name, start, end, sentence, actors)

    def _person(self, name: str, start: int, end: int, sentence: Sentence, actors: Sequence[Mention]) -> Mention:
        for actor in actors:
            if actor.start is None or actor.end is None:
                continue
            before = sentence.text[actor.end - sentence.start : start - sentence.start] if actor.end <= start else None
            after = sentence.text[end - sentence.start : actor.start - sentence.start] if actor.start >= end else None
            if (
                before is not None and _ROLE_GAP.match(before) and (self._role.search(before) or "inister" in before)
            ) or (after is not None and _APPOSITION.match(after) and self._role.search(after)):
                return Mention(actor.target, actor.name, "official", name, start, end, how="apposition")
        return Mention(name.casefold().replace(" ", "-"), name, "expert", name, start, end, how="speaker")

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
