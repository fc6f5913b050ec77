"""How long a first-time user waits: `--help`, and one article of 20 sentences from process start to exit, with memory.

    python benchmarks/startup.py [--rounds 5]

The commands run in turn within one process, so that their ratios hold on a noisy machine. The pipeline is a plain
script of transformers that opens the same encoder and judges the same 20 sentences. Needs a trained transformer.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.table import Table
from runtime import write_plain

from stance.config import load_pipeline

SENTENCE = "Turkey said it would send a delegation to the Astana talks on Syria. "
ARTICLE = "Syria talks open in Astana\n\n" + SENTENCE * 20
SCRIPT = """
import re, sys
from transformers import pipeline
sentences = re.split(r"(?<=[.!?])\\s+", open(sys.argv[2]).read().strip())
judge = pipeline("text-classification", model=sys.argv[1], batch_size=32, device="cpu")
for sentence, said in zip(sentences, judge(sentences)):
    print(said["label"], said["score"], sentence)
"""
PIPELINE = "transformers pipeline"


class Cost(NamedTuple):
    """What one process took."""

    seconds: float
    processor: float
    megabytes: float


# A process of its own starts the command: a child's peak memory begins with its parent's, which has torch in it.
STARTER = """
import json, os, sys, time
null = os.open(os.devnull, os.O_WRONLY)
start = time.perf_counter()
quiet = [(os.POSIX_SPAWN_DUP2, null, 1), (os.POSIX_SPAWN_DUP2, null, 2)]
child = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=quiet)
_, status, used = os.wait4(child, 0)
seconds = time.perf_counter() - start
print(json.dumps([status, seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024]))
"""


def run(command: list[str]) -> Cost:
    """Run a command and say what it cost; its peak memory is the process's own."""
    out = subprocess.run([sys.executable, "-c", STARTER, *command], capture_output=True, text=True, check=True)
    status, *cost = json.loads(out.stdout)
    if status:
        raise SystemExit(f"{' '.join(command)} failed")
    return Cost(*cost)


def main() -> None:
    """Print medians, and of the rounds' ratios to the pipeline."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder:
        article, script = Path(folder) / "article.txt", Path(folder) / "script.py"
        article.write_text(ARTICLE, encoding="utf-8")
        script.write_text(SCRIPT, encoding="utf-8")
        write_plain(Path(load_pipeline().paths.models) / "transformer", Path(folder) / "plain")
        predict = [sys.executable, "-m", "stance.predict"]
        commands = {
            PIPELINE: [sys.executable, str(script), f"{folder}/plain", str(article)],
            "python -c pass": [sys.executable, "-c", "pass"],
            "predict --help": [*predict, "--help"],
            "predict --model rules": [*predict, str(article), "--model", "rules"],
            "predict --model release": [*predict, str(article), "--model", "release"],
            "predict --model transformer": [*predict, str(article), "--model", "transformer"],
            "predict --model tfidf": [*predict, str(article), "--model", "tfidf"],
        }
        costs = [{name: run(command) for name, command in commands.items()} for _ in range(rounds)]
    table = Table("", "seconds", "of a processor", "MB", "times faster", "processor", "of the memory")
    for name in commands:
        own = [f"{statistics.median(c[name][n] for c in costs):.{d}f}" for n, d in ((0, 2), (1, 2), (2, 0))]
        against = [statistics.median(c[PIPELINE][n] / c[name][n] for c in costs) for n in range(3)]
        table.add_row(name, *own, f"{against[0]:.1f}", f"{against[1]:.1f}", f"1/{against[2]:.1f}")
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores; medians of {rounds} rounds")
    Console(width=110).print(table)


if __name__ == "__main__":
    main()
