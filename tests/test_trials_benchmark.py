"""The benchmarks that train: their statistics with values worked by hand, what they leave out, and what they keep."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from stance import models
from stance.config import load_model_config
from stance.models.base import Fit
from stance.records import LABELS
from tests.conftest import ROOT, benchmark

sys.path.insert(0, str(ROOT / "benchmarks"))  # they import each other
paired, trials, seeds = benchmark("paired"), benchmark("trials"), benchmark("seeds")
left_out, training = benchmark("left_out"), benchmark("training")
SUPPORTIVE, SKEPTICAL, BOYCOTTING, NONE = (LABELS.index(x) for x in ("supportive", "skeptical", "boycotting", "none"))
GOLD = np.array([SUPPORTIVE, SKEPTICAL, BOYCOTTING] * 8)
DOCS = [f"d{i // 3}" for i in range(24)]  # eight documents with one pair of each stance


def test_holm_on_its_authors_rule() -> None:
    # Sorted 0.01 0.02 0.03 0.04 times 4 3 2 1, each at least as large as the one before, none above 1.
    assert paired.holm([0.04, 0.01, 0.03, 0.02]) == pytest.approx([0.06, 0.04, 0.06, 0.06])
    assert paired.holm([0.5, 0.9]) == [1.0, 1.0]


def test_the_score_is_the_mean_over_seeds() -> None:
    never = np.full(24, NONE)
    half = np.where(np.arange(24) < 12, GOLD, NONE)  # precision 1, recall 0.5
    assert paired.scores(paired.tables(GOLD, [GOLD, never, half], DOCS)) == pytest.approx([1.0, 0.0, 2 / 3])


def test_a_difference_between_right_and_wrong_everywhere() -> None:
    right, wrong = (paired.tables(GOLD, [a], DOCS) for a in (GOLD, np.full(24, NONE)))
    found = paired.difference(right, wrong, seed=1)
    assert (found.mean, found.low, found.high) == (1.0, 1.0, 1.0)
    # Of 2^8 ways to swap eight documents, two are as extreme: p near 2 / 256.
    assert found.p == pytest.approx(2 / 256, abs=0.003)
    back = paired.difference(wrong, right, seed=1)
    assert (back.mean, back.p) == (-1.0, found.p)


def test_alike_systems_do_not_differ_and_seeds_widen_the_interval() -> None:
    never = np.full(24, NONE)
    one, several = paired.tables(GOLD, [GOLD], DOCS), paired.tables(GOLD, [GOLD, never], DOCS)
    same = paired.difference(one, one, seed=1)
    assert (same.mean, same.low, same.high, same.p) == (0.0, 0.0, 0.0, 1.0)
    assert paired.interval(one, seed=1) == (1.0, 1.0)
    assert paired.interval(several, seed=1) == (0.0, 1.0)  # both seeds alike right in a quarter of draws, as both wrong


def test_each_model_is_tested_against_what_is_not_a_model_and_the_models_before_it() -> None:
    found = {name: paired.tables(GOLD, [GOLD], DOCS) for name in ("tfidf", "transformer", "rules", "names only")}
    done = seeds.compared(found, ["tfidf", "transformer"], seed=1)
    assert [(row["system"], row["against"]) for row in done] == [
        ("tfidf", "rules"),
        ("tfidf", "names only"),
        ("transformer", "tfidf"),
        ("transformer", "rules"),
        ("transformer", "names only"),
    ]
    assert {row["p_holm"] for row in done} == {1.0}


def test_figures_of_two_seeds() -> None:
    half = np.where(np.arange(24) < 12, GOLD, NONE)
    f = seeds.figures(paired.tables(GOLD, [GOLD, half], DOCS), seed=1)
    assert f["mean"] == pytest.approx(5 / 6)
    assert f["sd"] == pytest.approx((1 - 2 / 3) / 2**0.5)
    assert f["by_seed"] == pytest.approx([1.0, 2 / 3])
    assert f["classes"] == pytest.approx(dict.fromkeys(("supportive", "skeptical", "boycotting"), 5 / 6))
    rows = seeds.frame({"transformer": f, "rules": {**f, "by_seed": [0.5], "sd": None}}, [13, 14])
    assert rows[["system", "test_f1"]].values.tolist() == [
        ["transformer", 1.0],
        ["transformer", 0.6667],
        ["rules", 0.5],
    ]
    assert rows["seed"].tolist()[:2] == [13, 14]
    assert rows["seed"].isna().tolist() == [False, False, True]


def test_predictions_are_kept_by_settings_seed_and_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trained: list[int] = []

    def fit(train: Any, validation: Any, seed: int, work: Path, progress: Any) -> Fit:
        trained.append(seed)
        return Fit()

    answer = np.eye(len(LABELS))[[SKEPTICAL]]
    monkeypatch.setattr(models, "build", lambda config: SimpleNamespace(fit=fit, predict_proba=lambda rows: answer))
    monkeypatch.setattr(trials, "FOLDER", tmp_path / "kept")
    row = {"marked": "[ACTOR] [PROCESS]", "context": "", "label": "none", "weight": 1.0}
    config = load_model_config("tfidf", [], ROOT / "configs")
    for _ in range(2):
        assert trials.predictions(config, [row], [row], [row], 13).tolist() == answer.tolist()
    assert trained == [13]
    trials.predictions(config, [row], [row], [row], 14)
    trials.predictions(config, [{**row, "label": "skeptical"}], [row], [row], 13)
    trials.predictions(load_model_config("tfidf", ["tfidf.min_df=1"], ROOT / "configs"), [row], [row], [row], 13)
    assert trained == [13, 14, 13, 13]
    assert len(list((tmp_path / "kept").iterdir())) == 4


def test_what_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(left_out, "LEAST", 2)
    rows = [
        {"doc": "a", "process": "geneva"},
        {"doc": "a", "process": "geneva"},
        {"doc": "b", "process": "geneva"},
        {"doc": "c", "process": "sochi"},
        {"doc": "c", "process": "sochi"},
        {"doc": "d", "process": "astana"},
    ]
    found = left_out.cases(rows, {"a": "agency", "b": "brief", "c": "oped", "d": "state"})
    assert [(c.column, c.value, [i for i, r in enumerate(rows) if c.holds(r)]) for c in found] == [
        ("process", "geneva", [0, 1, 2]),
        ("process", "sochi", [3, 4]),
        ("outlets", "wire services", [0, 1, 2]),
        ("outlets", "comment and analysis", [3, 4]),
    ]


def test_every_kind_of_the_corpus_is_in_one_group() -> None:
    import json

    lines = (ROOT / "data/corpus/documents.jsonl").read_text(encoding="utf-8").splitlines()
    grouped = sorted(kind for members in left_out.GROUPS.values() for kind in members)
    assert grouped == sorted({json.loads(line)["kind"] for line in lines})


def test_a_case_is_scored_without_and_with_it() -> None:
    rows = [{"doc": d, "label": LABELS[g]} for d, g in zip(DOCS, GOLD, strict=True)]
    right = np.eye(len(LABELS))[GOLD]
    never = np.eye(len(LABELS))[[NONE] * 24]
    found = left_out.judged(left_out.Case("process", "sochi", str), rows, never, right, seed=1)
    assert (found["macro_f1"], found["macro_f1_with"], found["difference"]["mean"]) == (0.0, 1.0, -1.0)
    assert (found["test pairs"], found["documents"], found["which"]) == (24, 8, "sochi")


def test_examples_for_timing_are_half_without_stance_and_no_silver() -> None:
    rows = [{"label": "none", "weight": 1.0}] * 50 + [{"label": "skeptical", "weight": 1.0}] * 30
    rows += [{"label": "skeptical", "weight": 0.3}] * 30
    chosen = training.drawn(rows, 40, seed=1)
    assert sorted(r["label"] for r in chosen) == ["none"] * 20 + ["skeptical"] * 20
    assert {r["weight"] for r in chosen} == {1.0}


def test_speeds_are_compared_round_by_round() -> None:
    def rounds(*speeds: float) -> list[dict[str, float]]:
        return [{"examples_per_second": s, "seconds": 1.0, "macro_f1": 0.5} for s in speeds]

    found = {training.PLAIN: rounds(10, 20), training.OURS: rounds(30, 50)}
    assert training.summary(found)[1] == [training.OURS, "40.0", "2.75", "3.00 2.50", "0.500", "0.500 0.500"]
