"""The run as people start it: rows as `predict` prints them, and what a killed process costs."""

from __future__ import annotations

import json
import multiprocessing
import os
import resource
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from stance.archive import runner
from stance.archive.pool import Processes
from stance.archive.runner import Workers, cut
from stance.archive.sources import Record, Reject
from stance.archive.worker import Opening
from stance.config import Archive, load_pipeline
from tests.archive.conftest import ENVIRONMENT, command, content, run

FRENCH = (
    "Le congrès de Sochi a été rejeté jeudi par l’opposition. Assad soutient le processus d’Astana, dit-on à Genève."
)


def test_the_parts_hold_what_predict_prints(corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("corpus", "--output", "out/", "--all") == 0
    err = capsys.readouterr().err
    assert run("corpus", "--all") == 0
    printed = capsys.readouterr().out
    names = [f"part-0000{n}.jsonl" for n in range(5)]
    assert sorted(content(Path("out"))) == ["manifest.jsonl", *names, "rejects.jsonl"]
    assert b"".join(content(Path("out"))[name] for name in names).decode() == printed
    ids = {json.loads(line)["doc"] for line in printed.splitlines()}
    assert {"0", "1"} < ids
    assert sum(key.startswith("0-") for key in ids) == 1  # an id that came again has a suffix
    count = printed.count("\n")
    assert count > 200
    assert err.splitlines()[-1] == f"out: 33 documents, {count} annotations, 0 rejects in 5 parts, read by rules"


def test_bad_documents_are_set_aside_and_strict_stops_at_them(mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (mine / "a" / "bad.txt").write_bytes(b"\x00\x01\xff")
    with (mine / "table.jsonl").open("a") as table:
        table.write(
            "\n{]\n" + json.dumps({"text": FRENCH}) + "\n" + json.dumps({"text": "Talks on Syria", "lang": "nl"})
        )
    assert run("corpus", "--output", "out/", "--strict") == 2
    assert capsys.readouterr().err.splitlines()[-1] == "stance.predict: error: corpus/a/bad.txt: not UTF-8 (byte 2)"
    assert run("corpus", "--output", "out/") == 0
    rejects = [json.loads(line) for line in Path("out/rejects.jsonl").read_text().splitlines()]
    assert rejects == [
        {"file": "corpus/a/bad.txt", "row": None, "reason": "not UTF-8 (byte 2)"},
        {"file": "corpus/table.jsonl", "row": 21, "reason": "not JSON: Expecting property name enclosed in double quotes (column 2)"},
        {"file": "corpus/table.jsonl", "row": 22, "reason": "language: French (fr)"},
        {"file": "corpus/table.jsonl", "row": 23, "reason": "language: nl"},
    ]  # fmt: skip
    assert "4 rejects in 5 parts" in capsys.readouterr().err.splitlines()[-1]


@pytest.mark.parametrize("after", [0, 2])
def test_a_killed_run_goes_on_and_leaves_no_process_behind(
    corpus: Path, capsys: pytest.CaptureFixture[str], after: int
) -> None:
    with subprocess.Popen(
        command("corpus", "--output", "out/"), stderr=subprocess.PIPE, text=True, env=ENVIRONMENT
    ) as process:
        assert process.stderr
        lines = iter(process.stderr.readline, "")
        for line in lines:
            if line.startswith(f"part-0000{after}"):
                break
        process.kill()
        process.stderr.read()  # ends only when the workers, who share it, have ended as well
    assert b'"complete"' not in content(Path("out"))["manifest.jsonl"]
    capsys.readouterr()
    assert run("corpus", "--output", "out/") == 0
    err = capsys.readouterr().err
    assert f"{after + 1} parts are done" in err or f"{after + 2} parts are done" in err
    assert content(Path("out")) == content(Path("whole"))


def test_a_full_disk_is_one_line_and_then_the_run_goes_on(mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A limit on the size of files stands for the disk: the last part does not fit."""
    (mine / "z.jsonl").write_text(json.dumps({"text": "Turkey will attend the Astana talks on Syria. " * 400}))

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    done = subprocess.run(
        command("corpus", "--output", "out/", "--all"), capture_output=True, text=True, env=ENVIRONMENT, preexec_fn=limit, check=False
    )  # fmt: skip
    assert done.returncode == 2
    assert "cannot write: File too large" in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr
    assert run("corpus", "--output", "out/", "--all") == 0
    capsys.readouterr()
    assert run("corpus", "--all") == 0
    parts = [data for name, data in content(Path("out")).items() if name.startswith("part")]
    assert b"".join(parts).decode() == capsys.readouterr().out


def test_a_worker_that_is_killed_is_replaced(corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = runner._write
    killed: list[object] = []

    def kills(*arguments: Any) -> None:
        if not killed:
            victim = multiprocessing.active_children()[0]
            assert victim.pid
            os.kill(victim.pid, signal.SIGKILL)
            victim.join()
            killed.append(victim)
        write(*arguments)

    monkeypatch.setattr(runner, "_write", kills)
    assert run("corpus", "--output", "out/") == 0
    assert killed
    assert content(Path("out")) == content(Path("whole"))


class Deadly:
    """Content that ends the process that unpacks it."""

    def __reduce__(self) -> tuple[Any, ...]:
        return os._exit, (1,)


def test_a_document_that_ends_its_reader_is_a_reject(corpus: Path) -> None:
    columns = load_pipeline().columns.model_dump()
    pool = Processes(Opening(Path("configs/codebook.yaml"), Path("models"), "rules", False, columns), 2)
    good = {"text": "Turkey hosted the Astana talks on Syria."}
    contents: list[Any] = [good, good, Deadly(), good]
    try:
        found = Workers(pool).read([Record(Path("x.csv"), n, 10, content) for n, content in enumerate(contents)])
    finally:
        pool.close()
    assert [f if isinstance(f, Reject) else f.id for f in found] == [
        "x-0",
        "x-1",
        Reject("x.csv", 2, "cannot be read: it ends the process that tries"),
        "x-3",
    ]


def test_what_an_output_was_begun_with_is_kept_to(mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run("corpus", "--output", "out/")
    run("corpus", "--output", "out/")
    before = content(Path("out"))
    capsys.readouterr()
    assert run("corpus", "--output", "out", "--all") == 2
    assert "out: was begun with other settings (all False, now True)" in capsys.readouterr().err
    (mine / "new.txt").write_text("Talks.")
    assert run("corpus", "--output", "out") == 2
    assert "out: was begun with other inputs (files 12, now 13; bytes" in capsys.readouterr().err
    assert run("corpus", "--output", "corpus/out/") == 2
    assert "corpus/out: lies in the input" in capsys.readouterr().err
    assert content(Path("out")) == before
    assert not (mine / "out").exists()


def test_parts_are_cut_by_the_input_alone(corpus: Path) -> None:
    def sizes(archive: Archive, start: tuple[int, int] = (0, 0)) -> Iterator[tuple[int, tuple[int, int]]]:
        return ((len(part.records), part.end) for part in cut(["corpus"], start, archive))

    # Five files, five files, a table of three rows and one of twenty.
    eight = list(sizes(Archive(part_documents=8, part_bytes=10**9)))
    assert eight == [(8, (7, 1)), (8, (11, 3)), (8, (11, 11)), (8, (11, 19)), (1, (12, 0))]
    for done in range(1, 5):
        assert list(sizes(Archive(part_documents=8, part_bytes=10**9), eight[done - 1][1])) == eight[done:]
    assert [count for count, _ in sizes(Archive(part_documents=100, part_bytes=1))] == [1] * 33
