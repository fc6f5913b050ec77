"""The public command in a folder of its own, and what it says of an input that it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from stance import predict
from tests.conftest import ROOT

GOOD = "Talks on Syria open in Astana\nTurkey said it would attend the Astana talks."
PAGE = f"<html><body><article><h1>Talks</h1>{'<p>Turkey said that it would attend the Astana talks on Syria.</p>' * 5}"


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with the project's configuration, and `in` for input."""
    (tmp_path / "configs").symlink_to(ROOT / "configs")
    (tmp_path / "in").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = predict.main([*arguments, "--model", "rules"])
    return code, *capsys.readouterr()


def refusal(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """The one line with which the command refuses an input."""
    code, out, err = run(capsys, *arguments, "-q")
    assert (code, out, err.count("\n")) == (2, "", 1)
    return err.removeprefix("stance.predict: error: ").rstrip("\n")


def rejects(capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    """The reason for each file of `in` that an archive's run sets aside; nothing lies beside its output then."""
    before = sorted(Path().rglob("*"))
    code, _, err = run(capsys, "in", "--output", "out/", "--set", "pipeline.threads=1")
    assert code == 0, err
    assert [p for p in sorted(Path().rglob("*")) if p not in before and Path("out") not in (p, *p.parents)] == []
    lines = Path("out/rejects.jsonl").read_text(encoding="utf-8").splitlines()
    return {Path(row["file"]).name: row["reason"] for row in map(json.loads, lines)}


def docs(text: str) -> set[str]:
    return {json.loads(line)["doc"] for line in text.splitlines()}
