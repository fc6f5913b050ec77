"""What the report costs: `python benchmarks/report.py ROWS.jsonl`, predictions over data/corpus/documents.jsonl.

For each size: seconds and peak memory of `python -m stance.report` in a process of its own, the file's size, and in
headless Chromium the milliseconds until the filters answer (the page's mark "interactive": the matrix is drawn), until
all is drawn, and from a moved confidence slider to the matrix drawn again. Statements are drawn from the rows with a
fixed seed; each sentence is varied so that no two paragraphs are one, as in a real collection.
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
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from stance.io import read_jsonl, write_jsonl

SIZES = (1_000, 10_000, 100_000)
SEED = 7
DOCUMENTS = Path("data/corpus/documents.jsonl")


def drawn(rows: list[dict[str, Any]], documents: dict[str, str], size: int) -> Iterator[dict[str, Any]]:
    """Rows with replacement, each with a number before its sentence and its paragraph as its text.

    The whole paragraph stands as the sentence, since predictions carry no more than that: so the page holds as much
    text as one made from documents.
    """
    draw = random.Random(SEED)
    for n in range(size):
        row = draw.choice(rows)
        text = documents[row["doc"]]
        first = text.rfind("\n", 0, row["start"]) + 1
        last = text.find("\n", row["end"])
        paragraph = f"({n}) {text[first : last if last >= 0 else None]}"
        shift = len(f"({n}) ") - first
        spans = {k: row[k] + shift if row[k] is not None else None for k in ("mention_start", "mention_end")}
        yield row | spans | {"doc": f"{row['doc']}-{n // 7}", "text": paragraph, "start": 0, "end": len(paragraph)}


def built(rows: Path, page: Path) -> tuple[float, float]:
    """Seconds and peak megabytes of the command."""
    command = [sys.executable, "-m", "stance.report", str(rows), "--output", str(page), "--quiet"]
    code = f"import resource, subprocess; subprocess.run({command!r}, check=True); print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    start = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ)
    return time.perf_counter() - start, int(done.stdout) / 1024


def opened(page: Path) -> tuple[float, float, float]:
    """Milliseconds until the page answers, until it is complete, and from a filter to the matrix drawn again."""
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
    print("| annotations | seconds | peak MB | file MB | answers, ms | complete, ms | filter, ms |")
    print("| ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    with tempfile.TemporaryDirectory() as folder:
        for size in SIZES:
            source, page = Path(folder) / "rows.jsonl", Path(folder) / "report.html"
            write_jsonl(source, drawn(rows, documents, size))
            seconds, memory = built(source, page)
            figures = opened(page)
            print(
                f"| {size:,} | {seconds:.1f} | {memory:.0f} | {page.stat().st_size / 1e6:.1f} | "
                + " | ".join(f"{ms:.0f}" for ms in figures)
                + " |",
                flush=True,
            )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
