"""Every model trained with several seeds, beside the baselines that need none: means, deviations and paired tests.

    python benchmarks/seeds.py [--seeds 5] [--set transformer.epochs=3]

Trained on the built data set with the project's settings, scored on the test documents. Each seed's predictions are
kept (benchmarks/trials.py), so that an interrupted run goes on. Intervals and tests: benchmarks/paired.py; the tests'
p are adjusted for their number after Holm (1979). Writes metrics/seeds.json and a run of kind `seeds` in MLflow, with a
child for each training. TF-IDF comes out the same with every seed: its solver leaves nothing to chance.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from paired import Tables, difference, holm, interval, scores, tables
from trials import opened, parser, predictions, recorded

from stance import cli, dataset
from stance.comparison import MAJORITY, majority_class
from stance.config import Pipeline, load_model_config
from stance.io import write_json
from stance.metrics import per_class
from stance.models.base import Row, targets
from stance.models.names import NAMES, PRIOR, ActorPrior, NamesModel
from stance.pipeline import RULES, RulesModel
from stance.records import STANCES

FILE = "seeds.json"


def baselines(train: Sequence[Row], test: Sequence[Row], seed: int) -> dict[str, Any]:
    """What each baseline says of the test rows, shape (test, LABELS)."""
    return {
        RULES: RulesModel().predict_proba(test),
        NAMES: NamesModel(train, seed).predict_proba(test),
        PRIOR: ActorPrior(train).predict_proba(test),
        MAJORITY: majority_class(train, test),
    }


def by_seed(pipeline: Pipeline, settings: Sequence[str], seeds: Sequence[int]) -> tuple[dict[str, Tables], int]:
    """Each system's confusion by seed and document, models first, and how many test pairs there are."""
    folder = Path(pipeline.paths.dataset)
    train, validation, test = (dataset.load(folder, name).to_list() for name in dataset.SPLITS)
    test = [r for r in test if r["source"] != dataset.REVIEW]
    said = {
        name: [predictions(load_model_config(name, settings), train, validation, test, seed) for seed in seeds]
        for name in pipeline.models
    }
    said |= {name: [p] for name, p in baselines(train, test, pipeline.seed).items()}
    gold, docs = targets(test), [r["doc"] for r in test]
    return {name: tables(gold, [p.argmax(1) for p in given], docs) for name, given in said.items()}, len(test)


def figures(found: Tables, seed: int) -> dict[str, Any]:
    """A system's mean macro F1 with its interval, the standard deviation over seeds, and every seed's figures."""
    each = scores(found)
    low, high = interval(found, seed)
    classes = [{s: per_class(matrix)[s].f1 for s in STANCES} for matrix in found.sum(1)]
    return {
        "mean": float(each.mean()),
        "sd": float(each.std(ddof=1)) if len(each) > 1 else None,
        "low": low,
        "high": high,
        "by_seed": [float(x) for x in each],
        "classes": {s: float(np.mean([c[s] for c in classes])) for s in STANCES},
        "classes_by_seed": classes,
    }


def compared(found: Mapping[str, Tables], models: Sequence[str], seed: int) -> list[dict[str, Any]]:
    """Each model against every system that stands behind it in `found`, the p adjusted for the number of tests."""
    names = list(found)
    pairs = [(a, b) for a in models for b in names if b not in models or names.index(a) > names.index(b)]
    out = [{"system": a, "against": b, **asdict(difference(found[a], found[b], seed))} for a, b in pairs]
    adjusted = holm([row["p"] for row in out])
    return [{**row, "p_holm": p} for row, p in zip(out, adjusted, strict=True)]


def picture(systems: Mapping[str, Mapping[str, Any]]) -> Figure:
    """Each system's mean with one standard deviation over its seeds, the seeds as points, the interval behind them."""
    figure = Figure(figsize=(6.8, 0.55 * len(systems) + 1.3), layout="constrained", dpi=120)
    axes = figure.add_subplot()
    for y, f in enumerate(systems.values()):
        axes.plot([f["low"], f["high"]], [y, y], color="#9ecae1", linewidth=7, solid_capstyle="butt", zorder=1)
        axes.errorbar(f["mean"], y, xerr=f["sd"] or 0, fmt="o", color="#0072B2", capsize=5, zorder=3)
        axes.scatter(f["by_seed"], [y + 0.2] * len(f["by_seed"]), s=14, color="#D55E00", alpha=0.7, zorder=2)
        said = f"{f['mean']:.3f}" + (f" ± {f['sd']:.3f}" if f["sd"] is not None else "")
        axes.annotate(said, (f["high"], y), textcoords="offset points", xytext=(8, -3), fontsize=9)
    title = "mean ± sd over seeds (blue), each seed (red), 95% interval, documents and seeds resampled (pale)"
    axes.set_yticks(range(len(systems)), list(systems))
    axes.set_title(title, fontsize=8, loc="left")
    axes.set(xlim=(0, 1), ylim=(-0.6, len(systems) - 0.4), xlabel="macro F1 over the three stances")
    axes.invert_yaxis()
    axes.grid(axis="x", alpha=0.3)
    return figure


