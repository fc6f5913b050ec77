"""What to expect of a process, or of a kind of outlet, that was not in training: leave one out, judge it.

    python benchmarks/left_out.py [--set transformer.epochs=2] [--only sochi "state media"]

A model is trained without any example of one process (or without the documents of one kind of outlet), also in
validation, and judges the test documents' examples of it, beside the same model trained on everything. Processes are
masked in what models read: what an unseen one changes is style and events, not names. Leaving one out also leaves less
to train on (the column "pairs"). Kinds are taken in GROUPS; a group or process with fewer than LEAST test pairs is not
judged. No teacher: it has seen every process. Predictions are kept (benchmarks/trials.py), so that an interrupted run
goes on. Writes metrics/left_out.json and a run of kind `left-out` in MLflow.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from paired import difference, interval, scores, tables
from trials import opened, parser, predictions, recorded

from stance import cli, dataset
from stance.config import Pipeline, load_model_config
from stance.errors import ConfigError
from stance.io import read_jsonl, write_json
from stance.models.base import Probabilities, Row, targets

FILE = "left_out.json"
LEAST = 100
SETTINGS = ("transformer.teacher=null",)
GROUPS = {
    "wire services": ("agency", "brief", "liveblog"),
    "officials' own words": ("official", "transcript"),
    "comment and analysis": ("oped", "thinktank", "interview"),
    "local and opposition": ("local", "opposition"),
    "state media": ("state",),
}


@dataclass(frozen=True)
class Case:
    """What is left out: a value of a column, and how a row's is found."""

    column: str
    value: str
    of: Callable[[Row], str]

    def holds(self, row: Row) -> bool:
        """Whether a row is left out."""
        return self.of(row) == self.value


def cases(rows: Sequence[Row], kinds: Mapping[str, str]) -> list[Case]:
    """Every process and group of outlets with LEAST test rows or more, the largest first."""
    group = {kind: name for name, members in GROUPS.items() for kind in members}
    columns: dict[str, Callable[[Row], str]] = {
        "process": lambda row: str(row["process"]),
        "outlets": lambda row: group[kinds[row["doc"]]],
    }
    return [
        Case(column, value, of)
        for column, of in columns.items()
        for value, n in Counter(map(of, rows)).most_common()
        if n >= LEAST
    ]


def judged(case: Case, rows: Sequence[Row], without: Probabilities, whole: Probabilities, seed: int) -> dict[str, Any]:
    """Both models' scores on the rows of a case, and the difference."""
    gold, docs = targets(rows), [r["doc"] for r in rows]
    out, all_in = (tables(gold, [p.argmax(1)], docs) for p in (without, whole))
    low, high = interval(out, seed)
    return {
        "left out": case.column,
        "which": case.value,
        "test pairs": len(rows),
        "documents": len(set(docs)),
        "macro_f1": float(scores(out)[0]),
        "low": low,
        "high": high,
        "macro_f1_with": float(scores(all_in)[0]),
        "difference": asdict(difference(out, all_in, seed)),
    }


def judge(pipeline: Pipeline, settings: Sequence[str], only: Sequence[str]) -> list[dict[str, Any]]:
    """Train what is missing; one result a case and model. Of the cases `only` some, or all if none is named.

    Raises:
        ConfigError: a name in `only` that is no case's.
    """
    folder = Path(pipeline.paths.dataset)
    kinds = {str(d["doc"]): str(d["kind"]) for _, d in read_jsonl(Path(pipeline.paths.corpus))}
    # Of a document outside the corpus nobody has said which kind of outlet it is from.
    parts = ([r for r in dataset.load(folder, name).to_list() if r["doc"] in kinds] for name in dataset.SPLITS)
    train, validation, test = parts
    known = cases(test, kinds)
    if unknown := [name for name in only if name not in {c.value for c in known}]:
        there = ", ".join(f'"{c.value}"' for c in known)
        raise ConfigError(f'"{unknown[0]}" is not one of {there}', "--only")
    results = []
    for name in pipeline.models:
        config = load_model_config(name, settings)
        whole = predictions(config, train, validation, test, pipeline.seed)
        for case in (c for c in known if not only or c.value in only):
            kept, held = ([r for r in rows if not case.holds(r)] for rows in (train, validation))
            index = [i for i, r in enumerate(test) if case.holds(r)]
            rows = [test[i] for i in index]
            without = predictions(config, kept, held, rows, pipeline.seed)
            share = {"model": name, "pairs": len(kept), "of": len(train)}
            results.append(share | judged(case, rows, without, whole[np.array(index)], pipeline.seed))
    return results


def show(results: Sequence[Mapping[str, Any]]) -> None:
    """Print one row a case and model."""
    rows = [
        [
            *(r["model"], r["left out"], r["which"], f"{r['pairs'] / r['of']:.0%}", f"{r['test pairs']}"),
            *(f"{r['macro_f1']:.3f}", f"{r['low']:.3f} to {r['high']:.3f}", f"{r['macro_f1_with']:.3f}"),
            *(f"{d['mean']:+.3f}", f"{d['low']:+.3f} to {d['high']:+.3f}", f"{d['p']:.4f}"),
        ]
        for r, d in ((r, r["difference"]) for r in results)
    ]
    columns = ["model", "left out", "which", "pairs", "test", "without", "interval", "with", "less", "interval", "p"]
    cli.table("macro F1 on the test examples of what was left out, and with it in training", columns, rows)


def record(pipeline: Pipeline, results: Sequence[Mapping[str, Any]]) -> None:
    """A run with the table; its metrics are the differences."""
    import mlflow

    with recorded(pipeline, "left out, one at a time", "left-out", "Macro F1 on what training never saw."):
        rows = [{**r, **{f"difference_{k}": v for k, v in r["difference"].items()}} for r in results]
        mlflow.log_table(pd.DataFrame(rows).drop(columns="difference").round(4), "left_out.json")
        for name in pipeline.models:
            mine = [r for r in results if r["model"] == name]
            mlflow.log_metric(f"{name}_f1_left_out", round(float(np.mean([r["macro_f1"] for r in mine])), 4))
            mlflow.log_metric(f"{name}_f1_with", round(float(np.mean([r["macro_f1_with"] for r in mine])), 4))


def run(args: argparse.Namespace) -> int:
    """Train what is missing; print, write and record."""
    settings = [*SETTINGS, *args.settings]
    pipeline = opened(settings)
    results = judge(pipeline, settings, args.only)
    data = dataset.data_digest(Path(pipeline.paths.dataset))
    report = {"settings": settings, "data": data, "seed": pipeline.seed, "results": results}
    write_json(Path(pipeline.paths.metrics) / FILE, report)
    show(results)
    if pipeline.tracking.enabled:
        record(pipeline, results)
    return cli.DONE


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point."""
    options = parser(__doc__)
    options.add_argument("--only", nargs="*", default=[], metavar="NAME", help="processes and groups to leave out")
    return cli.run("left_out", run, options.parse_args(argv))


if __name__ == "__main__":
    sys.exit(main())
