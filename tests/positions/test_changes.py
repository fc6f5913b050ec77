"""Shifts of position are found where they were built in, with the statements around them, and hardly elsewhere."""

from __future__ import annotations

import datetime
import random
from itertools import pairwise, product

import numpy as np
import pytest

from stance.positions import changes as module
from stance.positions.changes import EXPECTED, OPEN, changes, posterior, shifts
from stance.positions.estimate import GRID, Array
from stance.records import STANCES, Stance
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


def leading(weights: Array) -> Array:
    """How probable each stance is to lead, and that none does, from weights of the points."""
    out = np.zeros(len(STANCES) + 1)
    for point, weight in zip(GRID, weights / weights.sum(), strict=True):
        best = [s for s in range(len(STANCES)) if np.isclose(point[s], point.max())]
        out[best[0] if len(best) == 1 else OPEN] += weight
    return out


@pytest.mark.parametrize("days", [1, 2, 3, 5])
def test_the_recursions_sum_over_every_way_to_cut_a_history(days: int) -> None:
    """The model as it is defined: each gap is a cut or none, each stretch has one point of the grid, all as likely."""
    log_likelihood = np.random.default_rng(days).normal(scale=2, size=(days, len(GRID)))
    often = min(0.5, EXPECTED / max(1, days - 1))
    total, stance, gaps = (
        0.0,
        np.zeros((days, len(STANCES) + 1)),
        np.zeros((days - 1, len(STANCES) + 1, len(STANCES) + 1)),
    )
    for cuts in product((False, True), repeat=days - 1):
        edges = [0, *(n + 1 for n, cut in enumerate(cuts) if cut), days]
        stretches = [np.exp(log_likelihood[a:b].sum(0)) for a, b in pairwise(edges)]
        weight = float(np.prod([s.mean() for s in stretches]) * np.prod([often if c else 1 - often for c in cuts]))
        total += weight
        for (a, b), stretch in zip(pairwise(edges), stretches, strict=True):
            stance[a:b] += weight * leading(stretch)
        for gap, (left, right) in zip(edges[1:-1], pairwise(stretches), strict=True):
            gaps[gap - 1] += weight * np.outer(leading(left), leading(right))
    found = posterior(log_likelihood + np.arange(days)[:, None] * 100)  # a day's constant says nothing
    assert found[0] == pytest.approx(stance / total)
    assert found[1] == pytest.approx(gaps / total)


def test_a_stretch_where_no_stance_leads_has_no_shift_and_hides_none() -> None:
    sure = {s: np.where(GRID.argmax(1) == s, 0.0, -9.0) + np.log(GRID[:, s] + 1e-3) for s in range(len(STANCES))}
    even = -90.0 * ((GRID - 1 / 3) ** 2).sum(1)
    history = np.array([*[sure[0]] * 8, *[even] * 8, *[sure[2]] * 8, *[sure[1]] * 8])
    ((day, before, after, probability),) = shifts(history)
    assert (day, before, after) == (24, 2, 1)
    assert 0.9 < probability <= 1
