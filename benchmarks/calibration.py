"""Ways to calibrate a trained model, cross-validated by document on the validation split; --test measures the one kept.

    python benchmarks/calibration.py [--model transformer] [--test]

Columns: expected calibration error in 10 and 15 bins; the same where a stance is predicted; log loss of "the label is
right"; macro F1 over the stances; the share of pairs whose label the method changes.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from scipy.optimize import minimize_scalar
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from stance import dataset, models, registry
from stance.config import load_pipeline
from stance.metrics import NONE, Labels, calibration_error, macro_f1
from stance.models import calibration
from stance.models.base import Probabilities, softmax, targets

FOLDS = 10
Method = Callable[[Probabilities], Probabilities]


def logs(p: Probabilities) -> Probabilities:
    """Log probabilities, those near 0 cut off."""
    return np.log(np.clip(p, 1e-9, 1))


def unchanged(p: Probabilities, gold: Labels) -> Method:
    """The model's own probabilities."""
    return lambda q: q


def temperature(p: Probabilities, gold: Labels) -> Method:
    """One temperature (Guo et al., ICML 2017)."""

    def loss(t: float) -> float:
        return float(-logs(softmax(logs(p) / np.exp(t)))[np.arange(len(gold)), gold].mean())

    best = float(np.exp(minimize_scalar(loss, bounds=(-2, 2), method="bounded").x))
    return lambda q: softmax(logs(q) / best)


def matrix(p: Probabilities, gold: Labels) -> Method:
    """Multinomial logistic regression on log probabilities (Dirichlet calibration, Kull et al., NeurIPS 2019)."""
    model = LogisticRegression(max_iter=5000).fit(logs(p), gold)
    return lambda q: model.predict_proba(logs(q))


def _with_top(q: Probabilities, own: Probabilities) -> Probabilities:
    """The label's probability replaced, without a care for the others."""
    out = q.copy()
    out[np.arange(len(q)), q.argmax(1)] = own
    return out


def isotonic(p: Probabilities, gold: Labels) -> Method:
    """Isotonic regression of the label's probability, one for each label predicted."""
    label, own = p.argmax(1), p.max(1)
    fits = [
        IsotonicRegression(out_of_bounds="clip", y_min=0.001, y_max=0.999).fit(own[label == n], (gold == n)[label == n])
        for n in range(p.shape[1])
    ]
    return lambda q: _with_top(q, np.choose(q.argmax(1), [f.predict(q.max(1)) for f in fits]))


def curves(groups: tuple[int, ...], p: Probabilities, gold: Labels) -> Method:
    """Logistic curves of the label's probability, one for each group of labels predicted."""
    group, own, right = np.array(groups)[p.argmax(1)], p.max(1), p.argmax(1) == gold
    fits = [calibration.curve(own[group == g], right[group == g]) for g in range(max(groups) + 1)]
    return lambda q: _with_top(q, np.choose(np.array(groups)[q.argmax(1)], [f(q.max(1)) for f in fits]))


def shipped(p: Probabilities, gold: Labels) -> Method:
    """What training does: one curve for the stances, one for `none`, and the label stays the most probable."""
    return calibration.fit(p, gold, [str(n) for n in range(len(p))]).apply


METHODS: dict[str, Callable[[Probabilities, Labels], Method]] = {
    "none": unchanged,
    "temperature": temperature,
    "matrix scaling": matrix,
    "isotonic, one a label": isotonic,
    "logistic, one in all": partial(curves, (0, 0, 0, 0)),
    "logistic, one a label": partial(curves, (0, 1, 2, 3)),
    "logistic, stances and none": shipped,
}


def row(name: str, before: Probabilities, after: Probabilities, gold: Labels) -> str:
    """A method's line in the table; a label is changed only by a method that judges anew."""
    judged = after.argmax(1) if name == "matrix scaling" else before.argmax(1)
    own, right, said = after[np.arange(len(after)), judged], judged == gold, judged != NONE
    top = np.column_stack([own, np.zeros(len(own))])  # what the label gets, whatever the others have
    error = partial(calibration_error, top)
    loss = -np.where(right, np.log(own), np.log1p(-np.minimum(own, 1 - 1e-9))).mean()
    return (
        f"| {name} | {error(~right * 1):.3f} | {error(~right * 1, 15):.3f} | "
        f"{calibration_error(top[said], ~right[said] * 1):.3f} | {loss:.3f} | {macro_f1(gold, judged):.3f} | "
        f"{(judged != before.argmax(1)).mean():.1%} |"
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="transformer")
    parser.add_argument("--test", action="store_true", help="the test documents, before and after")
    args = parser.parse_args()
    paths = load_pipeline().paths
    folder = Path(paths.models) / args.model
    model = models.load_uncalibrated(folder, registry.read(folder).kind)
    print("| calibration | ECE 10 | ECE 15 | ECE stances | log loss | macro F1 | labels changed |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    rows = dataset.load(Path(paths.dataset), "test" if args.test else "validation").to_list()
    p, gold = model.predict_proba(rows), targets(rows)
    if args.test:
        print(row("none", p, p, gold))
        print(row("as shipped", p, calibration.read(folder).apply(p), gold))
        return
    for name, method in METHODS.items():
        after = np.zeros_like(p)
        for fitted, held in GroupKFold(FOLDS, shuffle=True, random_state=13).split(p, groups=[r["doc"] for r in rows]):
            after[held] = method(p[fitted], gold[fitted])(p[held])
        print(row(name, p, after, gold), flush=True)


if __name__ == "__main__":
    main()
