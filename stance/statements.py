"""Statements: what an actor is found to say of a process, from documents or from predictions already made."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stance.documents import find_files, read
from stance.errors import InputError
from stance.io import read_jsonl
from stance.records import LABELS, STANCES, Document, Prediction, Stance

if TYPE_CHECKING:
    from stance.pipeline import Judge

BATCH_DOCUMENTS = 64
_TEXTS = ("doc", "text", "mention", "actor", "process", "stance", "model")
_OFFSETS = ("start", "end")


@dataclass(frozen=True, slots=True)
class Statement:
    """A prediction with a stance, in the fields of the contract (docs/contracts.md).

    `probabilities` stand in the order of LABELS. `paragraph` is the text around the sentence and `paragraph_start` its
    offset, where the document is at hand.
    """

    doc: str
    date: datetime.date | None
    outlet: str | None
    start: int
    end: int
    text: str
    mention: str
    mention_start: int | None
    mention_end: int | None
    actor: str
    process: str
    stance: Stance
    confidence: float
    probabilities: tuple[float, ...] = field(repr=False)
    model: str
    paragraph: str | None = field(default=None, repr=False)
    paragraph_start: int | None = None

    def row(self) -> dict[str, object]:
        """The statement as the contract's JSON object, of which `from_row` makes the statement again."""
        return {
            "doc": self.doc,
            "date": self.date and self.date.isoformat(),
            "outlet": self.outlet,
            "start": self.start,
            "end": self.end,
            "text": self.text,
            "mention": self.mention,
            "mention_start": self.mention_start,
            "mention_end": self.mention_end,
            "actor": self.actor,
            "process": self.process,
            "stance": self.stance,
            "confidence": self.confidence,
            "probabilities": dict(zip(LABELS, self.probabilities, strict=True)),
            "model": self.model,
        }


def from_row(row: Mapping[str, Any], *where: str | int | Path) -> Statement | None:
    """A prediction's row as a statement, or None where it has no stance.

    Raises:
        InputError: a field that is missing or not what the contract says, with `where` it was met.
    """
    try:
        if row["stance"] == "none":
            return None
        for name, kind in (*((n, str) for n in _TEXTS), *((n, int) for n in _OFFSETS)):
            if not isinstance(row[name], kind):
                raise InputError(f"{kind.__name__} was expected, not {type(row[name]).__name__}", *where, name)
        if row["stance"] not in STANCES:
            raise InputError(f"not a stance: {row['stance']!r:.40}", *where, "stance")
        day = row.get("date")
        return Statement(
            **{name: row[name] for name in (*_TEXTS, *_OFFSETS)},
            date=datetime.date.fromisoformat(day) if day else None,
            outlet=row.get("outlet") or None,
            mention_start=row["mention_start"],
            mention_end=row["mention_end"],
            confidence=float(row["confidence"]),
            probabilities=tuple(float(row["probabilities"][label]) for label in LABELS),
        )
    except KeyError as error:
        raise InputError(f"no field {error}: not a prediction of stance.predict", *where) from None
    except (TypeError, ValueError) as error:
        raise InputError(f"not a prediction of stance.predict: {error}", *where) from None


def _has_predictions(path: Path | None) -> bool:
    """Whether a file holds predictions rather than documents."""
    if path is None or path.suffix != ".jsonl":
        return False
    return any({"actor", "process", "stance"} <= row.keys() for _, row in islice(read_jsonl(path), 1))


def _paragraph(document: Document, start: int, end: int) -> tuple[str, int]:
    """The line or lines of text that a span lies in, with their offset."""
    first = document.text.rfind("\n", 0, start) + 1
    last = document.text.find("\n", end)
    return document.text[first : last if last >= 0 else None], first


def statements(inputs: Iterable[str | Path], judge: Callable[[], Judge]) -> Iterator[Statement]:
    """Yield the statements of files: of predictions as they stand, of documents as a judge reads them.

    `judge` is called only if there are documents.

    Raises:
        InputError: an input that cannot be read, or a row that is no prediction.
    """
    made: list[Path | str] = []
    texts: list[Path | str] = []
    for path in find_files(inputs):
        (made if _has_predictions(path) else texts).append(path or "-")
    for file in made:
        for number, row in read_jsonl(Path(file)):
            if found := from_row(row, file, number):
                yield found
    if texts:
        yield from _judged(read(texts), judge())


def stated(predictions: Iterable[Prediction], documents: Mapping[str, Document]) -> Iterator[Statement]:
    """Yield the predictions that have a stance as statements; `documents` are those they are of, by id."""
    for prediction in predictions:
        if made := from_row(prediction.row()):
            text, start = _paragraph(documents[made.doc], made.start, made.end)
            yield replace(made, paragraph=text, paragraph_start=start)


def _judged(documents: Iterable[Document], judge: Judge) -> Iterator[Statement]:
    batches = iter(documents)
    while batch := {d.id: d for d in islice(batches, BATCH_DOCUMENTS)}:
        yield from stated(judge.predict(batch.values()), batch)
