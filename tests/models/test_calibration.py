"""Calibration undoes a known distortion and keeps the label; promises of precision are kept as often as they claim."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import binomtest

from stance.errors import ConfigError, ModelError
from stance.metrics import NONE, calibration_error
from stance.models import promises
from stance.models.base import Probabilities
from stance.models.calibration import Calibrated, Confidence, Curve, fit, read, write
from stance.records import LABELS

ASIS = Curve(1.0, 0.0)


TRUE = {"stance": Curve(0.6, -0.5), "none": Curve(1.5, 0.8)}  # what undoes the distortion below


def distorted(seed: int, n: int = 20_000) -> tuple[Probabilities, NDArray[np.int64]]:
    """A model too sure of stances and too timid about `none`: its own probabilities, and the gold."""
    rng = np.random.default_rng(seed)
    label, true = rng.integers(0, len(LABELS), n), rng.uniform(0.4, 0.95, n)
    odds = np.log(true / (1 - true))
    curves = [TRUE["none" if i == NONE else "stance"] for i in range(len(LABELS))]
    said = np.choose(label, [1 / (1 + np.exp(-(odds - c.intercept) / c.slope)) for c in curves])
    p = np.repeat(((1 - said) / 3)[:, None], len(LABELS), axis=1)
    p[np.arange(n), label] = said
    return p, np.where(rng.random(n) < true, label, (label + 1) % len(LABELS))


def errors(p: Probabilities, gold: NDArray[np.int64]) -> tuple[float, float]:
    """Calibration error where a stance is predicted, and where none is."""
    said = p.argmax(1) != NONE
    return calibration_error(p[said], gold[said]), calibration_error(p[~said], gold[~said])


def test_a_known_distortion_is_undone_on_fresh_rows() -> None:
    p, gold = distorted(1)
    confidence = fit(p, gold, [f"d{i}" for i in range(len(p))])
    for found, true in ((confidence.stance, TRUE["stance"]), (confidence.none, TRUE["none"])):
        assert (found.slope, found.intercept) == pytest.approx((true.slope, true.intercept), abs=0.08)
    fresh, truth = distorted(2)
    assert min(errors(fresh, truth)) > 0.08
    assert max(errors(confidence.apply(fresh), truth)) < 0.02


CURVES = st.builds(Curve, st.floats(0.05, 5), st.floats(-4, 4))


@given(CURVES, CURVES, st.integers(0, 10**6))
def test_the_label_stays_the_most_probable_and_probabilities_sum_to_1(stance: Curve, none: Curve, seed: int) -> None:
    rng = np.random.default_rng(seed)
    p = rng.dirichlet(np.full(len(LABELS), 0.3), 50)
    p = np.vstack([p, np.eye(len(LABELS)), [[0.4, 0.4 - 1e-9, 0.2, 1e-9]]])
    out = Confidence(stance, none, {}).apply(p)
    np.testing.assert_array_equal(out.argmax(1), p.argmax(1))
    np.testing.assert_allclose(out.sum(1), 1)
    assert out.min() >= 0


def test_only_the_labels_own_probability_is_calibrated_and_the_rest_keeps_its_proportions() -> None:
    confidence = Confidence(Curve(1.0, -np.log(1.5)), ASIS, {})
    # Odds of 3 to 1 become 2 to 1; none keeps its own.
    out = confidence.apply(np.array([[0.75, 0.15, 0.1, 0.0], [0.1, 0.1, 0.1, 0.7]]))
    np.testing.assert_allclose(out, [[2 / 3, 0.2, 2 / 15, 0], [0.1, 0.1, 0.1, 0.7]], atol=1e-5)
    # Odds of 1 to 1 become 2 to 3, and the other, which had the rest, may not overtake.
    held = confidence.apply(np.array([[0.5001, 0.0, 0.0, 0.4999]]))[0]
    assert held[0] == pytest.approx(0.4, abs=1e-3)
    assert held[3] == pytest.approx(0.4, abs=1e-3)
    assert held[3] < held[0]


def test_without_rows_nothing_is_changed_and_nothing_promised() -> None:
    confidence = fit(np.zeros((0, 4)), np.zeros(0, dtype=np.int64), [])
    assert confidence.stance == confidence.none == ASIS
    assert set(confidence.thresholds.values()) == {None}
    assert confidence.apply(np.zeros((0, 4))).shape == (0, 4)


def test_a_model_that_is_always_right_gets_a_finite_curve() -> None:
    p = np.tile([0.7, 0.1, 0.1, 0.1], (200, 1))
    confidence = fit(p, np.zeros(200, dtype=np.int64), [f"d{i}" for i in range(200)])
    assert 0.95 < confidence.apply(p)[0, 0] < 1


def test_the_test_is_the_binomial_one_where_each_document_has_one_pair() -> None:
    right = np.array([1.0] * 93 + [0.0] * 7)
    exact = [binomtest(7, 100, wrong, alternative="less").pvalue for wrong in (0.15, 0.1)]
    assert promises.p_values(right, np.ones(100), np.array([0.85, 0.9])) == pytest.approx(exact, rel=0.05)


def test_pairs_that_stand_and_fall_together_count_as_one() -> None:
    right = np.array([1.0] * 93 + [0.0] * 7)
    promised = np.array([0.8, 0.85])
    one = promises.p_values(right, np.ones(100), promised)
    assert promises.p_values(5 * right, np.full(100, 5.0), promised) == pytest.approx(one)
    assert promises.p_values(np.full(10, 3.0), np.full(10, 3.0), promised) == pytest.approx(promised**10)
    assert promises.p_values(np.zeros(3), np.ones(3), promised).tolist() == [1, 1]


def documents(rng: np.random.Generator, n: int) -> tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.int64]]:
    """Predicted stances of `n` documents, in which all stand or fall together: confidence, whether right, document.

    Confidence is uniform and true, so that precision at a threshold t is (1 + t) / 2.
    """
    document = np.repeat(np.arange(n), rng.integers(1, 13, n))
    confidence = rng.uniform(0.3, 1, len(document))
    return confidence, rng.random(n)[document] < confidence, document


def test_promises_are_kept_at_least_as_often_as_they_claim() -> None:
    broken = {"by document": 0, "by pair": 0}
    rounds = 100
    for seed in range(1, rounds + 1):
        confidence, hits, document = documents(np.random.default_rng(seed), 150)
        for way, unit in (("by document", document), ("by pair", np.arange(len(document)))):
            least = promises.thresholds(confidence, hits, unit.astype(str).tolist())["0.85"]
            broken[way] += least is not None and (1 + least) / 2 < 0.85
    claimed = 1 - promises.ASSURANCE
    assert broken["by document"] / rounds <= claimed + 2 * np.sqrt(claimed * (1 - claimed) / rounds)
    assert broken["by pair"] / rounds > claimed + 2 * np.sqrt(claimed * (1 - claimed) / rounds)  # why it is not used


def test_a_promise_that_nothing_supports_is_not_made() -> None:
    rng = np.random.default_rng(4)
    found = promises.thresholds(rng.random(500), rng.random(500) < 0.7, [f"d{i // 4}" for i in range(500)])
    assert found["0.99"] is None
    assert found["0.50"] is not None
    kept = [least for least in found.values() if least is not None]
    assert kept == sorted(kept)
    assert tuple(found) == promises.PROMISES


def test_a_promise_between_two_in_the_list_takes_the_stricter() -> None:
    confidence = Confidence(ASIS, ASIS, {"0.70": 0.5, "0.71": 0.6, "0.72": None})
    assert [confidence.threshold(p) for p in (0.7, 0.705, 0.71)] == [0.5, 0.6, 0.6]
    with pytest.raises(ConfigError, match=r"at most 0\.71, not 0\.715"):
        confidence.threshold(0.715)


class Fixed:
    def predict_proba(self, rows: object) -> Probabilities:
        return np.array([[0.75, 0.15, 0.1, 0.0]])


def test_a_written_calibration_is_read_back_and_applied(tmp_path: Path) -> None:
    confidence = Confidence(Curve(0.5, -0.3), Curve(1.25, 0.1), {"0.50": 0.25, "0.51": None})
    write(tmp_path, confidence)
    assert read(tmp_path) == confidence
    expected = 1 / (1 + np.exp(-0.5 * np.log(3) + 0.3))
    assert Calibrated(Fixed(), read(tmp_path)).predict_proba([{}])[0, 0] == pytest.approx(expected)


@pytest.mark.parametrize("content", ['{"stance": 1}', "[]", '{"stance": {"slope": 1}, "none": {}, "thresholds": {}}'])
def test_another_file_in_its_place_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "confidence.json").write_text(content)
    with pytest.raises(ModelError, match=r"confidence.json: not a calibration"):
        read(tmp_path)
