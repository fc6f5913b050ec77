"""Statements from documents and from predictions already made are the same; a row that is no prediction is refused."""

from __future__ import annotations

import datetime
import json
from dataclasses import replace
from pathlib import Path

import pytest

from stance import predict
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

    def nobody() -> Judge:
        raise AssertionError("predictions need no model")

    assert [replace(s, probabilities=()) for s in statements(["made.jsonl"], nobody)] == [
        replace(s, confidence=round(s.confidence, 4)) for s in fresh
    ]


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
