"""Let a larger encoder judge the training pairs, each without having trained on its document, and keep what it thinks.

    python benchmarks/teacher.py --set transformer.encoder=FOLDER_OR_HUB_NAME --output data/teacher.jsonl

The training documents are cut into folds by a stable hash; for each, an encoder trained on the others judges it. With
the 110M encoder this takes minutes on a GPU's worth of cores and most of a day on two; --folds and --set change what
is trained. The file that ships came from all-mpnet-base-v2, four folds, four epochs at a learning rate of 5e-5.
"""

from __future__ import annotations

import argparse
import tempfile
from hashlib import sha256
from pathlib import Path

import numpy as np

from stance import dataset, models
from stance.config import load_model_config, load_pipeline
from stance.metrics import macro_f1
from stance.models import teacher
from stance.models.base import silent, targets
from stance.records import LABELS

SETTINGS = ["transformer.teacher=null", "transformer.epochs=4", "transformer.learning_rate=0.00005"]


def main() -> None:
    """Write the soft labels and print how good they are against the gold of the same pairs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folds", type=int, default=4)
    parser.add_argument("--output", type=Path, default=Path("data/teacher.jsonl"))
    parser.add_argument("--set", action="append", default=[], dest="settings")
    args = parser.parse_args()
    settings = [*SETTINGS, *args.settings]
    pipeline = load_pipeline(settings)
    folder = Path(pipeline.paths.dataset)
    train, validation = dataset.load(folder, "train").to_list(), dataset.load(folder, "validation").to_list()
    fold = np.array([int(sha256(f"teacher {r['doc']}".encode()).hexdigest()[:8], 16) % args.folds for r in train])
    judged = np.zeros((len(train), len(LABELS)))
    for n in range(args.folds):
        model = models.build(load_model_config("transformer", settings))
        with tempfile.TemporaryDirectory() as work:
            rest = [r for r, f in zip(train, fold, strict=True) if f != n]
            model.fit(rest, validation, pipeline.seed, Path(work) / "checkpoint", silent)
        mine = np.flatnonzero(fold == n)
        judged[mine] = model.predict_proba([train[i] for i in mine])
        print(f"fold {n + 1} of {args.folds}: macro F1 {macro_f1(targets([train[i] for i in mine]), judged[mine].argmax(1)):.3f}")  # fmt: skip # noqa: E501
    teacher.write(args.output, train, judged)
    print(f"{len(train)} pairs -> {args.output}, macro F1 {macro_f1(targets(train), judged.argmax(1)):.3f}")


if __name__ == "__main__":
    main()
