"""Text, JSON Lines and CSV in and out; an error reads `file:line: field: problem`, a write is whole or not at all."""

from __future__ import annotations

import csv
import fcntl
import hashlib
import io
import json
import os
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from stance.errors import InputError

MAX_BYTES = 20_000_000  # of a document, a row or a line
TOO_LONG = f"longer than {MAX_BYTES // 1_000_000} MB"
_FORMULA = re.compile(r"'*[=+\-@\t\r\n]")


def sync(path: Path) -> None:
    """Wait until a file is on disk."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock that a file stands for; it ends with the process at the latest, and the file stays.

    Raises:
        InputError: another run holds it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InputError("another run is at work there", path.parent) from None
        yield


@contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """Give a neighbour of `path` to write to, which takes its place only once it is complete and on disk.

    Raises:
        InputError: the file cannot be written (no such folder, no space); what stood at `path` is untouched.
    """
    part = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
        os.close(handle)
        part = Path(name)
        yield part
        sync(part)
        part.chmod(0o644)
        part.replace(path)
    except OSError as error:
        raise InputError(f"cannot write: {error.strerror or error}", path) from error
    finally:
        if part is not None:
            part.unlink(missing_ok=True)


@contextmanager
def atomic_write(path: Path) -> Iterator[IO[str]]:
    """Open a UTF-8 text file that takes `path`'s place only once it is complete and on disk."""
    with atomic_path(path) as part, part.open("w", encoding="utf-8", newline="\n") as file:
        yield file


def write_text(path: Path, text: str) -> None:
    """Write a text file atomically."""
    with atomic_write(path) as file:
        file.write(text)


def write_json(path: Path, value: object) -> None:
    """Write a JSON file atomically, keys in their given order."""
    write_text(path, json.dumps(value, ensure_ascii=False, indent=1) + "\n")


def write_jsonl(path: Path, rows: Iterable[Mapping[str, object]]) -> None:
    """Write JSON Lines atomically, one object a line."""
    with atomic_write(path) as file:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def found(path: Path) -> Path:
    """A path of the working folder, or where that has none, what ships with the program under the same name.

    An installed package carries it inside, a clone beside itself.
    """
    package = Path(__file__).parent
    places = [path, package / "shipped" / path, package.parent / path]
    return next((place for place in places if place.exists()), path)


@contextmanager
def opened(path: Path) -> Iterator[io.BufferedReader]:
    """Open a file to be read, or say in one line why it cannot be read."""
    try:
        with path.open("rb") as file:
            yield file
    except IsADirectoryError:
        raise InputError("is a folder, not a file", path) from None
    except FileNotFoundError:
        raise InputError("no such file", path) from None
    except OSError as error:
        raise InputError(f"cannot read: {error.strerror}", path) from error


def read_bytes(path: Path, most: int | None = None) -> bytes:
    """Read a file, of `most` bytes if there is a limit.

    Raises:
        InputError: it cannot be read, or is larger; no more than the limit is held.
    """
    with opened(path) as file:
        data = file.read() if most is None else file.read(most + 1)
    if most is not None and len(data) > most:
        raise InputError(f"larger than {most // 1_000_000} MB", path)
    return data


def read_json(path: Path) -> Any:
    """Read a JSON file."""
    try:
        return json.loads(read_bytes(path).decode("utf-8"))
    except UnicodeDecodeError as error:
        raise InputError(f"not UTF-8 (byte {error.start})", path) from None
    except json.JSONDecodeError as error:
        raise InputError(f"not JSON: {error.msg}", path, error.lineno) from None
    except (RecursionError, ValueError) as error:  # nested too deep; a number of too many digits
        raise InputError(f"not JSON that can be read: {error}", path) from None


def lines(stream: Any, end: Any = b"\n") -> Iterator[Any]:
    """Yield a stream's lines; None for one of more than MAX_BYTES, which is passed over without being held."""
    while line := stream.readline(MAX_BYTES + 1):
        if len(line) <= MAX_BYTES:
            yield line
            continue
        while line and line[-1:] != end:
            line = stream.readline(1 << 20)
        yield None


def jsonl_row(line: bytes, path: Path | str, number: int) -> dict[str, Any]:
    """The object on one line of JSON Lines.

    Raises:
        InputError: not UTF-8, not JSON, nested too deep, or not an object.
    """
    try:
        row = json.loads(line.decode("utf-8"))
        if b"\\u" in line:
            json.dumps(row, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise InputError("not UTF-8: half of a surrogate pair (\\ud800 to \\udfff)", path, number) from None
    except UnicodeDecodeError as error:
        raise InputError(f"not UTF-8 (byte {error.start} of the line)", path, number) from None
    except json.JSONDecodeError as error:
        raise InputError(f"not JSON: {error.msg} (column {error.colno})", path, number) from None
    except (RecursionError, ValueError) as error:  # nested too deep; a number of too many digits
        raise InputError(f"not JSON that can be read: {error}", path, number) from None
    if not isinstance(row, dict):
        raise InputError(f"an object was expected, not {type(row).__name__}", path, number)
    return row


def read_jsonl(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield (line number, object) for each line that holds text."""
    with opened(path) as file:
        for number, line in enumerate(lines(file), 1):
            if line is None:
                raise InputError(TOO_LONG, path, number)
            if not line.isspace():
                yield number, jsonl_row(line, path, number)


def typed(row: Mapping[str, Any], kinds: Mapping[str, type], *where: str | int | Path) -> None:
    """Refuse a row that lacks one of some fields, or has something else in it than a value of its kind.

    Raises:
        InputError: with `where` it was met, and the field.
    """
    for name, kind in kinds.items():
        if name not in row:
            raise InputError("missing", *where, name)
        if not isinstance(row[name], kind):
            raise InputError(f"{kind.__name__} was expected, not {type(row[name]).__name__}", *where, name)


def inert(cell: object) -> object:
    """A spreadsheet cell that cannot run as a formula: text that could gets an apostrophe in front.

    Text that has one there already gets another, so that `restored` gives back what was said.
    """
    return f"'{cell}" if isinstance(cell, str) and _FORMULA.match(cell) else cell


def restored(cell: str) -> str:
    """The text of which `inert` made a cell."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def csv_line(cells: Iterable[object]) -> str:
    """A line of CSV. Python's writer quotes a carriage return only if its lines end in one."""
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow(cells)
    return line.getvalue().removesuffix("\r\n") + "\n"


def file_digest(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with opened(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def digest(value: object) -> str:
    """The SHA-256 of a value's canonical JSON, cut to 12 hexadecimal digits."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, ensure_ascii=False, default=str).encode()).hexdigest()[:12]
