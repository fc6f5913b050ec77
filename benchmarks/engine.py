"""The same archive read by this machine's own workers and on Ray: start, rate, memory, and a killed worker.

    python benchmarks/engine.py [--turns 12] [--starts 3] [--megabytes 9] [--talks 0.01]

The text is that of benchmarks/archive.py. The rate is that of reading and judging a megabyte once both have started,
in turn within one process (what the command does besides is the same code for both), so that a ratio of two turns that
follow each other holds on a busy machine. Start, memory and the killed worker are those of the command, which reads one
document, then `--megabytes`, then these again while a worker is killed after the first part; its output is compared.

Ray gives its workers a low priority (nice 15). Here they have the common one, or what else the machine does would be
taken from one of the two alone. Processor time and memory are those of the command and of all processes below it, Ray's
own included, looked at ten times a second, since the kernel's sums leave out processes that nobody waits for.
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
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from archive import archive, children, resident, write
from rich.console import Console
from rich.table import Table

from stance.archive.engine import Ray
from stance.archive.pool import Pool, Processes
from stance.archive.runner import Workers, cut
from stance.archive.worker import Identity, Opening, Read
from stance.codebook import load
from stance.config import Archive, load_pipeline
from stance.documents import read_file
from stance.pipeline import open_judge

ENGINES: dict[str, tuple[str, ...]] = {"local": (), "ray": ("--engine", "ray")}
LOCAL, RAY = b"multiprocessing.spawn", b"ray::_do"  # in the command line of a worker
CORES = 2
IDLE = 20  # seconds
TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Cost:
    """What a run took: seconds by the clock and of processor time, of that in the command itself, megabytes at most."""

    seconds: float
    processor: float
    own: float = 0
    megabytes: float = 0


def _processor(pid: int) -> float:
    try:
        user, system = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    except OSError:
        return 0
    return (int(user) + int(system)) / TICK


def _called(pid: int, *names: bytes) -> bool:
    """Whether a process has one of these in its command line."""
    try:
        return any(name in Path(f"/proc/{pid}/cmdline").read_bytes() for name in names)
    except OSError:
        return False


def run(path: Path, out: Path, options: tuple[str, ...], kill: bool = False) -> Cost:
    """Read an archive into a folder; with `kill`, a worker at work is killed once the first part is written."""
    start = time.perf_counter()
    command = [sys.executable, "-m", "stance.predict", str(path), "--quiet", "--model", "release", *options]
    used: dict[int, float] = {}
    peak = 0
    with subprocess.Popen([*command, "--output", f"{out}/"], stdout=subprocess.DEVNULL) as process:
        while process.poll() is None:
            pids = [process.pid, *children(process.pid)]
            used |= {pid: max(used.get(pid, 0), _processor(pid)) for pid in pids}
            peak = max(peak, sum(map(resident, pids)))
            if kill and any(out.glob("part-*")) and (victim := next((p for p in pids if _called(p, LOCAL, RAY)), None)):
                os.kill(victim, signal.SIGKILL)
                kill = False
            time.sleep(0.1)
    if process.returncode or kill:
        raise SystemExit(f"{' '.join(command)}: ended with {process.returncode}")
    return Cost(time.perf_counter() - start, sum(used.values()), used[process.pid], peak / 1e6)


def _same(one: Path, other: Path) -> bool:
    return {p.name: p.read_bytes() for p in one.iterdir()} == {p.name: p.read_bytes() for p in other.iterdir()}


def commands(starts: int, one: Path, whole: Path, out: Path, console: Console) -> None:
    """Print what the command costs: to start, in memory, and when a worker is killed."""
    columns = (
        "start s",
        "processor s",
        "all, processor s",
        "the command's own",
        "a worker killed",
        "its output",
        "peak MB",
    )
    table = Table("", *columns, title="the command; 'all' and 'own' without start")
    for name, options in ENGINES.items():
        begun = [run(one, out / f"one-{name}-{n}", options) for n in range(starts)]
        usual = run(whole, out / f"whole-{name}", options)
        killed = run(whole, out / f"killed-{name}", options, kill=True)
        same = all(_same(out / f"{what}-{name}", out / "whole-local") for what in ("whole", "killed"))
        start, used, own = (statistics.median(getattr(c, n) for c in begun) for n in ("seconds", "processor", "own"))
        figures = start, used, usual.processor - used, usual.own - own, killed.processor - used
        rows = "the same bytes" if same else "OTHER BYTES"
        table.add_row(name, *(f"{figure:.1f}" for figure in figures), rows, f"{usual.megabytes:.0f}")
    console.print(table)


def turn(pool: Pool, path: Path, pids: Iterable[int]) -> tuple[Cost, object]:
    """Read and judge the one part of an archive; what it cost in these processes, and what it gave."""
    (part,) = cut([str(path)], (0, 0), Archive(part_documents=10**9, part_bytes=10**9))
    before = {pid: _processor(pid) for pid in pids}
    start = time.perf_counter()
    workers = Workers(pool)  # that remember no row
    found = workers.read(part.records)
    judged = workers.judge([c for f in found if isinstance(f, Read) for c in f.candidates])
    seconds = time.perf_counter() - start
    return Cost(seconds, sum(_processor(pid) - used for pid, used in before.items())), (found, judged)


def rates(turns: int, path: Path, opening: Opening, console: Console) -> None:
    """Print how fast Ray is, measured in this machine's own workers."""
    identity = Identity.of(open_judge(opening.codebook, opening.models, opening.model, 1))
    local = Processes(opening, CORES)
    ray = Ray(opening, identity, CORES, None)
    costs: dict[str, list[Cost]] = {name: [] for name in ENGINES}
    given: object = None
    try:
        for number in range(-1, turns):  # the first warms both up
            for name, pool in (("local", local), ("ray", ray)):
                pids = (p for p in children(os.getpid()) if _called(p, LOCAL) == (name == "local"))
                cost, out = turn(pool, path, (os.getpid(), *pids))
                given = given or out
                if out != given:
                    raise SystemExit(f"{name}, turn {number}: other rows than the first turn")
                if number >= 0:
                    costs[name].append(cost)
        mine = [pid for pid in children(os.getpid()) if not _called(pid, LOCAL)]
        before = sum(map(_processor, mine))
        time.sleep(IDLE)
        idle = (sum(map(_processor, mine)) - before) / IDLE
        console.print(f"Ray with nothing to do: {idle:.3f} s of processor time a second")
    finally:
        local.close()
        ray.close()
    for what in ("seconds", "processor"):
        took = {name: [getattr(cost, what) for cost in mine] for name, mine in costs.items()}
        ratios = [a / b for a, b in zip(took["local"], took["ray"], strict=True)]
        low, middle, high = statistics.quantiles(ratios)
        medians = ", ".join(f"{name} {statistics.median(mine):.2f}" for name, mine in took.items())
        console.print(f"{what} a turn: {medians}; rate of ray to local {middle:.3f} ({low:.3f} to {high:.3f})")


def main() -> None:
    """Print both."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=12)
    parser.add_argument("--starts", type=int, default=3)
    parser.add_argument("--megabytes", type=float, default=9)
    parser.add_argument("--talks", type=float, default=0.01)
    args = parser.parse_args()
    os.environ |= {"RAY_worker_niceness": "0"}
    pipeline = load_pipeline()
    codebook = Path(pipeline.paths.codebook)
    known, documents = load(codebook), list(read_file(Path(pipeline.paths.corpus)))
    columns = pipeline.columns.model_dump()
    console = Console(width=120)
    with tempfile.TemporaryDirectory() as folder:
        paths = {size: Path(folder) / f"{size:g}.jsonl" for size in (1e-6, 1, args.megabytes)}
        for size, path in paths.items():
            write(path, archive(documents, known, args.talks), size)
        if args.turns:
            rates(
                args.turns, paths[1], Opening(codebook, Path(pipeline.paths.models), "release", False, columns), console
            )
        if args.starts:
            commands(args.starts, paths[1e-6], paths[args.megabytes], Path(folder) / "out", console)


if __name__ == "__main__":
    main()
