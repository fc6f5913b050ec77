"""A file, folder, table or standard input becomes Documents; page furniture is left for `sentences` to mark."""

from __future__ import annotations

import datetime
import glob
import hashlib
import logging
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from stance import dates
from stance.errors import InputError
from stance.io import MAX_BYTES, opened, read_bytes, read_jsonl
from stance.records import Document
from stance.tables import MARKS, Item, from_csv, from_parquet

TEXT, HTML, TABLE = (".txt", ".text"), (".html", ".htm"), (".jsonl", ".csv", ".parquet")
SUFFIXES = (*TEXT, *HTML, *TABLE)
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
MAX_HTML_BYTES = 2_000_000
MAX_ATTRIBUTES = 1_000  # of an HTML element; the parser's time grows with their square
MAX_ELEMENTS = 20_000  # of an HTML page; of ten times as many, finding the article takes minutes
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
    told = next((encoding for bom, encoding in MARKS if data.startswith(bom)), "utf-8")
    try:
        text = data.decode(told)
    except UnicodeDecodeError as error:
        refused = InputError(f"not {told.upper()} (byte {error.start})", source)
        if told != "utf-8" or b"\0" in data:
            raise refused from None
        from charset_normalizer import from_bytes  # 60 ms that UTF-8 need not pay

        best = from_bytes(data[:1_000_000]).best()
        try:
            text = data.decode(best.encoding if best else told)
        except UnicodeDecodeError:
            raise refused from None
    if "\0" in text:
        raise InputError(f"binary data (NUL at character {text.index(chr(0))})", source)
    return text


class _Limits:
    """A parser's target that is told each element before a tree is built, and refuses pages that take minutes."""

    elements = 0

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self.elements += 1
        if self.elements > MAX_ELEMENTS:
            raise InputError(f"an HTML page of more than {MAX_ELEMENTS} elements")
        if len(attributes) > MAX_ATTRIBUTES:
            raise InputError(f"an HTML element with more than {MAX_ATTRIBUTES} attributes")

    def close(self) -> None:
        pass


def article(data: bytes, source: Path | str) -> tuple[str, datetime.date | None, str | None]:
    """The article in an HTML page, title first, and its date and outlet where the page tells them.

    Raises:
        InputError: a page of more than MAX_HTML_BYTES, of no encoding that can be told, without an article, or one
            that cannot be parsed.
    """
    import trafilatura  # heavy, and only for HTML
    from lxml import etree
    from trafilatura.settings import Document as Document_

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # what it says of a bad page, the error says in a line
    if len(data) > MAX_HTML_BYTES:
        raise InputError(f"an HTML page of more than {MAX_HTML_BYTES // 1_000_000} MB", source)
    html = decode(data, source)
    try:
        etree.fromstring(html.encode(), etree.HTMLParser(encoding="utf-8", target=_Limits()))
        page = trafilatura.bare_extraction(html, include_comments=False, with_metadata=True)
    except InputError as error:
        raise InputError(error.problem, source) from None
    except Exception as error:  # there is no list of what a hostile page makes these libraries raise
        raise InputError(f"the page cannot be read: {type(error).__name__}: {error!s:.200}", source) from None
    if not isinstance(page, Document_) or not page.text:
        raise InputError("no article found in the page", source)
    title = page.title if page.title and not page.text.startswith(page.title) else None
    text = "\n".join(part for part in (title, page.text) if part)
    return _whole(text), _day(page.date), _whole(page.sitename or "") or None


def _whole(text: str) -> str:
    """The text with a question mark for each half of a surrogate pair, as a page's JSON can hold."""
    return text.encode("utf-8", "replace").decode()


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
    known: dict[str, Any] = {}
    for name in ("id", "date", "outlet", "kind"):
        found = next((c for c in columns[name] if row.get(c)), None)
        if isinstance(known.setdefault(name, row[found] if found else None), (list, dict)):
            raise InputError(f"text was expected, not {type(known[name]).__name__}", *where, found)
    key, outlet, kind = (known[name] and str(known[name]) for name in ("id", "outlet", "kind"))
    day = _day(known["date"]) or dates.from_head(text)
    return Document(key or default_id, text, day, outlet, kind, readable(":".join(map(str, where))))


def rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield (line number, row) of a table: JSON Lines, CSV or Parquet.

    Raises:
        InputError: a table that cannot be read, or a malformed row.
    """
    if path.suffix.lower() == ".jsonl":
        yield from read_jsonl(path)
        return
    with opened(path) as stream:
        found: Iterator[Item] = from_csv(stream) if path.suffix.lower() == ".csv" else from_parquet(path)
        number: int | None = None
        try:
            for number, _, row in found:
                if isinstance(row, InputError):
                    raise row
                yield number, row
                number = None
        except InputError as error:
            raise error if error.where else InputError(error.problem, path, number) from None


def read_file(path: Path, columns: Mapping[str, Sequence[str]] = COLUMNS) -> Iterator[Document]:
    """Yield the documents of one file; `columns` are a table's.

    Raises:
        InputError: no such file, no text in it, too large, of an unknown kind or encoding, or a malformed row.
    """
    suffix = path.suffix.lower()
    if suffix in TABLE:
        for number, row in rows(path):
            yield from_row(row, f"{readable(path.stem)}-{number}", (path, number), columns)
        return
    data = read_bytes(path, MAX_BYTES)
    day, outlet = None, None
    if suffix in HTML:
        text, day, outlet = article(data, path)
    else:
        text = decode(data, path)
    if not text.strip():
        raise InputError("no text in it", path)
    day = day or dates.from_head(text) or dates.from_name(path.stem)
    yield Document(readable(path.stem), text, day, outlet, source=readable(str(path)))


def readable(name: str) -> str:
    """A file's name with the bytes in it that are no UTF-8 spelt out, since nothing could be written with them."""
    return name.encode("utf-8", "backslashreplace").decode()


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
        try:
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
                yield from _matches(path)
            else:
                raise InputError("no such file", path)
        except OSError as error:  # a name that is too long, a folder that may not be entered
            raise InputError(f"cannot read: {error.strerror}", path) from None


def _matches(pattern: Path) -> list[Path]:
    """The files that fit a pattern, hidden ones only by name; `**` follows no link, which could lead in a circle."""
    try:
        found = Path(pattern.anchor).glob(str(pattern.relative_to(pattern.anchor)))
        shown = (p for p in found if not any(part[0] == "." and part not in pattern.parts for part in p.parts))
        matches = sorted(p for p in shown if p.is_file())
    except ValueError as error:
        raise InputError(f"not a pattern: {error}", pattern) from None
    if not matches:
        raise InputError("no file fits this pattern", pattern)
    return matches


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
