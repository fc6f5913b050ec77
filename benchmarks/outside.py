"""Our models, trained and scored on public data sets of directed stance and of sentiment toward a target.

    python benchmarks/outside.py dse ../shared/benchmarks/dse [--models tfidf] [--set FILE.KEY=VALUE] [--test]

Only the mapping of the columns is this file's: a row becomes marked pairs as the program has them, its label one of
the program's labels for each pair, and the answer is the label whose pairs are jointly the most probable. Models and
settings are the project's, but for OURS. It scores the validation part; with `--test` the test part as well, beside
the published figures. Both go to MLflow under EXPERIMENT. No model is kept. See docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import logging
import os
import re
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stance import cli, models
from stance.candidates import ACTOR, PROCESS
from stance.config import ModelConfig, Pipeline, as_dict, load_model_config, load_pipeline
from stance.errors import InputError
from stance.io import read_jsonl
from stance.models.base import Predictor, Progress, Row
from stance.records import LABELS, Label, Span

EXPERIMENT = "outside benchmarks"
# No teacher has judged these sentences, and their pairs without a stance are as many as they really are.
OURS = ("transformer.teacher=null", "transformer.none_per_stance=1000", "transformer.epochs=3")
NOBODY = ("None", "Not in the list")  # seesaw's entities that stand for no name
log = logging.getLogger(__name__)
Item = Mapping[str, Any]


def marked(text: str, actor: Span | None, process: Span | None, names: Sequence[str] = ("", "")) -> str:
    """A sentence with the words of a pair replaced by their markers.

    A member without words in the sentence stands at its head or end, as in `stance.candidates`, with its name of
    `names` behind the marker if it has one.
    """
    for span, marker in sorted([(s, m) for s, m in ((actor, ACTOR), (process, PROCESS)) if s], reverse=True):
        text = text[: span[0]] + marker + text[span[1] :]
    said = [f"{marker} {name}".rstrip() for marker, name in zip((ACTOR, PROCESS), names, strict=True)]
    text = text if actor else f"{said[0]}: {text}"
    return text if process else f"{text} ({said[1]})"


def dse_pairs(item: Item) -> list[str]:
    """Each entity as the actor once, and once as what is judged: (p, q) and (q, p)."""
    p, q = tuple(item["p"]), tuple(item["q"])
    return [marked(item["text"], p, q), marked(item["text"], q, p)]


def newsmtsc_pairs(item: Item) -> list[str]:
    """The author, for whom the sentence has no words, and the target."""
    return [marked(item["text"], None, tuple(item["target"]))]


def where(name: str, text: str) -> Span | None:
    """Where a canonical name stands in a sentence: whole, else by its last word, else by its first."""
    words = name.split()
    for form in (name, words[-1], words[0]):
        found = re.search(rf"\b{re.escape(form)}\b", text, re.IGNORECASE) if len(form) > 3 else None
        if found:
            return found.span()
    return None


def seesaw_pairs(item: Item) -> list[str]:
    """Source and target, which are named without saying where they stand."""
    names = [item[side] if item[side] not in NOBODY else "" for side in ("subject", "object")]
    source, target = (where(name, item["text"]) if name else None for name in names)
    if source and target and source[0] < target[1] and target[0] < source[1]:
        target = None
    return [marked(item["text"], source, target, names)]


@dataclass(frozen=True)
class Task:
    """One data set: its files by part, its labels as labels of its pairs, and what is published on its test part.

    `columns` are the figures: a part and how its F1 is averaged; `published` has them by system, None where unknown.
    """

    validation: dict[str, str]
    test: dict[str, str]
    pairs: Callable[[Item], list[str]]
    outcomes: dict[str, tuple[Label, ...]]
    columns: tuple[tuple[str, str], ...]
    published: dict[str, Sequence[float | None]]


TASKS = {
    "dse": Task(
        validation={"whole": "valid"},
        test={"whole": "test"},
        pairs=dse_pairs,
        outcomes={
            "neutral": ("none", "none"),
            "p_pos_q": ("supportive", "none"),
            "q_pos_p": ("none", "supportive"),
            "p_neg_q": ("skeptical", "none"),
            "q_neg_p": ("none", "skeptical"),
        },
        columns=(("whole", "micro"), ("whole", "macro"), ("clean", "micro"), ("clean", "macro")),
        published={
            "majority": (0.653, 0.158, 0.736, 0.170),
            "names alone, TF-IDF": (None, 0.409, None, 0.270),
            "TF-IDF with names": (0.817, 0.634, 0.757, 0.319),
            "TF-IDF with names, class-weighted": (None, 0.621, 0.716, 0.367),
            "RoBERTa-base": (0.838, 0.706, None, None),
            "DSE2QA": (0.797, 0.677, None, None),
            "POLITICS": (0.842, 0.711, None, None),
            "POLITICS, transitive consistency": (0.852, 0.725, None, None),
            "BLOOMZ-176B, 25-shot": (0.211, 0.186, None, None),
        },
    ),
    "newsmtsc": Task(
        validation={"rw": "rw-dev", "mt": "mt-dev"},
        test={"rw": "rw-test", "mt": "mt-test"},
        pairs=newsmtsc_pairs,
        outcomes={"positive": ("supportive",), "neutral": ("none",), "negative": ("skeptical",)},
        columns=(("rw", "macro"), ("mt", "macro")),
        published={
            "TF-IDF with names": (0.616, 0.588),
            "BERT-base": (0.801, 0.737),
            "RoBERTa-base": (0.811, 0.794),
            "GRU-TSC": (0.831, 0.825),
        },
    ),
    "seesaw": Task(
        validation={"whole": "valid"},
        test={"whole": "test"},
        pairs=seesaw_pairs,
        outcomes={"positive": ("supportive",), "negative": ("skeptical",)},
        columns=(("whole", "micro"),),
        published={
            "majority": (0.628,),
            "TF-IDF with names": (0.651,),
            "RoBERTa-base": (0.837,),
            "DSE2QA": (0.834,),
            "POLITICS": (0.840,),
            "POLITICS, transitive consistency": (0.841,),
            "BLOOMZ-176B, 10-shot": (0.773,),
        },
    ),
}


def read(task: Task, path: Path) -> list[Item]:
    """A file's rows.

    Raises:
        InputError: a row whose label the task does not have.
    """
    items: list[Item] = []
    for line, item in read_jsonl(path):
        if item.get("label") not in task.outcomes:
            raise InputError(f"{item.get('label')!r} is not one of {', '.join(task.outcomes)}", path, line, "label")
        items.append(item)
    return items


def as_rows(task: Task, items: Sequence[Item]) -> list[dict[str, Any]]:
    """The items' pairs as rows that a model trains on and judges."""
    return [
        {"marked": text, "context": "", "label": label, "weight": 1.0}
        for item in items
        for text, label in zip(task.pairs(item), task.outcomes[item["label"]], strict=True)
    ]


