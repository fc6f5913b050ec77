"""Rows as JSON Lines, CSV or Parquet: an interrupted stream ends with a whole row, a file is whole or not there."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from itertools import islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from stance.cli import unbroken
from stance.io import atomic_path, atomic_write, csv_line, inert
from stance.records import LABELS, STANCES

if TYPE_CHECKING:
    import pyarrow as pa

Row = Mapping[str, Any]
# Each column with its type in Parquet. In CSV a struct is a column a field and a list is JSON.
PREDICTION = {
    "doc": "string",
    "date": "date",
    "outlet": "string",
    "sent": "int",
    "start": "int",
    "end": "int",
    "actor": "string",
    "process": "string",
    "stance": "string",
    "confidence": "float",
    "mention": "string",
    "text": "string",
    "mention_start": "int",
    "mention_end": "int",
    "actor_id": "string",
    "probabilities": "probabilities",
    "explicit_actor": "bool",
    "explicit_process": "bool",
    "model": "string",
}
EXPLANATION = {"words": "words", "rules": "strings"}
SUMMARY = {
    "actor": "string",
    "process": "string",
    "stance": "string",
    "annotations": "int",
    **{str(stance): "int" for stance in STANCES},
    "documents": "int",
}
ROW_GROUP = 10_000


@contextmanager
def opened(target: Path | None) -> Iterator[IO[str]]:
    """A file that takes its place when it is complete, or standard output."""
    if target is not None:
        with atomic_write(target) as out:
            yield out
    elif isinstance(getattr(sys.stdout, "buffer", None), io.RawIOBase):
        # Python was told not to buffer, as in many containers; a write that a signal cuts short would lose its rest.
        with open(sys.stdout.fileno(), "w", encoding="utf-8", newline="\n", closefd=False) as out:
            yield out
    else:
        yield sys.stdout


def _emit(out: IO[str], line: str) -> None:
    with unbroken():
        out.write(line)
        out.flush()


def write_text(text: str, target: Path | None) -> None:
    """Write a text as it stands."""
    with opened(target) as out:
        _emit(out, text)


def write(form: str, rows: Iterable[Row], columns: Mapping[str, str], target: Path | None) -> None:
    """Write rows as "jsonl", "csv" or, to a file, "parquet": each row as soon as it is there."""
    if form == "parquet":
        assert target is not None
        _write_parquet(rows, columns, target)
        return
    with opened(target) as out:
        if form == "csv":
            _emit(out, csv_line(_header(columns)))
        for row in rows:
            _emit(out, csv_line(_cells(row, columns)) if form == "csv" else json.dumps(row, ensure_ascii=False) + "\n")


def _cell(value: object) -> object:
    """A value as one cell of CSV."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list) else inert(value)


def _header(columns: Mapping[str, str]) -> Iterator[str]:
    for name, kind in columns.items():
        yield from (f"{name}.{label}" for label in LABELS) if kind == "probabilities" else (name,)


def _cells(row: Row, columns: Mapping[str, str]) -> Iterator[object]:
    for name in columns:
        value = row[name]
        yield from map(_cell, value.values() if isinstance(value, dict) else (value,))


def _schema(columns: Mapping[str, str]) -> pa.Schema:
    import pyarrow as pa

    types = {
        "string": pa.string(),
        "date": pa.date32(),
        "int": pa.int64(),
        "float": pa.float64(),
        "bool": pa.bool_(),
        "probabilities": pa.struct([(label, pa.float64()) for label in LABELS]),
        "words": pa.list_(pa.struct([("word", pa.string()), ("drop", pa.float64())])),
        "strings": pa.list_(pa.string()),
    }
    return pa.schema([(name, types[kind]) for name, kind in columns.items()])


def _write_parquet(rows: Iterable[Row], columns: Mapping[str, str], target: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    days = [name for name, kind in columns.items() if kind == "date"]
    schema = _schema(columns)
    left = ({**row, **{d: row[d] and date.fromisoformat(row[d]) for d in days}} for row in rows)
    with atomic_path(target) as part, pq.ParquetWriter(part, schema) as writer:
        while group := list(islice(left, ROW_GROUP)):
            writer.write_table(pa.Table.from_pylist(group, schema))
