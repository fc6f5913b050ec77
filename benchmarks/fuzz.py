"""Feed every reader and the whole text path with bytes that reach new code, and print what each target has held.

    python benchmarks/fuzz.py --minutes 30 [--only TARGET ...] [--findings FOLDER]

The targets are tests/hostile/targets.py, and the properties of tests/hostile/test_properties.py; the first inputs are
made by tests/hostile/seeds.py. Minutes are of processor time, the starts included. An input of at most 16 KB may
take 10 seconds of processor time and 2 GB, instrumented. Needs `pip install 'stance[fuzz]'` (Linux).
"""

from __future__ import annotations

import argparse
import os
import re
import resource
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SECONDS, MEGABYTES, LENGTH = 10, 2_000, 16_384  # of processor time, of memory, and the length of one input
HANGS = 120  # seconds by the clock; on a busy machine that is little processor time


def _child(target: str, folder: Path, seconds: int) -> None:
    """Fuzz one target in this process, until it fails or has used its processor time; ends the process."""
    import atheris

    with atheris.instrument_imports(include=["stance"]):
        from tests.hostile import seeds, targets, test_properties
    corpus = folder / "corpus"
    corpus.mkdir(exist_ok=True)
    for n, seed in enumerate(seeds.seeds(target)):
        (corpus / f"seed-{n}").write_bytes(seed)
    words = ("".join(map("\\x{:02x}".format, word.encode())) for word in seeds.WORDS)
    (folder / "words").write_text("".join(f'"{word}"\n' for word in words))
    run = targets.TARGETS.get(target) or getattr(test_properties, target).hypothesis.fuzz_one_input

    def bounded(data: bytes) -> None:
        start = time.process_time()
        run(data)
        assert time.process_time() - start < SECONDS, "too slow"
        if time.process_time() > seconds:
            os.kill(os.getpid(), signal.SIGUSR1)  # on which libFuzzer prints what it did, and ends

    arguments = [
        f"-timeout={HANGS}",
        f"-rss_limit_mb={MEGABYTES}",
        f"-max_len={LENGTH}",
        f"-dict={folder / 'words'}",
        f"-artifact_prefix={folder}/",
        "-print_final_stats=1",
        str(corpus),
    ]
    atheris.Setup([sys.argv[0], *arguments], bounded)
    atheris.Fuzz()


def _names() -> list[str]:
    """Every target's name."""
    from tests.hostile import targets, test_properties

    properties = [name for name, value in vars(test_properties).items() if hasattr(value, "hypothesis")]
    return [*targets.TARGETS, *properties]


def _last(pattern: str, text: str) -> int:
    found = re.findall(pattern, text)
    return int(found[-1]) if found else 0


def _used() -> float:
    """Seconds of processor time that the targets have used so far."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _fuzz(target: str, seconds: int, findings: Path) -> tuple[str, ...]:
    """Run a target for some seconds of processor time, anew behind each finding: its line of the table."""
    end, executed, edges, found = _used() + seconds, 0, 0, list[str]()
    with tempfile.TemporaryDirectory() as folder:
        while (left := round(end - _used())) > 5 and len(found) < 10:
            command = [sys.executable, __file__, "--child", target, folder, str(left)]
            done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
            executed += _last(r"stat::number_of_executed_units: (\d+)", done.stdout) or _last(r"#(\d+)\t", done.stdout)
            edges = max(edges, _last(r"cov: (\d+)", done.stdout))
            made = [path for path in Path(folder).iterdir() if path.is_file() and path.name != "words"]
            if done.returncode and not made:
                raise SystemExit(done.stdout[-3000:])
            for path in made:
                findings.mkdir(parents=True, exist_ok=True)
                kept = findings / f"{target}-{path.name}"
                path.rename(kept)
                kept.with_suffix(".log").write_text(done.stdout[-6000:])
                found.append(kept.name)
            if not made:
                break
    print(f"{target}: {executed} executions, {edges} edges, {', '.join(found) or 'no finding'}", flush=True)
    return target, str(executed), f"{executed / seconds:.0f}", str(edges), str(len(found))


def main() -> None:
    """Print a table of the targets."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=30, help="in all, shared among the targets (default: 30)")
    parser.add_argument("--only", nargs="*", metavar="TARGET", help="these alone")
    parser.add_argument("--findings", type=Path, default=Path("fuzz-findings"), help="folder for what fails")
    args = parser.parse_args()
    names = args.only or _names()
    seconds = max(3, round(args.minutes * 60 / len(names)))
    rows = [_fuzz(name, seconds, args.findings) for name in names]

    from stance.cli import table

    columns = ("target", "executions", "a second", "edges", "findings")
    table(f"{len(names)} targets, {seconds} s each", columns, rows)


if __name__ == "__main__":
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT))
    if sys.argv[1:2] == ["--child"]:
        _child(sys.argv[2], Path(sys.argv[3]), int(sys.argv[4]))
    else:
        main()
