"""Planted label errors come up first: among synthetic probabilities, and in a small corpus through the command."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stance import label
from stance.errors import InputError
from stance.labeling.suspects import FOLDS, out_of_fold, suspects
from stance.models.base import Fit, Probabilities, Row
from stance.records import LABELS
from tests.conftest import ROOT

CUES = {"supportive": "welcomed", "skeptical": "doubted", "boycotting": "will not attend", "none": "spoke about"}
ACTORS = "Turkey Iran Jordan Egypt France Germany Qatar Norway Iraq Lebanon".split()


def sharp(label: str) -> list[float]:
    return [0.91 if other == label else 0.03 for other in LABELS]


def test_planted_errors_are_the_suspects() -> None:
    true = [LABELS[i % 4] for i in range(200)]
    planted = {3: "supportive", 42: "none", 111: "boycotting", 160: "skeptical"}
    rows = [{"label": planted.get(i, label)} for i, label in enumerate(true)]
    assert set(suspects(rows, np.array([sharp(label) for label in true]))) == set(planted)


def test_the_likeliest_leads() -> None:
    true = [LABELS[i % 4] for i in range(200)]
    probabilities = np.array([sharp(label) for label in true])
    probabilities[5] = [0.01, 0.98, 0.005, 0.005]
    rows = [{"label": {5: "none", 8: "none"}.get(i, label)} for i, label in enumerate(true)]
    assert suspects(rows, probabilities) == [5, 8]


class Memory:
    """A model that tells which documents trained it."""

    def fit(self, train: Sequence[Row], validation: Sequence[Row], *_: Any) -> Fit:
        self.docs = {row["doc"] for row in train}
        return Fit()

    def predict_proba(self, rows: Sequence[Row]) -> Probabilities:
        assert not self.docs & {row["doc"] for row in rows}
        return np.tile(sharp("none"), (len(rows), 1))

    def save(self, folder: Path) -> None:
        raise NotImplementedError


def test_no_document_is_judged_by_a_model_that_read_it() -> None:
    rows = [{"doc": f"d{i % 7}", "label": "none"} for i in range(40)]
    assert out_of_fold(rows, Memory(), 1).tolist() == [sharp("none")] * 40
    with pytest.raises(InputError, match=f"at least {FOLDS} annotated documents; there are 1"):
        out_of_fold(rows[:1], Memory(), 1)


@pytest.fixture
def flawed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A corpus of ten plain documents, forty annotated pairs; two annotations say the opposite of their sentence."""
    shutil.copytree(ROOT / "configs", tmp_path / "configs")
    monkeypatch.chdir(tmp_path)
    folder = Path("data/corpus")
    folder.mkdir(parents=True)
    documents, annotations = [], []
    for n in range(10):
        text = "Syria talks in Astana, January 2017\n\n"
        for i, (stance, cue) in enumerate(CUES.items()):
            actor = ACTORS[(n + i) % len(ACTORS)]
            start, sentence = len(text), f"{actor} {cue} the Astana talks on Syria."
            text += sentence + " "
            wrong = {(2, "supportive"): "boycotting", (7, "boycotting"): "supportive"}.get((n, stance), stance)
            if wrong != "none":
                about = {"mention": actor, "actor": actor, "process": "astana", "stance": wrong}
                annotations.append({"doc": f"d{n}", "start": start, "end": start + len(sentence), **about})
        documents.append({"doc": f"d{n}", "text": text})
    for name, rows in (("documents", documents), ("annotations", annotations)):
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return tmp_path


def export(batch: str) -> list[dict[str, str]]:
    assert label.main(["review", "export", "--label-errors", "-o", batch, "-q"]) == 0
    with Path(batch, "review.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def judge(batch: str, rows: list[dict[str, str]], name: str, answers: list[str]) -> int:
    with Path(f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows({**row, "answer": a, "annotator": name} for row, a in zip(rows, answers, strict=True))
    return label.main(["review", "import", f"{name}.csv", "--batch", batch, "-q"])


def test_the_command_puts_planted_errors_first_and_suggests_what_gold_says(flawed: Path) -> None:
    first, second = export("batch")[:2]
    assert {first["doc"], second["doc"]} == {"d2", "d7"}
    assert {first["suggested stance"], second["suggested stance"]} == {"boycotting", "supportive"}
    for row in (first, second):
        assert row["why"].startswith(f"gold says {row['suggested stance']}, model ")
        assert f"model {row['suggested stance']}" not in row["why"]


def test_what_two_have_looked_at_is_not_asked_again(flawed: Path) -> None:
    """A corpus's label is one look, a reviewer's answer another; an own document's pair needs two reviewers."""
    Path("own.txt").write_text("Norway welcomed the Astana talks on Syria.\n", encoding="utf-8")
    assert label.main(["review", "export", "own.txt", "--model", "rules", "-o", "own", "-q"]) == 0
    with Path("own/review.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert judge("own", rows, "anna", ["boycotting"]) == 0
    suspected = [row for row in export("batch") if row["doc"] in ("own", "d2")]
    assert {row["doc"]: row["suggested stance"] for row in suspected} == {"own": "boycotting", "d2": "boycotting"}
    assert judge("batch", suspected, "ben", ["boycotting", "boycotting"]) == 0
    assert not {row["doc"] for row in export("again")} & {"own", "d2"}
