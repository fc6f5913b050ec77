"""How long a first-time user waits: `--help`, and one short article from process start to exit, with peak memory.

    python benchmarks/startup.py [--rounds 5]

The commands run in turn within one process, so that their ratios hold on a noisy machine.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SENTENCE = "Turkey said it would send a delegation to the Astana talks on Syria. "
ARTICLE = "Syria talks open in Astana\n\n" + SENTENCE * 20


def timed(command: list[str]) -> float:
    """Seconds that a command takes."""
    start = time.perf_counter()
    subprocess.run(command, capture_output=True, check=True)
    return time.perf_counter() - start


def main() -> None:
    """Print the medians."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder:
        article = Path(folder) / "article.txt"
        article.write_text(ARTICLE, encoding="utf-8")
        predict = [sys.executable, "-m", "stance.predict"]
        commands = {
            "python -c pass": [sys.executable, "-c", "pass"],
            "predict --help": [*predict, "--help"],
            "predict (rules)": [*predict, str(article), "--model", "rules"],
            "predict (transformer)": [*predict, str(article), "--model", "transformer"],
            "predict (tfidf)": [*predict, str(article), "--model", "tfidf"],
        }
        seconds: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(rounds):
            for name, command in commands.items():
                seconds[name].append(timed(command))
    for name, values in seconds.items():
        print(f"{name:24} {statistics.median(values):6.2f} s  (median of {rounds})")
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"largest peak memory of any: {peak:.0f} MB")


if __name__ == "__main__":
    main()
