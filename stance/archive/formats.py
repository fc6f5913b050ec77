"""One reader for each kind of large file: it yields (row, bytes, content), and for a row that cannot be read its error.

None holds more than a record of at most MAX_BYTES, and none believes what a packed file says of itself: unpacking stops
at RATIO times the bytes read. A file that breaks off yields what came before, then one error without a row.
"""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

from stance import dates
from stance.documents import MAX_HTML_BYTES, article, decode, readable
from stance.errors import ConfigError, InputError
from stance.io import MAX_BYTES, TOO_LONG
from stance.io import lines as io_lines
from stance.records import Document
from stance.tables import from_csv, from_parquet

Item = tuple[int | None, int, Any]  # of content, or an InputError in its place
RATIO = 100  # text packs to a fifth, the most repetitive tables to a fiftieth
FREE = 64_000_000  # unpacked bytes before the ratio is looked at
BUFFER = 1 << 20
MAX_HEADERS = 1_000_000  # bytes of a record's


@dataclass(frozen=True, slots=True)
class Page:
    """What a web server answered, from a crawl."""

    url: str
    payload: bytes
    html: bool

    def document(self, path: Path, row: int | None) -> Document:
        """The page's article; its address is its id, and its host the outlet where it names no other."""
        source = readable(f"{path}:{row}")
        text, day, outlet = article(self.payload, source) if self.html else (decode(self.payload, source), None, None)
        if not text.strip():
            raise InputError("no text in it", source)
        day = day or dates.from_head(text)
        return Document(self.url, text, day, outlet or _host(self.url), source=source)


def _host(url: str) -> str | None:
    """An address's host; None where it is no address."""
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None


class _Unpacked(io.RawIOBase):
    """A packed file's content, as far as its size is credible."""

    def __init__(self, packed: IO[bytes], stream: Any, errors: tuple[type[Exception], ...]) -> None:
        self._packed, self._stream, self._errors = packed, stream, errors
        self._given = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            data = self._stream.read(len(buffer))
        except self._errors as error:
            raise InputError(f"damaged after {self._given} bytes unpacked: {error}") from None
        self._given += len(data)
        if self._given > FREE and self._given > RATIO * self._packed.tell():
            raise InputError(f"unpacks to more than {RATIO} times its size")
        buffer[: len(data)] = data
        return len(data)


def _opened(path: Path) -> io.BufferedReader[Any]:
    """A file's bytes, unpacked."""
    suffix = path.suffix.lower()
    packed: io.BufferedReader[Any] = io.BufferedReader(io.FileIO(path), BUFFER)
    if suffix == ".gz":
        stream: Any = gzip.GzipFile(fileobj=packed)
        errors: tuple[type[Exception], ...] = (OSError, EOFError, zlib.error)
    elif suffix == ".zst":
        zstandard = _optional("zstandard")
        stream = zstandard.ZstdDecompressor().stream_reader(packed, read_across_frames=True)
        errors = (OSError, zstandard.ZstdError)
    else:
        return packed
    return io.BufferedReader(_Unpacked(packed, stream, errors), BUFFER)


def _optional(name: str) -> Any:
    """A library that only some archives need."""
    from importlib import import_module

    try:
        return import_module(name)
    except ImportError:
        raise ConfigError(f"to read such files, install '{name}' (pip install 'stance[archive]')", "--output") from None


def _guarded(read: Callable[[Path], Iterator[Item]]) -> Callable[[Path], Iterator[Item]]:
    """What stops a file in the middle becomes its last item."""

    @wraps(read)
    def guarded(path: Path) -> Iterator[Item]:
        try:
            yield from read(path)
        except InputError as error:
            yield None, 0, error
        except Exception as error:  # there is no list of what a hostile file makes the libraries raise
            yield None, 0, InputError(f"cannot be read to its end: {type(error).__name__}: {error!s:.200}")

    return guarded


@_guarded
def lines(path: Path) -> Iterator[Item]:
    """The lines of JSON Lines that hold something."""
    with _opened(path) as stream:
        for number, line in enumerate(io_lines(stream), 1):
            if line is None:
                yield number, 0, InputError(TOO_LONG)
            elif not line.isspace():
                yield number, len(line), line.removesuffix(b"\n")


@_guarded
def rows(path: Path) -> Iterator[Item]:
    """The rows of CSV as mappings."""
    with _opened(path) as stream:
        yield from from_csv(stream)


@_guarded
def batches(path: Path) -> Iterator[Item]:
    """The rows of a Parquet file as mappings."""
    yield from from_parquet(path)


class _Headers:
    """A crawl's reader of lines, which bounds what lies between two records' contents; warcio holds whatever comes."""

    def __init__(self, readline: Callable[[int], bytes]) -> None:
        self._readline, self.size = readline, 0

    def __call__(self, length: int | None = None) -> bytes:
        line = self._readline(MAX_HEADERS if length is None else min(length, MAX_HEADERS))
        self.size += len(line)
        if self.size > MAX_HEADERS:
            raise InputError(f"headers of more than {MAX_HEADERS // 1_000_000} MB")
        return line


@_guarded
def pages(path: Path) -> Iterator[Item]:
    """The HTML and text that a crawl found; its other records (images, requests, errors) are no documents."""
    archive = _optional("warcio.archiveiterator")
    exceptions = _optional("warcio.exceptions")
    number = 0
    try:
        with _opened(path) as stream:
            found = archive.ArchiveIterator(stream)
            found.INC_RECORD = ""  # else it writes the line that it did not expect to the terminal
            found.reader.readline = headers_read = _Headers(found.reader.readline)
            for record in found:
                number += 1
                headers_read.size = 0
                headers = record.http_headers or record.rec_headers
                kind = (headers.get_header("Content-Type") or "").partition(";")[0].strip().lower()
                answered = record.http_headers is None or record.http_headers.get_statuscode() == "200"
                if record.rec_type not in ("response", "resource", "conversion") or not answered:
                    continue
                if kind not in ("text/html", "application/xhtml+xml", "text/plain"):
                    continue
                html = kind != "text/plain"
                payload = record.content_stream().read((MAX_HTML_BYTES if html else MAX_BYTES) + 1)
                url = record.rec_headers.get_header("WARC-Target-URI") or f"{readable(path.stem)}-{number}"
                page = Page(url, payload, html)
                yield number, len(payload), page if len(payload) <= MAX_BYTES else InputError(TOO_LONG)
            if found.err_count:
                raise InputError("damaged: something else than a record stands between records")
    except exceptions.ArchiveLoadFailed as error:
        raise InputError(f"not WARC: {error}") from None
