"""The codebook's command: what it says of a codebook, of its names in texts, and of names that it lacks."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from stance import check, predict
from tests.conftest import ROOT

CODEBOOK = """\
resolution: {subjects: [Ukraine]}
processes:
  - {id: minsk, name: Minsk process, description: d, places: [{name: Minsk}], aliases: [Minsk protocol]}
  - {id: normandy, name: Normandy format, description: d, aliases: [Normandy format]}
actors:
  - {id: ukraine, name: Ukraine, kind: state, aliases: [Kiev], demonyms: [Ukrainian]}
  - {id: russia, name: Russia, kind: state}
  - {id: putin, name: Vladimir Putin, kind: official, principal: russia,
     offices: [{phrases: [Russian premier], from: 2008-05-08, to: 2012-05-07}]}
"""
TALKS = """\
Kiev welcomed the Minsk talks on 3 March 2015. Prime Minister Oleh Orlyk said that Ukraine backed the Minsk protocol.
The talks were a success, Foreign Minister Vira Danko said. On Monday Danko had gone to Minsk with Right Sector's chief.
The Russian premier met Danko in Paris.
"""
GUIDE = (ROOT / "docs" / "new-process.md").read_text(encoding="utf-8")


def run(capsys: pytest.CaptureFixture[str], *argv: str) -> tuple[int, dict[str, list[dict[str, Any]]], str]:
    """Exit code, the printed rows by table, and what was said on standard error."""
    code = check.main(list(argv))
    out = capsys.readouterr()
    tables: dict[str, list[dict[str, Any]]] = {"processes": [], "found": [], "missing": []}
    for line in out.out.splitlines():
        row = json.loads(line)
        tables.setdefault(row.pop("table"), []).append(row)
    return code, tables, out.err


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "codebook.yaml").write_text(CODEBOOK, encoding="utf-8")
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "talks.txt").write_text(TALKS, encoding="utf-8")
    (tmp_path / "texts" / "harvest.txt").write_text("The barley is in, says the Odessa Grain Union.", encoding="utf-8")
    return tmp_path


def test_a_good_codebook_is_summed_up(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, tables, err = run(capsys, "codebook.yaml")
    (summary,) = tables["codebook"]
    assert re.fullmatch("[0-9a-f]{12}", summary.pop("digest"))
    assert summary == {"processes": 2, "actors": 3, "state": 2, "official": 1, "names": 9}
    assert (code, tables["found"], err) == (0, [], "")


def test_the_pipelines_codebook_is_the_default(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    code, tables, _ = run(capsys)
    assert code == 0
    assert tables["codebook"][0]["processes"] == 5


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("principal: russia", "principal: rusia", "codebook.yaml:8: unknown principal 'rusia'"),
        ("{subjects: [Ukraine]}", "{subjects: [Ukraine], group_roles: {army: [rus]}}", "codebook.yaml:1: 'army' stands for an unknown actor 'rus'"),
        ("places: [{name: Minsk}]", "places: [Minsk]", "codebook.yaml:3: processes.0.places.0: keys were expected (from, to, name), not 'Minsk'"),
        ("from: 2008", "form: 2008", "codebook.yaml:9: unknown key 'actors.2.offices.0.form'; did you mean 'from'?"),
        (CODEBOOK, "", "codebook.yaml: keys were expected (resolution, processes, actors), not None"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_line_and_exit_2(
    folder: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, expected: str
) -> None:
    Path("codebook.yaml").write_text(CODEBOOK.replace(old, new), encoding="utf-8")
    assert run(capsys, "codebook.yaml")[::2] == (2, f"stance.check: error: {expected}\n")


def test_names_that_occur_are_counted_with_an_example(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, tables, err = run(capsys, "codebook.yaml", "--sample", "texts")
    found = [(r["entry"], r["name"], r["times"], r["unused"]) for r in tables["found"]]
    # The premier of 2015 is not Putin.
    assert found == [
        ("minsk", "Minsk", 2, 0),
        ("minsk", "Minsk protocol", 1, 0),
        ("ukraine", "Kiev", 1, 1),
        ("ukraine", "Ukraine", 1, 1),
    ]
    assert tables["found"][1]["example"] == "Ukraine backed the Minsk protocol. The talks were a"
    assert "2 documents read, 1 of them concern the codebook" in err


def test_names_that_the_codebook_lacks(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, tables, _ = run(capsys, "codebook.yaml", "--sample", "texts")
    missing = {r["name"]: (r["times"], r["documents"]) for r in tables["missing"]}
    once = {"Odessa Grain Union", "Paris", "Right Sector", "Russian", "Vira Danko"}
    assert next(iter(missing)) == "Danko"
    assert missing == {"Danko": (2, 1), "Oleh Orlyk": (1, 1), **dict.fromkeys(once, (1, 1))}
    _, tables, _ = run(capsys, "codebook.yaml", "--sample", "texts", "--number", "1")
    assert [r["name"] for r in tables["missing"]] == ["Danko"]


def test_processes_are_counted_as_prediction_finds_them(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, tables, _ = run(capsys, "codebook.yaml", "--sample", "texts/talks.txt")
    minsk, normandy = tables["processes"]
    assert (minsk["documents"], minsk["named"], minsk["pointed"]) == (1, 3, 1)
    assert minsk["pairs"] >= 4
    assert set(normandy.values()) == {"normandy", 0}


def test_a_sample_on_something_else_says_why_nothing_is_found(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, tables, err = run(capsys, "codebook.yaml", "--sample", "texts/harvest.txt")
    assert code == 0
    assert "0 of them concern the codebook" in err
    assert "one of resolution.subjects" in err
    assert [r["name"] for r in tables["missing"]] == ["Odessa Grain Union"]


def test_tables_for_people(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check.main(["codebook.yaml", "--sample", "texts", "--format", "table", "--quiet"]) == 0
    out = capsys.readouterr().out
    assert "1 of 2 documents concern the codebook" in out
    assert re.search(r"^ minsk +Minsk +2 +0 +\S", out, re.M)


def guide(tmp_path: Path) -> tuple[str, str]:
    """The codebook of docs/new-process.md and the actors that it adds later; its article lies in the folder."""
    codebook, more = re.findall(r"^```yaml\n(.*?)^```", GUIDE, re.M | re.S)
    (article,) = re.findall(r"^```text\n(.*?)^```", GUIDE, re.M | re.S)
    (tmp_path / "article.txt").write_text(article, encoding="utf-8")
    (tmp_path / "minsk.yaml").write_text(codebook, encoding="utf-8")
    (tmp_path / "more.yaml").write_text(codebook + more, encoding="utf-8")
    return str(tmp_path / "minsk.yaml"), str(tmp_path / "more.yaml")


def test_the_guides_codebook_finds_what_it_says(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first, second = guide(tmp_path)
    _, tables, _ = run(capsys, first, "--sample", str(tmp_path / "article.txt"))
    assert [p["process"] for p in tables["processes"] if p["pairs"]] == ["minsk"]
    missing = {r["name"] for r in tables["missing"]}
    assert missing == {"Denis Pushilin", "Donetsk", "Heidi Tagliavini", "Right Sector", "Swiss"}
    code, tables, _ = run(capsys, second, "--sample", str(tmp_path / "article.txt"))
    assert code == 0
    assert {r["name"] for r in tables["missing"]} == {"Donetsk", "Swiss"}


def test_a_model_judges_under_another_codebook_if_told_to(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, codebook = guide(tmp_path)
    article = str(tmp_path / "article.txt")
    assert predict.main([article, "--set", f"pipeline.paths.codebook={codebook}", "--model", "tfidf"]) == 2
    assert "--codebook FILE" in capsys.readouterr().err
    assert predict.main([article, "--codebook", codebook, "--model", "tfidf", "--all"]) == 0
    out = capsys.readouterr()
    assert out.err.startswith("warning: models/tfidf was trained under another codebook")
    found = {(r["actor"], r["process"], r["mention"]) for r in map(json.loads, out.out.splitlines())}
    assert {
        ("Donbass separatists", "minsk", "Denis Pushilin"),
        ("OSCE", "minsk", "Heidi Tagliavini"),
        ("Right Sector", "minsk", "Right Sector"),
    } <= found
