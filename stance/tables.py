"""CSV and Parquet row by row: no more than a row, or a few, is held, and a bad row does not hide the next."""

from __future__ import annotations

import csv
import io
from codecs import getincrementaldecoder
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from stance.errors import InputError
from stance.io import MAX_BYTES, TOO_LONG, lines

Item = tuple[int, int, Any]  # row or line, bytes, and the row as a mapping, or an InputError in its place
MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))  # of byte order
HEAD = 1 << 20  # bytes by which an encoding is told
MAX_COLUMNS = 1_000  # each row has them all, however little it says
BATCH = 8  # rows of a Parquet file at a time; each may be of MAX_BYTES


def _encoding(head: bytes) -> str:
    """The encoding of a table by its first bytes, as `stance.documents.decode` tells it."""
    for bom, encoding in MARKS:
        if head.startswith(bom):
            return encoding
    try:
        getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError as error:
        from charset_normalizer import from_bytes

        best = from_bytes(head).best()
        if best is None or b"\0" in head:
            raise InputError(f"not UTF-8 (byte {error.start})") from None
        return best.encoding
    return "utf-8"


class _Feed:
    """Lines for a reader of CSV, which may make one row of many: `line` is the last, `size` the row's characters."""

    def __init__(self, stream: io.TextIOBase) -> None:
        self._lines, self.line, self.size = lines(stream, "\n"), 0, 0

    def __iter__(self) -> _Feed:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self.line += 1
        self.size += MAX_BYTES if line is None else len(line)
        if self.size >= MAX_BYTES:
            raise InputError(TOO_LONG)
        return str(line)


def from_csv(stream: io.BufferedReader[Any]) -> Iterator[Item]:
    """The rows of CSV as mappings, by the number of their last line.

    Raises:
        InputError: no encoding that can be told, no header, or one of more than MAX_COLUMNS.
    """
    csv.field_size_limit(MAX_BYTES)
    # A buffer of its own: how far the stream itself can look ahead must not decide what encoding is told.
    whole: io.BufferedReader[Any] = io.BufferedReader(stream, HEAD)
    encoding = _encoding(whole.peek(HEAD))
    # What the encoding has no character for is kept until its row can be named.
    feed = _Feed(io.TextIOWrapper(whole, encoding, errors="surrogateescape", newline=""))
    reader = csv.DictReader(feed, strict=True)
    try:
        names = reader.fieldnames or []
    except (csv.Error, UnicodeDecodeError) as error:
        raise InputError(f"not CSV: {error}") from None
    if len(names) > MAX_COLUMNS:
        raise InputError(f"more than {MAX_COLUMNS} columns")
    while True:
        feed.size = 0
        try:
            row: Any = next(reader)
            "".join(filter(None, () if None in row else row.values())).encode()
        except StopIteration:
            return
        except csv.Error as error:
            row = InputError(f"not CSV: {error}")
        except UnicodeEncodeError:
            row = InputError(f"not {encoding.upper()}")
        except UnicodeDecodeError as error:
            raise InputError(f"not {encoding.upper()}: {error.reason}") from None
        except InputError as error:
            row = error
        else:
            row = InputError(f"more than {len(names)} fields") if None in row else row
        yield feed.line, feed.size, row


def from_parquet(path: Path) -> Iterator[Item]:
    """The rows of a Parquet file as mappings, by their number.

    Raises:
        InputError: it is no such file, is damaged, or has more than MAX_COLUMNS.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    number = 0
    try:
        with pq.ParquetFile(path, pre_buffer=False) as table:
            if len(table.schema_arrow) > MAX_COLUMNS:
                raise InputError(f"more than {MAX_COLUMNS} columns")
            for batch in table.iter_batches(BATCH):
                for row in batch.to_pylist():
                    number += 1
                    size = sum(len(v) for v in row.values() if isinstance(v, (str, bytes)))
                    yield number, size, row if size <= MAX_BYTES else InputError(TOO_LONG)
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise InputError(f"not Parquet: {str(error).splitlines()[0]:.80}") from None
