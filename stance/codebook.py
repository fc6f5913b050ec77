"""The codebook: which processes and actors exist, by which names, and who speaks for whom.

A researcher adds a process or an actor in `configs/codebook.yaml` and nowhere else.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from stance.io import digest
from stance.schema import Path_, Strict, load_yaml, read_yaml, refuse, validate

ActorKind = Literal["state", "official", "organisation", "armed-group", "bloc", "expert"]
PERSONS = frozenset({"official", "expert"})
ENGLISH = Path(__file__).with_name("english.yaml")


def _with_a_word(phrase: str) -> str:
    if not any(map(str.isalnum, phrase)):
        raise ValueError("a phrase with a letter or a digit was expected")
    return phrase


Phrase = Annotated[str, AfterValidator(_with_a_word)]


class Period(Strict):
    """An interval of days, open where an end is left out."""

    from_: datetime.date | None = Field(None, alias="from")
    to: datetime.date | None = None

    def covers(self, day: datetime.date | None) -> bool:
        """Whether the day lies inside; an unknown day always may."""
        return day is None or ((self.from_ is None or self.from_ <= day) and (self.to is None or day <= self.to))

    def includes(self, other: Period) -> bool:
        """Whether every day of another period lies inside."""
        low, high = datetime.date.min, datetime.date.max
        return (self.from_ or low) <= (other.from_ or low) and (other.to or high) <= (self.to or high)

    def overlaps(self, other: Period) -> bool:
        """Whether some day lies in both."""
        low, high = datetime.date.min, datetime.date.max
        return (self.from_ or low) <= (other.to or high) and (other.from_ or low) <= (self.to or high)


ALWAYS = Period()


class Office(Period):
    """Phrases that mean this person while he holds an office."""

    phrases: list[Phrase] = Field(min_length=1)


class Place(Period):
    """A place whose name means the process, between dates where that matters (Vienna is two processes)."""

    name: Phrase


class Actor(Strict):
    """Somebody who can hold a position; an official's positions are his principal's.

    `demonyms` name him with a role behind them ("Turkish officials"); `agents` are names that mean him only as the
    subject of a verb ("Syria said", not "talks on Syria"). A bloc is its `members` in a text that names them all.
    """

    id: str = Field(pattern=r"^[a-z0-9-]+$")
    name: Phrase
    kind: ActorKind
    principal: str | None = None
    wikidata: str | None = Field(None, pattern=r"^Q[0-9]+$")
    aliases: list[Phrase] = []
    demonyms: list[Phrase] = []
    agents: list[Phrase] = []
    members: list[str] = []
    offices: list[Office] = []


class Process(Period):
    """A negotiation, and the ways in which reporting names it.

    `aliases` settle the process by themselves; `places` do with one of the codebook's nouns beside them; `sponsors`
    with a noun ("UN-led talks"). `echoes` are lower-case phrases that point back to the process in a document that
    is about it. `hints` are words that make a document about it when nothing else does; `unless` are words whose
    sentence is about something else that happens in the same place. `unnamed` is the period in which "peace talks"
    without a name means this process.
    """

    id: str = Field(pattern=r"^[a-z0-9-]+$")
    name: str
    description: str
    places: list[Place] = []
    aliases: list[Phrase] = []
    sponsors: list[Phrase] = []
    sponsor_nouns: list[Phrase] = []
    echoes: list[Phrase] = []
    hints: list[Phrase] = []
    unless: list[Phrase] = []
    unnamed: Period | None = None


class Words(Strict):
    """The words by which reporting points back: to a person, to a group, to a process; `english.yaml` explains each."""

    nouns: list[Phrase] = []
    generic: list[Phrase] = []
    attendance: list[Phrase] = []
    roles: list[Phrase] = []
    speech: list[Phrase] = []
    acts: list[Phrase] = []
    person_roles: list[Phrase] = []
    private_roles: list[Phrase] = []
    owned: list[Phrase] = []
    group_roles: dict[Phrase, list[str]] = {}
    furniture: list[Phrase] = []


class Resolution(Words):
    """A codebook's own words; `subjects` are those of which a document must have one to be about its processes.

    `elsewhere` are words of other subjects. A sentence with one is about no process here if it has no word of
    `subjects`, or if its talks are on that ("talks on Yemen", "the nuclear talks"); one without a capital, a common
    word, counts only in the second way.
    """

    subjects: list[Phrase] = Field(min_length=1)
    elsewhere: list[Phrase] = []

    def extending(self, general: Words) -> Resolution:
        """These words and the general ones; what a group's noun stands for is the codebook's to say."""
        lists = {
            name: list(dict.fromkeys([*getattr(general, name), *getattr(self, name)]))
            for name in Words.model_fields
            if name != "group_roles"
        }
        return self.model_copy(update={**lists, "group_roles": {**general.group_roles, **self.group_roles}})


class Codebook(Strict):
    """All processes and actors, checked against each other."""

    resolution: Resolution
    processes: list[Process] = Field(min_length=1)
    actors: list[Actor] = Field(min_length=1)

    @cached_property
    def actor(self) -> dict[str, Actor]:
        """Actors by id."""
        return {actor.id: actor for actor in self.actors}

    @cached_property
    def process(self) -> dict[str, Process]:
        """Processes by id."""
        return {process.id: process for process in self.processes}

    @cached_property
    def digest(self) -> str:
        """Twelve hexadecimal digits that change when the codebook does."""
        return digest(self.model_dump(mode="json", by_alias=True))

    def principal(self, actor_id: str) -> Actor:
        """The actor to whom an actor's positions belong: himself, or whom he speaks for."""
        actor = self.actor[actor_id]
        while actor.principal:
            actor = self.actor[actor.principal]
        return actor

    @cached_property
    def by_name(self) -> dict[str, Actor]:
        """Actors by canonical name, ignoring case."""
        return {actor.name.casefold(): actor for actor in self.actors}

    def names(self, actor: Actor) -> Iterator[tuple[str, Period]]:
        """Every phrase that means the actor, with the period in which it does."""
        for alias in (actor.name, *actor.aliases):
            yield alias, ALWAYS
        for office in actor.offices:
            for phrase in office.phrases:
                yield phrase, office


