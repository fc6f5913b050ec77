"""How rows of the outside data sets become marked pairs, and how judged pairs become their labels again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.conftest import ROOT, benchmark

outside = benchmark("outside")
BLAMES = {"text": "Ann blames Bob.", "p": [0, 3], "q": [11, 14]}


@pytest.mark.parametrize(
    ("label", "first", "second"),
    [
        ("neutral", "none", "none"),
        ("p_pos_q", "supportive", "none"),
        ("q_pos_p", "none", "supportive"),
        ("p_neg_q", "skeptical", "none"),
        ("q_neg_p", "none", "skeptical"),
    ],
)
def test_dse_is_two_directed_pairs(label: str, first: str, second: str) -> None:
    rows = outside.as_rows(outside.TASKS["dse"], [BLAMES | {"label": label}])
    assert [(r["marked"], r["label"]) for r in rows] == [
        ("[ACTOR] blames [PROCESS].", first),
        ("[PROCESS] blames [ACTOR].", second),
    ]


@pytest.mark.parametrize(
    ("label", "ours"), [("positive", "supportive"), ("neutral", "none"), ("negative", "skeptical")]
)
def test_newsmtsc_judges_the_author_toward_the_target(label: str, ours: str) -> None:
    (row,) = outside.as_rows(
        outside.TASKS["newsmtsc"], [{"text": "Critics love Bob.", "target": [13, 16], "label": label}]
    )
    assert (row["marked"], row["label"], row["context"]) == ("[ACTOR]: Critics love [PROCESS].", ours, "")


@pytest.mark.parametrize(
    ("text", "subject", "object_", "marked"),
    [
        ("Obama scolded Congress.", "Barack Obama", "Congress", "[ACTOR] scolded [PROCESS]."),
        ("He scolded Congress.", "Barack Obama", "Congress", "[ACTOR] Barack Obama: He scolded [PROCESS]."),
        ("A fair question.", "None", "Hillary Clinton", "[ACTOR]: A fair question. ([PROCESS] Hillary Clinton)"),
        ("Trump was praised.", "Not in the list", "Donald Trump", "[ACTOR]: [PROCESS] was praised."),
        # Two names for the same words: the source keeps them.
        ("The Clinton aides left.", "Bill Clinton", "Hillary Clinton", "The [ACTOR] aides left. ([PROCESS] Hillary Clinton)"),
    ],
)  # fmt: skip
def test_seesaw_finds_names_or_sets_them_beside_the_marker(text: str, subject: str, object_: str, marked: str) -> None:
    item = {"text": text, "subject": subject, "object": object_, "label": "negative"}
    (row,) = outside.as_rows(outside.TASKS["seesaw"], [item])
    assert (row["marked"], row["label"]) == (marked, "skeptical")


def probabilities(*rows: dict[str, float]) -> Any:
    """Probabilities over LABELS; what is not given is 0."""
    return np.array([[row.get(label, 0.0) for label in outside.LABELS] for row in rows])


@pytest.mark.parametrize(
    ("first", "second", "answer"),
    [
        ({"none": 1.0}, {"none": 1.0}, "neutral"),
        ({"supportive": 0.6, "none": 0.4}, {"none": 1.0}, "p_pos_q"),
        ({"none": 0.9, "skeptical": 0.1}, {"none": 0.3, "skeptical": 0.7}, "q_neg_p"),
        # Both directions lean to a stance, which no label has: 0.6 x 0.3 against 0.4 x 0.7.
        ({"supportive": 0.6, "none": 0.4}, {"skeptical": 0.7, "none": 0.3}, "q_neg_p"),
        # A label that the data set does not have never wins.
        ({"boycotting": 0.8, "skeptical": 0.15, "none": 0.05}, {"none": 1.0}, "p_neg_q"),
    ],
)
def test_dse_answers_with_the_jointly_most_probable_label(
    first: dict[str, float], second: dict[str, float], answer: str
) -> None:
    assert outside.decode(outside.TASKS["dse"], probabilities(first, second)) == [answer]


def test_decoding_keeps_the_items_apart() -> None:
    sure = {label: {label: 1.0} for label in ("none", "supportive", "skeptical")}
    judged = probabilities(sure["none"], sure["supportive"], sure["skeptical"], sure["none"])
    assert outside.decode(outside.TASKS["dse"], judged) == ["q_pos_p", "p_neg_q"]
    assert outside.decode(outside.TASKS["newsmtsc"], judged) == ["neutral", "positive", "negative", "neutral"]


class Always:
    """A model that gives every pair `none`."""

    def predict_proba(self, rows: list[Any]) -> Any:
        return probabilities(*[{"none": 1.0}] * len(rows))


def test_clean_rows_are_those_that_training_never_saw() -> None:
    items = [
        BLAMES | {"label": "neutral", "in_train": True},
        BLAMES | {"label": "neutral", "in_train": False},
        BLAMES | {"label": "p_neg_q", "in_train": False},
    ]
    figures = outside.score(outside.TASKS["dse"], {"whole": items}, Always())
    # Micro 2 of 3 and 1 of 2; macro over five labels: neutral's F1 is 4/5 and 2/3, the others' 0.
    assert figures == pytest.approx([2 / 3, 4 / 25, 1 / 2, 2 / 15])


def seesaw(folder: Path, label: str = "negative") -> list[str]:
    """Write a tiny data set; the arguments of a run on it."""
    praise = {"text": "Obama praised Congress.", "subject": "Barack Obama", "object": "Congress", "label": "positive"}
    blame = {"text": "Obama attacked Congress.", "subject": "Barack Obama", "object": "Congress", "label": label}
    for part, rows in {"train": [praise, blame] * 4, "valid": [praise, blame], "test": [praise, praise, blame]}.items():
        (folder / f"{part}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    options = ["--models", "tfidf", "--set=tfidf.min_df=1", "--set=pipeline.tracking.enabled=false"]
    return ["seesaw", str(folder), *options]


def test_a_run_prints_validation_and_only_on_request_test(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    arguments = seesaw(tmp_path)
    assert outside.main(arguments) == 0
    quiet = capsys.readouterr().out
    assert "seesaw, validation" in quiet
    assert "seesaw, test" not in quiet
    assert outside.main([*arguments, "--test"]) == 0
    rows = [line.split() for line in capsys.readouterr().out.partition("seesaw, test")[2].splitlines()]
    assert ["ours:", "tfidf", "1.000"] in rows
    assert ["RoBERTa-base", "0.837"] in rows


def test_a_label_that_the_data_set_does_not_have_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    assert outside.main(seesaw(tmp_path, label="neutral")) == 2
    where = f"{tmp_path / 'train.jsonl'}:2:label"
    assert capsys.readouterr().err == f"stance.outside: error: {where}: 'neutral' is not one of positive, negative\n"
