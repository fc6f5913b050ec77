"""Rules, models and people side by side, as `python -m stance.label --agreement` prints them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from stance import label
from stance.config import Split
from stance.dataset import split_of
from tests.conftest import SMALL

SPLIT = Split(test=0.3, validation=0.2)
SETTINGS = [s for s in SMALL if s.startswith("--set=pipeline")]
SENTENCE = "Turkey hosted the Astana talks on Syria."


def tables(capsys: pytest.CaptureFixture[str], *more: str) -> tuple[list[dict[str, list[str]]], str]:
    """The printed tables, each as its rows' cells by coder, and standard error."""
    assert label.main(["--agreement", *SETTINGS, *more]) == 0
    printed = capsys.readouterr()
    out: list[dict[str, list[str]]] = []
    for line in printed.out.replace(" *", "*").splitlines():
        if line.startswith(" coder "):
            out.append({"coder": line.split()[1:]})
        elif out and line.startswith(" ") and line.strip(" ─"):
            name, *cells = line.split()
            out[-1][name] = cells
    return out, printed.err


def lines(path: str) -> list[str]:
    return Path(path).read_text(encoding="utf-8").splitlines()


def test_machines_and_people_stand_side_by_side(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The first annotator is the gold; the second left every boycott out."""
    gold = lines("data/corpus/annotations.jsonl")
    Path("data/corpus/annotator-1.jsonl").write_text("\n".join(gold), encoding="utf-8")
    calm = [line for line in gold if json.loads(line)["stance"] != "boycotting"]
    assert len(calm) < len(gold)
    Path("data/corpus/annotator-2.jsonl").write_text("\n".join(calm), encoding="utf-8")
    (alphas, scores), _ = tables(capsys)
    machines = ["rules", "tfidf", "transformer"]
    assert [name.removesuffix("*") for name in alphas["coder"]] == [*machines, "annotator-1", "annotator-2", "gold"]  # fmt: skip
    assert alphas["annotator-1"][-1] == "1.000"
    assert alphas["annotator-2"][-1] == alphas["annotator-1"][-2] != "1.000"
    assert scores["annotator-1"][1:] == ["1.000"] * 4
    assert scores["annotator-2"][1:] == ["1.000", "1.000", "0.000", "0.667"]
    assert [name.removesuffix("*") for name in list(scores)[1:4]] == machines
    held = {json.loads(line)["doc"] for line in gold if split_of(json.loads(line)["doc"], SPLIT) == "test"}
    assert int(scores["rules"][0]) >= sum(json.loads(line)["doc"] in held for line in gold)


def test_without_a_trained_model_the_rules_stand_alone(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "models").rename(project / "elsewhere")
    (alphas, scores), said = tables(capsys)
    assert alphas["coder"] == ["rules", "gold"]
    assert list(scores) == ["coder", "rules"]
    assert "left out: models/tfidf: no such model: train one with `python -m stance.train`" in said


def judgment(doc: str, annotator: str, answer: str) -> dict[str, object]:
    own = {
        "mention": "Turkey",
        "actor": "Turkey",
        "process": "astana",
        "explicit_actor": True,
        "explicit_process": True,
    }
    return {"doc": doc, "start": 0, "end": len(SENTENCE), **own, "answer": answer, "annotator": annotator}


def test_own_judgments_appear_on_the_pairs_that_were_judged(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Anna and Ben differ on one of four documents; machines answer only for those that no model trains on."""
    names = [f"own-{n}" for n in range(100)]
    docs = [*(n for n in names if split_of(n, SPLIT) == "test")][:3] + [*(n for n in names if split_of(n, SPLIT) == "train")][:1]  # fmt: skip
    folder = Path("data/review")
    folder.mkdir(exist_ok=True)
    documents = [json.dumps({"doc": doc, "text": SENTENCE}) for doc in docs]
    (folder / "documents.jsonl").write_text("\n".join(documents), encoding="utf-8")
    rows = [judgment(doc, "anna", "supportive") for doc in docs]
    rows += [judgment(doc, "ben", "none" if doc == docs[0] else "supportive") for doc in docs]
    (folder / "judgments.jsonl").write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    (_, _, alphas, scores), _ = tables(capsys, "--set=pipeline.models=[tfidf]")
    assert alphas["coder"] == ["rules", "tfidf*", "anna", "ben", "majority"]
    # Values: 7 supportive and 1 none of n = 8; 2 of them differ. Expected (64 - 50) / 7 = 2, so alpha is 0.
    assert "0.000" in alphas["anna"]
    # One pair is a tie, and of the three that are decided one is in a training document.
    assert scores["rules"] == ["2", "1.000", "0.000", "0.000", "0.333"]
    assert scores["anna"] == ["3", "1.000", "0.000", "0.000", "0.333"]


def test_no_judgments_no_table(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found, _ = tables(capsys, "--set=pipeline.models=[tfidf]")
    assert len(found) == 2
