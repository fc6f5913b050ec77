"""Pictures of a result: the confusion matrix, precision against recall, reliability, the comparison with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure

from stance import metrics
from stance.metrics import NONE, Labels
from stance.models.base import Probabilities
from stance.records import LABELS, STANCES

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLOURS = {"supportive": "#0072B2", "skeptical": "#E69F00", "boycotting": "#D55E00"}  # Okabe and Ito: colour-blind safe


def _figure(width: float, height: float) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(width, height), layout="constrained", dpi=120)
    return figure, figure.add_subplot()


def confusion_matrix(matrix: Sequence[Sequence[int]], title: str) -> Figure:
    """Counts in the cells, shaded by the share of the gold label."""
    counts = np.asarray(matrix)
    shares = counts / np.maximum(1, counts.sum(1, keepdims=True))
    figure, axes = _figure(5.2, 4.6)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for i, j in np.ndindex(counts.shape):
        axes.text(
            j,
            i,
            f"{counts[i, j]}\n{shares[i, j]:.0%}",
            ha="center",
            va="center",
            color="white" if shares[i, j] > 0.55 else "black",
        )
    axes.set(xticks=range(len(LABELS)), yticks=range(len(LABELS)), xlabel="predicted", ylabel="gold", title=title)
    axes.set_xticklabels(LABELS)
    axes.set_yticklabels(LABELS)
    return figure


def precision_recall(probabilities: Probabilities, gold: Labels, title: str) -> Figure:
    """One curve a stance, each against the rest, with its average precision."""
    from sklearn.metrics import average_precision_score, precision_recall_curve

    figure, axes = _figure(5.2, 4.2)
    for stance in STANCES:
        i = LABELS.index(stance)
        precision, recall, _ = precision_recall_curve(gold == i, probabilities[:, i])
        score = average_precision_score(gold == i, probabilities[:, i])
        axes.plot(recall, precision, color=COLOURS[stance], label=f"{stance} (AP {score:.2f})")
    axes.set(xlabel="recall", ylabel="precision", xlim=(0, 1), ylim=(0, 1.02), title=title)
    axes.grid(alpha=0.3)
    axes.legend(loc="best", frameon=False)
    return figure


def reliability(probabilities: Probabilities, gold: Labels, title: str, bins: int = 10) -> Figure:
    """The share of right labels at each confidence, for stances and for `none`; a dot's area is how many there are."""
    figure, axes = _figure(5.2, 4.6)
    label, confidence = probabilities.argmax(1), probabilities.max(1)
    axes.plot([0, 1], [0, 1], color="grey", linewidth=1, linestyle="--")
    for name, rows, colour in (("stances", label != NONE, "#0072B2"), ("none", label == NONE, "#666666")):
        mean, right, count = (
            np.array(metrics.reliability(confidence[rows], (label == gold)[rows], bins)).reshape(-1, 3).T
        )
        axes.plot(mean, right, color=colour, linewidth=1, label=f"{name} ({rows.sum()})")
        axes.scatter(mean, right, 400 * count / max(1, rows.sum()), color=colour, alpha=0.6)
    axes.set(xlabel="confidence", ylabel="share that is right", xlim=(0, 1.02), ylim=(0, 1.02), title=title)
    axes.grid(alpha=0.3)
    axes.legend(loc="upper left", frameon=False)
    return figure


def comparison(names: Sequence[str], scores: Sequence[float], low: Sequence[float], high: Sequence[float]) -> Figure:
    """Macro F1 of each system with its 95% interval."""
    figure, axes = _figure(6.4, 0.5 * len(names) + 1.4)
    centre = np.asarray(scores)
    errors = np.clip(np.vstack([centre - np.asarray(low), np.asarray(high) - centre]), 0, None)
    axes.errorbar(centre, range(len(names)), xerr=errors, fmt="o", color="#0072B2", capsize=4)
    for y, score in enumerate(scores):
        axes.annotate(f"{score:.3f}", (score, y), textcoords="offset points", xytext=(0, 7), ha="center", fontsize=9)
    axes.set(
        yticks=range(len(names)), xlim=(0, 1), ylim=(-0.6, len(names) - 0.2), xlabel="macro F1 over the three stances"
    )
    axes.set_yticklabels(names)
    axes.invert_yaxis()
    axes.grid(axis="x", alpha=0.3)
    return figure
