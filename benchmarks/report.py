"""What the report costs: `python benchmarks/report.py ROWS.jsonl`, predictions over data/corpus/documents.jsonl.

For each size: time and peak memory of `python -m stance.report` in a process of its own, the file's size, and in
headless Chromium the milliseconds until the filters answer (the page's mark "interactive": the matrix is drawn), until
all is drawn, and from a moved confidence slider to the matrix drawn again. Statements are drawn from the rows with a
fixed seed, document by document, and each paragraph is varied so that no two documents are one. In the last line each
statement has a paragraph of its own besides, its words in a random order, which no compression makes small.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import sync_playwright

from stance.io import read_jsonl, write_jsonl
from stance.page.columns import AROUND

SIZES = ((1_000, False), (10_000, False), (100_000, False), (10_000, True))
SEED = 7
OPENINGS = 5
DOCUMENTS = Path("data/corpus/documents.jsonl")


def drawn(rows: list[dict[str, Any]], documents: dict[str, str], size: int, own: bool) -> Iterator[dict[str, Any]]:
    """The rows of documents drawn with replacement, the number of the draw before each paragraph.

    What a page made from documents keeps of the paragraph stands as the sentence, since predictions carry no more than
    that: so the page holds as much text as such a one. With `own`, each is shuffled.
    """
    by_document: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        by_document.setdefault(row["doc"], []).append(row)
    names, draw, made = sorted(by_document), random.Random(SEED), 0
    for n in count():
        name = draw.choice(names)
        for row in by_document[name]:
            if made == size:
                return
            made += 1
            text = documents[name]
            first = max(text.rfind("\n", 0, row["start"]) + 1, row["start"] - AROUND)
            last = min(f"{text}\n".find("\n", row["end"]), row["end"] + AROUND)
            words = text[first:last].split(" ")
            if own:
                draw.shuffle(words)
            paragraph = f"({n}) {' '.join(words)}"
            shift = len(f"({n}) ") - first
            spans = {k: row[k] + shift if row[k] is not None else None for k in ("mention_start", "mention_end")}
            yield row | spans | {"doc": f"{name}-{n}", "text": paragraph, "start": 0, "end": len(paragraph)}


MEASURE = """import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)"""


def built(rows: Path, page: Path) -> tuple[float, float, float]:
    """Seconds by the clock, seconds of the processor and peak megabytes of the command."""
    command = [sys.executable, "-m", "stance.report", str(rows), "--output", str(page), "--quiet"]
    start = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", MEASURE, *command], capture_output=True, text=True, check=True)
    processor, memory = map(float, done.stdout.split())
    return time.perf_counter() - start, processor, memory


def opened(page: Path) -> tuple[float, float, float]:
    """Milliseconds until the page answers, until it is complete, and from a filter to the matrix drawn again.

    The median of several openings, each in a browser of its own.
    """
    times = [once(page) for _ in range(OPENINGS)]
    return median(t[0] for t in times), median(t[1] for t in times), median(t[2] for t in times)


def once(page: Path) -> tuple[float, float, float]:
    """One opening."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        tab = browser.new_page(viewport={"width": 1600, "height": 1000})
        tab.goto(page.as_uri())
        tab.wait_for_selector("html[data-ready]", state="attached", timeout=300_000)
        marks = tab.evaluate("performance.getEntriesByType('mark').map((m) => [m.name, m.startTime])")
        again = tab.evaluate("""() => new Promise((done) => {
            const root = document.documentElement, before = root.dataset.counted, start = performance.now();
            new MutationObserver(() => root.dataset.counted === before || done(performance.now() - start))
                .observe(root, { attributes: true });
            const slider = document.getElementById('least');
            slider.value = 70;
            slider.dispatchEvent(new Event('input'));
        })""")
        browser.close()
    named = dict(marks)
    return named["interactive"], named["complete"], again


def main(path: Path) -> None:
    """Print one line a size."""
    rows = [row for _, row in read_jsonl(path) if row["stance"] != "none"]
    documents = {row["doc"]: row["text"] for _, row in read_jsonl(DOCUMENTS)}
    print("| annotations | seconds | of the processor | peak MB | file MB | answers, ms | complete, ms | filter, ms |")
    print("| ---: " * 8 + "|")
    with tempfile.TemporaryDirectory() as folder:
        for size, own in SIZES:
            source, page = Path(folder) / "rows.jsonl", Path(folder) / "report.html"
            write_jsonl(source, drawn(rows, documents, size, own))
            seconds, processor, memory = built(source, page)
            cells = [
                f"{size:,}" + ", a paragraph each" * own,
                f"{seconds:.1f}",
                f"{processor:.1f}",
                f"{memory:.0f}",
                f"{page.stat().st_size / 1e6:.1f}",
            ]
            print(f"| {' | '.join([*cells, *(f'{ms:.0f}' for ms in opened(page))])} |", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
