"""What malformed input costs: figures of docs/reliability.md.

    python benchmarks/malformed.py [files one huge pages mutants] [--seed 13] [--gigabytes 1]

`files` reads 170 files of 17 kinds of damage, each as a command would, and all of them as an archive; `one` puts a bad
file among 999 good ones; `huge` reads a file that is one line of a gigabyte; `pages` reads HTML made to be slow;
`mutants` breaks the configuration in 200 ways. A named error is one line on standard error and exit code 2; what takes
more than a minute is stopped; anything else that is not an annotation is counted as a traceback.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import random
import re
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping
from itertools import pairwise
from pathlib import Path
from types import FrameType

from startup import run as cost

from stance import predict
from stance.config import load_model_config, load_pipeline
from stance.errors import ConfigError

ROOT = Path(__file__).parent.parent
GOOD = "Turkey hosted the Astana talks on Syria. Iran refused to attend the Geneva talks on Syria.\n"
PAGE = "<html><body><article><h1>Talks</h1><p>{}</p></article></body></html>"
Damage = Callable[[bytes, random.Random], bytes]


def anywhere(data: bytes, rng: random.Random, what: bytes) -> bytes:
    """The bytes with something put in at a random place."""
    at = rng.randrange(len(data))
    return data[:at] + what + data[at:]


DAMAGES: Mapping[str, Damage] = {
    "a byte that is not UTF-8": lambda data, rng: anywhere(data, rng, bytes([rng.randrange(0x80, 0x100)])),
    "NUL": lambda data, rng: anywhere(data, rng, b"\0"),
    "control characters": lambda data, rng: anywhere(data, rng, bytes(range(1, 32))),
    "a mark of UTF-8": lambda data, rng: b"\xef\xbb\xbf" * rng.randint(1, 3) + data,
    "UTF-16": lambda data, rng: data.decode().encode(rng.choice(("utf-16", "utf-16-le", "utf-16-be"))),
    "UTF-32": lambda data, rng: data.decode().encode("utf-32"),
    "half of UTF-16": lambda data, rng: data.decode().encode("utf-16")[: rng.randrange(3, 99)],
    "empty": lambda data, rng: rng.choice((b"", b"\n", b" \t\r\n", b"\xef\xbb\xbf")),
    "random bytes": lambda data, rng: rng.randbytes(rng.randint(1, 5000)),
    "cut off": lambda data, rng: data[: rng.randrange(1, len(data))],
    "half a surrogate pair": lambda data, rng: anywhere(data, rng, b"\xed\xa0\x80"),
    "an escaped half": lambda data, rng: anywhere(data, rng, rb"\ud83d"),
    "quotation marks": lambda data, rng: anywhere(data, rng, b'"' * rng.randint(1, 9)),
    "brackets": lambda data, rng: anywhere(data, rng, rng.choice((b"[", b"{", b"<")) * 20_000),
    "a word without end": lambda data, rng: anywhere(data, rng, b"x" * 2_000_000),
    "lines without end": lambda data, rng: anywhere(data, rng, b"\n" * 500_000),
    "directions and joiners": lambda data, rng: anywhere(data, rng, "\u202e\u2066\u200d\ufeff\u0301".encode() * 200),
}


def wholes() -> dict[str, bytes]:
    """A good file of each kind that is text."""
    rows = [json.dumps({"doc": str(n), "text": GOOD, "date": "2018-01-30"}) for n in range(3)]
    cells = "".join(f'{n},"{GOOD.strip()}",2018-01-30\r\n' for n in range(3))
    return {
        "txt": (GOOD * 3).encode(),
        "jsonl": ("\n".join(rows) + "\n").encode(),
        "csv": ("doc,text,date\r\n" + cells).encode(),
        "html": PAGE.format(GOOD * 5).encode(),
    }


class TooLong(BaseException):
    """A prediction took too long."""


def stop(number: int, frame: FrameType | None) -> None:
    """Stop what takes too long."""
    raise TooLong


def end(*arguments: str, seconds: int = 60) -> tuple[str, str]:
    """How a prediction ends ("annotated", "a named error", "a traceback" and so on), and its errors."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        signal.alarm(seconds)
        try:
            code = predict.main([*arguments, "--model", "rules"])
        except TooLong:
            return "stopped", f"takes more than {seconds} s"
        except BaseException as error:  # whatever comes out would be a traceback
            return "a traceback", repr(error)
        finally:
            signal.alarm(0)
    said = err.getvalue()
    if code == 2 and said.count("\n") == 1:
        return "a named error", said
    return ("annotated" if out.getvalue() else "nothing printed") if code == 0 else "a traceback", said


