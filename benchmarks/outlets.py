"""Disagreement between outlets on built corpora: how many are found, and how many are reported where there are none.

    python benchmarks/outlets.py [--looks 400]

A look is one actor, process and period with three outlets and so many statements each. In a tenth of the looks one
outlet's shares have another dominant stance than the others'. Statements are wrong as the released model's are.
"""

from __future__ import annotations

import argparse

import numpy as np
from ledger import invented

from stance.metrics import NONE
from stance.positions import outlets
from stance.positions.estimate import CONFUSION

SIZES = (1, 3, 10, 30)
OUTLETS, DIFFERENT, FALSE, DOMINANCE = 3, 0.1, 0.25, 0.8


def measure(size: int, looks: int, different: float) -> tuple[float, float]:
    """The share of differences reported, and of looks without one in which one is reported."""
    rng = np.random.default_rng([size, looks])
    differs = rng.random(looks) < different
    odds = []
    for d in differs:
        usual, other = rng.permutation(3)[:2]
        dominant = np.repeat([usual, usual, other if d else usual], size)
        truth = np.where(rng.random(len(dominant)) < DOMINANCE, dominant, (dominant + rng.integers(1, 3)) % 3)
        truth = np.where(rng.random(len(truth)) < FALSE, NONE, truth)
        kinds = invented(rng, truth, CONFUSION)
        odds.append(outlets.log_odds(kinds, np.ones(len(kinds)), np.arange(OUTLETS) * size))
    reported = outlets.probabilities(np.array(odds)) >= outlets.LEAST
    return float(reported[differs].mean()) if differs.any() else 0.0, float(reported[~differs].mean())


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--looks", type=int, default=400)
    looks = parser.parse_args().looks
    print("| statements an outlet | differences found | false alarms | false alarms where outlets never differ |")
    print("| ---: | ---: | ---: | ---: |")
    for size in SIZES:
        found, false = measure(size, looks, DIFFERENT)
        print(f"| {size} | {found:.0%} | {false:.2%} | {measure(size, looks, 0.0)[1]:.2%} |", flush=True)


if __name__ == "__main__":
    main()
