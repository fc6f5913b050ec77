"""The codebook: which processes and actors exist, by which names, and who speaks for whom.

A researcher adds a process or an actor in `configs/codebook.yaml` and nowhere else.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Literal

from pydantic import Field

from stance.errors import ConfigError
from stance.io import digest, read_bytes
from stance.schema import Path_, Strict, parse_yaml, validate

ActorKind = Literal["state", "official", "organisation", "armed-group", "bloc", "expert"]
PERSONS = frozenset({"official", "expert"})


class Period(Strict):
    """An interval of days, open where an end is left out."""

    from_: datetime.date | None = Field(None, alias="from")
    to: datetime.date | None = None

    def covers(self, day: datetime.date | None) -> bool:
        """Whether the day lies inside; an unknown day always may."""
        return day is None or ((self.from_ is None or self.from_ <= day) and (self.to is None or day <= self.to))

    def overlaps(self, other: Period) -> bool:
        """Whether some day lies in both."""
        low, high = datetime.date.min, datetime.date.max
        return (self.from_ or low) <= (other.to or high) and (other.from_ or low) <= (self.to or high)


class Office(Period):
    """Phrases that mean this person while he holds an office."""

    phrases: list[str] = Field(min_length=1)


class Place(Period):
    """A place whose name means the process, between dates where that matters (Vienna is two processes)."""

    name: str


class Actor(Strict):
    """Somebody who can hold a position; an official's positions are his principal's.

    `demonyms` name him with a role behind them ("Turkish officials"); `agents` are names that mean him only as the
    subject of a verb ("Syria said", not "talks on Syria").
    """

    id: str = Field(pattern=r"^[a-z0-9-]+$")
    name: str = Field(min_length=1)
    kind: ActorKind
    principal: str | None = None
    wikidata: str | None = Field(None, pattern=r"^Q[0-9]+$")
    aliases: list[str] = []
    demonyms: list[str] = []
    agents: list[str] = []
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
    aliases: list[str] = []
    sponsors: list[str] = []
    sponsor_nouns: list[str] = []
    echoes: list[str] = []
    hints: list[str] = []
    unless: list[str] = []
    unnamed: Period | None = None


class Resolution(Strict):
    """The words by which reporting points back: to a person, to a group, to a process."""

    subjects: list[str] = Field(min_length=1)
    nouns: list[str] = Field(min_length=1)
    generic: list[str] = Field(min_length=1)
    roles: list[str] = Field(min_length=1)
    speech: list[str] = Field(min_length=1)
    acts: list[str]
    person_roles: list[str]
    group_roles: dict[str, list[str]]
    furniture: list[str]


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
        return self.principal(actor.principal) if actor.principal else actor

    @cached_property
    def by_name(self) -> dict[str, Actor]:
        """Actors by canonical name, ignoring case."""
        return {actor.name.casefold(): actor for actor in self.actors}

    def names(self, actor: Actor) -> Iterator[tuple[str, Period]]:
        """Every phrase that means the actor, with the period in which it does."""
        for alias in (actor.name, *actor.aliases):
            yield alias, Period()
        for office in actor.offices:
            for phrase in office.phrases:
                yield phrase, office


def _problems(codebook: Codebook) -> Iterator[tuple[Path_, str]]:
    """Contradictions between entries, each with the path of the entry to blame."""
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
        if actor.principal is not None and actor.principal not in codebook.actor:
            yield ("actors", n, "principal"), f"unknown principal '{actor.principal}'"
            return
        for phrase, period in codebook.names(actor):
            for owner, other in owners.get(phrase.casefold(), []):
                if period.overlaps(other):
                    yield ("actors", n), f"alias '{phrase}' of '{actor.id}' is already one of '{owner}'"
            owners.setdefault(phrase.casefold(), []).append((actor.id, period))
    for n, actor in enumerate(codebook.actors):
        chain, step = {actor.id}, actor
        while step.principal:
            step = codebook.actor[step.principal]
            if step.id in chain:
                yield ("actors", n, "principal"), f"'{actor.id}' is its own principal in the end"
                return
            chain.add(step.id)


def load(path: Path) -> Codebook:
    """Read and check a codebook.

    Raises:
        ConfigError: a duplicate alias or id, an unknown principal or key, or a cycle, with file and line.
    """
    try:
        text = read_bytes(path).decode("utf-8")
    except UnicodeDecodeError as error:
        raise ConfigError(f"not UTF-8 (byte {error.start})", path) from None
    value, lines = parse_yaml(text, path)
    codebook = validate(Codebook, value, lines, path)
    for where, problem in _problems(codebook):
        line = next(lines[where[:n]] for n in range(len(where), -1, -1) if where[:n] in lines)
        raise ConfigError(problem, path, line)
    return codebook
