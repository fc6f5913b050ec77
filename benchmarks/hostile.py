"""What the command makes of input that is meant to end it: the outcome, seconds of processor time and peak memory.

    python benchmarks/hostile.py [--only CASE ...] [--scale 0.1]

Each case is made in a temporary folder and read twice by `python -m stance.predict --model rules`: to a file, and as an
archive into a folder. `--scale` shrinks the large ones. Whatever lies beside the output is listed before and after. A
second table has the time that repetitions take at one length and at four times that.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import zstandard

from stance.candidates import Generator
from stance.cli import table
from stance.codebook import load
from stance.documents import read_file
from stance.pipeline import RULES, Judge, RulesModel
from stance.records import Document

ROOT = Path(__file__).resolve().parent.parent
HEAD = "Talks on Syria open in Astana\n"
GB, MB = 1_000_000_000, 1_000_000
LIMIT = 3_600  # seconds by the clock, after which a case is called a hang


@dataclass(frozen=True, slots=True)
class Result:
    """What a command did: exit code, last words, rows, processor seconds, peak bytes, and files beside its output."""

    code: int
    said: str
    rows: int
    seconds: float
    peak: int
    strays: list[str]


def _fill(path: Path, head: bytes, piece: bytes, size: float, tail: bytes = b"") -> None:
    """Write a file of some size from a piece, without holding it."""
    block = piece * max(1, MB // len(piece))
    with path.open("wb") as out:
        out.write(head)
        for _ in range(max(1, round(size / len(block)))):
            out.write(block)
        out.write(tail)


def _prose() -> str:
    """The corpus's documents, one line a document."""
    return " ".join(d.text.replace("\n", " ") for d in read_file(ROOT / "data/corpus/documents.jsonl"))[:MB]


def _letters(n: int) -> str:
    return "".join(chr(97 + int(digit)) for digit in str(n))


def _named(n: int) -> Iterator[str]:
    """Sentences that introduce people whom no list knows."""
    for word in map(_letters, range(n)):
        yield f"Xa{word} Qo{word} said that Turkey backs the Astana talks on Syria. "


def _words(text: str, size: float) -> Callable[[Path], None]:
    return lambda path: _fill(path, HEAD.encode(), text.encode(), size)


def _page(text: str, size: int) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        path.write_text("<html><body>" + text * (size // len(text)))

    return write


def _laughs(path: Path) -> None:
    entities = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 20))
    text = "<p>Turkey hosted the Astana talks on Syria and said that it would hold more of them soon.</p>" * 5
    page = (
        f'<!DOCTYPE html [<!ENTITY l0 "ha">{entities}]><html><body><article>{text}<p>&l19;</p></article></body></html>'
    )
    path.write_text(page)


def _packed(path: Path, size: float) -> None:
    """A line that is a document, and a desert of spaces."""
    line = json.dumps({"text": HEAD + "Turkey said it would host them."}).encode() + b"\n"
    with gzip.open(path, "wb") if path.suffix == ".gz" else zstandard.open(path, "wb") as out:
        out.write(line)
        for _ in range(max(1, round(size / MB))):
            out.write(b" " * MB)


