"""Is more text still paying? A model trained on growing shares of the training documents, scored on the same test set.

    python benchmarks/learning_curve.py [--model tfidf] [--shares 0.1 0.25 0.5 1.0]

Shares are nested (a document in a smaller share is in every larger one) and drawn by a stable hash. The transformer
needs minutes a share on two cores.
"""

from __future__ import annotations

import argparse
import tempfile
from hashlib import sha256
from pathlib import Path

from stance import dataset, models
from stance.config import load_model_config, load_pipeline
from stance.metrics import macro_f1
from stance.models.base import Row, silent, targets


def part(rows: list[Row], share: float) -> list[Row]:
    """The rows of a share of the documents."""
    return [r for r in rows if int(sha256(f"curve {r['doc']}".encode()).hexdigest()[:8], 16) / 16**8 < share]


def main() -> None:
    """Print macro F1 per share."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="transformer")
    parser.add_argument("--shares", type=float, nargs="+", default=[0.1, 0.25, 0.5, 1.0])
    parser.add_argument("--set", action="append", default=[], dest="settings")
    args = parser.parse_args()
    pipeline = load_pipeline(args.settings)
    folder = Path(pipeline.paths.dataset)
    train, validation, test = (dataset.load(folder, name).to_list() for name in dataset.SPLITS)
    for share in args.shares:
        rows = part(train, share)
        model = models.build(load_model_config(args.model, args.settings))
        with tempfile.TemporaryDirectory() as work:
            fit = model.fit(rows, validation, pipeline.seed, Path(work) / "checkpoint", silent)
        score = macro_f1(targets(test), model.predict_proba(test).argmax(1))
        docs = len({r["doc"] for r in rows})
        print(
            f"{share:5.0%}  {docs:5} documents  {len(rows):6} pairs  macro F1 {score:.3f}  {fit.seconds:5.0f} s",
            flush=True,
        )


if __name__ == "__main__":
    main()
