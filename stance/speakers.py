"""Who "he", "it", "we", "the spokesman" and "both sides" are, and who goes on speaking when a quotation runs on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from stance.codebook import PERSONS, Codebook
from stance.matcher import Cue, alternatives
from stance.records import Mention, Sentence

_HE = Cue(r"\b(?:he|she|his|her|him)\b", ("he", "she", "his", "her", "him"), re.I)
_THEY = Cue(r"\b(?:they|their|them)\b", ("they", "their", "them"), re.I)
_IT = Cue(
    r"^\W*(?:It|Its)\b(?!\s+(?:is|was|remains|seems|seemed|appears|appeared|became|will be|would be)\b)"
    r"|(?:\bthat|,|\band|\bbut) its?\b",
    ("it", "its"),
)
_WE = Cue(r"\b(?:[Ww]e|[Oo]ur|us|I|[Mm]y|me)\b", ("we", "our", "us", "i", "my", "me"))
_SUBJECTS = {"we": 0, "i": 1}  # what "we" do is a position sooner than what "I" note or "our" partners are
_YOU = Cue(r"\b(?:you|your)\b", ("you", "your"), re.I)
_ANSWER = re.compile(r"^\s*(?:A|ANSWER|Answer)\s*:")
_QUESTION = re.compile(r"^\s*(?:Q|QUESTION|Question|Interviewer|Reporter)\b[^:]{0,30}:")
# First-person words whose speaker the document hides; kept, so that a reader can see that somebody spoke.
UNNAMED = Mention("unnamed-speaker", "Unnamed speaker", "expert", "", None, None, False, None, "unknown")
_QUOTE = re.compile(r"[\"“”]|''|``|(?<!\w)'(?=\w)|(?<=[.,!?])'(?!\w)")
_DOUBLE = re.compile(r"[\"“”]|''|``")
_LABEL = re.compile(r"^\s*([A-Z][\w.’' -]{0,60}):(?:\s|$)")
_STATEMENT = re.compile(
    r"^\W*(?:\w+\s+){0,2}(?:statement|communiqu[eé]|declaration|press release|appeal)\s+(?:of|by|from)\b", re.I
)
_MEMBERS = (
    "presidents leaders ministers countries states side sides parties governments delegations co-chairs powers nations "
    "capitals sponsors partners participants heads signatories"
).split()


class SpeakerCues:
    """The codebook's words for people and groups that were named before, compiled once for all documents."""

    def __init__(self, codebook: Codebook) -> None:
        known = codebook.resolution
        self.speech = Cue(rf"\b(?:{alternatives(known.speech)})\b", known.speech)
        roles = alternatives(known.person_roles)
        person_role = rf"\bthe\s+(?:[a-z-]+\s+)?(?:{roles})\b(?!\s+(?:of|for)\s+(?-i:[A-Z]))"
        self.person_role = Cue(person_role, known.person_roles, re.I)
        self.members = {actor.id: actor.members for actor in codebook.actors if actor.members}
        self.targets = {noun.casefold(): targets for noun, targets in known.group_roles.items()}
        group_role = (
            r"\b(?:the|some|several|many|most|other|two|three|these|those)\s+(?:other\s+|so-called\s+|armed\s+)?"
            rf"(?P<noun>{alternatives(known.group_roles)})\b(?!\s+(?:of|for|on)\s+(?-i:[A-Z]))"
        )
        self.group_role = Cue(group_role, known.group_roles, re.I)
        about = alternatives([word for word in known.subjects if word != word.lower()])
        # "The three leaders", "both sides", "all three": those whom a sentence has named together.
        self.together = Cue(
            r"\b(?:(?P<two>both|the two|the pair|neither)|(?P<three>the three|all three|the trio|three)|the|all|these)"
            rf"\s+(?:of\s+(?:the|them)\s+)?(?:foreign\s+|warring\s+|negotiating\s+|(?:{about})\s+)?"
            rf"(?:{alternatives(_MEMBERS)})\b"
            r"|\b(?P<two_alone>both|the two|neither)(?=\s+(?:had|have|has|said|agreed|will|would|were|are|of them)\b)"
            r"|\b(?P<three_alone>the three|all three|the trio)\b(?!\s+\w+s\b)",
            (*_MEMBERS, "both", "two", "neither", "three", "trio"),
            re.I,
        )


