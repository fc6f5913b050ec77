"""Text and JSON Lines in and out; an error reads `file:line: field: problem`, and a write is whole or not at all."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import IO, Any

from stance.errors import InputError


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
        with part.open("rb+") as file:
            os.fsync(file.fileno())
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


def read_bytes(path: Path) -> bytes:
    """Read a file, or say in one line why it cannot be read."""
    try:
        return path.read_bytes()
    except IsADirectoryError:
        raise InputError("is a folder, not a file", path) from None
    except FileNotFoundError:
        raise InputError("no such file", path) from None
    except OSError as error:
        raise InputError(f"cannot read: {error.strerror}", path) from error


def read_json(path: Path) -> Any:
    """Read a JSON file."""
    try:
        return json.loads(read_bytes(path).decode("utf-8"))
    except UnicodeDecodeError as error:
        raise InputError(f"not UTF-8 (byte {error.start})", path) from None
    except json.JSONDecodeError as error:
        raise InputError(f"not JSON: {error.msg}", path, error.lineno) from None


def read_jsonl(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield (line number, object) for each line that holds text."""
    for number, line in enumerate(read_bytes(path).split(b"\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line.decode("utf-8"))
        except UnicodeDecodeError as error:
            raise InputError(f"not UTF-8 (byte {error.start} of the line)", path, number) from None
        except json.JSONDecodeError as error:
            raise InputError(f"not JSON: {error.msg} (column {error.colno})", path, number) from None
        if not isinstance(row, dict):
            raise InputError(f"an object was expected, not {type(row).__name__}", path, number)
        yield number, row


def file_digest(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    return sha256(read_bytes(path)).hexdigest()


def digest(value: object) -> str:
    """The SHA-256 of a value's canonical JSON, cut to 12 hexadecimal digits."""
    return sha256(json.dumps(value, sort_keys=True, ensure_ascii=False, default=str).encode()).hexdigest()[:12]
