"""The replication bundle holds what repeating needs, and is the same bytes whenever it is made."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import zipfile
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from types import ModuleType

import pandas as pd
import pytest

from stance import export, page
from stance.codebook import load
from stance.documents import Report
from stance.registry import read
from stance.statements import Statement, statements
from tests.conftest import ROOT
from tests.exports.test_export import save

RELEASE = ROOT / "models/release"


@pytest.fixture
def bundle(debate: list[Statement], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> zipfile.ZipFile:
    """The bundle of the debate, one statement of which the released model made, without a report."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, "stance.page.html", None)  # to import it is an ImportError,
    monkeypatch.delattr(page, "html", raising=False)  # also where an earlier test has imported it
    save([replace(debate[0], model=read(RELEASE).version), *debate[1:]], Path("made.jsonl"))
    assert export.main(["made.jsonl", "--bundle", "b.zip", "--min-confidence", "0.7", "-q"]) == 0
    return zipfile.ZipFile("b.zip")


def test_it_names_what_was_read_and_how(bundle: zipfile.ZipFile) -> None:
    data = Path("made.jsonl").read_bytes()
    digest = sha256(data).hexdigest()
    assert json.loads(bundle.read("inputs.json")) == [{"file": "made.jsonl", "bytes": len(data), "sha256": digest}]
    command = json.loads(bundle.read("command.json"))
    assert " ".join(command["command"]) == "python -m stance.export made.jsonl --bundle b.zip --min-confidence 0.7 -q"
    assert command["settings"]["paths"]["codebook"] == "configs/codebook.yaml"
    assert command["models"] == [read(RELEASE).version, "rules"]
    assert json.loads(bundle.read("codebook.json"))["digest"] == load(ROOT / "configs/codebook.yaml").digest
    packages = json.loads(bundle.read("environment.json"))["packages"]
    assert packages["pandas"] == pd.__version__


def test_a_file_whose_name_is_no_utf8_is_named(bundle: zipfile.ZipFile) -> None:
    name = os.fsdecode(b"m\xff.jsonl")
    Path("made.jsonl").rename(name)
    assert export.main([name, "--bundle", "b.zip", "-q"]) == 0
    assert json.loads(zipfile.ZipFile("b.zip").read("inputs.json"))[0]["file"] == name


def test_it_has_the_card_and_manifest_of_a_model_that_is_at_hand(bundle: zipfile.ZipFile) -> None:
    version = read(RELEASE).version
    assert bundle.read(f"models/{version}/README.md") == (RELEASE / "README.md").read_bytes()
    assert json.loads(bundle.read(f"models/{version}/manifest.json"))["version"] == version


def test_its_predictions_are_statements_again(bundle: zipfile.ZipFile, tmp_path: Path) -> None:
    bundle.extract("predictions.jsonl", tmp_path / "out")

    def nobody() -> None:
        raise AssertionError("predictions need no model")

    back = list(statements([tmp_path / "out/predictions.jsonl"], nobody))  # type: ignore[arg-type]
    given = [s for s in statements(["made.jsonl"], nobody) if s.confidence >= 0.7]  # type: ignore[arg-type]
    assert back == given
    assert len(back) == 8


def test_its_ledger_is_the_one_that_export_writes(bundle: zipfile.ZipFile) -> None:
    assert export.main(["made.jsonl", "--ledger", "l.csv", "--min-confidence", "0.7", "-q"]) == 0
    assert bundle.read("ledger.csv") == Path("l.csv").read_bytes()
    bundle.extract("predictions.jsonl")
    assert export.main(["predictions.jsonl", "--ledger", "again.csv", "-q"]) == 0
    assert Path("again.csv").read_bytes() == Path("l.csv").read_bytes()


def test_its_checksums_are_right(bundle: zipfile.ZipFile, tmp_path: Path) -> None:
    bundle.extractall(tmp_path / "out")
    done = subprocess.run(["sha256sum", "--strict", "-c", "SHA256SUMS"], cwd=tmp_path / "out", capture_output=True, text=True, check=True)  # fmt: skip
    assert len(done.stdout.splitlines()) == len(bundle.namelist()) - 1
    listed = {line.split("`")[1].rstrip("/") for line in bundle.read("README.md").decode().splitlines() if line.startswith("| `")}  # fmt: skip
    assert {name.partition("/")[0] for name in bundle.namelist()} <= listed | {"README.md"}


def test_the_same_command_makes_the_same_bytes(bundle: zipfile.ZipFile, monkeypatch: pytest.MonkeyPatch) -> None:
    first = Path("b.zip").read_bytes()
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 86_400 * 400)
    assert export.main(["made.jsonl", "--bundle", "b.zip", "--min-confidence", "0.7", "-q"]) == 0
    assert Path("b.zip").read_bytes() == first


def test_a_report_goes_in_where_it_can_be_drawn(bundle: zipfile.ZipFile, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "report.html" not in bundle.namelist()
    html = ModuleType("stance.page.html")

    def write(found: list[Statement], path: Path, models: Path, evaluation: Path, report: Report) -> None:
        path.write_text(f"{len(found)} {models} {evaluation}")

    monkeypatch.setattr(html, "write", write, raising=False)
    monkeypatch.setitem(sys.modules, "stance.page.html", html)
    assert export.main(["made.jsonl", "--bundle", "b.zip", "-q"]) == 0
    assert zipfile.ZipFile("b.zip").read("report.html") == b"9 models metrics/evaluation.json"


def test_the_report_itself_goes_in(bundle: zipfile.ZipFile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "stance.page.html")
    pytest.importorskip("stance.page.html", exc_type=ImportError)
    made = []
    for _ in range(2):
        assert export.main(["made.jsonl", "--bundle", "b.zip", "-q"]) == 0
        made.append(Path("b.zip").read_bytes())
    assert b"<html" in zipfile.ZipFile("b.zip").read("report.html")
    assert made[0] == made[1]
