"""An archive from its files to its parts: `predict` with a folder for `--output`.

One part is in work at a time, on all cores: first its records are read, then the rows that are new in it are judged, in
pieces of similar length. Meanwhile the next part's records are fetched, so nothing waits for the disk, no more than two
parts are held, and a run that is killed has lost less than a part.
"""

from __future__ import annotations

import logging
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from typing import Any

from stance.archive import parts, worker
from stance.archive.parts import Output
from stance.archive.pool import Pool, WorkerDied
from stance.archive.sources import Record, Reject, inventory, records, walk
from stance.archive.worker import Identity, Probabilities, Read
from stance.config import Archive
from stance.documents import other_id
from stance.errors import InputError, StanceError
from stance.records import Candidate, Prediction

FORMAT = 1
CHUNK_BYTES, CHUNK_RECORDS = 200_000, 200  # that a worker reads at a time
CHUNK_ROWS = 64  # that a worker judges at a time: several batches, and a short wait for the last one
REMEMBERED = 100_000  # rows judged before; wire copy comes again within days, not years
TRIES = 3  # at judging a part, before a run gives up on its workers
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Job:
    """What to read, by what, and what of it to write in which form."""

    inputs: Sequence[str]
    folder: Path
    columns: Mapping[str, Sequence[str]]
    archive: Archive
    judged_by: Identity
    pool: Callable[[], Pool]
    form: str
    everything: bool
    least: float
    strict: bool

    def identity(self) -> dict[str, Any]:
        """All that the output's bytes depend on; not where its workers are, nor how they share the work."""
        settings = {"columns": self.columns, **self.archive.model_dump(), "format": self.form}
        return {
            "format": FORMAT,
            "inputs": inventory(self.inputs),
            **asdict(self.judged_by),
            "settings": {**settings, "all": self.everything, "least_confidence": self.least},
        }


@dataclass(frozen=True, slots=True)
class Part:
    """Records that are written together, and where those behind them begin: the file, and the record in it."""

    records: list[Record | Reject]
    end: tuple[int, int]


def cut(inputs: Iterable[str], start: tuple[int, int], archive: Archive) -> Iterator[Part]:
    """Cut what the inputs hold into parts, from a file and record on; the input alone decides where."""
    held: list[Record | Reject] = []
    size = 0
    for number, file in enumerate(walk(inputs)):
        skipped = start[1] if number == start[0] else 0
        for count, record in enumerate(islice(records(file), skipped, None) if number >= start[0] else (), skipped + 1):
            held.append(record)
            size += record.size if isinstance(record, Record) else 0
            if size >= archive.part_bytes or len(held) >= archive.part_documents:
                yield Part(held, (number, count))
                held, size = [], 0
    if held:
        yield Part(held, (number + 1, 0))


def _pieces(records: Iterable[Record | Reject]) -> Iterator[list[Record | Reject]]:
    piece: list[Record | Reject] = []
    size = 0
    for record in records:
        piece.append(record)
        size += record.size if isinstance(record, Record) else 0
        if size >= CHUNK_BYTES or len(piece) >= CHUNK_RECORDS:
            yield piece
            piece, size = [], 0
    if piece:
        yield piece


