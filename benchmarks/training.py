"""How fast the project trains: its loop against the plain Trainer of transformers, in turn within one run.

    python benchmarks/training.py [--examples 6400] [--rounds 2]

Each trains the same encoder for one epoch on the same examples, from rows of text to trained weights, tokenising
included, with the same batch size, longest input, learning rates and schedule, and without a teacher. The plain one is
`Trainer` with `AutoModelForSequenceClassification` in 32-bit floats, shuffled batches padded to their longest row. The
project's loop runs in 32 bits as well, so that its batches of similar length and its bfloat16 show apart. Macro F1 is
of the validation split, which trains neither. Writes metrics/training.json.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import torch
from trials import log, opened, parser

from stance import cli, dataset, models
from stance.candidates import MARKERS
from stance.config import Pipeline, TransformerConfig, load_model_config
from stance.io import write_json
from stance.metrics import macro_f1
from stance.models.base import Row, silent, targets
from stance.models.transformer import encoder_path
from stance.records import LABELS

transformers: Any = import_module("transformers")  # its constructors have no types
FILE = "training.json"
# No teacher, for the Trainer has none; one epoch over every example that is given.
SETTINGS = ("transformer.teacher=null", "transformer.epochs=1", "transformer.none_per_stance=1000")
PLAIN, OURS_FP32, OURS = "plain Trainer, 32 bits", "this program, 32 bits", "this program, bfloat16"
Rounds = dict[str, list[dict[str, float]]]  # by system, the figures of each round
FEW = 64  # validation rows that the project's loop judges after its epoch, as part of what is timed


def drawn(rows: Sequence[Row], number: int, seed: int) -> list[Row]:
    """So many rows, half of them with a stance, shuffled: what an epoch of the project trains on."""
    rng = np.random.default_rng(seed)
    some = [i for i, r in enumerate(rows) if r["label"] != "none" and r["weight"] == 1]
    none = [i for i, r in enumerate(rows) if r["label"] == "none" and r["weight"] == 1]
    half = min(number // 2, len(some), len(none))
    chosen = [*rng.choice(some, half, replace=False), *rng.choice(none, half, replace=False)]
    return [rows[i] for i in rng.permutation(chosen)]


class Plain:
    """The usual script: a sequence classifier, dynamic padding, the Trainer with its defaults."""

    def __init__(self, config: TransformerConfig) -> None:
        self._config = config
        path = encoder_path(config.encoder)
        self._tokenizer = transformers.AutoTokenizer.from_pretrained(path)
        self._tokenizer.add_special_tokens({"additional_special_tokens": list(MARKERS)})
        self._model = transformers.AutoModelForSequenceClassification.from_pretrained(path, num_labels=len(LABELS))
        self._model.resize_token_embeddings(len(self._tokenizer), mean_resizing=False)

    def _encoded(self, rows: Sequence[Row]) -> list[dict[str, Any]]:
        texts = [r["marked"] for r in rows]
        found = self._tokenizer(texts, truncation=True, max_length=self._config.max_tokens)
        columns = list(found)
        return [dict(zip(columns, values, strict=True)) for values in zip(*found.values(), strict=True)]

    def fit(self, rows: Sequence[Row], seed: int) -> float:
        """Train one epoch; returns the seconds it took."""
        c = self._config
        begin = time.perf_counter()
        labelled = [{**e, "labels": int(label)} for e, label in zip(self._encoded(rows), targets(rows), strict=True)]
        with tempfile.TemporaryDirectory() as work:
            arguments = transformers.TrainingArguments(
                output_dir=work,
                num_train_epochs=1,
                per_device_train_batch_size=c.batch_size,
                learning_rate=c.learning_rate,
                weight_decay=c.weight_decay,
                warmup_steps=round(c.warmup * -(-len(rows) // c.batch_size)),
                label_smoothing_factor=c.label_smoothing,
                seed=seed,
                use_cpu=True,
                save_strategy="no",
                logging_strategy="no",
                report_to="none",
                disable_tqdm=True,
            )
            collator = transformers.DataCollatorWithPadding(self._tokenizer)
            transformers.Trainer(self._model, arguments, train_dataset=labelled, data_collator=collator).train()
        return time.perf_counter() - begin

    @torch.no_grad()
    def predicted(self, rows: Sequence[Row]) -> Any:
        """The most probable label of each row."""
        self._model.eval()
        encoded = self._encoded(rows)
        out = np.zeros(len(rows), dtype=np.int64)
        order = sorted(range(len(rows)), key=lambda i: len(encoded[i]["input_ids"]))
        for at in range(0, len(order), self._config.batch_size):
            batch = order[at : at + self._config.batch_size]
            feeds = self._tokenizer.pad([encoded[i] for i in batch], return_tensors="pt")
            out[batch] = self._model(**feeds).logits.argmax(-1).numpy()
        return out


def once(name: str, config: TransformerConfig, rows: Sequence[Row], held: Sequence[Row], seed: int) -> dict[str, float]:
    """Train one system on the rows: examples a second, and macro F1 on the held-out ones."""
    if name == PLAIN:
        torch.manual_seed(seed)
        plain = Plain(config)
        seconds = plain.fit(rows, seed)
        predicted = plain.predicted(held)
    else:
        precision = "bf16" if name == OURS else "fp32"
        model = models.build(config.model_copy(update={"precision": precision}))
        with tempfile.TemporaryDirectory() as work:
            seconds = model.fit(rows, held[:FEW], seed, Path(work) / "checkpoint", silent).seconds
        predicted = model.predict_proba(held).argmax(1)
    f1 = macro_f1(targets(held), predicted)
    out = {"examples_per_second": len(rows) / seconds, "seconds": seconds, "macro_f1": f1}
    log.info("%s: %s", name, {k: round(v, 3) for k, v in out.items()})
    return out


def measure(
    pipeline: Pipeline, settings: Sequence[str], examples: int, rounds: int
) -> dict[str, list[dict[str, float]]]:
    """Every system once a round, in turn; each round has a seed of its own, which also orders the examples."""
    folder = Path(pipeline.paths.dataset)
    train, held = dataset.load(folder, "train").to_list(), dataset.load(folder, "validation").to_list()
    config = load_model_config("transformer", settings)
    if not isinstance(config, TransformerConfig):
        raise TypeError("configs/transformer.yaml holds no transformer")
    out: Rounds = {PLAIN: [], OURS_FP32: [], OURS: []}
    for n in range(rounds):
        rows = drawn(train, examples, pipeline.seed + n)
        for name, done in out.items():
            done.append(once(name, config, rows, held, pipeline.seed + n))
    return out


def summary(found: Rounds) -> list[list[str]]:
    """A row a system: median speed, its ratio to the plain Trainer's by round, macro F1 by round."""
    rows = []
    for name, done in found.items():
        speeds = [d["examples_per_second"] for d in done]
        ratios = [a / b["examples_per_second"] for a, b in zip(speeds, found[PLAIN], strict=True)]
        scored = [d["macro_f1"] for d in done]
        rows.append(
            [
                *(name, f"{statistics.median(speeds):.1f}", f"{statistics.median(ratios):.2f}"),
                *(" ".join(f"{r:.2f}" for r in ratios), f"{statistics.mean(scored):.3f}"),
                " ".join(f"{x:.3f}" for x in scored),
            ]
        )
    return rows


def run(args: argparse.Namespace) -> int:
    """Print and write speed and accuracy."""
    transformers.logging.set_verbosity_error()
    settings = [*SETTINGS, *args.settings]
    pipeline = opened(settings)
    load = os.getloadavg()[0]
    found = measure(pipeline, settings, args.examples, args.rounds)
    report = {"settings": settings, "examples": args.examples, "load_before": load, "rounds": found}
    write_json(Path(pipeline.paths.metrics) / FILE, report)
    print(f"load {load:.1f} on {os.cpu_count()} cores before timing; without other work it is near 0")
    columns = ["system", "examples/s", "times plain", "each round", "macro F1", "each round"]
    cli.table(f"{args.examples} examples, one epoch, {args.rounds} rounds in turn", columns, summary(found))
    return cli.DONE


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point."""
    options = parser(__doc__)
    options.add_argument("--examples", type=int, default=6400)
    options.add_argument("--rounds", type=int, default=2)
    return cli.run("training", run, options.parse_args(argv))


if __name__ == "__main__":
    sys.exit(main())
