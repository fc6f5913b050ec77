"""Progress is drawn on standard error for long work, on a terminal, and nowhere else."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from stance.predict import LONG
from tests.conftest import ROOT

SENTENCE = "Turkey hosted the Astana talks on Syria.\n"


@pytest.mark.parametrize(
    ("size", "argv", "drawn"),
    [(LONG, [], True), (LONG, ["--summary"], True), (LONG, ["--quiet"], False), (LONG // 2, [], False)],
)
def test_progress_is_for_long_work_on_a_terminal(tmp_path: Path, size: int, argv: list[str], drawn: bool) -> None:
    (tmp_path / "long.txt").write_text(SENTENCE + "No news.\n" * (size // 9), encoding="utf-8")
    command = [sys.executable, "-m", "stance.predict", "long.txt", "--model", "rules", *argv]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "TERM": "xterm"}
    main, terminal = pty.openpty()
    done = subprocess.run(command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=terminal, check=False)
    os.close(terminal)
    try:
        shown = os.read(main, 100_000).decode()
    except OSError:  # nothing was written to the terminal
        shown = ""
    os.close(main)
    assert (done.returncode, done.stdout.count(b"\n")) == (0, 1)
    assert ("reading" in shown and "100%" in shown) is drawn
    assert ("1 pairs of actor and process" in shown) is ("--quiet" not in argv)