def files(rng: random.Random, folder: Path) -> str:
    """Every damage to every kind of file, some more than once."""
    (folder / "in").mkdir()
    ends: Counter[str] = Counter()
    bad, slowest = [], (0.0, "")
    kinds = wholes()
    for what, damage in DAMAGES.items():
        for n in range(10):
            kind = list(kinds)[n % len(kinds)]
            path = folder / "in" / f"{what}-{n}.{kind}".replace(" ", "-")
            path.write_bytes(damage(kinds[kind], rng))
            start = time.process_time()
            how, said = end(str(path))
            slowest = max(slowest, (time.process_time() - start, path.name))
            ends[how] += 1
            if how in ("a traceback", "stopped"):
                bad.append(f"{path.name}: {said[-200:]}")
    how, said = end(str(folder / "in"), "--output", f"{folder}/out/", seconds=600)
    last = said.strip().splitlines()[-1].partition(": ")[2]
    seconds, name = slowest
    worst = f"slowest {seconds:.1f} s of processor time ({name})"
    return f"{sum(ends.values())} files: {dict(ends)}, {worst}; archive: {how}: {last} {bad}"


def one(_: random.Random, folder: Path) -> str:
    """One bad file among 999 good ones, as an archive and as a stream."""
    (folder / "in").mkdir()
    for n in range(999):
        (folder / "in" / f"{n:03}.txt").write_text(GOOD)
    (folder / "in" / "500-bad.txt").write_bytes(b"\x00\xff\xfe\x01")
    how, said = end(str(folder / "in"), "--output", f"{folder}/out/")
    read = {json.loads(line)["doc"] for part in (folder / "out").glob("part*") for line in part.open()}
    stream, error = end(str(folder / "in"))
    last = said.strip().splitlines()[-1]
    return f"archive: {len(read)} of 999 predicted, {how}: {last}; stream: {stream}: {error.strip()}"


def huge(_: random.Random, folder: Path, gigabytes: float) -> str:
    """A file that is one line."""
    found = []
    block = GOOD.replace("\n", " ").encode() * 10_000
    starts = {
        "txt": (b"", b""),
        "jsonl": (b'{"text": "', b'"}'),
        "csv": (b'text\r\n"', b'"'),
        "html": (b"<html><p>", b"</p>"),
    }
    for kind, (head, tail) in starts.items():
        path = folder / f"huge.{kind}"
        with path.open("wb") as out:
            out.write(head)
            for _n in range(int(gigabytes * 1e9 / len(block))):
                out.write(block)
            out.write(tail)
        for how, arguments in (("", ["-o", f"{folder}/a.jsonl"]), ("archive ", ["--output", f"{folder}/{kind}/"])):
            command = [sys.executable, "-m", "stance.predict", str(path), "--model", "rules", *arguments]
            script = folder / "any-code.sh"  # an error is an answer as well
            script.write_text('"$@" 2> "$0.err"; exit 0\n')
            took = cost(["/bin/sh", str(script), *command])
            said = Path(f"{script}.err").read_text().strip().splitlines()[-1]
            found.append(
                f"    {how}{kind}: {took.seconds:.1f} s, {took.megabytes:.0f} MB: {said.replace(str(folder), '')[-90:]}"
            )
        path.unlink()
    return "\n" + "\n".join(found)


def entities() -> str:
    """Ten entities, each ten times the one before."""
    return '<!ENTITY a "ha">' + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in pairwise("abcdefghij"))


