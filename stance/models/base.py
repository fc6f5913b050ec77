"""What every model can do: the same four verbs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from stance.records import LABELS

Probabilities = NDArray[np.float64]
Row = Mapping[str, Any]
Progress = Callable[[str, float], None]  # what is being done, and which share of it is


@dataclass
class Fit:
    """What training left behind besides the weights: a row of figures per epoch, and what it cost."""

    history: list[dict[str, float]] = field(default_factory=list)
    seconds: float = 0.0
    notes: dict[str, Any] = field(default_factory=dict)


def silent(name: str, share: float) -> None:
    """Progress that nobody watches."""


class Predictor(Protocol):
    """A model that can judge."""

    def predict_proba(self, rows: Sequence[Row]) -> Probabilities:
        """Probabilities of shape (rows, LABELS); each row has `marked` and `context`."""
        ...


class StanceModel(Predictor, Protocol):
    """A model that can be trained, saved, and opened again with `load`."""

    def fit(self, train: Sequence[Row], validation: Sequence[Row], seed: int, work: Path, progress: Progress) -> Fit:
        """Train on rows with `label` and `weight`; `work` is a folder for what resuming needs."""
        ...

    def save(self, folder: Path) -> None:
        """Write the model's files into an existing folder."""
        ...


def targets(rows: Sequence[Row]) -> NDArray[np.int64]:
    """The rows' labels as indices into LABELS."""
    return np.array([LABELS.index(row["label"]) for row in rows], dtype=np.int64)


def one_hot(labels: Sequence[str]) -> Probabilities:
    """Probabilities of shape (labels, LABELS), all on the given label."""
    out: Probabilities = np.eye(len(LABELS))[[LABELS.index(label) for label in labels]]
    return out


def softmax(logits: NDArray[np.floating[Any]]) -> Probabilities:
    """Row-wise softmax in double precision."""
    shifted = np.asarray(logits, dtype=np.float64)
    shifted = np.exp(shifted - shifted.max(axis=1, keepdims=True))
    out: Probabilities = shifted / shifted.sum(axis=1, keepdims=True)
    return out
