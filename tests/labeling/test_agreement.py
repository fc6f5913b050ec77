"""Majority keeps every disagreement, and agreement is what the literature computes."""

from __future__ import annotations

import random
from itertools import zip_longest

import pytest

from stance.labeling.agreement import agreement, alpha, decide, latest
from stance.labeling.review import Judgment
from stance.records import LABELS, Label

# Krippendorff (2011), section C: four observers, twelve units, "." for a missing value.
OBSERVERS = ("123321412...", "1233224125.3", ".3332342251.", "12332441251.")


def judged(annotator: str, answer: Label, actor: str = "Russia", mention: str = "Moscow") -> Judgment:
    return Judgment("d", 0, 30, mention, actor, "sochi", True, True, answer, annotator)


def test_alpha_of_the_published_example() -> None:
    units = [[v for v in unit if v != "."] for unit in zip(*OBSERVERS, strict=True)]
    assert alpha(units) == pytest.approx(0.743, abs=5e-4)


@pytest.mark.parametrize(
    ("units", "value"),
    [([], None), ([["a"], ["b"]], None), ([["a", "a"], ["a", "a"]], None), ([["a", "a"], ["b", "b"]], 1.0)],
)
def test_alpha_where_it_is_certain_or_undefined(units: list[list[str]], value: float | None) -> None:
    assert alpha(units) == value


def test_alpha_agrees_with_the_reference_package() -> None:
    reference = pytest.importorskip("krippendorff")
    chance = random.Random(7)
    for _ in range(50):
        rows = [[chance.choice(["a", "b", "c", ""]) for _ in range(12)] for _ in range(3)]
        codes = [[float("abc".index(v)) if v else float("nan") for v in row] for row in rows]
        ours = alpha([v for v in unit if v] for unit in zip_longest(*rows))
        if ours is not None:
            assert ours == pytest.approx(reference.alpha(reliability_data=codes, level_of_measurement="nominal"))


def test_f1_on_pairs_and_triples() -> None:
    answers: list[tuple[Label, Label]] = [
        ("supportive", "supportive"),
        ("skeptical", "boycotting"),
        ("none", "supportive"),
        ("none", "none"),
    ]
    found = agreement([judged(name, pair[n], actor=f"actor {i}") for i, pair in enumerate(answers) for n, name in enumerate("ab")])  # fmt: skip
    assert (found.annotators, found.shared) == (2, 4)
    assert found.pairs.f1 == pytest.approx(4 / 5)
    assert found.triples.f1 == pytest.approx(2 / 5)
    assert "pairs F1 0.800, triples F1 0.400, Krippendorff's alpha 0.364" in str(found)


def test_agreement_of_one_annotator_says_so() -> None:
    assert str(agreement([judged("a", "none")])) == "agreement: no pair was judged by two annotators (1 in all)"


def test_majority_decides_and_a_tie_does_not() -> None:
    (decision,) = decide(
        [judged("a", "none"), judged("b", "skeptical"), judged("c", "skeptical", mention="the Kremlin")]
    )
    assert decision.disputed
    assert decision.answer == "skeptical"
    assert decision.record is not None
    assert decision.record.mention == "Moscow"
    (tie,) = decide([judged("a", "none"), judged("b", "skeptical")])
    assert tie.disputed
    assert tie.answer is None
    assert tie.record is None
    (three,) = decide([judged(name, label) for name, label in zip("abcd", LABELS, strict=True)])
    assert three.answer is None


def test_a_changed_mind_counts_once() -> None:
    assert latest([judged("a", "none"), judged("b", "none"), judged("a", "skeptical")]) == [
        judged("a", "skeptical"),
        judged("b", "none"),
    ]
