"""Input that is meant to take all memory or all time: some of it took hours, a core dump or all memory once.

Nothing is timed: what was mended took so long at these sizes that it would meet the limit of every test.
"""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.conftest import ROOT
from tests.hostile import targets
from tests.hostile.conftest import GOOD, PAGE, refusal, run

MEGABYTES = 300  # what the program needs anyway is 150; these inputs unpack to much more
GB = 1_000_000_000


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[" * 1_000_000, "nest"),  # PyYAML refuses it from 6.0.4 on, in other words
        ("- " * 1_000_000, "nested more than 50 deep"),
        ("a: &a [x]\nb: [*a, *a]", "YAML aliases are not allowed"),
        ("actors: !!python/object/apply:os.system [id]", "YAML tags are not allowed: tag:yaml.org,2002:python"),
        ("a: !!int ''", "YAML tags are not allowed"),
        ("? [a]\n: b", "a key must be a plain word"),
        ("a: 1\n---\nb: 2", "more than one document"),
        ("a: " + "1:" * 1_000_000 + "1", "missing key"),
        ("a: \x00", "not YAML"),
        ("x" * 4_000_001, "larger than 4 MB"),
    ],
    ids=lambda value: value[:20],
)
def test_a_hostile_codebook_is_refused(
    work: Path, capsys: pytest.CaptureFixture[str], text: str, expected: str
) -> None:
    (work / "x.txt").write_text(GOOD)
    (work / "book.yaml").write_text(text)
    assert expected in refusal(capsys, "x.txt", "--codebook", "book.yaml")


def test_a_line_of_principals_is_followed_to_its_end(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    actors = [f"- {{id: a{n}, name: Name {n}, kind: state, principal: a{n + 1}}}" for n in range(3_000)]
    rest = "actors:\n" + "\n".join([*actors, "- {id: a3000, name: Turkey, kind: state}"])
    process = "processes:\n- {id: astana, name: Astana, description: x, aliases: [Astana talks]}\n"
    (work / "book.yaml").write_text(f"resolution: {{subjects: [Syria], nouns: [talks]}}\n{process}{rest}\n")
    (work / "x.txt").write_text(GOOD.replace("Turkey", "Name 0"))
    code, out, _ = run(capsys, "x.txt", "--codebook", "book.yaml", "--all")
    assert code == 0
    assert "Turkey" in {json.loads(line)["actor"] for line in out.splitlines()}
    (work / "book.yaml").write_text((work / "book.yaml").read_text().replace("name: Turkey", 'name: "…"'))
    assert "a phrase with a letter or a digit was expected" in refusal(capsys, "x.txt", "--codebook", "book.yaml")


# A process's own peak is asked of the kernel: what `getrusage` says of it includes the process that started it.
MEASURED = """
import re, resource, sys
from stance import predict
code = predict.main(sys.argv[1:])
print(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1])
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(code)
"""


def sparse(path: Path, head: bytes) -> None:
    """A file of a gigabyte that takes no room on the disk."""
    path.write_bytes(head)
    os.truncate(path, GB)


def packed(path: Path) -> None:
    with gzip.open(path, "wb", compresslevel=1) as out:
        out.write(json.dumps({"text": GOOD}).encode() + b"\n")
        for _ in range(200):
            out.write(b" " * 1_000_000)


def repeated(path: Path) -> None:
    """Texts of three megabytes that Parquet packs into a few bytes, and a last one that is too long."""
    pq.write_table(pa.table({"text": [*["x" * 3_000_000] * 100, "x" * 20_000_001]}), path)


def wide(path: Path) -> None:
    path.write_text("text," + ",".join(f"c{n}" for n in range(300_000)) + "\n" + "Turkey\n" * 5_000)


@pytest.mark.parametrize(
    ("name", "make", "expected"),
    [
        ("x.txt", lambda path: sparse(path, GOOD.encode()), "larger than 20 MB"),
        ("x.html", lambda path: sparse(path, PAGE.encode()), "larger than 20 MB"),
        ("x.jsonl", lambda path: sparse(path, b'{"text": "x"}\n'), "longer than 20 MB"),
        ("x.csv", lambda path: sparse(path, b"text\nx\n"), "longer than 20 MB"),
        ("x.warc", lambda path: sparse(path, b"WARC/1.0\r\n"), "headers of more than 1 MB"),
        ("x.csv", wide, "more than 1000 columns"),
        ("x.jsonl.gz", packed, "unpacks to more than 100 times its size"),
        ("x.parquet", repeated, "longer than 20 MB"),
    ],
    ids=["txt", "html", "jsonl", "csv", "warc", "columns", "gz", "parquet"],
)
def test_memory_is_bounded(work: Path, name: str, make: Callable[[Path], None], expected: str) -> None:
    """What the command needs at most, and each of its workers."""
    make(work / "in" / name)
    arguments = ["in", "--output", "out/", "--model", "rules", "--set", "pipeline.threads=1"]
    arguments += ["--set", "pipeline.archive.part_bytes=2000000"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", MEASURED, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    assert max(map(int, done.stdout.split())) / 1024 < MEGABYTES
    reasons = [json.loads(line)["reason"] for line in Path("out/rejects.jsonl").read_text().splitlines()]
    assert reasons == [expected]


HEAD = "Talks on Syria open in Astana.\n"


@pytest.mark.parametrize(
    "text",
    [
        "UN " * 40_000,
        "Turkey, Russia, Iran and " * 5_000,
        "U.S. " * 20_000,
        "UN-led new-" * 10_000,
        "Geneva" + "-b" * 990 + "\n",
        "Geneva-b-b-b-b-b-b-b-b-b talks " * 2_000,
        "UNministers-" * 5_000,
        ("MOSCOW/" + " " * 1_900 + "x\n") * 20,
        ("MOSC" + " " * 1_900 + "x\n") * 20,
        ("2018-01-30 10:10" + " " * 180 + "x\n") * 6,
        "".join(f"Xa{chr(97 + n % 26)}b Q{chr(97 + n // 26 % 26)}o{chr(97 + n // 676)}z said Turkey backs the talks. " for n in range(5_000)),
        "no. so. Lt. " * 10_000,
        "He said Turkey backs it " * 20_000,
        "a" * 2_000_000,
        "\n".join("abc. Def " * 30_000 for _ in range(2)),
        "[ACTOR] [PROCESS] [OTHER], " * 2_000,
        "“ " * 20_000,
        "İ" * 20_000,
    ],
    ids=lambda value: value[:20],
)  # fmt: skip
def test_repetitions_are_read_in_the_end(text: str) -> None:
    targets.read_whole(HEAD + text)
