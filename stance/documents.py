"""A file, folder, table or standard input becomes Documents; page furniture is left for `sentences` to mark."""

from __future__ import annotations

import csv
import datetime
import glob
import hashlib
import io
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any

from stance import dates
from stance.errors import InputError
from stance.io import read_bytes, read_jsonl
from stance.records import Document

TEXT, HTML, TABLE = (".txt", ".text"), (".html", ".htm"), (".jsonl", ".csv", ".parquet")
SUFFIXES = (*TEXT, *HTML, *TABLE)
MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))  # of byte order
Report = Callable[[str, float], None]  # is told what is being done, and which share of it is
# What is no text by its first bytes, and how one gets the text out of it.
FOREIGN = (
    (b"%PDF", "a PDF", "pdftotext FILE.pdf"),
    (b"PK\x03\x04", "a zip file, as DOCX and ODT are", "pandoc FILE.docx -t plain -o FILE.txt"),
    (b"\xd0\xcf\x11\xe0", "a file of Microsoft Office", "libreoffice --convert-to txt FILE.doc"),
    (b"{\\rtf", "RTF", "libreoffice --convert-to txt FILE.rtf"),
    *((start, "a picture", "tesseract FILE.png FILE") for start in (b"\x89PNG", b"\xff\xd8\xff", b"GIF8")),
    (b"\x1f\x8b", "compressed", "gunzip FILE.gz"),
)
MAX_BYTES = 20_000_000
MAX_HTML_BYTES = 2_000_000
# Where a table has what a document is made of; the first name that a table knows is taken.
COLUMNS: Mapping[str, Sequence[str]] = {
    "text": ("text", "body", "content"),
    "id": ("doc", "id", "doc_id"),
    "date": ("date",),
    "outlet": ("outlet",),
    "kind": ("kind",),
}


def decode(data: bytes, source: Path | str) -> str:
    """Decode bytes in the encoding that they can be told to have: BOM, then UTF-8, then detection.

    Raises:
        InputError: binary data, another program's format, or an encoding that cannot be told, with the first bad byte.
    """
    for start, what, how in FOREIGN:
        if data.startswith(start):
            raise InputError(f"{what}, not plain text: convert it to text first (e.g. {how})", source)
    for bom, encoding in MARKS:
        if data.startswith(bom):
            try:
                return data.decode(encoding)
            except UnicodeDecodeError as error:
                raise InputError(f"not {encoding} (byte {error.start})", source) from None
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        from charset_normalizer import from_bytes  # 60 ms that UTF-8 need not pay

        best = from_bytes(data[:1_000_000]).best()
        if best is None or b"\0" in data:
            raise InputError(f"not UTF-8 (byte {error.start})", source) from None
        try:
            return data.decode(best.encoding)
        except UnicodeDecodeError:
            raise InputError(f"not UTF-8 (byte {error.start})", source) from None
    if "\0" in text:
        raise InputError(f"binary data (NUL at character {text.index(chr(0))})", source)
    return text


def article(data: bytes, source: Path | str) -> tuple[str, datetime.date | None, str | None]:
    """The article in an HTML page, title first, and its date and outlet where the page tells them.

    Raises:
        InputError: a page of more than MAX_HTML_BYTES, of no encoding that can be told, or without an article.
    """
    import trafilatura  # heavy, and only for HTML
    from trafilatura.settings import Document as Document_

    if len(data) > MAX_HTML_BYTES:
        raise InputError(f"an HTML page of more than {MAX_HTML_BYTES // 1_000_000} MB", source)
    page = trafilatura.bare_extraction(decode(data, source), include_comments=False, with_metadata=True)
    if not isinstance(page, Document_) or not page.text:
        raise InputError("no article found in the page", source)
    title = page.title if page.title and not page.text.startswith(page.title) else None
    return "\n".join(part for part in (title, page.text) if part), _day(page.date), page.sitename or None


def _day(value: object) -> datetime.date | None:
    if isinstance(value, datetime.datetime):
        return value.date()
    if isinstance(value, datetime.date):
        return value
    try:
        return datetime.date.fromisoformat(str(value)[:10])
    except ValueError:
        return dates.whole(str(value)) if value else None


def from_row(
    row: Mapping[str, Any],
    default_id: str,
    where: Sequence[str | int | Path],
    columns: Mapping[str, Sequence[str]] = COLUMNS,
) -> Document:
    """The document in a table's row.

    Raises:
        InputError: none of the text columns, or no text in it.
    """
    column = next((c for c in columns["text"] if c in row), None)
    if column is None:
        raise InputError(f"no text column (one of {', '.join(columns['text'])})", *where)
    text = row[column]
    if not isinstance(text, str) or not text.strip():
        raise InputError("no text", *where, column)
    key, day, outlet, kind = (
        next((row[c] for c in columns[name] if row.get(c)), None) for name in ("id", "date", "outlet", "kind")
    )
    return Document(
        str(key or default_id), text, _day(day) or dates.from_head(text), outlet, kind, ":".join(map(str, where))
    )


def rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield (line number, row) of a table: JSON Lines, CSV or Parquet.

    Raises:
        InputError: a table that cannot be read, or a malformed row.
    """
    suffix = path.suffix.lower()
    if suffix == ".jsonl":
        yield from read_jsonl(path)
    elif suffix == ".csv":
        csv.field_size_limit(MAX_BYTES)
        reader = csv.DictReader(io.StringIO(decode(read_bytes(path), path), newline=""), strict=True)
        try:
            for row in reader:
                if None in row:
                    raise InputError(f"more than {len(reader.fieldnames or [])} fields", path, reader.line_num)
                yield reader.line_num, row
        except csv.Error as error:
            raise InputError(f"not CSV: {error}", path, reader.line_num) from None
    else:
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            with pq.ParquetFile(path) as table:
                yield from enumerate(chain.from_iterable(batch.to_pylist() for batch in table.iter_batches()), 1)
        except (pa.ArrowException, OSError) as error:
            raise InputError(f"not Parquet: {str(error).splitlines()[0]:.80}", path) from None


def read_file(path: Path, columns: Mapping[str, Sequence[str]] = COLUMNS) -> Iterator[Document]:
    """Yield the documents of one file; `columns` are a table's.

    Raises:
        InputError: no such file, no text in it, too large, of an unknown kind or encoding, or a malformed row.
    """
    suffix = path.suffix.lower()
    if suffix in TABLE:
        for number, row in rows(path):
            yield from_row(row, f"{path.stem}-{number}", (path, number), columns)
        return
    data = read_bytes(path)
    if len(data) > MAX_BYTES:
        raise InputError(f"{len(data) // 1_000_000} MB of text in one document; at most {MAX_BYTES // 1_000_000}", path)
    day, outlet = None, None
    if suffix in HTML:
        text, day, outlet = article(data, path)
    else:
        text = decode(data, path)
    if not text.strip():
        raise InputError("no text in it", path)
    day = day or dates.from_head(text) or dates.from_name(path.stem)
    yield Document(path.stem, text, day, outlet, source=str(path))


def read_stdin(start: bytes = b"") -> Document:
    """Standard input as one document, `start` being what has been read of it already.

    Raises:
        InputError: no text, too large, or an encoding that cannot be told.
    """
    data = start + sys.stdin.buffer.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise InputError(f"more than {MAX_BYTES // 1_000_000} MB of text in one document", "standard input")
    text = decode(data, "standard input")
    if not text.strip():
        raise InputError("no text", "standard input")
    return Document("stdin", text, dates.from_head(text), source="-")


def find_files(paths: Iterable[str | Path]) -> Iterator[Path | None]:
    """Every readable file that paths and patterns name, folders searched in sorted order; None is standard input.

    Raises:
        InputError: a path that does not exist, a folder without documents, or a pattern that no file fits.
    """
    for name in paths:
        path = Path(name)
        if str(name) == "-":
            yield None
        elif path.is_dir():
            found = sorted(p for p in path.rglob("*") if p.suffix.lower() in SUFFIXES and p.is_file())
            if not found:
                raise InputError(f"no documents in this folder ({', '.join(SUFFIXES)})", path)
            yield from found
        elif path.exists():
            yield path
        elif glob.has_magic(str(name)):
            matches = sorted(p for p in map(Path, glob.glob(str(name), recursive=True)) if p.is_file())  # noqa: PTH207
            if not matches:
                raise InputError("no file fits this pattern", path)
            yield from matches
        else:
            raise InputError("no such file", path)


def size(files: Iterable[Path | None]) -> int:
    """How many bytes files have; standard input counts as none."""
    return sum(path.stat().st_size for path in files if path)


def watched(documents: Iterable[Document], files: Sequence[Path | None], report: Report) -> Iterator[Document]:
    """The documents of files, while `report` is told which share of the files' bytes has been read."""
    sizes = {str(path): path.stat().st_size for path in files if path}
    done, total = 0, sum(sizes.values())
    for document in documents:
        yield document
        done += sizes.get(str(document.source), len(document.text))  # a table's row has no size of its own
        report("reading", min(1.0, done / max(1, total)))


def read(
    paths: Iterable[str | Path], columns: Mapping[str, Sequence[str]] = COLUMNS, start: bytes = b""
) -> Iterator[Document]:
    """Yield the documents of files, folders and standard input (`-`), in order; a repeated id gets a suffix.

    `start` is what has been read of standard input already.
    """
    seen: set[str] = set()
    for path in list(find_files(paths)):
        for document in [read_stdin(start)] if path is None else read_file(path, columns):
            if document.id in seen:
                document = replace(document, id=other_id(document.id, document.source))
            seen.add(document.id)
            yield document


def other_id(key: str, source: str | None) -> str:
    """A document's id where an earlier document has taken its own."""
    return f"{key}-{hashlib.sha256(str(source).encode()).hexdigest()[:8]}"
