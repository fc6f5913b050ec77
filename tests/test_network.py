"""Nothing leaves the machine: no verb opens a connection, and libraries with telemetry find it switched off.

The whole job is watched where it runs as a pipeline (test_dvc.py).
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import GUARD, ROOT, watched

TEXT = "Syria talks open in Astana, January 2017\n\nTurkey hosted the Astana talks on Syria. Iran refused to attend."
VERBS = {
    "predict": ["talks.txt"],
    "predict an archive": ["predict", "news/", "--output", "out/"],
    "report": ["talks.txt", "-o", "report.html"],
    "export": ["talks.txt", "--ledger", "ledger.csv", "--network", "talks.graphml"],
    "check": ["--sample", "talks.txt"],
    "label": ["talks.txt"],
}


def run(folder: Path, *command: str) -> tuple[int, str, list[str]]:
    """A command's exit code, its errors, and what the guard saw."""
    log = folder / GUARD
    log.touch()
    done = subprocess.run([sys.executable, *command], cwd=folder, env=watched(log), capture_output=True, text=True, check=False)  # fmt: skip
    return done.returncode, done.stderr, log.read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_opens_no_connection(tmp_path: Path, verb: str) -> None:
    (tmp_path / "configs").symlink_to(ROOT / "configs")
    (tmp_path / "news").mkdir()
    for path in (tmp_path / "talks.txt", tmp_path / "news/talks.txt"):
        path.write_text(TEXT, encoding="utf-8")
    arguments = VERBS[verb] if " " in verb else [verb, *VERBS[verb]]
    code, errors, seen = run(tmp_path, "-m", f"stance.{arguments[0]}", *arguments[1:])
    assert code == 0, errors
    assert [line for line in seen if not line.endswith("off")] == []


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("import socket; socket.socket().connect(('203.0.113.1', 80))", "socket.connect '203.0.113.1' by ['-c']"),
        ("import socket; socket.getaddrinfo('telemetry.example', 443)", "socket.getaddrinfo 'telemetry.example' by ['-c']"),
        ("import huggingface_hub", "huggingface_hub is imported with its telemetry ON"),
    ],
)  # fmt: skip
def test_the_guard_sees(tmp_path: Path, code: str, expected: str) -> None:
    assert expected in run(tmp_path, "-c", code)[2]
