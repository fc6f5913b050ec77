"""Outlets that differ are told from chance, the more surely the more they say, and from one that says it once."""

from __future__ import annotations

import random

import numpy as np
import pytest

from stance.positions.estimate import GRID, fit
from stance.positions.outlets import EXPECTED, LEANING, WORTH, disagreements, log_odds, probabilities
from stance.records import STANCES, Stance
from tests.conftest import ROOT, benchmark
from tests.positions.conftest import statement


def test_outlets_that_differ_are_set_side_by_side_with_their_evidence() -> None:
    wire = [statement("supportive", outlet="Wire", confidence=0.7 + n / 50) for n in range(10)]
    post = [statement("boycotting", outlet="Post", confidence=0.7 + n / 50) for n in range(10)]
    same = [statement("skeptical", outlet=o, actor="Iran") for o in ("Wire", "Post") for _ in range(10)]
    nameless = [statement("skeptical") for _ in range(10)]
    found = [*wire, *post, *same, *nameless]
    random.Random(1).shuffle(found)
    (one,) = disagreements(found)
    assert (one.actor, one.process, one.period) == ("Turkey", "sochi", "2018-01")
    assert list(one.views) == ["Post", "Wire"]
    assert (one.views["Post"].evidence, one.views["Wire"].evidence) == (post[-1], wire[-1])
    assert one.views["Wire"].counts == {"supportive": 10, "skeptical": 0, "boycotting": 0}
    assert one.probability > 0.9


def test_the_likeliest_disagreement_comes_first() -> None:
    sides: list[tuple[str, Stance]] = [("Wire", "supportive"), ("Post", "boycotting")]
    found = [
        statement(stance, outlet=outlet, actor=actor, confidence=0.9)
        for actor, size in (("Iran", 8), ("Qatar", 16), ("Egypt", 12))
        for outlet, stance in sides
        for _ in range(size)
    ]
    assert [d.actor for d in disagreements(found)] == ["Qatar", "Egypt", "Iran"]


def test_one_statement_each_or_one_outlet_proves_nothing() -> None:
    each = [statement(s, outlet=f"{s} post") for s in STANCES]
    assert disagreements(each) == []
    assert disagreements([statement(s, outlet="Wire") for s in STANCES for _ in range(9)]) == []
    assert disagreements([]) == []


def test_the_more_is_looked_at_without_a_difference_the_more_it_takes() -> None:
    few = probabilities(np.array([2.0, -2.0]))
    many = probabilities(np.array([2.0, *[-2.0] * 200]))
    assert many[0] < few[0] < 0.7


@pytest.mark.parametrize("sizes", [(1, 1), (3, 2), (4, 1, 2)])
def test_the_odds_are_those_of_the_two_models_as_defined(sizes: tuple[int, ...]) -> None:
    """Equal shares, or each outlet leaning by itself and not all alike; every average share as likely before."""
    dice = np.random.default_rng(len(sizes))
    kind, weight = dice.integers(0, 9, sum(sizes)), dice.uniform(0.5, 1, sum(sizes))
    outlet = np.repeat(np.arange(len(sizes)), sizes)
    same = differ = possible = 0.0
    for point in GRID:
        each = np.exp(
            [fit(kind, weight, (1 - LEANING) * point[None] + LEANING * np.eye(3)[[s]])[:, 0] for s in range(3)]
        )
        by_outlet = np.array([each[:, outlet == n].prod(1) for n in range(len(sizes))])  # (outlets, leaning)
        differ += (by_outlet @ point).prod() - point ** len(sizes) @ by_outlet.prod(0)
        possible += 1 - (point ** len(sizes)).sum()
        same += np.exp(fit(kind, weight, point[None])).prod() / len(GRID)
    starts = np.flatnonzero(np.diff(outlet, prepend=-1))
    assert log_odds(kind, weight, starts) == pytest.approx(np.log(differ / possible / same))


def test_probabilities_follow_from_how_often_outlets_differ() -> None:
    def often(found: np.ndarray) -> float:
        return min(EXPECTED, (EXPECTED * WORTH + float(found.sum())) / (WORTH + len(found)))

    for odds in ([np.log(9)], [0.0, -3.0, 5.0, *[-4.0] * 30], [1000.0, -1000.0]):
        found = probabilities(np.array(odds))
        prior = often(found) / (1 - often(found))
        with np.errstate(over="ignore", divide="ignore"):
            assert found == pytest.approx(1 / (1 + 1 / (np.exp(odds) * prior)), abs=1e-9)
    assert probabilities(np.array([np.log(9)])) == pytest.approx([0.5])  # no more often than expected


def test_the_benchmarks_main_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    bench = benchmark("outlets")
    found, false = bench.measure(10, 150, 0.1)
    assert found >= 0.5
    assert false <= 0.02
    assert bench.measure(1, 150, 0.1) == (0.0, 0.0)
    assert bench.measure(3, 150, 0.0)[1] <= 0.02
