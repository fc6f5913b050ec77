"""Shifts of position are found where they were built in, with the statements around them, and hardly elsewhere."""

from __future__ import annotations

import datetime
import random

import pytest

from stance.positions import changes as module
from stance.positions.changes import changes
from stance.records import Stance
from stance.statements import Statement
from tests.conftest import ROOT, benchmark
from tests.positions.conftest import statement


def days(stance: Stance, first: str, count: int, actor: str = "Turkey") -> list[Statement]:
    start = datetime.date.fromisoformat(first)
    return [statement(stance, (start + datetime.timedelta(days=3 * n)).isoformat(), actor=actor) for n in range(count)]


def test_a_shift_names_its_day_and_the_statements_around_it() -> None:
    before, after = days("supportive", "2018-01-01", 12), days("boycotting", "2018-06-01", 12)
    slip = statement("boycotting", "2018-01-17", confidence=0.4)
    steady = days("skeptical", "2018-01-01", 24, actor="Iran")
    undated = [statement("boycotting", None) for _ in range(20)]
    found = [*before, slip, *after, *steady, *undated]
    random.Random(1).shuffle(found)
    (change,) = changes(found)
    assert (change.actor, change.process, change.day) == ("Turkey", "sochi", datetime.date(2018, 6, 1))
    assert (change.earlier, change.later) == ("supportive", "boycotting")
    assert (change.before, change.after) == (before[-1], after[0])
    assert 0.9 < change.probability <= 1
    assert changes(reversed(found)) == [change]


def test_there_and_back_are_two_shifts() -> None:
    parts = (
        days("supportive", "2017-01-01", 15),
        days("boycotting", "2017-06-01", 15),
        days("supportive", "2018-01-01", 15),
    )
    found = changes([s for part in parts for s in part])
    assert [(c.day.isoformat(), c.earlier, c.later) for c in found] == [
        ("2017-06-01", "supportive", "boycotting"),
        ("2018-01-01", "boycotting", "supportive"),
    ]


def test_little_or_doubtful_evidence_makes_no_shift() -> None:
    assert changes([]) == []
    assert changes([statement("supportive"), statement("boycotting")]) == []
    assert changes([statement("supportive", "2018-01-01"), statement("boycotting", "2018-02-01")]) == []
    doubtful = [
        statement(s.stance, str(s.date), confidence=0.3)
        for s in [*days("supportive", "2018-01-01", 8), *days("skeptical", "2018-06-01", 8)]
    ]
    assert changes(doubtful) == []
    wire = [statement("boycotting", f"2018-06-{n:02}", text="Turkey will stay away.") for n in range(1, 20)]
    assert changes([*days("supportive", "2018-01-01", 12), *wire]) == []


def test_the_benchmarks_main_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 100 statements that are wrong as the model is, most shifts are found near their day; hardly one is made up."""
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    bench = benchmark("changes")
    ((found, false, off),) = bench.measure(100, 0.85, 40, [module.LEAST])
    assert found >= 0.8
    assert false <= 0.05
    assert off <= 20
    alarms = [bench.measure(size, much, 40, [module.LEAST])[0][1] for size in (20, 50) for much in (0.55, 0.7)]
    assert sum(alarms) / len(alarms) <= 0.05
