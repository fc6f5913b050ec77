"""Where an archive's pieces are worked on: processes of this machine here, other machines in `engine`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from typing import Protocol, TypeVar

from stance.archive import worker
from stance.archive.worker import Opening
from stance.errors import StanceError

P = TypeVar("P")
R = TypeVar("R")


class WorkerDied(Exception):
    """The process that worked on the next piece has ended, and another one stands ready."""


class Pool(Protocol):
    """Processes that have opened the same judge."""

    def each(self, work: Callable[[P], R], pieces: Sequence[P]) -> Iterator[R]:
        """Results in order, as they come.

        Raises:
            WorkerDied: in place of the first result that its worker did not live to give; no result follows.
        """

    def close(self) -> None:
        """End the processes; what they were doing is thrown away."""


class Processes:
    """A process a core of this machine."""

    def __init__(self, opening: Opening, count: int) -> None:
        self._opening, self._count = opening, count
        self._start()

    def _start(self) -> None:
        # Spawned, not forked: a fork would copy the parent's threads' locks, and its lock on the output folder.
        self._pool = ProcessPoolExecutor(
            self._count, get_context("spawn"), initializer=worker.start, initargs=(self._opening,)
        )
        try:
            self._pool.submit(worker.ready).result()
        except BrokenProcessPool:
            raise StanceError("a worker cannot start (out of memory?): the same command goes on from here") from None

    def each(self, work: Callable[[P], R], pieces: Sequence[P]) -> Iterator[R]:
        """As `Pool` says."""
        try:
            for future in [self._pool.submit(work, piece) for piece in pieces]:
                yield future.result()
        except BrokenProcessPool:
            self._start()
            raise WorkerDied from None

    def close(self) -> None:
        """As `Pool` says."""
        self._pool.shutdown(wait=True, cancel_futures=True)
