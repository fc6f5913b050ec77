"""Metrics are counts with ratios as properties; intervals and tests resample documents."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stance.metrics import (
    Counts,
    bootstrap,
    calibration_error,
    confusion,
    macro_f1,
    paired_test,
    per_class,
    reliability,
    selective,
)

GOLD = np.array([0, 0, 1, 1, 2, 3, 3, 3])
SAID = np.array([0, 1, 1, 3, 2, 3, 0, 3])


def test_confusion_and_ratios_by_hand() -> None:
    matrix = confusion(GOLD, SAID)
    assert matrix.tolist() == [[1, 1, 0, 0], [0, 1, 0, 1], [0, 0, 1, 0], [1, 0, 0, 2]]
    classes = per_class(matrix)
    assert classes["supportive"] == Counts(1, 2, 2)
    assert (classes["supportive"].precision, classes["supportive"].recall, classes["supportive"].f1) == (0.5, 0.5, 0.5)
    assert classes["none"].f1 == pytest.approx(2 / 3)
    assert macro_f1(GOLD, SAID) == pytest.approx((0.5 + 0.5 + 1) / 3)
    assert macro_f1(GOLD, SAID, with_none=True) == pytest.approx((0.5 + 0.5 + 1 + 2 / 3) / 4)


def test_nothing_found_is_zero_and_not_an_error() -> None:
    empty = Counts(0, 0, 0)
    assert (empty.precision, empty.recall, empty.f1) == (0, 0, 0)


LABELS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=40)


@given(LABELS, LABELS)
def test_merged_counts_are_the_counts_of_the_merge(a: list[tuple[int, int]], b: list[tuple[int, int]]) -> None:
    def counts(rows: list[tuple[int, int]]) -> dict[str, Counts]:
        gold, said = np.array(rows).T
        return per_class(confusion(gold, said))

    whole = counts([*a, *b])
    assert {k: counts(a)[k] + counts(b)[k] for k in whole} == whole


@given(LABELS)
def test_agrees_with_scikit_learn(rows: list[tuple[int, int]]) -> None:
    from sklearn.metrics import f1_score

    gold, said = np.array(rows).T
    expected = f1_score(gold, said, labels=[0, 1, 2], average="macro", zero_division=0)
    assert macro_f1(gold, said) == pytest.approx(expected)


def test_an_interval_holds_the_score_and_a_perfect_one_has_no_width() -> None:
    docs = [f"d{i % 4}" for i in range(8)]
    low, high = bootstrap(GOLD, SAID, docs, 200, seed=1)
    assert low <= macro_f1(GOLD, SAID) <= high
    rich = np.tile(GOLD, 10)
    assert bootstrap(rich, rich, [f"d{i % 10}" for i in range(80)], 50, seed=1)[1] == 1.0


def test_the_paired_test_tells_a_better_model_from_an_equal_one() -> None:
    rng = np.random.default_rng(0)
    gold = rng.integers(0, 4, 400)
    docs = [f"d{i // 8}" for i in range(400)]
    bad = np.where(rng.random(400) < 0.5, rng.integers(0, 4, 400), gold)
    difference, p = paired_test(gold, gold, bad, docs, 200, seed=1)
    assert difference > 0.2
    assert p < 0.01
    assert paired_test(gold, bad, bad, docs, 200, seed=1) == (0.0, 1.0)


def test_calibration_error_by_hand() -> None:
    probabilities = np.array([[0.9, 0.1, 0, 0], [0.9, 0.1, 0, 0], [0.6, 0.4, 0, 0], [0.6, 0.4, 0, 0]])
    assert calibration_error(probabilities, np.array([0, 0, 0, 1])) == pytest.approx(0.5 * 0.1 + 0.5 * 0.1)


def test_reliability_by_hand() -> None:
    bins = reliability(np.array([0.91, 0.97, 1.0, 0.55, 0.12]), np.array([True, False, True, True, False]))
    assert np.array(bins) == pytest.approx(np.array([(0.12, 0, 1), (0.55, 1, 1), (0.96, 2 / 3, 3)]))
    assert reliability(np.array([]), np.array([], dtype=bool)) == []


def test_selective_precision_counts_stances_only() -> None:
    probabilities = np.array([[0.9, 0.1, 0, 0], [0.6, 0.4, 0, 0], [0.2, 0.7, 0.1, 0], [0, 0, 0.05, 0.95]])
    gold = np.array([0, 1, 3, 3])
    assert selective(probabilities, gold, 0.65) == {"precision": 0.5, "answered": 2, "share": pytest.approx(2 / 3)}
    assert selective(probabilities, gold, 0.8) == {"precision": 1.0, "answered": 1, "share": pytest.approx(1 / 3)}
    assert selective(probabilities, gold, 0.99) == {"precision": 0.0, "answered": 0, "share": 0.0}
