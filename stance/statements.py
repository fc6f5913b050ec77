"""Statements: what an actor is found to say of a process, from documents or from predictions already made."""

from __future__ import annotations

import datetime
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stance.documents import COLUMNS, TABLE, Report, find_files, read, rows, watched
from stance.errors import InputError
from stance.io import MAX_BYTES, TOO_LONG, jsonl_row, lines, restored, typed
from stance.records import LABELS, STANCES, Document, Prediction, Stance

if TYPE_CHECKING:
    from stance.pipeline import Judge

_TEXTS = ("doc", "text", "mention", "actor", "process", "stance", "model")
_OFFSETS = ("start", "end")
_KINDS: dict[str, type] = {**dict.fromkeys(_TEXTS, str), **dict.fromkeys(_OFFSETS, int)}
_BESIDE = ("manifest.jsonl", "rejects.jsonl")


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
        typed(row, _KINDS, *where)
        if row["stance"] not in STANCES:
            raise InputError(f"not a stance: {row['stance']!r:.40}", *where, "stance")
        day, outlet = row.get("date"), row.get("outlet") or None
        if row["mention_start"] is not None or row["mention_end"] is not None:
            typed(row, {"mention_start": int, "mention_end": int}, *where)
        confidence, *probabilities = map(float, (row["confidence"], *(row["probabilities"][label] for label in LABELS)))
        if not all(0 <= p <= 1 for p in (confidence, *probabilities)) or not 0 <= row["start"] < row["end"] < MAX_BYTES:
            raise ValueError("a probability or an offset that cannot be")
        return Statement(
            **{name: row[name] for name in (*_TEXTS, *_OFFSETS)},
            date=datetime.date.fromisoformat(day) if day else None,
            outlet=outlet and str(outlet),
            mention_start=row["mention_start"],
            mention_end=row["mention_end"],
            confidence=confidence,
            probabilities=tuple(probabilities),
        )
    except KeyError as error:
        raise InputError(f"no field {error}: not a prediction of stance.predict", *where) from None
    except (TypeError, ValueError, OverflowError) as error:
        raise InputError(f"not a prediction of stance.predict: {error}", *where) from None


def _contract(row: Mapping[str, Any], csv: bool) -> dict[str, Any]:
    """A row of CSV or Parquet as it stands in JSON Lines; a number that is none stays for `from_row` to refuse."""
    out: dict[str, Any] = {k: restored(v) if csv and isinstance(v, str) else v for k, v in row.items()}
    if isinstance(day := out.get("date"), datetime.date):
        out["date"] = day.isoformat()
    for name in (*_OFFSETS, "mention_start", "mention_end"):
        if isinstance(value := out.get(name), str):
            out[name] = int(value) if value.isdecimal() else value or None
    parts = {label: out[f"probabilities.{label}"] for label in LABELS if f"probabilities.{label}" in out}
    return out | ({"probabilities": parts} if parts else {})


def _rows(path: Path | None, first: bytes) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield (line number, row) of a table, or of standard input after its first line; nothing where there is none."""
    if path is None:
        for number, line in enumerate(chain([first], lines(sys.stdin.buffer)), 1):
            if line is None:
                raise InputError(TOO_LONG, "standard input", number)
            if not line.isspace():
                yield number, jsonl_row(line, "standard input", number)
    elif path.suffix.lower() == ".jsonl":
        yield from rows(path)
    elif path.suffix.lower() in TABLE:
        yield from ((number, _contract(row, path.suffix.lower() == ".csv")) for number, row in rows(path))


def _are_predictions(path: Path | None, first: bytes) -> bool:
    """Whether a table, or standard input by its first line, holds predictions rather than documents."""
    try:
        head = next(_rows(path, first), None) if path else (1, jsonl_row(first, "standard input", 1))
    except InputError:
        if path:
            raise
        return False  # a text
    return head is not None and {"actor", "process", "stance"} <= head[1].keys()


def _of_an_archive(path: Path | None) -> bool:
    """Whether a file is what stands beside the predictions in an archive's folder (docs/scale.md)."""
    return path is not None and path.name in _BESIDE and any(path.parent.glob("part-?????.*"))


def _paragraph(document: Document, start: int, end: int) -> tuple[str, int]:
    """The line or lines of text that a span lies in, with their offset."""
    first = document.text.rfind("\n", 0, start) + 1
    last = document.text.find("\n", end)
    return document.text[first : last if last >= 0 else None], first


def statements(
    inputs: Iterable[str | Path],
    judge: Callable[[], Judge],
    columns: Mapping[str, Sequence[str]] = COLUMNS,
    report: Report = lambda what, share: None,
) -> Iterator[Statement]:
    """Yield the statements of files: of predictions as they stand, of documents as a judge reads them.

    `judge` is called only if there are documents; `columns` are those of documents in a table; `report` is told how
    much of the documents is read.

    Raises:
        InputError: an input that cannot be read, or a row that is no prediction.
    """
    made: list[Path | None] = []
    texts: list[Path | None] = []
    first = b""
    for path in find_files(inputs):
        if path is None:
            first = sys.stdin.buffer.readline(MAX_BYTES + 1)
        if _are_predictions(path, first):
            made.append(path)
        elif not _of_an_archive(path):
            texts.append(path)
    for file in made:
        for number, row in _rows(file, first):
            if found := from_row(row, file or "standard input", number):
                yield found
    if texts:
        documents = read((path or "-" for path in texts), columns, first)
        yield from _judged(watched(documents, texts, report), judge())


def stated(predictions: Iterable[Prediction], documents: Mapping[str, Document]) -> Iterator[Statement]:
    """Yield the predictions that have a stance as statements; `documents` are those they are of, by id."""
    for prediction in predictions:
        if made := from_row(prediction.row()):
            text, start = _paragraph(documents[made.doc], made.start, made.end)
            yield replace(made, paragraph=text, paragraph_start=start)


def _judged(documents: Iterable[Document], judge: Judge) -> Iterator[Statement]:
    from stance.pipeline import BATCH_DOCUMENTS  # which whoever has a judge has loaded

    batches = iter(documents)
    while batch := {d.id: d for d in islice(batches, BATCH_DOCUMENTS)}:
        yield from stated(judge.predict(batch.values()), batch)
