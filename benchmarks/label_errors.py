"""Does `review export --label-errors` find wrong labels? Flips some training labels at random and looks for them.

    python benchmarks/label_errors.py [--share 0.05] [--first 100 300]

Prints how many of the first suspects were flipped (by chance it would be the share), and how many of the flipped
labels are among all suspects. What was not flipped may be wrong all the same, so that precision is a lower bound.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from stance import dataset, models
from stance.config import load_model_config, load_pipeline
from stance.labeling.suspects import out_of_fold, suspects
from stance.models.base import Row
from stance.records import LABELS


def flipped(rows: list[Row], share: float, seed: int) -> tuple[list[Row], set[int]]:
    """The rows with a share of their labels changed, each to one of the three others; and which ones."""
    rng = np.random.default_rng(seed)
    chosen = {int(i) for i in rng.choice(len(rows), round(share * len(rows)), replace=False)}
    others = {label: [other for other in LABELS if other != label] for label in LABELS}
    return [{**r, "label": rng.choice(others[r["label"]])} if i in chosen else r for i, r in enumerate(rows)], chosen


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--share", type=float, default=0.05)
    parser.add_argument("--first", type=int, nargs="+", default=[100, 300])
    args = parser.parse_args()
    pipeline = load_pipeline()
    gold = [r for r in dataset.load(Path(pipeline.paths.dataset), "train").to_list() if r["source"] == "gold"]
    rows, wrong = flipped(gold, args.share, pipeline.seed)
    found = suspects(rows, out_of_fold(rows, models.build(load_model_config("tfidf")), pipeline.seed))
    print(f"{len(wrong)} of {len(rows)} labels flipped; {len(found)} suspects")
    for n in args.first:
        print(f"flipped among the first {n:4}: {len(wrong & set(found[:n])) / n:.2f}")
    print(f"of the flipped, among all suspects: {len(wrong & set(found)) / len(wrong):.2f}")


if __name__ == "__main__":
    main()
