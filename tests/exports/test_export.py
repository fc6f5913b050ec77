"""`python -m stance.export`: every output from one call, refusals before any work, and text that means harm."""

from __future__ import annotations

import datetime
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import networkx as nx
import pandas as pd
import pyarrow.parquet as pq
import pytest

from stance import export
from stance.io import inert
from stance.positions.changes import changes
from stance.positions.outlets import disagreements
from stance.records import Stance
from stance.statements import Statement
from tests.conftest import ROOT
from tests.exports.conftest import say


def save(found: list[Statement], path: Path) -> Path:
    path.write_text("".join(json.dumps(s.row()) + "\n" for s in found))
    return path


@pytest.fixture
def made(debate: list[Statement], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The debate as predictions, in the working folder."""
    monkeypatch.chdir(tmp_path)
    return save(debate, Path("made.jsonl"))


def test_one_call_writes_whatever_is_asked_for(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    outputs = "ledger.csv changes.json disagreements.csv network.gexf statements.xlsx matrix.csv bundle.zip".split()
    options = [part for name in outputs for part in (f"--{name.partition('.')[0]}", name)]
    assert export.main([str(made), *options]) == 0
    assert sorted(p.name for p in Path().iterdir()) == sorted(["made.jsonl", *outputs])
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.splitlines()[-1] == "9 statements of 4 actors"


def test_documents_are_read_by_the_model_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("news.txt").write_text("Iran backed the Astana talks.\n")
    assert export.main(["news.txt", "--model", "rules", "--statements", "s.csv", "-q"]) == 0
    row = pd.read_csv("s.csv").to_dict("records")[0]
    assert [row[k] for k in ("docTitle", "organization", "concept", "agreement", "model")] == [
        "news",
        "Iran",
        "astana",
        1,
        "rules",
    ]


def test_the_ledger_is_the_same_in_every_format(made: Path) -> None:
    for suffix in ("csv", "json", "parquet"):
        assert export.main([str(made), "--ledger", f"ledger.{suffix}", "--period", "all", "-q"]) == 0
    rows = json.loads(Path("ledger.json").read_text())
    turkey = next(r for r in rows if (r["actor"], r["process"]) == ("Turkey", "astana"))
    assert [turkey[k] for k in ("period", "stance", "supportive", "skeptical", "boycotting", "sentences")] == [
        "all",
        "supportive",
        2,
        1,
        0,
        3,
    ]
    assert (turkey["documents"], turkey["outlets"], turkey["models"]) == (3, ["Daily Post", "Levant Wire"], ["rules"])
    assert turkey["supportive_low"] < turkey["supportive_share"] < turkey["supportive_high"]
    assert (turkey["evidence_stance"], turkey["evidence_doc"], turkey["counter_stance"]) == ("supportive", "a", "skeptical")  # fmt: skip
    table = pq.read_table("ledger.parquet")
    assert [{**r, "start": r["start"] and str(r["start"]), **{k: r[k] and str(r[k]) for k in ("evidence_date", "counter_date")}} for r in table.to_pylist()] == rows  # fmt: skip
    frame = pd.read_csv("ledger.csv")
    assert list(frame.columns) == table.column_names == list(rows[0])
    assert list(frame.actor) == [r["actor"] for r in rows]
    assert set(frame.outlets) == {"Levant Wire", "Daily Post; Levant Wire"}


def test_changes_come_with_the_statements_around_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    days = [datetime.date(2018, 1, 1) + datetime.timedelta(n) for n in range(40)]
    stances: tuple[Stance, Stance] = ("supportive", "boycotting")
    found = [
        say("Turkey", "sochi", stances[n >= 20], date=day, doc=f"d{day}", text=f"So on {day}.")
        for n, day in enumerate(days)
    ]
    save(found, Path("made.jsonl"))
    assert export.main(["made.jsonl", "--changes", "c.csv", "-q"]) == 0
    assert export.main(["made.jsonl", "--changes", "c.json", "-q"]) == 0
    (row,) = json.loads(Path("c.json").read_text())
    assert [row[k] for k in ("actor", "process", "day", "earlier", "later")] == [
        "Turkey",
        "sochi",
        "2018-01-21",
        "supportive",
        "boycotting",
    ]
    assert row["probability"] == round(changes(found)[0].probability, 4)
    assert (row["before_doc"], row["after_doc"]) == ("d2018-01-20", "d2018-01-21")
    assert row["after_text"] == "So on 2018-01-21."
    assert pd.read_csv("c.csv").to_dict("records") == [row]


def test_disagreements_have_a_row_an_outlet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    views: list[tuple[str, Stance]] = [("North Wire", "supportive"), ("South Post", "boycotting")]
    found = [say("Turkey", "sochi", stance, outlet=outlet, doc=f"{outlet}{n}", text=f"{outlet} {n}") for n in range(12) for outlet, stance in views]  # fmt: skip
    save(found, Path("made.jsonl"))
    assert export.main(["made.jsonl", "--disagreements", "d.json", "-q"]) == 0
    rows = json.loads(Path("d.json").read_text())
    assert [(r["outlet"], r["stance"], r["sentences"], r["period"], r["start"]) for r in rows] == [
        ("North Wire", "supportive", 12, "2018-01", "2018-01-01"),
        ("South Post", "boycotting", 12, "2018-01", "2018-01-01"),
    ]
    assert rows[0]["probability"] == rows[1]["probability"] == round(disagreements(found)[0].probability, 4)
    assert rows[1]["evidence_outlet"] == "South Post"
    assert export.main(["made.jsonl", "--disagreements", "d.csv", "-q"]) == 0
    assert pd.read_csv("d.csv").to_dict("records") == rows


def test_what_is_less_certain_is_left_out(made: Path) -> None:
    assert export.main([str(made), "--statements", "s.csv", "--min-confidence", "0.7", "-q"]) == 0
    assert "Iran" not in set(pd.read_csv("s.csv").organization)


def test_the_relation_chooses_the_network(made: Path) -> None:
    assert export.main([str(made), "--network", "n.graphml", "--relation", "conflict", "-q"]) == 0
    graph = nx.read_graphml("n.graphml")
    assert graph.edges["actor:Syrian rebels", "actor:Turkey"]["value"] == 2


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ([], "nothing to write: give one or more of --ledger, --changes, --disagreements, --network, --statements, --matrix, --bundle"),
        (["--ledger", "l.xls"], "--ledger:l.xls: unknown suffix '.xls': one of .csv, .parquet, .json"),
        (["--network", "n"], "--network:n: unknown suffix '': one of .graphml, .gexf"),
        (["--ledger", "x.csv", "--matrix", "x.csv"], "--ledger:x.csv: the same file for two outputs"),
        (["-", "--bundle", "b.zip"], "--bundle: needs its inputs as files: standard input cannot be read again"),
    ],
)  # fmt: skip
def test_what_cannot_be_written_is_refused_before_anything_is_read(
    arguments: list[str],
    problem: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert export.main(["no-such-file", *arguments]) == 2
    assert capsys.readouterr().err == f"stance.export: error: {problem}\n"
    assert list(tmp_path.iterdir()) == []


def test_a_missing_package_is_named_with_how_to_get_it(
    made: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(export, "find_spec", lambda name: None)
    assert export.main([str(made), "--network", "n.gexf"]) == 2
    assert capsys.readouterr().err.endswith("--network:n.gexf: needs networkx: pip install 'stance[report]'\n")


def test_help_loads_no_numbers() -> None:
    code = "import sys, stance.export; print(*[m for m in ('numpy', 'pydantic', 'networkx', 'openpyxl') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.strip() == ""


def test_hostile_text_in_predictions_breaks_no_output(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names = ("<script>alert(1)</script>", "=cmd|' /C calc'!A0", "a\0b", "\u202ekcab", "]]>", "\r", "-1")
    made = save([say(name, "sochi", "supportive", text=name, outlet=name, doc=name) for name in names], Path("m.jsonl"))
    options = "--ledger l.csv --changes c.json --disagreements d.csv --matrix m.xlsx --statements s.csv --bundle b.zip"
    for suffix in ("graphml", "gexf"):
        assert export.main([str(made), *options.split(), "--network", f"n.{suffix}", "-q"]) == 0
    expected = {*names[:2], "a\ufffdb", *names[3:]}
    assert set(pd.read_csv("s.csv").docTitle) == {str(inert(name)) for name in expected}
    assert set(pd.read_csv("l.csv").evidence_outlet) == {str(inert(name)) for name in expected}
    rows = zipfile.ZipFile("b.zip").read("predictions.jsonl").decode().splitlines()
    assert {json.loads(row)["actor"] for row in rows} == expected
    assert {about["label"] for _, about in nx.read_gexf("n.gexf").nodes(data=True)} == expected | {"sochi"}
