"""What a model's confidence is worth, measured on validation documents and stored beside the model: `confidence.json`.

Two curves turn the model's own probability of its label into the share of such labels that are right, one for the
stances and one for `none`: top-label calibration (Gupta and Ramdas, ICLR 2022) with Platt's (1999) logistic curve.
The label never changes. Two, because training sees too few `none`, which makes stances too sure and `none` too timid.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from stance.errors import ConfigError, ModelError
from stance.io import read_json, write_json
from stance.metrics import NONE, Labels
from stance.models import promises
from stance.models.base import Predictor, Probabilities, Row

FILE = "confidence.json"
EDGE = 1e-6  # probabilities are kept this far from 0 and 1, and a label's this far above the others'


@dataclass(frozen=True, slots=True)
class Curve:
    """A logistic curve over log odds; slope 1 and intercept 0 change nothing."""

    slope: float
    intercept: float

    def __call__(self, confidence: NDArray[np.float64]) -> NDArray[np.float64]:
        """The share of right labels that the curve expects at each confidence."""
        out: NDArray[np.float64] = 1 / (1 + np.exp(-self.slope * _log_odds(confidence) - self.intercept))
        return out


@dataclass(frozen=True, slots=True)
class Confidence:
    """A model's calibration, and the least confidence for each precision that may be promised."""

    stance: Curve
    none: Curve
    thresholds: Mapping[str, float | None]

    def apply(self, probabilities: Probabilities) -> Probabilities:
        """Calibrated probabilities of shape (rows, LABELS).

        The label keeps its place as the most probable; only its own probability is calibrated. The others share the
        rest in the model's proportions, evened out as far as one of them would overtake the label.
        """
        rows, label = np.arange(len(probabilities)), probabilities.argmax(1)
        own = probabilities[rows, label]
        own = np.where(label == NONE, self.none(own), self.stance(own))
        count = probabilities.shape[1] - 1
        own = np.clip(own, 1 / (count + 1) + EDGE, 1 - EDGE)
        rest = probabilities + EDGE
        rest[rows, label] = 0
        rest /= rest.sum(1, keepdims=True)
        largest, limit = rest.max(1), (own - EDGE) / (1 - own)
        even = np.where(largest > limit, (largest - limit) / np.maximum(largest - 1 / count, EDGE), 0.0)[:, None]
        out: Probabilities = ((1 - even) * rest + even / count) * (1 - own)[:, None]
        out[rows, label] = own
        return out

    def threshold(self, precision: float) -> float:
        """The least confidence of a stance at which a precision is promised, rounded up to the next in the list.

        Raises:
            ConfigError: a promise that is off the list, or more than the validation documents support.
        """
        listed = {float(name): least for name, least in self.thresholds.items()}
        named = min((p for p in listed if p >= precision - 1e-9), default=None)
        if named is None or precision < min(listed):
            raise ConfigError(f"from {min(listed):.2f} to {max(listed):.2f} can be asked for, not {precision:g}")
        least = listed[named]
        if least is None:
            kept = max((p for p, t in listed.items() if t is not None), default=None)
            most = "nothing" if kept is None else f"at most {kept:.2f}"
            raise ConfigError(f"this model can promise {most}, not {precision:g} (docs/confidence.md)")
        return least


@dataclass(frozen=True, slots=True)
class Calibrated:
    """A model whose probabilities are calibrated."""

    model: Predictor
    confidence: Confidence

    def predict_proba(self, rows: Sequence[Row]) -> Probabilities:
        """Calibrated probabilities of shape (rows, LABELS)."""
        return self.confidence.apply(self.model.predict_proba(rows))


def _log_odds(p: NDArray[np.float64]) -> NDArray[np.float64]:
    p = np.clip(p, EDGE, 1 - EDGE)
    out: NDArray[np.float64] = np.log(p) - np.log1p(-p)
    return out


def curve(confidence: NDArray[np.float64], right: NDArray[np.bool_]) -> Curve:
    """The likeliest curve, with standard normal priors on its log slope and intercept: without rows, no change."""
    from scipy.optimize import minimize

    odds = _log_odds(confidence)

    def loss(w: NDArray[np.float64]) -> float:
        score = np.exp(w[0]) * odds + w[1]
        return float(np.logaddexp(0, score).sum() - score[right].sum() + (w**2).sum() / 2)

    log_slope, intercept = minimize(loss, np.zeros(2)).x
    return Curve(float(np.exp(log_slope)), float(intercept))


def fit(probabilities: Probabilities, gold: Labels, docs: Sequence[str]) -> Confidence:
    """Calibrate on held-out rows: the model's own probabilities, the gold labels, and each row's document."""
    label, own = probabilities.argmax(1), probabilities.max(1)
    right, said = label == gold, label != NONE
    stance = curve(own[said], right[said])
    printed = [doc for doc, s in zip(docs, said, strict=True) if s]
    thresholds = promises.thresholds(stance(own[said]), right[said], printed)
    return Confidence(stance, curve(own[~said], right[~said]), thresholds)


def write(folder: Path, confidence: Confidence) -> None:
    """Write `confidence.json` into a model folder."""
    write_json(folder / FILE, asdict(confidence))


def read(folder: Path) -> Confidence:
    """Read a model folder's `confidence.json`.

    Raises:
        ModelError: it has none, being of an earlier version, or holds something else.
    """
    path = folder / FILE
    if not path.exists():
        raise ModelError("missing: the model is of an earlier version, train again with `python -m stance.train`", path)
    value = read_json(path)
    try:
        return Confidence(Curve(**value["stance"]), Curve(**value["none"]), dict(value["thresholds"]))
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(f"not a calibration: {error}", path) from None
