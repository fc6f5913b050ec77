"""What votes are worth is counted on gold, and a combination says no more than the counts do."""

from __future__ import annotations

import json
import math
import shutil
from pathlib import Path
from typing import Any

import pytest

from stance import label
from stance.labeling.analysis import analyze
from stance.labeling.rules import RULES
from stance.labeling.votes import (
    PRIOR_VOTES,
    SILENT,
    VOTERS,
    Combined,
    Counts,
    Votes,
    combine,
    count,
    read_counts,
    shares,
    write_counts,
)
from stance.records import LABELS, Label
from tests.conftest import ROOT

# A supportive, a skeptical and a boycotting rule, by name.
PRO, CON, OUT = (next(r.name for r in RULES if r.label == label) for label in ("supportive", "skeptical", "boycotting"))
REFUSED = "[ACTOR] refused to attend [PROCESS]."


def counts_of(**gold: list[int]) -> Counts:
    """Counts over LABELS by rule; of the rules that are not given, none voted."""
    return {voter: dict(zip(LABELS, gold.get(voter, [0, 0, 0, 0]), strict=True)) for voter in VOTERS}


def test_votes_are_counted_by_gold_label() -> None:
    votes = [Votes({PRO: "supportive"}), Votes({PRO: "supportive", OUT: "boycotting"}), Votes({}), Votes({})]
    gold: list[Label] = ["supportive", "boycotting", "none", "skeptical"]
    counted = count(votes, gold)
    assert counted == counts_of(**{PRO: [1, 0, 1, 0], OUT: [0, 0, 1, 0], SILENT: [0, 1, 0, 1]})


def test_a_rule_with_few_votes_is_taken_for_its_label() -> None:
    known = shares(counts_of(**{PRO: [16, 0, 0, 0], SILENT: [0, 0, 0, 36]}))
    assert known["supportive"] == pytest.approx([17 / 20, 1 / 20, 1 / 20, 1 / 20])
    own = (16 + PRIOR_VOTES * 17 / 20) / (16 + PRIOR_VOTES)
    assert known[PRO] == pytest.approx([own, (1 - own) / 3, (1 - own) / 3, (1 - own) / 3])
    assert known[SILENT][LABELS.index("none")] == pytest.approx((36 + PRIOR_VOTES * 37 / 40) / (36 + PRIOR_VOTES))
    assert known[CON] == pytest.approx([0.25] * 4)
    assert all(row.sum() == pytest.approx(1) for row in known.values())


def test_two_votes_are_averaged() -> None:
    counts = counts_of(**{PRO: [960, 0, 0, 0], OUT: [0, 400, 560, 0], SILENT: [0, 0, 0, 96]})
    known = shares(counts)
    both, one, none = combine(
        [Votes({PRO: "supportive", OUT: "boycotting"}), Votes({OUT: "boycotting"}), Votes({})], counts
    )
    assert both.label == "supportive"
    assert both.probabilities == pytest.approx((known[PRO] + known[OUT]) / 2)
    assert (one.label, none.label) == ("boycotting", "none")
    assert sum(one.probabilities) == pytest.approx(1)


def test_a_rule_that_is_mostly_wrong_is_outvoted_by_its_own_record() -> None:
    (combined,) = combine([Votes({PRO: "supportive"})], counts_of(**{PRO: [10, 0, 0, 90]}))
    assert combined.label == "none"
    assert Combined((0.1, 0.2, 0.3, 0.4)).confidence == 0.4


def test_the_kept_counts_are_of_the_present_rules() -> None:
    counts = read_counts(ROOT / "configs" / "reliability.jsonl")
    assert list(counts) == [*(rule.name for rule in RULES), SILENT]
    votes = sum(sum(counts[rule.name].values()) for rule in RULES)
    right = sum(counts[rule.name][rule.label] for rule in RULES)
    assert right > votes / 2


def test_counts_come_back_equal(tmp_path: Path) -> None:
    counts = counts_of(**{PRO: [3, 0, 0, 1]})
    write_counts(counts, tmp_path / "counts.jsonl")
    assert read_counts(tmp_path / "counts.jsonl") == counts


def changed(rows: list[dict[str, Any]], case: str) -> list[dict[str, Any]]:
    if case == "new rule":
        return rows[1:]
    if case == "old rule":
        return [*rows, {**rows[0], "rule": "applauds"}]
    if case == "other label":
        return [{**rows[0], "label": "none"}, *rows[1:]]
    return [{**rows[0], "gold": {"supportive": 1}}, *rows[1:]]


