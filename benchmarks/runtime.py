"""How fast pairs are judged: the shipped network against a plain transformers pipeline, in turn within one run.

    python benchmarks/runtime.py [--rounds 5] [--pairs 2000]

Both read the same marked sentences of the test split in the same order, tokenising included. The pipeline is
`pipeline("text-classification", batch_size=32)` with the same encoder's trained weights, in 32-bit floats, under the
library's own classification head, which costs what the project's own head costs. Needs a trained transformer in
models/.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import torch
from rich.console import Console
from rich.table import Table
from safetensors.torch import load_file

from stance import dataset
from stance.config import load_pipeline
from stance.io import read_json
from stance.metrics import macro_f1
from stance.models import runtime
from stance.models.base import Probabilities, Row, targets
from stance.models.encoding import PADDING, Encoder, by_length
from stance.models.runtime import SETTINGS, TOKENIZER, Runtime
from stance.models.transformer import WEIGHTS, Network

transformers: Any = import_module("transformers")  # its constructors have no types
PIPELINE, OURS, SINGLE, TOKENS = "transformers pipeline", "this program", "this program, 1 thread", "tokenising alone"


def trained(folder: Path) -> Network:
    """The trained network in 32-bit floats."""
    config = transformers.AutoConfig.from_pretrained(folder / "encoder")
    network = Network(transformers.AutoModel.from_config(config), config.hidden_size, 0.0)
    network.load_state_dict(load_file(folder / WEIGHTS))
    return network.eval()


def write_plain(folder: Path, target: Path) -> None:
    """Write the trained encoder under a BERT classification head as a checkpoint that a pipeline opens."""
    network = trained(folder)
    config = transformers.AutoConfig.from_pretrained(folder / "encoder", num_labels=network.head.out_features)
    classifier = transformers.AutoModelForSequenceClassification.from_config(config)
    classifier.base_model.load_state_dict(network.encoder.state_dict(), strict=False)  # one may have a pooler more
    classifier.save_pretrained(target)
    known = read_json(folder / TOKENIZER)["model"]["vocab"]
    pad = next(t for t in PADDING if t in known)
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_file=str(folder / TOKENIZER), pad_token=pad, model_max_length=config.max_position_embeddings
    )
    tokenizer.save_pretrained(target)


def exact(network: Network, encoder: Encoder, rows: Sequence[Row]) -> Probabilities:
    """What the trained network says, in 32-bit floats."""
    encoded = [encoder.encode(row) for row in rows]
    out = np.zeros((len(rows), network.head.out_features))
    with torch.no_grad():
        for batch in by_length(encoded, 32):
            feeds = {k: torch.from_numpy(v) for k, v in encoder.batch([encoded[i] for i in batch]).items()}
            out[batch] = network(**feeds).softmax(-1).numpy()
    return out


def agreement(model: Runtime, network: Network, encoder: Encoder, rows: Sequence[Row]) -> None:
    """Print how often labels are the trained network's, what that costs, and whether a batch changes any."""
    said, wanted, gold = model.predict_proba(rows), exact(network, encoder, rows), targets(rows)
    same = (said.argmax(1) == wanted.argmax(1)).mean()
    print(f"{len(rows)} pairs: {same:.2%} of labels as in 32-bit floats; probabilities differ by", end=" ")
    print(f"{abs(said - wanted).mean():.4f} on average, {abs(said - wanted).max():.3f} at most")
    print(f"macro F1 {macro_f1(gold, said.argmax(1)):.4f}, in 32-bit floats {macro_f1(gold, wanted.argmax(1)):.4f}")
    usual = runtime.BATCH
    for size in (1, 8, 32):
        runtime.BATCH = size
        again = model.predict_proba(rows)
        print(f"batches of {size:2}: {(again.argmax(1) != said.argmax(1)).sum()} labels differ,", end=" ")
        print(f"probabilities by at most {abs(again - said).max():.0e}")
    runtime.BATCH = usual
    order = np.random.default_rng(0).permutation(len(rows))
    again = model.predict_proba([rows[i] for i in order])
    print(f"shuffled:      {(again.argmax(1) != said[order].argmax(1)).sum()} labels differ")


def speed(candidates: dict[str, Callable[[], object]], rounds: int, pairs: int) -> None:
    """Print medians over rounds, and of the rounds' ratios to the pipeline, by the clock and by processor time."""
    clocks = {"second": time.perf_counter, "second of one core": time.process_time}
    taken: dict[tuple[str, str], list[float]] = {(c, name): [] for c in clocks for name in candidates}
    for _ in range(rounds):
        for name, run in candidates.items():
            start = {c: clock() for c, clock in clocks.items()}
            run()
            for c, clock in clocks.items():
                taken[c, name].append(clock() - start[c])
    for c in clocks:
        table = Table(
            "", f"pairs a {c}", "times the pipeline", "range", title=f"{pairs} pairs, {rounds} rounds in turn"
        )
        for name in candidates:
            ratios = [a / b for a, b in zip(taken[c, PIPELINE], taken[c, name], strict=True)]
            middle = f"{pairs / statistics.median(taken[c, name]):.0f}", f"{statistics.median(ratios):.1f}"
            table.add_row(name, *middle, f"{min(ratios):.1f} to {max(ratios):.1f}")
        Console(width=100).print(table)


def main() -> None:
    """Print agreement, then speed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--pairs", type=int, default=2000)
    args = parser.parse_args()
    transformers.logging.set_verbosity_error()
    paths = load_pipeline().paths
    folder = Path(paths.models) / "transformer"
    rows = dataset.load(Path(paths.dataset), "test").to_list()
    network = trained(folder)
    with tempfile.TemporaryDirectory() as copy:
        write_plain(folder, Path(copy))
        plain = transformers.pipeline("text-classification", model=copy, tokenizer=copy, batch_size=32, device="cpu")
    settings = read_json(folder / SETTINGS)
    encoder = Encoder.from_file(folder / TOKENIZER, settings["max_tokens"], settings["context_tokens"])
    model = Runtime.load(folder)
    agreement(model, network, encoder, rows)
    some = [rows[i] for i in np.random.default_rng(13).permutation(len(rows))[: args.pairs]]
    single = Runtime.load(folder, 1)
    texts = [row["marked"] for row in some]
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores before timing; without other work it is near 0")
    candidates: dict[str, Callable[[], object]] = {
        PIPELINE: lambda: plain(texts, batch_size=32),
        OURS: lambda: model.predict_proba(some),
        SINGLE: lambda: single.predict_proba(some),
        TOKENS: lambda: [encoder.encode(row) for row in some],
    }
    speed(candidates, args.rounds, len(some))


if __name__ == "__main__":
    main()