def frame(systems: Mapping[str, Mapping[str, Any]], seeds: Sequence[int]) -> pd.DataFrame:
    """One row a training: the data behind the picture."""
    rows = []
    for name, f in systems.items():
        for n, score in enumerate(f["by_seed"]):
            seed = seeds[n] if len(f["by_seed"]) > 1 else None
            whole = {k: None if f[k] is None else round(f[k], 4) for k in ("mean", "sd", "low", "high")}
            rows.append({"system": name, "seed": seed, "test_f1": round(score, 4), **whole})
    return pd.DataFrame(rows)


def record(pipeline: Pipeline, report: Mapping[str, Any]) -> None:
    """A run with picture and data, and a child for each training."""
    import mlflow

    systems, seeds = report["systems"], report["seeds"]
    best = max(pipeline.models, key=lambda name: systems[name]["mean"])
    note = f"{best}: {systems[best]['mean']:.3f} ± {systems[best]['sd'] or 0:.3f} over {len(seeds)} seeds"
    with recorded(pipeline, f"seeds: {len(seeds)} of each model", "seeds", note) as experiment:
        keys = {"test_f1": "mean", "test_f1_sd": "sd", "test_f1_low": "low", "test_f1_high": "high"}
        mlflow.log_metrics({k: round(systems[best][v] or 0.0, 4) for k, v in keys.items()})
        mlflow.log_figure(picture(systems), "seeds.png")
        mlflow.log_table(frame(systems, seeds), "seeds.json")
        mlflow.log_table(pd.DataFrame(report["tests"]).round(4), "tests.json")
        mlflow.log_dict(dict(report), "report.json")
        for name in pipeline.models:
            for n, seed in enumerate(seeds):
                with mlflow.start_run(
                    experiment_id=experiment, run_name=f"{name}, seed {seed}", nested=True, tags={"kind": "seed"}
                ):
                    mlflow.log_params({"kind": name, "seed": seed})
                    classes = {f"test_f1_{s[:4]}": f for s, f in systems[name]["classes_by_seed"][n].items()}
                    scored = {"test_f1": systems[name]["by_seed"][n], **classes}
                    mlflow.log_metrics({k: round(v, 4) for k, v in scored.items()})


def show(report: Mapping[str, Any]) -> None:
    """Print the systems, then the tests."""
    rows = [
        [
            name,
            f"{f['mean']:.3f}",
            "" if f["sd"] is None else f"{f['sd']:.3f}",
            f"{f['low']:.3f} to {f['high']:.3f}",
            *(f"{f['classes'][s]:.3f}" for s in STANCES),
            " ".join(f"{x:.3f}" for x in f["by_seed"]),
        ]
        for name, f in report["systems"].items()
    ]
    title = f"{report['pairs']} pairs in {report['documents']} test documents, seeds {report['seeds']}"
    cli.table(title, ["system", "macro F1", "sd", "95% interval", *STANCES, "each seed"], rows)
    rows = [
        [
            *(t["system"], t["against"], f"{t['mean']:+.3f}", f"{t['low']:+.3f} to {t['high']:+.3f}"),
            *(f"{t['p']:.4f}", f"{t['p_holm']:.4f}"),
        ]
        for t in report["tests"]
    ]
    cli.table(
        "differences: paired, by document", ["system", "against", "macro F1", "95% interval", "p", "p (Holm)"], rows
    )


def run(args: argparse.Namespace) -> int:
    """Train what is missing; print, write and record."""
    pipeline = opened(args.settings)
    seeds = [pipeline.seed + n for n in range(args.seeds)]
    found, pairs = by_seed(pipeline, args.settings, seeds)
    report = {
        "settings": args.settings,
        "data": dataset.data_digest(Path(pipeline.paths.dataset)),
        "seeds": seeds,
        "pairs": pairs,
        "documents": next(iter(found.values())).shape[1],
        "systems": {name: figures(t, pipeline.seed) for name, t in found.items()},
        "tests": compared(found, pipeline.models, pipeline.seed),
    }
    write_json(Path(pipeline.paths.metrics) / FILE, report)
    show(report)
    if pipeline.tracking.enabled:
        record(pipeline, report)
    return cli.DONE


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point."""
    options = parser(__doc__)
    options.add_argument("--seeds", type=int, default=5)
    return cli.run("seeds", run, options.parse_args(argv))


if __name__ == "__main__":
    sys.exit(main())
