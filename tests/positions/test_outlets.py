"""Outlets that differ are told from chance, the more surely the more they say, and from one that says it once."""

from __future__ import annotations

import random

import numpy as np
import pytest

from stance.positions.outlets import disagreements, probabilities
from stance.records import STANCES
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


def test_one_statement_each_or_one_outlet_proves_nothing() -> None:
    each = [statement(s, outlet=f"{s} post") for s in STANCES]
    assert disagreements(each) == []
    assert disagreements([statement(s, outlet="Wire") for s in STANCES for _ in range(9)]) == []
    assert disagreements([]) == []


def test_the_more_is_looked_at_without_a_difference_the_more_it_takes() -> None:
    few = probabilities(np.array([2.0, -2.0]))
    many = probabilities(np.array([2.0, *[-2.0] * 200]))
    assert many[0] < few[0] < 0.7


def test_the_benchmarks_main_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    bench = benchmark("outlets")
    found, false = bench.measure(10, 150, 0.1)
    assert found >= 0.5
    assert false <= 0.02
    assert bench.measure(1, 150, 0.1) == (0.0, 0.0)
    assert bench.measure(3, 150, 0.0)[1] <= 0.02