@pytest.mark.parametrize(
    ("case", "problem"),
    [
        ("new rule", f": the rules have changed since they were counted ({RULES[0].name})"),
        ("old rule", ": the rules have changed since they were counted (applauds)"),
        ("other label", f": the rules have changed since they were counted ({RULES[0].name})"),
        ("no counts", ":1:gold: a number for each of supportive, skeptical, boycotting, none was expected"),
    ],
)
def test_counts_of_other_rules_are_refused_with_the_command_to_run(
    case: str, problem: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(ROOT / "configs", tmp_path / "configs")
    monkeypatch.chdir(tmp_path)
    path = Path("configs/reliability.jsonl")
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    path.write_text("".join(json.dumps(row) + "\n" for row in changed(rows, case)), encoding="utf-8")
    Path("talks.txt").write_text("Iran refused to attend the Geneva talks on Syria.", encoding="utf-8")
    assert label.main(["talks.txt", "-q"]) == 2
    expected = f"{path}{problem}: count again with `python -m stance.label --calibrate`"
    assert capsys.readouterr().err == f"stance.label: error: {expected}\n"


def test_calibrate_counts_the_gold_of_training_documents(project: Path) -> None:
    assert label.main(["--calibrate", "-q"]) == 0
    report = json.loads(Path("data/dataset/report.json").read_text(encoding="utf-8"))
    silent = sum(read_counts()[SILENT].values())
    assert 0 < silent < report["examples"]["train"]
    before = Path("configs/reliability.jsonl").read_bytes()
    assert before != (ROOT / "configs/reliability.jsonl").read_bytes()
    assert label.main(["--calibrate", "-q"]) == 0
    assert Path("configs/reliability.jsonl").read_bytes() == before


def test_a_candidate_without_a_vote_is_no_silver(project: Path) -> None:
    rows = [json.loads(line) for line in Path("data/silver/annotations.jsonl").read_text(encoding="utf-8").splitlines()]
    assert rows
    assert all(row["rules"] for row in rows)


def test_combinations_are_judged_on_documents_that_did_not_count() -> None:
    """Ten documents, one boycotting candidate each: nine count, so that the rules' share is (9 + 1) / (9 + 4)."""
    rows = [{"doc": str(n), "marked": REFUSED, "label": "boycotting"} for n in range(10)]
    report = analyze(rows)
    p, own = 10 / 13, (9 + PRIOR_VOTES * 10 / 13) / (9 + PRIOR_VOTES)
    for name, sure in {"precedence": p, "majority": p, "dawid_skene": p, "average": own, "naive_bayes": own}.items():
        log_loss, brier, ece = -math.log(sure), (1 - sure) ** 2 + 3 * ((1 - sure) / 3) ** 2, 1 - sure
        expected = [1 / 3, 0, 0, 1, log_loss, brier, ece, log_loss, ece]
        assert report.methods[name] == pytest.approx(expected), name
    (band,) = report.bands
    assert (band.low, band.high, band.candidates, band.right) == (0.8, 1.0, 10, 1.0)
    assert band.confidence == pytest.approx(own)
    (refuses,) = (r for r in report.rules if r.votes)
    assert (refuses.name, refuses.coverage, refuses.overlap, refuses.accuracy) == ("refuses", 1.0, 0.0, 1.0)


def test_in_a_tie_majority_goes_with_precedence() -> None:
    marked = "[ACTOR] hosted [PROCESS] and later walked out."
    rows = [{"doc": str(n), "marked": marked, "label": "boycotting" if n % 2 else "none"} for n in range(20)]
    report = analyze(rows)
    assert report.methods["majority"] == report.methods["precedence"]
    assert {r.label: r.conflict for r in report.rules if r.votes} == {"supportive": 1.0, "boycotting": 1.0}


def test_texts_without_any_vote_can_be_analyzed() -> None:
    rows = [{"doc": str(n), "marked": "Aid reached [ACTOR].", "label": "none"} for n in range(4)]
    report = analyze(rows)
    assert report.bands == []
    assert {name: figures[0] for name, figures in report.methods.items()} == dict.fromkeys(report.methods, 0.0)


@pytest.mark.parametrize("flags", [[], ["--all"]])
def test_the_command_prints_a_confidence_that_the_counts_give(
    flags: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(ROOT / "configs", tmp_path / "configs")
    monkeypatch.chdir(tmp_path)
    Path("talks.txt").write_text("Iran refused to attend the Geneva talks on Syria.", encoding="utf-8")
    assert label.main(["talks.txt", "-q", *flags]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    known = shares(read_counts())
    assert [r["confidence"] for r in rows if r["rules"] == ["refuses"]] == [round(float(max(known["refuses"])), 4)]