def decode(task: Task, probabilities: NDArray[np.float64]) -> list[str]:
    """The answer for each item: the label whose pairs are jointly the most probable.

    `probabilities` has the shape (items x pairs of an item, LABELS).
    """
    names, width = list(task.outcomes), len(next(iter(task.outcomes.values())))
    wanted = np.array([[LABELS.index(label) for label in pairs] for pairs in task.outcomes.values()])
    by_item = probabilities.reshape(-1, 1, width, len(LABELS))
    joint = np.take_along_axis(by_item, wanted[None, :, :, None], axis=3).prod(axis=(2, 3))
    return [names[i] for i in joint.argmax(1)]


def score(task: Task, parts: Mapping[str, Sequence[Item]], model: Predictor) -> list[float]:
    """A model's F1 in each of the task's columns; `clean` are the rows whose sentence is in no training row."""
    from sklearn.metrics import f1_score

    answers = {part: decode(task, model.predict_proba(as_rows(task, items))) for part, items in parts.items()}
    out = []
    for part, average in task.columns:
        whole = "whole" if part == "clean" else part
        kept = [
            (item["label"], answer)
            for item, answer in zip(parts[whole], answers[whole], strict=True)
            if not (part == "clean" and item["in_train"])
        ]
        gold, given = zip(*kept, strict=True)
        out.append(float(f1_score(gold, given, average=average, labels=list(task.outcomes), zero_division=0)))
    return out