def _unknown(codebook: Codebook) -> Iterator[tuple[Path_, str]]:
    """Ids that stand for no actor, each with the path of the entry to blame."""
    for noun, targets in codebook.resolution.group_roles.items():
        for unknown in set(targets) - set(codebook.actor):
            yield ("resolution", "group_roles", noun), f"'{noun}' stands for an unknown actor '{unknown}'"
    for n, actor in enumerate(codebook.actors):
        if actor.principal is not None and actor.principal not in codebook.actor:
            yield ("actors", n, "principal"), f"unknown principal '{actor.principal}'"
        for unknown in set(actor.members) - set(codebook.actor):
            yield ("actors", n, "members"), f"unknown member '{unknown}'"


def _problems(codebook: Codebook) -> Iterator[tuple[Path_, str]]:
    """Contradictions between entries whose ids are all known, each with the path of the entry to blame."""
    owners: dict[str, list[tuple[str, Period]]] = {}
    listed: tuple[tuple[str, Sequence[Process | Actor]], ...] = (
        ("processes", codebook.processes),
        ("actors", codebook.actors),
    )
    for kind, entries in listed:
        seen: set[str] = set()
        for n, entry in enumerate(entries):
            if entry.id in seen:
                yield (kind, n, "id"), f"id '{entry.id}' is used twice"
            seen.add(entry.id)
    for n, actor in enumerate(codebook.actors):
        for phrase, period in codebook.names(actor):
            for owner, other in owners.get(phrase.casefold(), []):
                if period.overlaps(other):
                    yield ("actors", n), f"alias '{phrase}' of '{actor.id}' is already one of '{owner}'"
            owners.setdefault(phrase.casefold(), []).append((actor.id, period))
    sound: set[str] = set()  # those whose line of principals has been followed to its end
    for n, actor in enumerate(codebook.actors):
        served, step = {actor.id}, actor
        while step.principal and step.id not in sound:
            step = codebook.actor[step.principal]
            if step.id in served:
                yield ("actors", n, "principal"), f"'{actor.id}' is its own principal in the end"
                return
            served.add(step.id)
        sound |= served


def load(path: Path) -> Codebook:
    """Read and check a codebook; its words come on top of general English.

    Raises:
        ConfigError: a duplicate alias or id, an unknown principal or key, or a cycle, with file and line.
    """
    value, lines = read_yaml(path)
    codebook = validate(Codebook, value, lines, path)
    refuse(chain(_unknown(codebook), _problems(codebook)), lines, path)
    words = codebook.resolution.extending(load_yaml(Words, ENGLISH))
    return codebook.model_copy(update={"resolution": words})
