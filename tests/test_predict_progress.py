"""Progress is drawn on standard error for long work, on a terminal, and nowhere else."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from stance.cli import LONG
from tests.conftest import ROOT

SENTENCE = "Turkey hosted the Astana talks on Syria.\n"


def run(folder: Path, size: int, verb: str, *argv: str) -> tuple[bytes, str]:
    """What a command on so many bytes of text prints, and what it shows on a terminal that is its standard error."""
    (folder / "long.txt").write_text(SENTENCE + "No news.\n" * (size // 9), encoding="utf-8")
    command = [sys.executable, "-m", f"stance.{verb}", "long.txt", "--model", "rules", *argv]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "TERM": "xterm"}
    main, terminal = pty.openpty()
    shown = b""
    with subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=terminal) as process:
        os.close(terminal)
        with suppress(OSError):  # the command has ended, and with it the terminal
            while part := os.read(main, 4096):
                shown += part
        printed, _ = process.communicate()
    os.close(main)
    assert process.returncode == 0
    return printed, shown.decode()


@pytest.mark.parametrize(
    ("size", "argv", "drawn"),
    [(LONG, [], True), (LONG, ["--summary"], True), (LONG, ["--quiet"], False), (LONG // 2, [], False)],
)
def test_progress_is_for_long_work_on_a_terminal(tmp_path: Path, size: int, argv: list[str], drawn: bool) -> None:
    printed, shown = run(tmp_path, size, "predict", *argv)
    assert printed.count(b"\n") == 1
    assert ("reading" in shown and "100%" in shown) is drawn
    assert ("1 pairs of actor and process" in shown) is ("--quiet" not in argv)


@pytest.mark.parametrize(
    ("verb", "argv", "parts"),
    [
        ("report", ["-o", "report.html"], ("reading", "positions")),
        ("export", ["--ledger", "ledger.csv"], ("reading", "writing")),
    ],
)
def test_reports_and_exports_of_much_text_show_how_far_they_are(
    tmp_path: Path, verb: str, argv: list[str], parts: tuple[str, ...]
) -> None:
    for size, more, drawn in ((LONG, [], True), (LONG, ["--quiet"], False), (LONG // 2, [], False)):
        printed, shown = run(tmp_path, size, verb, *argv, *more)
        assert printed == b""
        assert [part in shown for part in parts] == [drawn] * len(parts)
