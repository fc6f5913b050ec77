"""An archive on one machine: against the model alone, and what its size costs in time and memory.

    python benchmarks/archive.py [--megabytes 1 10 100 1000] [--talks 0.01] [--alone 10]

The text is the project's corpus over and over, each time with another number in its sentences, so that hardly two
rows are the same. Of a hundred documents one is about the talks (`--talks`), nine are about the war without them and
ninety about neither, as in benchmarks/front_end.py; `--talks 1` is all about the talks. Each archive is one file of
JSON Lines, read by `python -m stance.predict FILE --output FOLDER/` in a process of its own; memory is the largest
sum of what that and its workers hold, looked at ten times a second, libraries that they share counted in each.

The model alone judges the same rows, each different one once, in as many processes of one thread, with all of them at
hand and sorted by length. Starting (`start`: an archive of one document; likewise a pool without work) is taken off
both.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from itertools import count, cycle
from multiprocessing import get_context
from pathlib import Path

from rich.console import Console
from rich.table import Table

from stance.archive import worker
from stance.archive.runner import CHUNK_ROWS
from stance.candidates import Generator
from stance.codebook import Codebook, load
from stance.config import Pipeline, load_pipeline
from stance.documents import read_file
from stance.matcher import alternatives
from stance.records import Document

SEED = 13
Cost = tuple[float, float]  # seconds by the clock, and of processor time


def archive(documents: Sequence[Document], codebook: Codebook, talks: float) -> Iterator[Document]:
    """An endless archive of which this share is about the talks."""

    def other(texts: Sequence[Document], phrases: Sequence[str], word: str) -> list[Document]:
        pattern = re.compile(rf"\b(?:{alternatives(phrases)})\b", re.I)
        return [replace(d, text=pattern.sub(word, d.text)) for d in texts]

    known = codebook.resolution
    names = [name for p in codebook.processes for name in (*p.aliases, *(place.name for place in p.places))]
    war = other(documents, [*names, *known.generic], "harvest") if talks < 1 else documents
    neither = other(war, known.subjects, "Ruritania") if talks < 1 else documents
    kinds = cycle(documents), cycle(war), cycle(neither)
    shares = talks, min(9 * talks, 1 - talks), max(0.0, 1 - 10 * talks)
    rng = random.Random(SEED)
    for number in count():
        chosen = next(kinds[rng.choices((0, 1, 2), shares)[0]])
        yield replace(chosen, id=str(number), text=chosen.text.replace(". ", f" ({number}). "))


def write(path: Path, documents: Iterator[Document], megabytes: float) -> None:
    """Write documents up to a length of text as JSON Lines."""
    left = megabytes * 1e6
    with path.open("w", encoding="utf-8") as out:
        while left > 0:
            document = next(documents)
            left -= len(document.text)
            day = document.date and document.date.isoformat()
            out.write(json.dumps({"doc": document.id, "date": day, "text": document.text}, ensure_ascii=False) + "\n")


def children(pid: int) -> list[int]:
    """The processes below one."""
    try:
        threads = list(Path(f"/proc/{pid}/task").iterdir())
        own = [int(child) for thread in threads for child in (thread / "children").read_text().split()]
    except OSError:
        return []
    return own + [pid_ for child in own for pid_ in children(child)]


def resident(pid: int) -> int:
    """The bytes of memory that a process holds; 0 for one that has ended."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize()
    except OSError:
        return 0


def run(path: Path, model: str) -> tuple[Cost, float, str]:
    """Read an archive by the command: what it cost, megabytes at most, and its last line."""
    with tempfile.TemporaryDirectory() as out:
        start, used = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
        command = [sys.executable, "-m", "stance.predict", str(path), "--model", model, "--output", f"{out}/"]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
            peak, over = 0, threading.Event()

            def watch() -> None:
                nonlocal peak
                while not over.wait(0.1):
                    peak = max(peak, sum(map(resident, (process.pid, *children(process.pid)))))

            watching = threading.Thread(target=watch)
            watching.start()
            assert process.stderr
            last = list(process.stderr)[-1]
            process.wait()
            over.set()
            watching.join()
        if process.returncode:
            raise SystemExit(last)
    return _since(start, used), peak / 1e6, last.strip()


def _since(start: float, used: resource.struct_rusage) -> Cost:
    now = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.perf_counter() - start, now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime


def alone(path: Path, pipeline: Pipeline, model: str, processes: int) -> tuple[Cost, int, int]:
    """The model on an archive's rows: what judging them costs, how many candidates there are, and different rows."""
    codebook = Path(pipeline.paths.codebook)
    generator = Generator(load(codebook))
    found = [(c.marked, c.context) for d in read_file(path) for c in generator.candidates(d)]
    rows = sorted(set(found), key=lambda row: (-len(row[0]) - len(row[1]), row))
    opening = worker.Opening(codebook, Path(pipeline.paths.models), model, False, pipeline.columns.model_dump())
    costs: list[Cost] = []
    for some in ([], rows):
        start, used = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
        with ProcessPoolExecutor(processes, get_context("spawn"), worker.start, (opening,)) as pool:
            for ready in [pool.submit(worker.ready) for _ in range(processes)]:
                ready.result()
            pieces = [some[i : i + CHUNK_ROWS] for i in range(0, len(some), CHUNK_ROWS)]
            list(pool.map(worker.judge, pieces))
        costs.append(_since(start, used))
    (idle, idle_used), (busy, busy_used) = costs
    return (busy - idle, busy_used - idle_used), len(found), len(rows)


def main() -> None:
    """Print two tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=float, nargs="*", default=[1, 10, 100, 1000])
    parser.add_argument("--talks", type=float, default=0.01)
    parser.add_argument(
        "--alone", type=float, default=10, help="megabytes on which the model is measured alone; 0: not"
    )
    parser.add_argument("--model", default="release")
    parser.add_argument("--processes", type=int, default=2)
    args = parser.parse_args()
    pipeline = load_pipeline()
    codebook = load(Path(pipeline.paths.codebook))
    documents = list(read_file(Path(pipeline.paths.corpus)))
    console = Console(width=120)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "archive.jsonl"
        write(path, archive(documents, codebook, args.talks), 1e-6)
        (start, start_used), _, _ = run(path, args.model)
        console.print(f"start: {start:.1f} s, {start_used:.1f} s of processor time")
        table = Table("MB", "seconds", "processor s", "MB a second", "peak MB", "what", title="by size")
        for megabytes in args.megabytes:
            write(path, archive(documents, codebook, args.talks), megabytes)
            (clock, used), peak, last = run(path, args.model)
            rate = f"{megabytes / (clock - start):.2f}"
            table.add_row(f"{megabytes:g}", f"{clock:.1f}", f"{used:.1f}", rate, f"{peak:.0f}", last.partition(": ")[2])
        if args.megabytes:
            console.print(table)
        if args.alone:
            write(path, archive(documents, codebook, args.talks), args.alone)
            (clock, used), _, _ = run(path, args.model)
            (model, model_used), found, different = alone(path, pipeline, args.model, args.processes)
            console.print(f"{args.alone:g} MB: {found} candidates, {different} different rows")
            for name, without, whole in (
                ("by the clock", model, clock - start),
                ("by processor time", model_used, used - start_used),
            ):
                console.print(f"{name}: model alone {without:.1f} s, the whole {whole:.1f} s: {without / whole:.0%}")


if __name__ == "__main__":
    main()
