"""What an interrupted prediction leaves behind is valid: whole lines, and files that are whole or as they were."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

SENTENCES = "Turkey hosted the Astana talks on Syria. Iran refused to attend the Geneva talks on Syria."
SIGNALS = [(signal.SIGINT, 130), (signal.SIGTERM, 143)]
BATCH = 64  # documents that are judged together (stance/pipeline.py)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a batch of documents, and behind it a pipe in which reading waits for more.

    Tests close the pipe before they wait: a signal between Python's look for signals and its read wakes no reader.
    """
    monkeypatch.chdir(tmp_path)
    documents(tmp_path / "first.jsonl", BATCH)
    os.mkfifo(tmp_path / "second.txt")
    return tmp_path


def documents(path: Path, count: int, name: str = "d") -> None:
    path.write_text("".join(json.dumps({"doc": f"{name}{n}", "text": SENTENCES}) + "\n" for n in range(count)))


def start(*argv: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "stance.predict", *argv, "--model", "rules"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, bufsize=0, preexec_fn=_heeds_signals
    )


def _heeds_signals() -> None:
    """What a shell's background job ignores, a test that it runs would wait for in vain."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def finish(process: subprocess.Popen[bytes]) -> tuple[int, bytes, bytes]:
    assert process.stdout
    assert process.stderr
    out, err = process.stdout.read(), process.stderr.read()
    return process.wait(), out, err


@pytest.mark.parametrize(("number", "code"), SIGNALS)
@pytest.mark.parametrize("form", ["jsonl", "csv"])
def test_a_stream_keeps_every_row_that_was_ready(folder: Path, form: str, number: int, code: int) -> None:
    process = start("first.jsonl", "second.txt", "--format", form)
    assert process.stdout
    rows = [process.stdout.readline() for _ in range(2 * BATCH + (form == "csv"))]
    with (folder / "second.txt").open("wb"):  # opens when the other side reads: the first batch is done
        process.send_signal(number)
    assert finish(process) == (code, b"", b"stance.predict: interrupted\n")
    text = b"".join(rows).decode()
    read = list(map(json.loads, text.splitlines())) if form == "jsonl" else list(csv.DictReader(io.StringIO(text)))
    assert [(r["doc"], r["actor"]) for r in read] == [(f"d{n}", a) for n in range(BATCH) for a in ("Turkey", "Iran")]


@pytest.mark.parametrize(("number", "code"), SIGNALS)
@pytest.mark.parametrize("form", ["jsonl", "csv"])
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_line_that_has_begun_is_finished(
    folder: Path, monkeypatch: pytest.MonkeyPatch, unbuffered: str, form: str, number: int, code: int
) -> None:
    monkeypatch.setenv("PYTHONUNBUFFERED", unbuffered)
    documents(folder / "long.jsonl", 9, "x" * 300_000)  # a row is more than a pipe holds
    process = start("long.jsonl", "--format", form)
    assert process.stdout
    head = process.stdout.readline() if form == "csv" else b""
    begun = process.stdout.read(1000)
    process.send_signal(number)
    left, rest, _ = finish(process)
    out = head + begun + rest
    assert left == code
    assert out.endswith(b"\n")
    csv.field_size_limit(10**6)
    lines = out.decode().splitlines()
    rows = [json.loads(line) for line in lines] if form == "jsonl" else list(csv.DictReader(lines, strict=True))
    assert len(rows) == 1
    assert rows[0]["model"] == "rules"


@pytest.mark.parametrize(("number", "code"), SIGNALS)
@pytest.mark.parametrize("ending", ["jsonl", "csv", "parquet", "html"])
def test_a_file_is_as_it_was(folder: Path, ending: str, number: int, code: int) -> None:
    target = folder / f"out.{ending}"
    target.write_text("earlier\n")
    before = set(folder.iterdir())
    process = start("first.jsonl", "second.txt", "-o", target.name)
    with (folder / "second.txt").open("wb"):
        assert len(set(folder.iterdir()) - before) == (ending != "html")  # the page is written at the end
        process.send_signal(number)
    assert finish(process) == (code, b"", b"stance.predict: interrupted\n")
    assert target.read_text() == "earlier\n"
    assert set(folder.iterdir()) == before


def test_a_reader_that_leaves_ends_it_quietly(folder: Path) -> None:
    documents(folder / "many.jsonl", 10 * BATCH)
    process = start("many.jsonl")
    assert process.stdout
    assert process.stderr
    first = json.loads(process.stdout.readline())
    process.stdout.close()
    assert (first["doc"], process.wait(), process.stderr.read()) == ("d0", 0, b"")
