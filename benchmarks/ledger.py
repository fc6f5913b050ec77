"""Do the ledger's 95% intervals hold the truth? Cells with known shares, labels wrong as the released model's are.

    python benchmarks/ledger.py [--real | --confusion] [--cells 400]

Columns: the share of intervals that hold the true share, for the ledger and for Wilson's interval on the counts of
printed stances; the mean width of the ledger's; the mean error of both. Statements are invented, with the confusion of
the validation documents known only as well as those documents tell it (drawn anew for each cell); with --real, they are
the released model's own judgements of the test documents, drawn by their gold label. The last lines are the time for
100,000 statements. --confusion prints the confusion that stance/positions/estimate.py holds, measured again.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from stance.metrics import NONE
from stance.positions import estimate
from stance.positions.estimate import CONFUSION, Array, Index
from stance.records import LABELS, STANCES

SIZES = (1, 3, 10, 30, 100, 400, 1000)
NONES = (0.1, 0.3, 0.5)  # of the statements found, how many truly have no stance
EFFECT = 1.5  # pairs of one document are alike: the design effect on the validation documents (docs/confidence.md)
SPREAD = 8.0  # how alike confidences are: the two parameters of their beta distribution sum to this
Drawn = tuple[Index, Array]  # printed stances and confidences
Source = Callable[[np.random.Generator, Index], Drawn]  # of statements with these true labels
TRUTHS: dict[str, tuple[float, ...] | None] = {
    "any": None,
    "even": (1 / 3, 1 / 3, 1 / 3),
    "mostly supportive": (0.9, 0.07, 0.03),
    "mostly boycotting": (0.03, 0.12, 0.85),
}


def invented(rng: np.random.Generator, truth: Index, confusion: Array | None = None) -> Drawn:
    """Statements of a model with this confusion (default: drawn around the measured one) and calibrated confidences.

    A confidence is Beta(a, b) with the label's precision as mean; then it is Beta(a + 1, b) of right labels and
    Beta(a, b + 1) of wrong ones.
    """
    joint = (
        rng.dirichlet(CONFUSION.ravel() / EFFECT + 0.01).reshape(CONFUSION.shape) if confusion is None else confusion
    )
    said = np.empty(len(truth), np.intp)
    for label in range(len(LABELS)):
        at = truth == label
        said[at] = rng.choice(len(STANCES), at.sum(), p=joint[:, label] / joint[:, label].sum())
    a = (SPREAD * joint[range(3), range(3)] / joint.sum(1))[said]
    right = said == truth
    return said, rng.beta(a + right, SPREAD - a + ~right)


def judged(split: Literal["validation", "test"]) -> tuple[Array, Index]:
    """The released model's calibrated probabilities of a split's pairs, and their gold labels."""
    from stance import dataset, models, registry  # with what trains
    from stance.config import load_pipeline
    from stance.models.base import targets

    paths = load_pipeline(()).paths
    folder = registry.locate(Path(paths.models), "release")
    rows = dataset.load(Path(paths.dataset), split).to_list()
    return models.load(folder, registry.read(folder).kind, 1).predict_proba(rows), targets(rows)


def confusion() -> NDArray[np.int64]:
    """CONFUSION, measured again: printed stance by true label on the validation documents."""
    p, gold = judged("validation")
    out = np.zeros((len(LABELS), len(LABELS)), np.int64)
    np.add.at(out, (p.argmax(1), gold), 1)
    return out[:NONE]


def held_out() -> Source:
    """The released model's judgements of the test documents that print a stance, drawn by gold label."""
    p, gold = judged("test")
    pools = [np.flatnonzero((p.argmax(1) != NONE) & (gold == label)) for label in range(len(LABELS))]

    def draw(rng: np.random.Generator, truth: Index) -> Drawn:
        at = np.array([rng.choice(pools[label]) for label in truth.tolist()])
        return p.argmax(1)[at], p.max(1)[at]

    return draw


def wilson(share: Array, n: int) -> tuple[Array, Array]:
    """Wilson's 95% interval."""
    z = estimate.Z
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    reach = z / (1 + z * z / n) * np.sqrt(share * (1 - share) / n + (z / (2 * n)) ** 2)
    return middle - reach, middle + reach


def measure(source: Source, truth: tuple[float, ...] | None, size: int, cells: int) -> tuple[float, ...]:
    """Coverage of the ledger and of Wilson, mean width, mean error of both, over cells of `size` statements."""
    rng = np.random.default_rng([size, cells])
    true = rng.dirichlet(np.ones(3), cells) if truth is None else np.tile(truth, (cells, 1))
    said, sure = [], []
    for cell in range(cells):
        none = rng.random(size) < NONES[cell % len(NONES)]
        labels = np.where(none, NONE, rng.choice(3, size, p=true[cell]))
        drawn = source(rng, labels)
        said.append(drawn[0])
        sure.append(drawn[1])
    counted = np.array([np.bincount(s, minlength=3) / size for s in said])
    ratio = estimate.likelihood(np.concatenate(said), np.concatenate(sure))
    mean, low, high = estimate.shares(ratio, np.ones(len(ratio)), np.arange(cells) * size)
    naive = wilson(counted, size)
    return (
        float(((low <= true) & (true <= high)).mean()),
        float(((naive[0] <= true) & (true <= naive[1])).mean()),
        float((high - low).mean()),
        float(np.abs(mean - true).mean()),
        float(np.abs(counted - true).mean()),
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--real", action="store_true")
    parser.add_argument("--cells", type=int, default=400)
    parser.add_argument("--confusion", action="store_true")
    args = parser.parse_args()
    if args.confusion:
        print(confusion().tolist())
        return
    source = held_out() if args.real else invented
    print("| true shares | statements | ledger | Wilson | width | error | of counts |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for name, truth in TRUTHS.items():
        for size in SIZES:
            held, naive, *rest = measure(source, truth, size, args.cells)
            print(f"| {name} | {size} | {held:.1%} | {naive:.1%} | " + " | ".join(f"{v:.3f}" for v in rest) + " |")
    rng = np.random.default_rng(1)
    said, sure = invented(rng, rng.integers(0, 4, 100_000))
    for cells in (1, 1000, 50_000):
        before = time.perf_counter()
        starts = np.arange(cells) * (100_000 // cells)
        estimate.shares(estimate.likelihood(said, sure), np.ones(100_000), starts)
        print(f"\n100,000 statements in {cells:,} cells: {time.perf_counter() - before:.2f} s")


if __name__ == "__main__":
    main()
