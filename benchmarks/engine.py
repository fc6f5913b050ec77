"""The same archive read by this machine's own workers and on Ray: start, marginal rate, memory, and a killed worker.

    python benchmarks/engine.py [--rounds 4] [--megabytes 8] [--talks 0.01]

The archive is that of benchmarks/archive.py. In each round both read a document and then all of it, in turn, so that a
ratio holds on a busy machine; the marginal cost is the difference. Processor time and memory are those of the command
and of every process below it, looked at ten times a second, since the kernel's sums leave out those that nobody waits
for, as Ray's. At the end a worker of each is killed after the first part, and what is written compared.
"""

from __future__ import annotations

import argparse
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from archive import archive, children, resident, write
from rich.console import Console
from rich.table import Table

from stance.codebook import load
from stance.config import load_pipeline
from stance.documents import read_file

ENGINES: dict[str, tuple[str, ...]] = {"local": (), "ray": ("--engine", "ray")}
WORKERS = (b"multiprocessing.spawn", b"ray::_do")  # in the command line of one that is at work
TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Cost:
    """What a run took: seconds by the clock, of processor time, and megabytes at most."""

    seconds: float
    processor: float
    megabytes: float


def _processor(pid: int) -> float:
    try:
        user, system = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    except OSError:
        return 0
    return (int(user) + int(system)) / TICK


def _works(pid: int) -> bool:
    try:
        return any(name in Path(f"/proc/{pid}/cmdline").read_bytes() for name in WORKERS)
    except OSError:
        return False


def run(path: Path, out: Path, options: tuple[str, ...], kill: bool = False) -> Cost:
    """Read an archive into a folder; with `kill`, a worker at work is killed once the first part is written."""
    start = time.perf_counter()
    command = [sys.executable, "-m", "stance.predict", str(path), "--quiet", "--model", "release", *options]
    used: dict[int, float] = {}
    peak = 0
    with subprocess.Popen([*command, "--output", f"{out}/"]) as process:
        while process.poll() is None:
            pids = [process.pid, *children(process.pid)]
            used |= {pid: max(used.get(pid, 0), _processor(pid)) for pid in pids}
            peak = max(peak, sum(map(resident, pids)))
            if kill and any(out.glob("part-*")) and (victim := next(filter(_works, pids), None)):
                os.kill(victim, signal.SIGKILL)
                kill = False
            time.sleep(0.1)
    if process.returncode or kill:
        raise SystemExit(f"{' '.join(command)}: ended with {process.returncode}")
    return Cost(time.perf_counter() - start, sum(used.values()), peak / 1e6)


def _same(one: Path, other: Path) -> bool:
    return {p.name: p.read_bytes() for p in one.iterdir()} == {p.name: p.read_bytes() for p in other.iterdir()}


def measured(rounds: int, one: Path, whole: Path, out: Path) -> dict[str, list[tuple[Cost, Cost]]]:
    """Each engine's costs of a document and of the archive, round by round."""
    costs: dict[str, list[tuple[Cost, Cost]]] = {name: [] for name in ENGINES}
    for number in range(rounds):
        for name, options in ENGINES.items():
            folders = out / f"one-{name}-{number}", out / f"whole-{name}-{number}"
            costs[name].append((run(one, folders[0], options), run(whole, folders[1], options)))
            if not _same(folders[1], out / "whole-local-0"):
                raise SystemExit(f"{name}, round {number}: other bytes than the first run")
    return costs


def main() -> None:
    """Print a table, a ratio for each round, and what a killed worker costs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--megabytes", type=float, default=8)
    parser.add_argument("--talks", type=float, default=0.01)
    args = parser.parse_args()
    pipeline = load_pipeline()
    codebook = load(Path(pipeline.paths.codebook))
    documents = list(read_file(Path(pipeline.paths.corpus)))
    console = Console(width=120)
    with tempfile.TemporaryDirectory() as folder:
        one, whole, out = Path(folder) / "one.jsonl", Path(folder) / "whole.jsonl", Path(folder) / "out"
        write(one, archive(documents, codebook, args.talks), 1e-6)
        write(whole, archive(documents, codebook, args.talks), args.megabytes)
        costs = measured(args.rounds, one, whole, out)
        table = Table("", "start s", "processor s", "marginal s", "processor s", "peak MB", title="medians")
        marginal = {}
        for name, pairs in costs.items():
            clock = [b.seconds - a.seconds for a, b in pairs]
            used = [b.processor - a.processor for a, b in pairs]
            marginal[name] = clock, used
            starts = [a.seconds for a, _ in pairs], [a.processor for a, _ in pairs]
            peaks = [b.megabytes for _, b in pairs]
            figures = map(statistics.median, (*starts, clock, used))
            table.add_row(name, *(f"{figure:.1f}" for figure in figures), f"{statistics.median(peaks):.0f}")
        console.print(table)
        for n, what in enumerate(("the clock", "processor time")):
            ratios = [a / b for a, b in zip(marginal["local"][n], marginal["ray"][n], strict=True)]
            rounds = ", ".join(f"{ratio:.2f}" for ratio in ratios)
            console.print(f"rate of ray to local by {what}: median {statistics.median(ratios):.2f} ({rounds})")
        for name, options in ENGINES.items():
            cost = run(whole, out / f"killed-{name}", options, kill=True)
            rows = "same bytes" if _same(out / f"killed-{name}", out / "whole-local-0") else "OTHER BYTES"
            usual = statistics.median(b.processor for _, b in costs[name])
            console.print(f"{name}, a worker killed: {cost.processor:.1f} processor s, else {usual:.1f}; {rows}")


if __name__ == "__main__":
    main()