PAGES: Mapping[str, Callable[[], str]] = {
    "deep (50,000 divs)": lambda: "<html><body>" + "<div>" * 50_000 + GOOD + "</div>" * 50_000,
    "wide, 10 MB": lambda: PAGE.format("<p>x</p>" * 1_250_000),
    "wide, 1.9 MB": lambda: PAGE.format(GOOD + "<p>x</p>" * 230_000),
    "attributes, 1.9 MB": lambda: PAGE.format(GOOD + "<p " + " ".join(f"a{n}=1" for n in range(200_000)) + ">x</p>"),
    "one attribute of 1.9 MB": lambda: PAGE.format(GOOD + '<p title="' + "x" * 1_900_000 + '">x</p>'),
    "19,900 spans": lambda: PAGE.format(GOOD + "<span>x</span>" * 19_900),
    "entities": lambda: f"<!DOCTYPE html [{entities()}]>" + PAGE.format("&j;" + GOOD),
    "nested tables": lambda: PAGE.format(GOOD + "<table><tr><td>" * 30_000),
    "links, 1.9 MB": lambda: PAGE.format(GOOD + "<a href='http://x.example/'>x</a>" * 55_000),
}


def pages(_: random.Random, folder: Path) -> str:
    """HTML that is made to be slow."""
    found = []
    for what, made in PAGES.items():
        path = folder / "page.html"
        path.write_text(made())
        start = time.process_time()
        how, said = end(str(path))
        found.append(f"    {what}: {time.process_time() - start:.1f} s of processor time, {how}: {said.strip()[-80:]}")
    return "\n" + "\n".join(found)


def mutated(lines: list[str], rng: random.Random) -> tuple[str, list[str]]:
    """A configuration's lines with one mistake, and what it is."""
    at = rng.choice([n for n, line in enumerate(lines) if re.match(r" *\w+: *[^\s\[{#]", line)])
    indent, key, value = re.match(r"( *)(\w+): *([^#\n]*)", lines[at]).groups()  # type: ignore[union-attr]
    mistakes = {
        "an unknown key": [lines[at], f"{indent}{key}x: 1"],
        "no such key": [],
        "a key twice": [lines[at], lines[at]],
        "another type": [f"{indent}{key}: [[]]"],
        "a mapping": [f"{indent}{key}: {{a: 1}}"],
        "null": [f"{indent}{key}:"],
        "an alias": [f"{indent}{key}: *other"],
        "a tag": [f"{indent}{key}: !!python/object/apply:os.getcwd []"],
        "out of range": [f"{indent}{key}: -.inf"],
        "broken YAML": [f"{indent}{key}: [{value}"],
        "a tab": [f"\t{key}: {value}"],
    }
    what = rng.choice(list(mistakes))
    return f"{what} ({key})", [*lines[:at], *mistakes[what], *lines[at + 1 :]]


def mutants(rng: random.Random, folder: Path) -> str:
    """200 configurations with one mistake each."""
    accepted, placeless, crashed = [], [], []
    for _ in range(200):
        configs = folder / "configs"
        shutil.rmtree(configs, ignore_errors=True)
        shutil.copytree(ROOT / "configs", configs)
        name = rng.choice(("pipeline", "tfidf", "transformer"))
        path = configs / f"{name}.yaml"
        what, lines = mutated(path.read_text().splitlines(), rng)
        path.write_text("\n".join(lines) + "\n")
        try:
            load_pipeline(folder=configs) if name == "pipeline" else load_model_config(name, folder=configs)
            accepted.append(f"{name}: {what}")
        except ConfigError as error:
            if not re.match(rf"{re.escape(str(path))}:\d+: ", str(error)):
                placeless.append(f"{name}: {what}: {error}")
        except Exception as error:  # anything else would be a traceback
            crashed.append(f"{name}: {what}: {error!r}")
    return f"200 mutants: accepted {accepted}, without file and line {placeless}, tracebacks {crashed}"


def main() -> None:
    """Print a line for each measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    measures = {m.__name__: m for m in (files, one, pages, mutants)}
    parser.add_argument("measures", nargs="*", choices=[*measures, "huge", []], default=[*measures, "huge"])
    parser.add_argument("--seed", type=int, default=13)
    parser.add_argument("--gigabytes", type=float, default=1)
    args = parser.parse_args()
    os.chdir(ROOT)
    signal.signal(signal.SIGALRM, stop)
    for name in args.measures:
        with tempfile.TemporaryDirectory() as folder:
            rng = random.Random(args.seed)
            found = huge(rng, Path(folder), args.gigabytes) if name == "huge" else measures[name](rng, Path(folder))
        print(f"{name}: {found}", flush=True)


if __name__ == "__main__":
    main()
