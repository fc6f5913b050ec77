"""Do the ledger's 95% intervals hold the truth? Cells with known shares, labels wrong as the released model's are.

    python benchmarks/ledger.py [--real [MODEL] | --confusion] [--cells 400]

Columns: the share of intervals that hold the true share, for the ledger and for Wilson's interval on the counts of
printed stances; the mean width of the ledger's; the mean error of both. Statements are invented, with the confusion of
the validation documents known only as well as those documents tell it (drawn anew for each cell); with --real, they are
a model's own judgements (the released one's) of the test documents, drawn by their gold label. The last lines are the
time for 100,000 statements. --confusion prints the confusion that stance/positions/estimate.py holds, counted again.
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
from stance.positions.estimate import BANDS, CONFUSION, Array, Index
from stance.records import LABELS, STANCES

SIZES = (1, 3, 10, 30, 100, 400, 1000)
NONES = (0.1, 0.3, 0.5)  # of the statements found, how many truly have no stance
EFFECT = 1.5  # pairs of one document are alike: the design effect on the validation documents (docs/confidence.md)
Source = Callable[[np.random.Generator, Index], Index]  # the kinds of statements with these true labels
TRUTHS: dict[str, tuple[float, ...] | None] = {
    "any": None,
    "even": (1 / 3, 1 / 3, 1 / 3),
    "mostly supportive": (0.9, 0.07, 0.03),
    "mostly boycotting": (0.03, 0.12, 0.85),
}


def invented(rng: np.random.Generator, truth: Index, confusion: Array | None = None) -> Index:
    """The kinds of statements by a model with this confusion (default: drawn around the measured one)."""
    if confusion is None:
        confusion = np.stack([rng.dirichlet(column / EFFECT + 0.01) for column in CONFUSION.T], axis=1)
    out = np.empty(len(truth), np.intp)
    for label in range(len(LABELS)):
        at = truth == label
        out[at] = rng.choice(len(confusion), at.sum(), p=confusion[:, label] / confusion[:, label].sum())
    return out


def judged(split: Literal["validation", "test"], model: str = "release") -> tuple[Index, Index]:
    """The kinds of the stances that a model prints on a split, and their gold labels."""
    from stance import dataset, models, registry  # with what trains
    from stance.config import load_pipeline
    from stance.models.base import targets

    paths = load_pipeline(()).paths
    folder = registry.locate(Path(paths.models), model)
    rows = dataset.load(Path(paths.dataset), split).to_list()
    p = models.load(folder, registry.read(folder).kind, 1).predict_proba(rows)
    said = p.argmax(1)
    printed = said != NONE
    return estimate.kinds(said[printed], p.max(1)[printed]), targets(rows)[printed]


def confusion() -> NDArray[np.int64]:
    """CONFUSION, counted again."""
    out = np.zeros(CONFUSION.shape, np.int64)
    np.add.at(out, judged("validation"), 1)
    return out


def held_out(model: str) -> Source:
    """A model's judgements of the test documents, drawn by gold label."""
    kinds, gold = judged("test", model)
    pools = [kinds[gold == label] for label in range(len(LABELS))]

    def draw(rng: np.random.Generator, truth: Index) -> Index:
        return np.array([rng.choice(pools[label]) for label in truth.tolist()])

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
    drawn = []
    for cell in range(cells):
        none = rng.random(size) < NONES[cell % len(NONES)]
        drawn.append(source(rng, np.where(none, NONE, rng.choice(3, size, p=true[cell]))))
    counted = np.array([np.bincount(kind // (len(BANDS) + 1), minlength=len(STANCES)) / size for kind in drawn])
    mean, low, high = estimate.shares(np.concatenate(drawn), np.ones(cells * size), np.arange(cells) * size)
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
    parser.add_argument("--real", nargs="?", const="release", metavar="MODEL")
    parser.add_argument("--cells", type=int, default=400)
    parser.add_argument("--confusion", action="store_true")
    args = parser.parse_args()
    if args.confusion:
        print(confusion().tolist())
        return
    source = held_out(args.real) if args.real else invented
    print("| true shares | statements | ledger | Wilson | width | error | of counts |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for name, truth in TRUTHS.items():
        for size in SIZES:
            held, naive, *rest = measure(source, truth, size, args.cells)
            print(f"| {name} | {size} | {held:.1%} | {naive:.1%} | " + " | ".join(f"{v:.3f}" for v in rest) + " |")
    rng = np.random.default_rng(1)
    kinds = invented(rng, rng.integers(0, 4, 100_000))
    for cells in (1, 1000, 50_000):
        before = time.perf_counter()
        starts = np.arange(cells) * (100_000 // cells)
        estimate.shares(kinds, np.ones(100_000), starts)
        print(f"\n100,000 statements in {cells:,} cells: {time.perf_counter() - before:.2f} s")


if __name__ == "__main__":
    main()
