"""An output folder that is written part by part, and goes on after a stop at any moment where it stopped.

The manifest (`manifest.jsonl`) says in its first line what is read, by what and how; in one line for each part that is
done what the part holds; and in its last that nothing is left to do. A part counts from the moment that its line is on
disk; whatever a stopped run left beyond that is thrown away. Nothing in the folder tells time or order of work, so two
runs of the same make the same bytes.
"""

from __future__ import annotations

import fcntl
import json
import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import IO, Any

from stance import output
from stance.archive import ids
from stance.archive.sources import Reject
from stance.errors import InputError
from stance.io import file_digest, typed

AGAIN = "remove the folder and begin again"
MANIFEST, REJECTS = "manifest.jsonl", "rejects.jsonl"


@dataclass(frozen=True, slots=True)
class Done:
    """A manifest's line for a part: its file and digest, what it covers, and where the next part begins.

    `rejects_end` is the length of the rejects' file, `file` and `record` count the files, and the records of the next.
    """

    part: str
    sha256: str
    documents: int
    annotations: int
    rejects: int
    rejects_end: int
    file: int
    record: int

    @classmethod
    def of(cls, line: Mapping[str, Any]) -> Done:
        """A manifest's line, read back.

        Raises:
            InputError: a value that is not what was written; TypeError and KeyError for other fields.
        """
        typed(line, {f.name: str if f.name in ("part", "sha256") else int for f in fields(cls)})
        if Path(line["part"]).name != line["part"] or line["rejects_end"] < 0:
            raise InputError("not a part of this folder")
        return cls(**line)


def _line(value: Mapping[str, object]) -> bytes:
    # A name that is no valid Unicode is written as JSON writes it.
    return (json.dumps(value, ensure_ascii=False) + "\n").encode("utf-8", "backslashreplace")


class Output:
    """An output folder, locked and checked, ready for its next part; made by `opened`."""

    def __init__(self, folder: Path, manifest: IO[bytes], form: str) -> None:
        self._folder, self._manifest, self._form = folder, manifest, form
        self.totals = dict.fromkeys(("documents", "annotations", "rejects"), 0)
        self.parts, self.complete = 0, False
        self.next = 0, 0  # the files, and the records of the file behind them, that the parts cover

    @contextmanager
    def resume(self, identity: Mapping[str, Any]) -> Iterator[None]:
        """Take up what the manifest says is done, and throw away what was left half done; files stay open for one step.

        Raises:
            InputError: begun for something else, or a part is not as it was written.
        """
        end = self._take_up(identity)
        for left in self._folder.glob(".part-*.part"):
            left.unlink()
        if self.complete:
            yield
            return
        if self.parts and not (self._folder / ids.NAME).exists():
            raise InputError(f"missing: {AGAIN}", self._folder / ids.NAME)
        with (
            (self._folder / REJECTS).open("ab") as self._rejects,
            closing(ids.Ids(self._folder, self.parts)) as self._ids,
        ):
            if self._rejects.tell() < end:
                raise InputError(f"changed since it was written: {AGAIN}", self._folder / REJECTS)
            self._rejects.truncate(end)
            self._rejects.seek(end)
            yield

    def _take_up(self, identity: Mapping[str, Any]) -> int:
        """Read the manifest; the length of the rejects that it vouches for."""
        self._manifest.seek(0)
        lines = [line for line in self._manifest.read().splitlines(keepends=True) if line.endswith(b"\n")]
        self._manifest.truncate(sum(map(len, lines)))  # the last one may have been cut off
        try:
            head, *rest = map(json.loads, lines or [b"null"])
            done = [Done.of(line) for line in rest if "complete" not in line]
            begun: Mapping[str, Any] | None = None if head is None else dict(head)
        except (ValueError, TypeError, RecursionError, InputError):
            raise InputError(f"damaged: {AGAIN}", self._folder / MANIFEST) from None
        if begun is None:
            self._append(identity)
        else:
            _compare(begun, identity, self._folder)
        for part in done:
            path = self._folder / part.part
            if not path.exists() or file_digest(path) != part.sha256:
                raise InputError(f"missing or changed since it was written: {AGAIN}", path)
            self._count(part)
        self.complete = len(done) < len(rest)
        return done[-1].rejects_end if done else 0

    def _count(self, done: Done) -> None:
        self.parts += 1
        self.next = done.file, done.record
        for name in self.totals:
            self.totals[name] += getattr(done, name)

    def first(self, key: str) -> bool:
        """Whether no document before had this id; now one has."""
        return self._ids.first(key)

    def write(
        self, rows: Sequence[output.Row], rejects: Sequence[Reject], documents: int, end: tuple[int, int]
    ) -> Done:
        """Write the next part, of so many documents, behind which `end` is the next record."""
        path = self._folder / f"part-{self.parts:05}.{self._form}"
        self._rejects.write(b"".join(_line(asdict(reject)) for reject in rejects))
        _sync(self._rejects)
        output.write(self._form, rows, output.PREDICTION, path)
        self._ids.commit()
        counts = documents, len(rows), len(rejects)
        done = Done(path.name, file_digest(path), *counts, self._rejects.tell(), *end)
        self._append(asdict(done))
        self._count(done)
        return done

    def finish(self) -> None:
        """Say that nothing is left to do."""
        self._append({"complete": True, **self.totals})
        self.complete = True

    def _append(self, line: Mapping[str, object]) -> None:
        folder = os.open(self._folder, os.O_RDONLY)
        try:  # the part's name must be on disk before the line that vouches for it
            os.fsync(folder)
        finally:
            os.close(folder)
        self._manifest.write(_line(line))
        _sync(self._manifest)


def _sync(file: IO[bytes]) -> None:
    file.flush()
    os.fsync(file.fileno())


def _compare(begun: Mapping[str, Any], now: Mapping[str, Any], folder: Path) -> None:
    """Refuse to go on with anything else than what the output was begun with."""
    for name, value in now.items():
        was = begun.get(name)
        if was == value:
            continue
        if isinstance(was, dict) and isinstance(value, dict):
            which = "; ".join(f"{k} {was.get(k)}, now {v}" for k, v in value.items() if was.get(k) != v)
        else:
            which = f"{was}, now {value}"
        raise InputError(
            f"was begun with other {name} ({which}): give what it was begun with, or another folder", folder
        )


@contextmanager
def opened(folder: Path, identity: Mapping[str, Any], form: str) -> Iterator[Output]:
    """Lock an output folder and take it up where it is; `identity` is what the output depends on.

    Raises:
        InputError: another run writes there; it was begun for something else, damaged, or holds other files; disk full.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / MANIFEST).exists() and any(folder.iterdir()):
            raise InputError(f"holds other files and no {MANIFEST}: choose an empty folder", folder)
        with (folder / MANIFEST).open("a+b") as manifest:
            try:
                fcntl.flock(manifest, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise InputError("another run is writing there", folder) from None
            begun = Output(folder, manifest, form)
            with begun.resume(identity):
                yield begun
            if begun.complete:
                ids.forget(folder)
    except (OSError, sqlite3.Error) as error:
        problem = getattr(error, "strerror", None) or error
        raise InputError(f"cannot write: {problem} (the same command goes on from here)", folder) from error
