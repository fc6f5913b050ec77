"""What each process of an archive's run does: records become candidates, marked rows become probabilities.

A worker holds the whole of a judge with a model session of one thread, since two such are faster than one of two.
"""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from multiprocessing import connection, parent_process
from pathlib import Path

from stance.archive.language import foreign
from stance.archive.sources import Record, Reject, document
from stance.errors import InputError
from stance.pipeline import Judge, open_judge
from stance.records import Candidate

Probabilities = tuple[float, ...]
MAX_PAIRS_SIZE = 200_000_000  # characters of marked sentences with their contexts; a part is held whole


@dataclass(frozen=True, slots=True)
class Opening:
    """How to open the judge that all workers share, and the columns of tables."""

    codebook: Path
    models: Path
    model: str | None
    foreign: bool
    columns: Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Identity:
    """What rows depend on besides the input: the model's version, the codebook's digest, and the program's version."""

    model: str
    codebook: str
    program: str

    @classmethod
    def of(cls, judge: Judge) -> Identity:
        """That of a judge, in this process."""
        try:
            program = version("stance")
        except PackageNotFoundError:
            program = "not installed"
        return cls(judge.version, judge.generator.codebook.digest, program)


@dataclass(frozen=True, slots=True)
class Read:
    """A document that was read: its pairs, and from where it is, should another have the same id."""

    id: str
    source: str | None
    candidates: tuple[Candidate, ...] = ()
    aside: Reject | None = None


class _Worker:
    judge: Judge
    columns: Mapping[str, Sequence[str]]


def start(opening: Opening) -> None:
    """Make this process a worker: it opens its judge, leaves Ctrl-C to its parent, and ends when that is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    logging.disable(logging.WARNING)  # what there is to warn of, the parent has said
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _Worker.judge = open_judge(opening.codebook, opening.models, opening.model, 1, opening.foreign)
    _Worker.columns = opening.columns


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)


def ready() -> bool:
    """Whether this worker has started."""
    return True


def identity() -> Identity:
    """What this worker has opened."""
    return Identity.of(_Worker.judge)


def read(records: Sequence[Record | Reject]) -> list[Read | Reject]:
    """Records as documents with their candidates, in order; what cannot be read is a reject."""
    return [record if isinstance(record, Reject) else _read(record) for record in records]


def _read(record: Record) -> Read | Reject:
    generator = _Worker.judge.generator
    try:
        made, stated = document(record, _Worker.columns)
        if not generator.concerns(made):
            return Read(made.id, made.source)
        if language := foreign(made.text, stated):
            aside = Reject(str(record.path), record.row, f"language: {language}")
            return Read(made.id, made.source, aside=aside)
        return Read(made.id, made.source, tuple(_bounded(generator.candidates(made))))
    except InputError as error:
        return Reject(str(record.path), record.row, error.problem)
    except Exception as error:  # whatever a hostile document makes a library raise, the next one can be read
        return Reject(str(record.path), record.row, f"cannot be read: {type(error).__name__}: {error!s:.200}")


def _bounded(candidates: Iterable[Candidate]) -> Iterator[Candidate]:
    """The candidates, as long as their texts together can be held."""
    size = 0
    for candidate in candidates:
        size += len(candidate.marked) + len(candidate.context)
        if size > MAX_PAIRS_SIZE:
            raise InputError("names too many actors and processes for one document: split it")
        yield candidate


def judge(rows: Sequence[tuple[str, str]]) -> list[Probabilities]:
    """Probabilities over LABELS of marked sentences with their contexts."""
    given = [{"marked": marked, "context": context} for marked, context in rows]
    return [tuple(map(float, p)) for p in _Worker.judge.model.predict_proba(given)]
