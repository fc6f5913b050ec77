"""Who "he", "they", "we" and "the spokesman" are, and who goes on speaking when a quotation runs on."""

from __future__ import annotations

import re
from collections.abc import Sequence

from stance.codebook import PERSONS, Codebook
from stance.mentions import alternatives
from stance.records import Mention, Sentence

_HE = re.compile(r"\b(?:he|she|his|her|him)\b", re.I)
_THEY = re.compile(r"\b(?:they|their|them)\b", re.I)
_WE = re.compile(r"\b(?:we|our|us|I|my)\b")
_WE_START = re.compile(r"\b(?:We|Our|My)\b")
# First-person words whose speaker the document hides; kept, so that a reader can see that somebody spoke.
UNNAMED = Mention("unnamed-speaker", "Unnamed speaker", "expert", "", None, None, False, None, "unknown")
_QUOTE = re.compile(r"[\"“”]|''|``|(?<!\w)'(?=\w)|(?<=[.,!?])'(?!\w)")
_LABEL = re.compile(r"^\s*([A-Z][\w.’' -]{1,60}):(?:\s|$)")


class Speakers:
    """Follows the people and groups of one document, sentence by sentence."""

    def __init__(self, codebook: Codebook) -> None:
        words = codebook.resolution
        self._codebook = codebook
        self._speech = re.compile(rf"\b(?:{alternatives(words.speech)})\b")
        self._person_role = re.compile(
            rf"\b[Tt]he\s+(?:[a-z-]+\s+)?(?:{alternatives(words.person_roles)})\b(?!\s+(?:of|for)\s+[A-Z])"
        )
        self._group_roles = {
            re.compile(rf"\b[Tt]he\s+(?:{re.escape(noun)})\b"): targets for noun, targets in words.group_roles.items()
        }
        self._person: Mention | None = None
        self._group: Mention | None = None
        self._speaker: Mention | None = None
        self._turn: Mention | None = None
        self._seen: dict[str, Mention] = {}
        self._open = False

    def resolve(self, live: Sequence[Sentence], i: int, named: Sequence[Mention]) -> list[Mention]:
        """The actors of sentence `i`: those named, and those that its pronouns, roles and quotations stand for."""
        sentence = live[i]
        actors = list(named)
        was_open = self._open
        self._follow_quotes(sentence)
        label = _LABEL.match(sentence.text)
        if label:
            self._turn = next(
                (m for m in named if m.start is not None and m.start - sentence.start < label.end()), None
            )
            self._speaker = self._turn or self._speaker
        self._add(actors, *self._pronouns(sentence, named))
        self._add(actors, self._role(sentence))
        self._add(actors, *self._groups(sentence))
        speaker = self._spoken_by(sentence, actors)
        quoted = was_open or bool(_QUOTE.search(sentence.text)) or self._turn is not None
        voice = speaker or self._turn or (self._speaker if quoted else None)
        we = _WE.search(sentence.text) or _WE_START.search(sentence.text)
        if we and (voice or not _QUOTE.search(sentence.text)):
            self._add(actors, self._point(voice or UNNAMED, sentence, we, "speaker"))
        elif voice and (was_open or self._turn) and not speaker:
            self._add(
                actors,
                Mention(
                    voice.target,
                    voice.name,
                    voice.kind,
                    "",
                    None,
                    None,
                    False,
                    voice.span or voice.resolved_from,
                    "continued",
                ),
            )
        self._remember(actors, speaker)
        return actors

    def _follow_quotes(self, sentence: Sentence) -> None:
        """Whether a quotation is open at the sentence's end; curly marks say it, straight ones are counted."""
        for mark in _QUOTE.findall(sentence.text):
            if mark in ("“", "``"):
                self._open = True
            elif mark == "”":
                self._open = False
            elif mark == '"' or mark == "''":
                self._open = not self._open

    @staticmethod
    def _add(actors: list[Mention], *found: Mention | None) -> None:
        for mention in found:
            if mention and mention.target not in {m.target for m in actors}:
                actors.append(mention)

    def _point(self, meant: Mention, sentence: Sentence, match: re.Match[str], how: str) -> Mention:
        span = sentence.start + match.start(), sentence.start + match.end()
        return Mention(
            meant.target, meant.name, meant.kind, match.group(), *span, False, meant.span or meant.resolved_from, how
        )

    def _pronouns(self, sentence: Sentence, named: Sequence[Mention]) -> list[Mention]:
        """ "He" is the last person, "they" the last group, unless the sentence names one of that sort before."""
        out = []
        for pattern, meant, persons in ((_HE, self._person, True), (_THEY, self._group, False)):
            match = pattern.search(sentence.text)
            if not match or not meant:
                continue
            at = sentence.start + match.start()
            if not any(m.start is not None and m.start < at and (m.kind in PERSONS) == persons for m in named):
                out.append(self._point(meant, sentence, match, "pronoun"))
        return out

    def _role(self, sentence: Sentence) -> Mention | None:
        match = self._person_role.search(sentence.text)
        return self._point(self._person, sentence, match, "role") if match and self._person else None

    def _groups(self, sentence: Sentence) -> list[Mention]:
        out = []
        for pattern, targets in self._group_roles.items():
            match = pattern.search(sentence.text)
            if not match:
                continue
            meant = next((self._seen[t] for t in targets if t in self._seen), None) if targets else self._group
            if meant:
                out.append(self._point(meant, sentence, match, "role"))
        return out

    def _spoken_by(self, sentence: Sentence, actors: Sequence[Mention]) -> Mention | None:
        """The actor next to the sentence's verb of speech: "Lavrov, the minister, said", "said the envoy"."""
        best: tuple[int, Mention] | None = None
        for verb in self._speech.finditer(sentence.text):
            for actor in actors:
                if actor.start is None or actor.end is None:
                    continue
                before = verb.start() + sentence.start - actor.end
                after = actor.start - (verb.end() + sentence.start)
                gap = before if before >= 0 else after + 2 if after >= 0 else None
                if gap is not None and gap < (60 if before >= 0 else 30) and (best is None or gap < best[0]):
                    best = gap, actor
        return best[1] if best else None

    def _remember(self, actors: Sequence[Mention], speaker: Mention | None) -> None:
        for mention in actors:
            self._seen[mention.target] = mention
            if mention.kind in PERSONS:
                self._person = mention
            elif mention.kind != "state":
                self._group = mention
        if speaker:
            self._speaker = speaker
            if speaker.kind in PERSONS:
                self._person = speaker
