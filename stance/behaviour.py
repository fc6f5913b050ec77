"""Short texts that ask a model for one thing each: negation, threats, accusations, who speaks for whom.

Minimum functionality tests after Ribeiro et al. (ACL 2020, "Beyond Accuracy"), read from `data/behaviour.yaml`.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import Field

from stance.candidates import Generator
from stance.codebook import Codebook
from stance.pipeline import Judge
from stance.records import Candidate, Document, Label
from stance.schema import Path_, Strict, read_yaml, refuse, validate


class Expected(Strict):
    """A pair and the label that the text gives it."""

    actor: str
    process: str
    label: Label


class Case(Strict):
    """A text, its date, and the labels of the pairs that it is about; what else it holds is not looked at."""

    date: datetime.date
    text: str = Field(min_length=1)
    expect: list[Expected] = Field(min_length=1)


class Capability(Strict):
    """One thing that a reader can do, what the rules say of it, and texts that need it."""

    name: str = Field(min_length=1)
    says: str
    cases: list[Case] = Field(min_length=1)


class Behaviour(Strict):
    """Every capability."""

    capabilities: list[Capability] = Field(min_length=1)


def _problems(behaviour: Behaviour, codebook: Codebook) -> Iterator[tuple[Path_, str]]:
    seen: set[str] = set()
    for i, capability in enumerate(behaviour.capabilities):
        if capability.name in seen:
            yield ("capabilities", i, "name"), f"capability '{capability.name}' is listed twice"
        seen.add(capability.name)
        for j, case in enumerate(capability.cases):
            pairs: set[tuple[str, str]] = set()
            for n, e in enumerate(case.expect):
                where = ("capabilities", i, "cases", j, "expect", n)
                actor = codebook.by_name.get(e.actor.casefold())
                if actor is None or actor.principal or actor.name != e.actor:
                    yield (*where, "actor"), f"'{e.actor}' is not the name of an actor who holds positions of his own"
                if e.process not in codebook.process:
                    known = ", ".join(codebook.process)
                    yield (*where, "process"), f"'{e.process}' is not a process of the codebook ({known})"
                if (e.actor, e.process) in pairs:
                    yield where, f"{e.actor} toward {e.process} is expected twice"
                pairs.add((e.actor, e.process))


def load(path: Path, codebook: Codebook) -> Behaviour:
    """Read and check the cases.

    Raises:
        ConfigError: an unknown key, actor, process or label, or a pair expected twice, with file and line.
    """
    value, lines = read_yaml(path)
    behaviour = validate(Behaviour, value, lines, path)
    refuse(_problems(behaviour, codebook), lines, path)
    return behaviour


@dataclass(frozen=True, slots=True)
class Passed:
    """How many cases of a capability a model got right, and the texts of the others."""

    cases: int
    failed: tuple[str, ...]

    @property
    def rate(self) -> float:
        """Share of the cases passed."""
        return 1 - len(self.failed) / self.cases


@dataclass(frozen=True)
class ReadCases:
    """The cases with the pairs that reading finds in them, found once and judged by every model."""

    found: list[tuple[str, Case, list[Candidate]]]

    @classmethod
    def of(cls, behaviour: Behaviour, generator: Generator) -> ReadCases:
        """Read every case's text as a document of its date."""
        return cls(
            [
                (capability.name, case, list(generator.candidates(Document(f"case-{n}", case.text, case.date))))
                for capability in behaviour.capabilities
                for n, case in enumerate(capability.cases, 1)
            ]
        )

    def run(self, judge: Judge) -> dict[str, Passed]:
        """What a model passes, by capability.

        A case passes if the text has the expected stance, and no other, for each of its pairs; a pair that reading does
        not find has none.
        """
        labels = iter(judge.judge([c for *_, candidates in self.found for c in candidates]))
        results: dict[str, list[tuple[str, bool]]] = {}
        for name, case, candidates in self.found:
            said = {(c.actor.name, c.process.target, next(labels).label) for c in candidates}
            right = all(
                {label for actor, process, label in said if (actor, process) == (e.actor, e.process)} - {"none"}
                == {e.label} - {"none"}
                for e in case.expect
            )
            results.setdefault(name, []).append((case.text, right))
        return {name: Passed(len(rs), tuple(t for t, right in rs if not right)) for name, rs in results.items()}
