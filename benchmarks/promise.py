"""Are promises of precision kept? Thresholds learnt on the validation documents, measured on the test documents.

    python benchmarks/promise.py [--model transformer] [--resample 500]

With --resample, the validation documents stand for all documents there are: thresholds are learnt again and again from
documents drawn from them, and the share of draws is counted in which the precision over all of them is lower than
promised; at most 10% may be. "By pair" treats pairs as independent, "by document" is what training does.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from stance import dataset, models, registry
from stance.config import load_pipeline
from stance.errors import ConfigError
from stance.metrics import NONE, Labels, selective
from stance.models.base import Probabilities, Row, targets
from stance.models.calibration import Calibrated
from stance.models.promises import thresholds

PROMISED = (0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95)
ROUNDS = 1000  # resampled documents, for an interval


def interval(p: Probabilities, gold: Labels, docs: list[str], least: float) -> tuple[float, float]:
    """95% percentile interval of precision at a threshold, documents resampled."""
    kept = (p.argmax(1) != NONE) & (p.max(1) >= least)
    _, index = np.unique(docs, return_inverse=True)
    size = index.max() + 1
    hits = np.bincount(index[kept], (p.argmax(1) == gold)[kept], size)
    said = np.bincount(index[kept], minlength=size)
    draws = np.random.default_rng(13).integers(0, size, (ROUNDS, size))
    low, high = np.quantile(hits[draws].sum(1) / np.maximum(1, said[draws].sum(1)), [0.025, 0.975])
    return float(low), float(high)


def held(model: Calibrated, rows: list[Row]) -> None:
    """Print what each promise came to on held-out rows."""
    p, gold, docs = model.predict_proba(rows), targets(rows), [r["doc"] for r in rows]
    print("\n| promised | threshold | measured precision | 95% interval | answered | share |")
    print("| ---: | ---: | ---: | --- | ---: | ---: |")
    for promised in PROMISED:
        try:
            least = model.confidence.threshold(promised)
        except ConfigError as error:
            print(f"| {promised:.2f} | {error.problem} | | | | |")
            continue
        found, (low, high) = selective(p, gold, least), interval(p, gold, docs, least)
        print(f"| {promised:.2f} | {least:.3f} | {found['precision']:.3f} | {low:.3f}-{high:.3f} | {found['answered']} | {found['share']:.0%} |")  # fmt: skip # noqa: E501


def resample(model: Calibrated, rows: list[Row], times: int) -> None:
    """Print how often a promise is broken when documents are drawn anew."""
    p, gold = model.predict_proba(rows), targets(rows)
    said = p.argmax(1) != NONE
    confidence, right = p.max(1)[said], (p.argmax(1) == gold)[said]
    _, document = np.unique([r["doc"] for r, s in zip(rows, said, strict=True) if s], return_inverse=True)
    pairs = [np.flatnonzero(document == n) for n in range(document.max() + 1)]
    rng = np.random.default_rng(13)
    names = [f"{promised:.2f}" for promised in PROMISED]
    broken, made, share = (np.zeros((2, len(names))) for _ in range(3))
    for _ in range(times):
        drawn = rng.integers(0, len(pairs), len(pairs))
        chosen = np.concatenate([pairs[n] for n in drawn])
        unit = np.repeat(np.arange(len(drawn)), [len(pairs[n]) for n in drawn])
        for way, docs in enumerate((np.arange(len(chosen)), unit)):
            found = thresholds(confidence[chosen], right[chosen], docs.astype(str).tolist())
            for n, name in enumerate(names):
                if (least := found[name]) is not None:
                    kept = confidence >= least
                    made[way, n] += 1
                    broken[way, n] += right[kept].mean() < float(name)
                    share[way, n] += kept.mean()
    print(f"\n{times} draws of {len(pairs)} documents")
    print("| promised | could be made | by pair: broken, share answered | by document: broken, share answered |")
    print("| ---: | ---: | ---: | ---: |")
    for n, name in enumerate(names):
        ways = [f"{broken[w, n] / times:.1%}, {share[w, n] / max(1, made[w, n]):.0%}" for w in range(2)]
        print(f"| {name} | {made[1, n] / times:.0%} | {ways[0]} | {ways[1]} |")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="transformer")
    parser.add_argument("--resample", type=int, default=0, metavar="N")
    args = parser.parse_args()
    paths = load_pipeline().paths
    folder = Path(paths.models) / args.model
    model = models.load(folder, registry.read(folder).kind)
    if args.resample:
        resample(model, dataset.load(Path(paths.dataset), "validation").to_list(), args.resample)
    else:
        held(model, dataset.load(Path(paths.dataset), "test").to_list())


if __name__ == "__main__":
    main()
