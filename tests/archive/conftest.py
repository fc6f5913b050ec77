"""An archive to read, and the two ways to read it: in this process, and as people start it."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from stance import predict
from tests.conftest import ROOT

SETTINGS = ("--model", "rules", "--set", "pipeline.threads=2", "--set", "pipeline.archive.part_documents=8")
ENVIRONMENT = os.environ | {"PYTHONPATH": str(ROOT)}


def run(*arguments: str) -> int:
    return predict.main([*arguments, *SETTINGS])


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "stance.predict", *arguments, *SETTINGS]


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A working folder with 33 documents (ids that come twice, wire copy, much about nothing), and `whole` for them."""
    here = tmp_path_factory.mktemp("archive")
    (here / "configs").symlink_to(ROOT / "configs")
    (here / "corpus" / "a").mkdir(parents=True)
    (here / "corpus" / "b").mkdir()
    lines = (ROOT / "data/corpus/documents.jsonl").read_text(encoding="utf-8").splitlines()[:80:4]
    (here / "corpus" / "table.jsonl").write_text("\n".join(lines), encoding="utf-8")
    for number in range(5):
        text = json.loads(lines[number])["text"]
        (here / "corpus" / "a" / f"{number}.txt").write_text(text, encoding="utf-8")
        (here / "corpus" / "b" / f"{number}.txt").write_text(text + "\nTurkey will attend the Astana talks on Syria.")
    (here / "corpus" / "b" / "other.csv").write_text("id,text\n1,Wheat fell.\n2,Rain is expected.\n3,Gold rose.\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(here)
        assert run("corpus", "--output", "whole/") == 0
    return here


@pytest.fixture
def corpus(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """That folder's corpus, to read; what a test writes to `out` goes with it."""
    monkeypatch.chdir(folder)
    yield folder / "corpus"
    shutil.rmtree("out", ignore_errors=True)


@pytest.fixture
def mine(corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the corpus, to change."""
    shutil.copytree(corpus, tmp_path / "corpus")
    (tmp_path / "configs").symlink_to(ROOT / "configs")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "corpus"