class Workers:
    """What a pool's processes read and judge; one that dies takes at most the record that killed it out of the run."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._known: OrderedDict[bytes, Probabilities] = OrderedDict()

    def read(self, records: Iterable[Record | Reject]) -> list[Read | Reject]:
        """Records as documents with their candidates, in order."""
        out: list[Read | Reject] = []
        pieces = deque(_pieces(records))
        while pieces:
            try:
                for found in self._pool.each(worker.read, list(pieces)):
                    out += found
                    pieces.popleft()
            except WorkerDied:
                out += [self._read_alone(record) for record in pieces.popleft()]
        return out

    def _read_alone(self, record: Record | Reject) -> Read | Reject:
        if isinstance(record, Reject):
            return record
        try:
            return next(self._pool.each(worker.read, [[record]]))[0]
        except WorkerDied:
            return Reject(str(record.path), record.row, "cannot be read: it ends the process that tries")

    def judge(self, candidates: Sequence[Candidate]) -> list[Probabilities]:
        """Each candidate's probabilities over LABELS; rows that are the same to the model are judged once.

        A row's numbers do not depend on what else is in its batch (stance/models/encoding.py), so neither on this.
        """
        keys = [blake2b(f"{c.marked}\0{c.context}".encode(), digest_size=16).digest() for c in candidates]
        rows = {key: (c.marked, c.context) for key, c in zip(keys, candidates, strict=True) if key not in self._known}
        fresh = sorted(rows, key=lambda key: (-len(rows[key][0]) - len(rows[key][1]), key))
        pieces = [fresh[i : i + CHUNK_ROWS] for i in range(0, len(fresh), CHUNK_ROWS)]
        judged = self._judge([[rows[key] for key in piece] for piece in pieces])
        for piece, probabilities in zip(pieces, judged, strict=True):
            self._known.update(zip(piece, probabilities, strict=True))
        out = [self._known[key] for key in keys]
        for key in keys:
            self._known.move_to_end(key)
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        return out

    def _judge(self, pieces: Sequence[Sequence[tuple[str, str]]]) -> list[list[Probabilities]]:
        for _ in range(TRIES):
            with suppress(WorkerDied):
                return list(self._pool.each(worker.judge, pieces))
        raise StanceError(
            f"{TRIES} workers were killed in judging (out of memory?): the same command goes on from here"
        )


def _write(job: Job, output: Output, workers: Workers, part: Part) -> None:
    """Read, judge and write one part."""
    found = workers.read(part.records)
    rejects = [r for f in found if (r := f if isinstance(f, Reject) else f.aside)]
    if rejects and job.strict:
        raise InputError(rejects[0].reason, rejects[0].file, rejects[0].row)
    documents = [f for f in found if isinstance(f, Read)]
    candidates: list[Candidate] = []
    for document in documents:
        mine = document.candidates
        if not output.first(document.id):
            key = other_id(document.id, document.source)
            output.first(key)
            mine = tuple(replace(c, doc=key) for c in mine)
        candidates += mine
    judged = zip(candidates, workers.judge(candidates), strict=True)
    predictions = [Prediction(candidate, p, job.judged_by.model) for candidate, p in judged]
    rows = [p.row() for p in predictions if (job.everything or p.label != "none") and p.confidence >= job.least]
    done = output.write(rows, rejects, len(documents), part.end)
    log.info("%s: %d documents, %d annotations, %d rejects", done.part, done.documents, done.annotations, done.rejects)


def run(job: Job) -> None:
    """Bring an output folder to its end, from wherever it is.

    Raises:
        InputError: an input that does not exist; with `strict`, a reject; and what `parts.opened` raises.
        StanceError: a worker was killed from outside.
    """
    if any(job.folder.resolve().is_relative_to(Path(path).resolve()) for path in job.inputs):
        raise InputError("lies in the input: its parts would be read as documents", job.folder)
    with parts.opened(job.folder, job.identity(), job.form) as output:
        if not output.complete:
            if output.parts:
                log.info("%d parts are done, and not done again", output.parts)
            _finish(job, output)
        totals = ", ".join(f"{count} {name}" for name, count in output.totals.items())
        made = f"{output.parts} part{'s' * (output.parts != 1)}"
        log.info("%s: %s in %s, read by %s", job.folder, totals, made, job.judged_by.model)


def _finish(job: Job, output: Output) -> None:
    pool = job.pool()
    try:
        workers = Workers(pool)
        with ThreadPoolExecutor(1) as fetching:
            coming = cut(job.inputs, output.next, job.archive)
            ahead = fetching.submit(next, coming, None)
            while part := ahead.result():
                ahead = fetching.submit(next, coming, None)
                _write(job, output, workers, part)
        output.finish()
    finally:
        pool.close()