class Speakers:
    """Follows the people and groups of one document, sentence by sentence."""

    def __init__(self, cues: SpeakerCues) -> None:
        self._cues = cues
        self._person: Mention | None = None
        self._group: Mention | None = None
        self._body: Mention | None = None
        self._speaker: Mention | None = None
        self._turn: Mention | None = None
        self._guest: Mention | None = None
        self._issuer: Mention | None = None
        self._together: tuple[Mention, ...] = ()
        self._seen: dict[str, Mention] = {}
        self._open = False

    def resolve(
        self,
        sentence: Sentence,
        named: Sequence[Mention],
        again: Sequence[Mention] = (),
        ahead: tuple[Sentence, Sequence[Mention]] | None = None,
    ) -> list[Mention]:
        """The actors of the next sentence: those named, and those that its pronouns, roles and quotations stand for.

        `again` are further mentions of the named: they are no new actors, but the last "he" may be among them.
        `ahead` is the sentence behind with those it names: it may say whose quotation has begun here.
        """
        actors = [one for m in named for one in self._members(m)]
        was_open = self._open
        self._follow_quotes(sentence)
        asked = bool(_QUESTION.match(sentence.text))
        if label := _LABEL.match(sentence.text):
            self._take_turn(sentence, named, label.end(), asked)
        self._add(actors, self._pronouns(sentence, named))
        self._add(actors, self._roles(sentence))
        self._add(actors, self._all_of(sentence))
        if asked and self._guest and (you := _YOU.search(sentence)):
            self._add(actors, [self._point(self._guest, sentence, you, "addressed")])
        if named and _STATEMENT.match(sentence.text):
            self._issuer = next((m for m in named if m.kind not in PERSONS), None)
        speaker = self._spoken_by(sentence, actors)
        if self._open and not was_open and not speaker and ahead and _DOUBLE.search(ahead[0].text):
            self._speaker = self._spoken_by(*ahead) or self._speaker
        self._add(actors, self._voice(sentence, speaker, was_open))
        self._remember([*actors, *again], speaker)
        return actors

    def _members(self, mention: Mention) -> list[Mention]:
        """A bloc's members, where the document has named them all; else the actor himself."""
        seen = [self._seen[m] for m in self._cues.members.get(mention.target, ()) if m in self._seen]
        if not seen or len(seen) < len(self._cues.members[mention.target]):
            return [mention]
        return [
            replace(
                mention,
                target=m.target,
                name=m.name,
                explicit=False,
                resolved_from=m.span or m.resolved_from,
                how="member",
            )
            for m in seen
        ]

    def _follow_quotes(self, sentence: Sentence) -> None:
        """Whether a quotation is open at the sentence's end; curly marks say it, straight ones are counted."""
        for mark in _DOUBLE.findall(sentence.text):
            if mark in ("“", "``"):
                self._open = True
            elif mark == "”":
                self._open = False
            else:
                self._open = not self._open

    def _take_turn(self, sentence: Sentence, named: Sequence[Mention], end: int, asked: bool) -> None:
        """A transcript's "Sergei Lavrov:" hands the floor over; whoever answered last is the "you" of a question."""
        if asked:
            self._guest = self._turn or self._guest or self._person
        self._turn = next((m for m in named if m.start is not None and m.start - sentence.start < end), None)
        if _ANSWER.match(sentence.text):
            self._turn = self._guest
        self._speaker = self._turn or self._speaker

    def _voice(self, sentence: Sentence, speaker: Mention | None, was_open: bool) -> list[Mention]:
        """Who says "we", and whose quotation goes on without a word for him."""
        we = min(_WE.find(sentence), key=lambda m: _SUBJECTS.get(m.group().casefold(), 2), default=None)
        if not (we or was_open or self._turn):
            return []
        marks = bool(_QUOTE.search(sentence.text))
        voice = speaker or self._turn or (self._speaker if was_open or marks else None)
        if we and (voice or not marks):
            # A statement's own "we", outside quotation marks, is the body that it has just named.
            body = self._speaker if self._speaker and self._speaker.kind == "organisation" else None
            return [self._point(voice or self._issuer or body or UNNAMED, sentence, we, "speaker")]
        if voice and (was_open or self._turn) and not speaker:
            source = voice.span or voice.resolved_from
            return [Mention(voice.target, voice.name, voice.kind, "", None, None, False, source, "continued")]
        return []

    @staticmethod
    def _add(actors: list[Mention], found: Iterable[Mention]) -> None:
        for mention in found:
            if mention.target not in {m.target for m in actors}:
                actors.append(mention)

    @staticmethod
    def _point(meant: Mention, sentence: Sentence, match: re.Match[str], how: str) -> Mention:
        span = sentence.start + match.start(), sentence.start + match.end()
        return Mention(
            meant.target, meant.name, meant.kind, match.group(), *span, False, meant.span or meant.resolved_from, how
        )

    def _pronouns(self, sentence: Sentence, named: Sequence[Mention]) -> list[Mention]:
        """ "He" is the last person, "they" the last group, "it" the last body, unless one is named before it."""
        out = []
        for pattern, meant, persons in (
            (_HE, self._person, True),
            (_THEY, self._group, False),
            (_IT, self._body, False),
        ):
            match = pattern.search(sentence) if meant else None
            if not match or not meant:
                continue
            at = sentence.start + match.end()
            if not any(m.start is not None and m.start < at and (m.kind in PERSONS) == persons for m in named):
                out.append(self._point(meant, sentence, match, "pronoun"))
        return out

    def _roles(self, sentence: Sentence) -> list[Mention]:
        """ "The minister" is the last person; "the coalition" whom the codebook says, if the document has named him."""
        out = []
        if self._person and (match := self._cues.person_role.search(sentence)):
            out.append(self._point(self._person, sentence, match, "role"))
        for match in self._cues.group_role.find(sentence):
            targets = self._cues.targets[match["noun"].casefold()]
            meant = next((self._seen[t] for t in targets if t in self._seen), None) if targets else self._body
            if meant:
                out.append(self._point(meant, sentence, match, "role"))
        return out

    def _all_of(self, sentence: Sentence) -> list[Mention]:
        match = self._cues.together.search(sentence) if self._together else None
        if not match:
            return []
        number = 2 if match["two"] or match["two_alone"] else 3 if match["three"] or match["three_alone"] else None
        if number not in (None, len(self._together)):
            return []
        return [self._point(m, sentence, match, "together") for m in self._together]

    def _spoken_by(self, sentence: Sentence, actors: Sequence[Mention]) -> Mention | None:
        """The actor next to the sentence's verb of speech: "Lavrov, the minister, said", "said the envoy"."""
        best: tuple[int, Mention] | None = None
        for verb in self._cues.speech.find(sentence):
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
        for mention in sorted(actors, key=lambda m: m.start or 0):
            self._seen[mention.target] = mention
            if mention.kind in PERSONS:
                self._person = mention
                continue
            self._body = mention
            if mention.kind != "state":
                self._group = mention
        direct = {m.target: m for m in actors if m.how != "together" and m.kind != "expert"}
        self._together = tuple(direct.values()) if len(direct) > 1 else self._together
        if speaker:
            self._speaker = speaker
            if speaker.kind in PERSONS:
                self._person = speaker
