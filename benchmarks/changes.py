"""Change points on built histories: how many shifts are found, and how many are reported where there are none.

    python benchmarks/changes.py [--histories 200]

Each history is one actor's statements toward one process over two years. Its true stances come from shares in which one
stance dominates by so much, and with a shift, another does from a day in the middle 60% on. What is read are printed
stances with confidences, wrong as the released model is (benchmarks/ledger.py). A shift is found if one between the
same two stances is reported within DAYS of it. False alarms are counted over histories without a shift: the share with
any.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable

import numpy as np
from ledger import invented

from stance.metrics import NONE
from stance.positions import changes, estimate
from stance.positions.estimate import CONFUSION, Array, Index

LENGTHS = (10, 20, 50, 100, 300)
DOMINANCE = (0.95, 0.85, 0.7, 0.55, 1 / 3)  # with a third, no stance leads, and there is nothing to find
LEASTS = (0.3, 0.4, 0.5, 0.6, 0.7)
DAYS = 60
SPAN = 730  # days of a history
FALSE = 0.25  # of the statements printed, how many truly have no stance


def history(rng: np.random.Generator, size: int, dominance: float, shift: bool) -> tuple[Index, Array, int, int, float]:
    """Days and log likelihoods of a history's statements, the dominant stance before and after, and the shift's day."""
    earlier, later = rng.permutation(3)[:2]
    cut = rng.uniform(0.2, 0.8) * SPAN if shift else np.inf
    days = np.sort(rng.integers(0, SPAN, size))
    dominant = np.where(days < cut, earlier, later)
    other = (dominant + rng.integers(1, 3, size)) % 3
    truth = np.where(rng.random(size) < dominance, dominant, other)
    kinds = invented(rng, np.where(rng.random(size) < FALSE, NONE, truth), CONFUSION)
    rows = estimate.fit(kinds, np.ones(size), estimate.GRID)
    first = np.flatnonzero(np.diff(days, prepend=-1))
    return days[first], np.add.reduceat(rows, first), int(earlier), int(later), cut


def measure(size: int, dominance: float, histories: int, leasts: Iterable[float]) -> list[tuple[float, float, float]]:
    """For each least probability: share of shifts found, false alarms a history, median days off of those found."""
    rng = np.random.default_rng([size, round(100 * dominance)])
    made, quiet = [], []
    for _ in range(histories):
        days, rows, earlier, later, cut = history(rng, size, dominance, shift=True)
        off = [(p, abs(float(days[at]) - cut)) for at, b, a, p in changes.shifts(rows) if (b, a) == (earlier, later)]
        made.append([(p, d) for p, d in off if d <= DAYS])
        rows = history(rng, size, dominance, shift=False)[1]
        quiet.append(max((p for *_, p in changes.shifts(rows)), default=0.0))
    out = []
    for least in leasts:
        hits = [min(d for p, d in found if p >= least) for found in made if any(p >= least for p, _ in found)]
        false = sum(p >= least for p in quiet) / histories
        out.append((len(hits) / histories, false, float(np.median(hits)) if hits else np.nan))
    return out


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--histories", type=int, default=200)
    args = parser.parse_args()
    print(f"found within {DAYS} days / histories without a shift in which one is reported / median days off\n")
    print("| dominant share | statements | " + " | ".join(f"from {least}" for least in LEASTS) + " |")
    print("| ---: | ---: |" + " --- |" * len(LEASTS))
    alarms = np.zeros(len(LEASTS))
    for dominance in DOMINANCE:
        for size in LENGTHS:
            cells = measure(size, dominance, args.histories, LEASTS)
            alarms += np.array([false for _, false, _ in cells])
            shown = " | ".join(f"{found:.0%} / {false:.1%} / {off:.0f}" for found, false, off in cells)
            print(f"| {dominance:.2f} | {size} | {shown} |", flush=True)
    mean = alarms / len(DOMINANCE) / len(LENGTHS)
    print("\nfalse alarms over all: " + ", ".join(f"{a:.2%} from {b}" for a, b in zip(mean, LEASTS, strict=True)))
    print(f"the threshold that is used: {changes.LEAST}")


if __name__ == "__main__":
    main()
