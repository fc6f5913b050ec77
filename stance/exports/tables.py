"""A table of rows, and how it is written: CSV, JSON, Parquet or XLSX, whole or not at all."""

from __future__ import annotations

import csv
import datetime
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from stance.errors import InputError
from stance.io import atomic_path, atomic_write, inert

SHEET_ROWS = 1_048_576  # of an XLSX sheet, its header included
SHEET_TEXT = 32_767  # characters of an XLSX cell


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of values; each column has a name and the type of its values, all of which may be None.

    Types are str, int, float, datetime.date and list (of str).
    """

    columns: Sequence[tuple[str, type]]
    rows: Sequence[Sequence[object]]

    @property
    def header(self) -> list[str]:
        """The columns' names."""
        return [name for name, _ in self.columns]


def _flat(value: object) -> object:
    """A value as one spreadsheet cell."""
    if isinstance(value, list):
        value = "; ".join(value)
    return inert(value.isoformat() if isinstance(value, datetime.date) else value)


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime.date) else value


def dump_csv(table: Table, out: IO[str]) -> None:
    """Write a table as CSV: a comma, a header, UTF-8 without a mark, no cell that runs as a formula."""
    writer = csv.writer(out)  # its line ends are RFC 4180's: with "\n" it leaves a bare "\r" unquoted
    writer.writerow([inert(name) for name in table.header])
    writer.writerows([_flat(value) for value in row] for row in table.rows)


def write_csv(table: Table, path: Path) -> None:
    """Write a table as a CSV file."""
    with atomic_write(path) as out:
        dump_csv(table, out)


def write_json(table: Table, path: Path) -> None:
    """Write a table as a JSON array, an object a row."""
    lines = (
        json.dumps(dict(zip(table.header, map(_plain, row), strict=True)), ensure_ascii=False) for row in table.rows
    )
    with atomic_write(path) as out:
        out.write("[\n" + ",\n".join(lines) + "\n]\n")


def write_parquet(table: Table, path: Path) -> None:
    """Write a table as Parquet; a list stays a list, a date a date."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    kinds = {
        str: pa.string(),
        int: pa.int64(),
        float: pa.float64(),
        datetime.date: pa.date32(),
        list: pa.list_(pa.string()),
    }
    columns = [pa.array([row[n] for row in table.rows], kinds[kind]) for n, (_, kind) in enumerate(table.columns)]
    with atomic_path(path) as part:
        pq.write_table(pa.table(columns, names=table.header), part)


def write_xlsx(sheets: Mapping[str, Table], path: Path) -> None:
    """Write tables as the sheets of an XLSX workbook, by name; text that a cell cannot hold is cut.

    Raises:
        InputError: more rows than a sheet can hold.
    """
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    for name, table in sheets.items():
        if len(table.rows) >= SHEET_ROWS:
            raise InputError(f"{len(table.rows)} rows, and an XLSX sheet holds {SHEET_ROWS - 1}: write .csv", path)
        sheet = book.create_sheet(name)
        sheet.freeze_panes = "B2"
        for row in (table.header, *table.rows):
            sheet.append([v[:SHEET_TEXT] if isinstance(v, str) else v for v in map(_flat, row)])
    with atomic_path(path) as part:
        book.save(part)


def write(table: Table, path: Path) -> None:
    """Write a table in the format that the file's suffix names."""
    match path.suffix:
        case ".csv":
            write_csv(table, path)
        case ".json":
            write_json(table, path)
        case ".parquet":
            write_parquet(table, path)
        case _:
            write_xlsx({"statements": table}, path)
