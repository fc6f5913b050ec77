"""Statements from documents and from predictions already made are the same; a row that is no prediction is refused."""

from __future__ import annotations

import datetime
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest

from stance import predict
from stance.documents import COLUMNS
from stance.errors import InputError
from stance.pipeline import Judge, open_judge
from stance.statements import statements
from tests.conftest import ROOT

ROWS = (
    {"doc": "a", "date": "2018-01-24", "outlet": "Levant Wire", "text": "Sochi is near.\nTurkey will attend the Sochi congress, and the opposition will boycott the Sochi congress.\nEnd."},
    {"doc": "b", "text": "Iran backed the Astana talks."},
)  # fmt: skip


def judge() -> Judge:
    return open_judge(ROOT / "configs/codebook.yaml", ROOT / "models", "rules", 1)


@pytest.fixture
def news(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "news.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    return path


def test_documents_become_statements_with_date_outlet_and_paragraph(news: Path) -> None:
    found = list(statements([news], judge))
    assert [(s.doc, s.actor, s.process, s.stance) for s in found] == [
        ("a", "Turkey", "sochi", "supportive"),
        ("a", "Syrian opposition", "sochi", "boycotting"),
        ("b", "Iran", "astana", "supportive"),
    ]
    assert (found[0].date, found[0].outlet) == (datetime.date(2018, 1, 24), "Levant Wire")
    assert (found[2].date, found[2].outlet) == (None, None)
    text = str(ROWS[0]["text"])
    for s in found[:2]:
        assert s.paragraph == text.splitlines()[1]
        assert s.paragraph_start == text.index("\n") + 1
        assert text[s.start : s.end] == s.text


def test_predictions_made_before_are_the_same_statements_without_their_paragraphs(news: Path) -> None:
    assert predict.main([str(news), "--model", "rules", "--all", "-q", "-o", "made.jsonl"]) == 0
    fresh = [replace(s, paragraph=None, paragraph_start=None, probabilities=()) for s in statements([news], judge)]
    assert [replace(s, probabilities=()) for s in statements(["made.jsonl"], nobody)] == [
        replace(s, confidence=round(s.confidence, 4)) for s in fresh
    ]


def nobody() -> Judge:
    raise AssertionError("predictions need no model")


@pytest.mark.parametrize("written", ["made.csv", "made.parquet", "MADE.CSV", "parts/"])
def test_predictions_in_any_format_are_the_same_statements(news: Path, written: str) -> None:
    with news.open("a") as file:
        file.write(
            json.dumps({"doc": "'=c", "text": "+ '=Russia hosted the Astana talks.\n\nOthers backed Astana."}) + "\n"
        )
    for name in ("made.jsonl", written):
        assert predict.main([str(news), "--model", "rules", "--all", "-q", "-o", name]) == 0
    found = list(statements([written], nobody))
    assert found == list(statements(["made.jsonl"], nobody))
    assert [s.doc for s in found] == ["a", "a", "b", "'=c"]


def test_predictions_come_from_standard_input(news: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert predict.main([str(news), "--model", "rules", "-q", "-o", "made.jsonl"]) == 0
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(Path("made.jsonl").read_bytes())))
    assert list(statements(["-"], nobody)) == list(statements(["made.jsonl"], nobody))


def test_a_document_comes_from_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "Sochi is near.\nIran backed the Astana talks.\n"
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    assert [(s.doc, s.start, s.text) for s in statements(["-"], judge)] == [
        ("stdin", 15, "Iran backed the Astana talks.")
    ]


def test_documents_may_have_their_text_in_another_column(tmp_path: Path) -> None:
    (tmp_path / "news.csv").write_text("story,who\nIran backed the Astana talks.,Wire\n")
    columns = {**COLUMNS, "text": ("story",), "outlet": ("who",)}
    assert [(s.actor, s.outlet) for s in statements([tmp_path / "news.csv"], judge, columns)] == [("Iran", "Wire")]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"start": "9"}, "made.jsonl:2:start: int was expected, not str"),
        ({"stance": "hostile"}, "made.jsonl:2:stance: not a stance: 'hostile'"),
        ({"date": "24/01/2018"}, "made.jsonl:2: not a prediction of stance.predict: Invalid isoformat"),
        ({"probabilities": {"supportive": 1}}, "made.jsonl:2: no field 'skeptical': not a prediction"),
    ],
)
def test_a_row_that_is_no_prediction_is_refused_with_its_place(
    news: Path, change: dict[str, object], problem: str
) -> None:
    assert predict.main([str(news), "--model", "rules", "-q", "-o", "made.jsonl"]) == 0
    made = Path("made.jsonl")
    rows = [json.loads(line) for line in made.read_text().splitlines()]
    rows[1] |= change
    made.write_text("".join(json.dumps(row) + "\n" for row in rows))
    with pytest.raises(InputError) as error:
        list(statements(["made.jsonl"], judge))
    assert problem in str(error.value)
