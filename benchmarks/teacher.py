"""Let a larger encoder judge the training pairs, each without having trained on its document, and keep what it thinks.

    python benchmarks/teacher.py --set transformer.encoder=FOLDER_OR_HUB_NAME --output data/teacher.jsonl
    python benchmarks/teacher.py --transfer ../shared/benchmarks/dse --set ... --output build/teacher.jsonl

The training documents are cut into folds by a stable hash; for each, an encoder trained on the others judges it. With
the 110M encoder this takes minutes on a GPU's worth of cores and most of a day on two; --folds and --set change what
is trained. The file that ships came from all-mpnet-base-v2, four folds, four epochs at a learning rate of 5e-5.

With --transfer the encoder is trained once, on all of them, and judges the sentences of a public data set's training
part (benchmarks/outside.py) without their labels: text of real news, added to the pairs that --output has already.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

import numpy as np
from outside import TASKS

from stance import dataset, models
from stance.config import Pipeline, load_model_config, load_pipeline
from stance.io import read_jsonl
from stance.metrics import macro_f1
from stance.models import teacher
from stance.models.base import Row, StanceModel, silent, targets
from stance.records import LABELS

Rows = Sequence[Row]
SETTINGS = ["transformer.teacher=null", "transformer.epochs=4", "transformer.learning_rate=0.00005"]


def trained(settings: Sequence[str], pipeline: Pipeline, train: Rows, validation: Rows) -> StanceModel:
    """An encoder trained on some rows."""
    model = models.build(load_model_config("transformer", settings))
    with tempfile.TemporaryDirectory() as work:
        model.fit(train, validation, pipeline.seed, Path(work) / "checkpoint", silent)
    return model


def main() -> None:
    """Write the soft labels and print how good they are against the gold of the same pairs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folds", type=int, default=4)
    parser.add_argument("--transfer", type=Path, metavar="FOLDER", help="judge this data set's sentences instead")
    parser.add_argument("--output", type=Path, default=Path("data/teacher.jsonl"))
    parser.add_argument("--set", action="append", default=[], dest="settings")
    args = parser.parse_args()
    settings = [*SETTINGS, *args.settings]
    pipeline = load_pipeline(settings)
    folder = Path(pipeline.paths.dataset)
    train, validation = dataset.load(folder, "train").to_list(), dataset.load(folder, "validation").to_list()
    if args.transfer:
        items = [item for _, item in read_jsonl(args.transfer / "train.jsonl")]
        rows = [{"marked": TASKS[args.transfer.name].pairs(item)[0], "context": ""} for item in items]
        model = trained(settings, pipeline, train, validation)
        teacher.write_transfer(args.output, [r["marked"] for r in rows], model.predict_proba(rows))
        print(f"{len(rows)} sentences -> {args.output}")
        return
    fold = np.array([int(sha256(f"teacher {r['doc']}".encode()).hexdigest()[:8], 16) % args.folds for r in train])
    judged = np.zeros((len(train), len(LABELS)))
    for n in range(args.folds):
        model = trained(settings, pipeline, [r for r, f in zip(train, fold, strict=True) if f != n], validation)
        mine = np.flatnonzero(fold == n)
        judged[mine] = model.predict_proba([train[i] for i in mine])
        print(f"fold {n + 1} of {args.folds}: macro F1 {macro_f1(targets([train[i] for i in mine]), judged[mine].argmax(1)):.3f}")  # fmt: skip # noqa: E501
    teacher.write(args.output, train, judged)
    print(f"{len(train)} pairs -> {args.output}, macro F1 {macro_f1(targets(train), judged.argmax(1)):.3f}")


if __name__ == "__main__":
    main()