def _parquet(path: Path, size: float) -> None:
    """One text of a megabyte in as many rows as make up a size; packed, it is a few kilobytes."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.table({"text": pa.array([HEAD + "x" * MB] * max(1, round(size / MB)))}), path)


def _wide(path: Path) -> None:
    with path.open("w") as out:
        out.write("text," + ",".join(f"c{i}" for i in range(2 * MB)) + "\n" + "Turkey\n" * 5_000)


def _nested_json(path: Path) -> None:
    path.write_text('{"text": "x", "id": ' + "[" * MB + "]" * MB + "}\n" + json.dumps({"text": HEAD}) + "\n")


def _loop(path: Path) -> None:
    path.mkdir()
    (path / "a.txt").write_text(HEAD + "Turkey said it would host them.")
    for n in range(4):
        (path / f"loop{n}").symlink_to(path)
    (path / "out.txt").symlink_to("/etc/hostname")
    (path / "self.txt").symlink_to("self.txt")
    os.mkfifo(path / "pipe.txt")


def _names(path: Path) -> None:
    path.mkdir()
    for name in (
        b"two\nlines",
        b"\x1b[31mred",
        b"caf\xe9",
        b"\xe2\x80\xaereversed",
        b"-o",
        b"*",
        b"=cmd",
        b"..",
        b"a" * 250,
    ):
        (path / f"{os.fsdecode(name)}.txt").write_text(HEAD + "Turkey said it would host them.")


def cases(scale: float) -> Mapping[str, tuple[str, Callable[[Path], None]]]:
    """Each case's name, with its file's name and what makes it."""
    document = MB * scale  # of text that is read sentence by sentence; docs/hostile.md says what 20 MB would take
    actors = ", ".join(json.loads(line)["actor"] for line in (ROOT / "data/corpus/annotations.jsonl").open())[:2_000]
    pair = "Geneva-" + "b-" * 400 + " "
    return {
        "a line of 1 GB": ("x.txt", _words("Turkey backs the Astana talks ", GB * scale)),
        "a line of 1 GB in JSON Lines": ("x.jsonl", lambda p: _fill(p, b'{"text": "', b"Turkey ", GB * scale, b'"}\n')),
        "a cell of 1 GB in CSV": ("x.csv", lambda p: _fill(p, b'text\n"', b"Turkey ", GB * scale, b'"\n')),
        "a header of 1 GB in a crawl": ("x.warc", lambda p: _fill(p, b"WARC/1.0\r\nX: ", b"Turkey ", GB * scale)),
        "a word of 100 MB": ("x.txt", _words("a", 100 * MB * scale)),
        "a word of 19 MB": ("x.txt", _words("a", 19 * MB * scale)),
        "prose of 1 MB in one line": ("x.txt", _words(_prose() + " ", document)),
        "names without an end of a sentence, 1 MB": ("x.txt", _words(f"{actors}, Astana, Geneva, Sochi ", document)),
        "the same with ends": ("x.txt", _words(f"{actors[:600]} back the Astana, Geneva and Sochi talks. ", document)),
        "people without end, 1 MB": ("x.txt", lambda p: p.write_text(HEAD + "".join(_named(round(document / 70))))),
        "hyphens without end, 1 MB": ("x.txt", _words(pair, document)),
        "spaces behind a dateline, 1 MB": ("x.txt", _words("MOSCOW/" + " " * 1900 + "x\n", document)),
        "10^6 nested elements": ("x.html", lambda p: p.write_text("<b>" * MB)),
        "nested elements of 2 MB": ("x.html", _page("<b>", 1_990_000)),
        "empty elements of 2 MB": ("x.html", _page("<br>", 1_990_000)),
        "10^5 attributes": ("x.html", lambda p: p.write_text(f"<p {' '.join(f'a{i}=1' for i in range(100_000))}>")),
        "billion laughs": ("x.html", _laughs),
        "gzip bomb of 1 GB": ("x.jsonl.gz", lambda p: _packed(p, GB * scale)),
        "zstandard bomb of 1 GB": ("x.jsonl.zst", lambda p: _packed(p, GB * scale)),
        "Parquet of 1 GB in few bytes": ("x.parquet", lambda p: _parquet(p, GB * scale)),
        "2 million columns": ("x.csv", _wide),
        "JSON nested 10^6 deep": ("x.jsonl", _nested_json),
        "links in a circle": ("x", _loop),
        "hostile names": ("x", _names),
    }


REPEATED = {
    "prose": "Turkey said it would attend the Astana talks on Syria. Russia doubted it. ",
    "names": "Turkey, Russia, Iran and ",
    "acronyms": "UN ",
    "hyphens": "Geneva-b-b-b-b-b-b-b ",
    "led": "UN-led new-",
    "initials": "U.S. ",
    "abbreviations": "no. Lt. so. ",
    "capitals": "MOSCOW/ABCD ",
    "quotation marks": '“ ” "he said" ',
    "spaces": "talks          ",
    "one letter": "a",
    "a name for each sentence": "Xa{n} Qo{n}b said Turkey backs the Astana talks. ",
    "markers": "[ACTOR] said [PROCESS] ",
    "lines": "Syria\n",
}


def growth(size: int = 100_000) -> list[tuple[str, ...]]:
    """Processor seconds for each repetition at a size and at four times that, in characters, and their ratio."""
    generator = Generator(load(ROOT / "configs/codebook.yaml"))
    judge = Judge(generator, RulesModel(), RULES)
    list(judge.predict([Document("d", HEAD + REPEATED["prose"])]))
    out = []
    for name, piece in REPEATED.items():
        spent = []
        for length in (size, 4 * size):
            text = "".join(piece.replace("{n}", _letters(n)) for n in range(length // len(piece)))
            start = time.process_time()
            found = sum(1 for _ in judge.predict([Document("d", HEAD + text)]))
            spent.append(time.process_time() - start)
        out.append((name, str(found), *(f"{s:.2f}" for s in spent), f"{spent[1] / spent[0]:.1f}"))
    return out


def _resident(pid: int) -> int:
    """Resident bytes of a process and all below it."""
    try:
        own = int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize()
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return 0
    return own + sum(_resident(int(child)) for child in children)


def _run(command: list[str], folder: Path, output: str) -> Result:
    """Run a command in a folder and watch it; a row is a line of its output."""
    before, used = sorted(folder.rglob("*")), resource.getrusage(resource.RUSAGE_CHILDREN)
    peak, over = 0, threading.Event()
    with subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, text=True, env=_environment()) as process:

        def watch() -> None:
            nonlocal peak
            end = time.monotonic() + LIMIT
            while not over.wait(0.05):
                peak = max(peak, _resident(process.pid))
                if time.monotonic() > end:
                    process.kill()

        watching = threading.Thread(target=watch)
        watching.start()
        assert process.stderr
        said = process.stderr.read().splitlines() or [""]
        code = process.wait()
        over.set()
        watching.join()
    now = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime
    target = folder / output
    parts = sorted(target.glob("part-*")) if target.is_dir() else [target] if target.exists() else []
    rows = sum(1 for part in parts for _ in part.open("rb"))
    strays = [str(p) for p in sorted(folder.rglob("*")) if p not in before and target not in (p, *p.parents)]
    if (rejects := target / "rejects.jsonl").exists() and rejects.stat().st_size:
        said = [json.loads(line)["reason"] for line in rejects.open()][:1] + said[-1:]
    return Result(code, " / ".join(said[-2:] if target.is_dir() else said[-1:]), rows, seconds, peak, strays)


def _environment() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": tempfile.gettempdir()}


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="*", metavar="CASE", help="these alone")
    parser.add_argument("--scale", type=float, default=1.0)
    args = parser.parse_args()
    made = cases(args.scale)
    rows = []
    for name in args.only or made:
        file, make = made[name]
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place)
            (folder / "configs").symlink_to(ROOT / "configs")
            make(folder / file)
            size = (folder / file).stat().st_size / MB
            for output in ("out.jsonl", "out/"):
                command = [sys.executable, "-m", "stance.predict", file, "--model", "rules", "--output", output]
                result = _run(command, folder, output)
                figures = f"{result.seconds:.1f}", f"{result.peak / MB:.0f}"
                said = result.said.removeprefix("stance.predict: error: ")
                rows.append((name, f"{size:.1f}", output, str(result.code), str(result.rows), *figures, said[:60]))
                print(*rows[-1], *(f"LEFT {stray}" for stray in result.strays), sep=" | ", flush=True)
                if result.strays:
                    raise SystemExit("something was written outside the output")
    columns = ("case", "MB", "output", "exit", "rows", "seconds", "peak MB", "said")
    table("hostile input", columns, rows)
    table("growth", ("repeated", "pairs", "100 KB, s", "400 KB, s", "ratio"), growth())


if __name__ == "__main__":
    main()
