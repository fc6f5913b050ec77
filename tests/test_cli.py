"""What every verb does with an error that no module turned into one of its own."""

from __future__ import annotations

import argparse
import errno
import os
import resource
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from safetensors import SafetensorError

from stance import cli
from tests.conftest import ROOT, SMALL

ARGUMENTS = argparse.Namespace(quiet=True, debug=False)
FULL = "stance.train: error: cannot write: no space left; make room, then give the same command again\n"


def wrapped() -> Exception:
    try:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    except OSError as error:
        out = RuntimeError("An error occurred while generating the dataset")
        out.__cause__ = error
        return out


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.EDQUOT, os.strerror(errno.EDQUOT)),
        sqlite3.OperationalError("database or disk is full"),
        SafetensorError("Error while serializing: I/O error: No space left on device (os error 28)"),
        wrapped(),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_full_disk_is_one_line_whoever_meets_it(error: Exception, capsys: pytest.CaptureFixture[str]) -> None:
    def body(args: argparse.Namespace) -> int:
        raise error

    assert cli.run("train", body, ARGUMENTS) == 2
    assert capsys.readouterr().err == FULL


def test_any_other_error_is_shown_whole() -> None:
    def body(args: argparse.Namespace) -> int:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(OSError, match="Input/output error"):
        cli.run("train", body, ARGUMENTS)
    assert signal.getsignal(signal.SIGTERM) is before


@pytest.mark.parametrize("limit", [300, 30_000])
def test_training_on_a_full_disk_is_one_line_and_the_model_stays(project: Path, limit: int) -> None:
    """A limit on the size of files stands for the disk: first the data set's cache, then the model's file is too much."""
    before = {path.name: path.read_bytes() for path in (project / "models/tfidf").iterdir()}

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    command = [sys.executable, "-m", "stance.train", "tfidf", "-q", *SMALL]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, preexec_fn=limited)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "cannot write" in done.stderr
    assert {path.name: path.read_bytes() for path in (project / "models/tfidf").iterdir()} == before
