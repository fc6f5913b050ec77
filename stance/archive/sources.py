"""What an archive is made of: files of every kind that prediction reads, packed ones and web crawls, record by record.

Nothing here holds more than a record, or one folder's names, so an archive of any size can be walked through. A record
is found where the files are read, and made a document (`document`) where there is a core to spare.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from stance.archive import formats
from stance.archive.formats import Page
from stance.documents import SUFFIXES, TEXT, find_files, from_row, read_file, readable
from stance.errors import InputError
from stance.io import jsonl_row
from stance.records import Document

PACKED = (".gz", ".zst")
READERS = {".jsonl": formats.lines, ".csv": formats.rows, ".parquet": formats.batches, ".warc": formats.pages}
MAY_BE_PACKED = frozenset((".jsonl", ".csv", ".warc"))


@dataclass(frozen=True, slots=True)
class File:
    """A file to read, as it was found: `kind` is its suffix without that of its packing."""

    path: Path
    kind: str
    size: int
    modified: int


@dataclass(frozen=True, slots=True)
class Record:
    """One document's raw material: a line, a row, a page, or without `content` the whole file; `size` in bytes."""

    path: Path
    row: int | None
    size: int
    content: bytes | Mapping[str, Any] | Page | None


@dataclass(frozen=True, slots=True)
class Reject:
    """What could not be read or was set aside, and why."""

    file: str
    row: int | None
    reason: str


def kind_of(name: str) -> str | None:
    """The suffix by which a file's name says how to read it, without that of its packing; None for what is not read."""
    name = name.lower()
    plain = next((name.removesuffix(p) for p in PACKED if name.endswith(p)), name)
    suffix = Path(plain).suffix
    return suffix if suffix in (SUFFIXES if plain == name else ()) or suffix in MAY_BE_PACKED else None


def walk(paths: Iterable[str]) -> Iterator[File]:
    """Yield every file that paths and patterns name, folders in sorted order, as `stance.documents.read` does.

    Raises:
        InputError: no such path, a folder without documents, or standard input, which cannot be read twice.
    """
    for name in paths:
        if Path(name).is_dir():
            empty = True
            for file in _folder(Path(name)):
                empty = False
                yield file
            if empty:
                raise InputError(f"no documents in this folder ({', '.join((*SUFFIXES, '.warc'))})", name)
            continue
        for path in find_files([name]):
            if path is None:
                raise InputError("standard input cannot be read again after a stop: give files or folders", "--output")
            yield _file(path, kind_of(path.name) or TEXT[0])


def _folder(path: Path) -> Iterator[File]:
    try:
        with os.scandir(path) as entries:
            names = sorted((entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries)
    except OSError as error:
        raise InputError(f"cannot read: {error.strerror}", path) from error
    for name, folder in names:
        if folder:
            yield from _folder(path / name)
        elif (kind := kind_of(name)) and (path / name).is_file():
            yield _file(path / name, kind)


def _file(path: Path, kind: str) -> File:
    status = path.stat()
    return File(path, kind, status.st_size, status.st_mtime_ns)


def inventory(paths: Sequence[str]) -> dict[str, Any]:
    """How many files and bytes the paths name, and a digest of all their names, sizes and times of change."""
    seen, files, size = sha256(), 0, 0
    for file in walk(paths):
        seen.update(os.fsencode(file.path) + f"\0{file.size}\0{file.modified}\0".encode())
        files, size = files + 1, size + file.size
    return {"files": files, "bytes": size, "digest": seen.hexdigest()[:12]}


def records(file: File) -> Iterator[Record | Reject]:
    """Yield a file's records in order; what cannot be read of it is a reject, and what is behind that is lost."""
    if file.kind not in READERS:
        yield Record(file.path, None, file.size, None)
        return
    for row, size, content in READERS[file.kind](file.path):
        if isinstance(content, InputError):
            yield Reject(str(file.path), row, content.problem)
        else:
            yield Record(file.path, row, size, content)


def document(record: Record, columns: Mapping[str, Sequence[str]]) -> tuple[Document, str | None]:
    """A record's document, as `stance.documents.read` makes it, and the language that its row states.

    Raises:
        InputError: no text, too much of it, or what is no text in any encoding.
    """
    path, row, content = record.path, record.row, record.content
    if content is None:
        return next(read_file(path)), None
    if isinstance(content, Page):
        return content.document(path, row), None
    assert row is not None
    if isinstance(content, bytes):
        content = jsonl_row(content, path, row)
    name = next((path.name.removesuffix(p) for p in PACKED if path.name.endswith(p)), path.name)
    language = next((str(content[c]) for c in columns["language"] if content.get(c)), None)
    return from_row(content, f"{readable(Path(name).stem)}-{row}", (path, row), columns), language
