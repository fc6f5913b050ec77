"""Which ids an archive's documents have had so far, on disk, so that memory stays flat and a stopped run goes on."""

from __future__ import annotations

import sqlite3
from hashlib import blake2b
from pathlib import Path

NAME = ".ids.sqlite"


class Ids:
    """The ids of a run's documents, told apart by 63 bits of a digest.

    In an archive of ten million the odds that two are taken for one, and one gets a suffix that it did not need, are
    one in 200,000.
    """

    def __init__(self, folder: Path, parts: int) -> None:
        """Open those of the parts that are done; later ones are forgotten."""
        self._part = parts
        self._store = sqlite3.connect(folder / NAME)
        self._store.execute("pragma journal_mode = wal")
        self._store.execute("create table if not exists ids (id integer primary key, part integer)")
        self._store.execute("delete from ids where part >= ?", (parts,))

    def first(self, key: str) -> bool:
        """Whether no document before had this id; now one has."""
        number = int.from_bytes(blake2b(key.encode(), digest_size=8).digest()) >> 1
        return self._store.execute("insert or ignore into ids values (?, ?)", (number, self._part)).rowcount == 1

    def commit(self) -> None:
        """Keep the ids of the part in work; those that follow are the next part's."""
        self._store.commit()
        self._part += 1

    def close(self) -> None:
        """Keep no more."""
        self._store.close()


def forget(folder: Path) -> None:
    """Remove what a run has kept, once it needs it no more."""
    for path in folder.glob(f"{NAME}*"):
        path.unlink()