def reporter() -> Progress:
    """Progress as log lines, one a twentieth, so that a long run can be followed in a file."""
    start, last = time.perf_counter(), -1

    def report(name: str, share: float) -> None:
        nonlocal last
        if int(share * 20) > last:
            last = int(share * 20)
            log.info("%s: %3.0f%% after %.0f s", name, share * 100, time.perf_counter() - start)

    return report


def record(pipeline: Pipeline, task: str, name: str, config: ModelConfig, figures: Mapping[str, float]) -> None:
    """A run in MLflow: the model's settings and its figures, no files."""
    import mlflow

    from stance.tracking import store_uri

    mlflow.set_tracking_uri(store_uri(pipeline))
    mlflow.set_experiment(EXPERIMENT)
    with mlflow.start_run(run_name=f"{task}: {name}", tags={"kind": "outside"}):
        mlflow.log_params({"data": task, "seed": pipeline.seed, **as_dict(config)})
        mlflow.log_metrics(dict(figures))


def fit(config: ModelConfig, rows: Sequence[Row], held_out: Sequence[Row], seed: int) -> tuple[Predictor, float]:
    """A trained model, and the seconds it took; its checkpoints go where nobody keeps them."""
    model = models.build(config)
    with tempfile.TemporaryDirectory() as work:
        done = model.fit(rows, held_out, seed, Path(work) / "checkpoint", reporter())
    for epoch in done.history:
        log.info("%s: %s", config.kind, {k: round(v, 4) for k, v in epoch.items()})
    return model, done.seconds


def show(title: str, task: Task, systems: Mapping[str, Sequence[float | None]]) -> None:
    """Print a table of systems and their figures."""
    rows = [[name, *("" if x is None else f"{x:.3f}" for x in scores)] for name, scores in systems.items()]
    cli.table(title, ["system", *(f"{part} {average} F1" for part, average in task.columns)], rows)


def run(args: argparse.Namespace) -> int:
    """Train and score each model; print the tables."""
    settings = [*OURS, *args.settings]
    pipeline, task = load_pipeline(settings), TASKS[args.task]
    if pipeline.threads:
        os.environ["OMP_NUM_THREADS"] = str(pipeline.threads)
    rows = as_rows(task, read(task, args.folder / "train.jsonl"))
    files = {"validation": task.validation} | ({"test": task.test} if args.test else {})
    data = {
        split: {part: read(task, args.folder / f"{stem}.jsonl") for part, stem in stems.items()}
        for split, stems in files.items()
    }
    held_out = as_rows(task, [item for items in data["validation"].values() for item in items])
    log.info("%s: %d training pairs, %d for validation", args.task, len(rows), len(held_out))
    results: dict[str, dict[str, Sequence[float | None]]] = {split: {} for split in data}
    for name in args.models or pipeline.models:
        config = load_model_config(name, settings)
        model, seconds = fit(config, rows, held_out, pipeline.seed)
        figures = {"train_seconds": seconds}
        for split, parts in data.items():
            scores = score(task, parts, model)
            results[split][f"ours: {name}"] = scores
            figures |= {f"{split}_{p}_{a}_f1": x for (p, a), x in zip(task.columns, scores, strict=True)}
        log.info("%s: %s", name, {k: round(v, 4) for k, v in figures.items()})
        if pipeline.tracking.enabled:
            record(pipeline, args.task, name, config, figures)
    for split, ours in results.items():
        show(f"{args.task}, {split}", task, (task.published if split == "test" else {}) | ours)
    return cli.DONE


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("task", choices=TASKS)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--models", nargs="+", help="those of pipeline.yaml, if none are named")
    parser.add_argument("--set", action="append", default=[], dest="settings", metavar="FILE.KEY=VALUE")
    parser.add_argument("--test", action="store_true", help="score the test part too: once, with final settings")
    parser.add_argument("--quiet", action="store_true", help="only the tables")
    parser.add_argument("--debug", action="store_true", help="show a traceback instead of one line")
    return cli.run("outside", run, parser.parse_args(argv))


if __name__ == "__main__":
    sys.exit(main())
