"""The only file that imports MLflow: one parent run per comparison, a child per model, the champion registered.

Everything is logged from what lies on disk once the comparison is done, so that the files and MLflow agree, an
interrupted job leaves no run that hangs, and predicting never needs a tracking server.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import warnings
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import mlflow
import pandas as pd
from mlflow import MlflowClient
from mlflow.models import ModelSignature
from mlflow.types import ColSpec, DataType, Schema
from mlflow.types.schema import Object, Property

from stance import card, plots, registry
from stance.comparison import Comparison, Result
from stance.config import Pipeline
from stance.dataset import data_digest
from stance.io import read_json
from stance.models.base import targets
from stance.output import PREDICTION
from stance.records import LABELS, STANCES

REGISTERED = "stance"
DESCRIPTION = "mlflow.note.content"  # the tag that MLflow's pages show as a description, in Markdown
ALIAS = "champion"
PROMISED = "0.80"  # the promise of precision whose outcome is among the headline metrics
VIEW = "overview"
PIP = ("numpy", "onnxruntime", "tokenizers", "pydantic", "PyYAML", "nupunkt", "ahocorasick-rs", "scikit-learn", "skops")
EXAMPLE = (
    "ASTANA (Levant Wire) - Turkey said it would send a delegation to the Astana talks.\nThe rebels refused to attend."
)
NOTE = """**Which model reads stance better, and where does it fail?**

The table has the models' runs, the best first by `test_f1` (three stances, held-out documents). Open a run: its page
says where it is weak, and under *Artifacts* are every wrong answer (`errors.json`) and pictures (`plots/`).

| search for | to see |
| --- | --- |
| `tags.kind = 'model'` | the models |
| `tags.kind = 'comparison'` | the jobs: all systems, the paired tests, the positions that the champion finds |
| `tags.kind = 'seeds'` | the models over several seeds, with error bars (`benchmarks/seeds.py`) |
| `tags.kind = 'left-out'` | the models on what training never saw (`benchmarks/left_out.py`) |

Registered model: `stance`, alias `champion`. Predicting needs none of this: `models/` is the source of truth."""
INPUTS = Schema([ColSpec("string", "text"), *(ColSpec("string", n, required=False) for n in ("doc", "date", "outlet"))])
_TYPES: Mapping[str, DataType | Object] = {
    "string": DataType.string,
    "date": DataType.string,
    "int": DataType.long,
    "float": DataType.double,
    "bool": DataType.boolean,
    "probabilities": Object([Property(label, DataType.double) for label in LABELS]),
}
_NULL = ("date", "outlet", "mention_start", "mention_end")  # where they are not known
OUTPUTS = Schema([ColSpec(_TYPES[kind], name, required=name not in _NULL) for name, kind in PREDICTION.items()])
LIMITS = {"max_texts": 1_000, "max_characters": 1_000_000}  # of one request; docs/service.md


def _root() -> Path:
    """The project's folder, also from inside a queued DVC experiment."""
    return Path(os.environ.get("DVC_ROOT", ".")).resolve()


def store_uri(pipeline: Pipeline) -> str:
    """The SQLite store's URI."""
    return f"sqlite:///{_root() / pipeline.tracking.store}"


def open_experiment(pipeline: Pipeline) -> str:
    """The id of the pipeline's experiment, which is made on first use; later MLflow calls go to its store."""
    warnings.filterwarnings("ignore", module=r"mlflow|pandas")
    mlflow.set_tracking_uri(store_uri(pipeline))
    client = MlflowClient()
    found = client.get_experiment_by_name(pipeline.tracking.experiment)
    if found is not None:
        return found.experiment_id
    location = (_root() / pipeline.tracking.artifacts).as_uri()
    return client.create_experiment(pipeline.tracking.experiment, artifact_location=location)


def end_killed(experiment: str) -> None:
    """Mark as killed the runs that say they are running: one that really is says at its end that it has finished."""
    client = MlflowClient()
    for run in client.search_runs([experiment], "attributes.status = 'RUNNING'"):
        client.set_terminated(run.info.run_id, "KILLED")


def _describe(experiment: str, comparison: Comparison) -> None:
    """Give the experiment its note and a saved view that shows the headline columns."""
    columns = [f"metrics.`test_{n}`" for n in ("f1", "f1_supp", "f1_skep", "f1_boyc", "triples")]
    columns += ["metrics.`review_f1`"] if comparison.reviewed else []
    view = {
        "searchFilter": "tags.kind = 'model'",
        "orderByKey": "metrics.`test_f1`",
        "orderByAsc": False,
        "selectedColumns": [*columns, "metrics.`train_seconds`", "attributes.`Created`"],
        "viewMaximized": True,
        "runListHidden": False,
    }
    client = MlflowClient()
    client.set_experiment_tag(experiment, DESCRIPTION, NOTE)
    client.set_experiment_tag(experiment, f"mlflow.sharedViewState.{VIEW}", json.dumps(view))


def link(experiment: str) -> str:
    """The address that opens the comparison's table once `make ui` runs."""
    return (
        f"http://127.0.0.1:5000/#/experiments/{experiment}/runs?workflowType=machine_learning&viewStateShareKey={VIEW}"
    )


def _commit() -> str:
    try:
        out = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return out.stdout.strip()


def _headline(result: Result) -> dict[str, float]:
    """A result's headline metrics under names short enough for the table, the most important first."""
    f = result.figures
    out = {"test_f1": f["macro_f1"]}
    out |= {f"test_f1_{s[:4]}": f["classes"][s]["f1"] for s in STANCES}
    out |= {"test_f1_low": f["macro_f1_low"], "test_f1_high": f["macro_f1_high"], "test_ece": f["calibration_error"]}
    if "end_to_end" in f:
        out["test_triples"] = f["end_to_end"]["triples"]["f1"]
    if kept := f.get("promises", {}).get(PROMISED):
        out |= {f"test_promised_{PROMISED}_{k}": kept[k] for k in ("precision", "share")}
    if own := f.get("review"):
        out |= {f"review_f1{end}": own[f"macro_f1{end}"] for end in ("", "_low", "_high")}
        out |= {f"review_f1_{s[:4]}": own["classes"][s]["f1"] for s in STANCES} | {"review_accuracy": own["accuracy"]}
    out |= {f"audit_{k}": v for k, v in f.get("audit", {}).items()}
    return {k: round(v, 4) for k, v in out.items()}


def _errors(comparison: Comparison, result: Result) -> pd.DataFrame:
    """The wrong answers, the surest first."""
    rows = []
    for row, p, i in zip(comparison.rows, result.probabilities, result.predicted, strict=True):
        if row["label"] != LABELS[i]:
            rows.append(
                {
                    "gold": row["label"],
                    "predicted": LABELS[i],
                    "confidence": round(float(p[i]), 3),
                    "actor": row["actor"],
                    "process": row["process"],
                    "sentence": row["text"],
                    "marked": row["marked"],
                    "doc": row["doc"],
                }
            )
    return pd.DataFrame(rows).sort_values("confidence", ascending=False) if rows else pd.DataFrame({"gold": []})


def _log_result(comparison: Comparison, result: Result) -> None:
    gold = targets(comparison.rows)
    mlflow.log_metrics(_headline(result))
    mlflow.log_figure(plots.confusion_matrix(result.figures["confusion"], result.name), "plots/confusion_matrix.png")
    mlflow.log_figure(plots.precision_recall(result.probabilities, gold, result.name), "plots/precision_recall.png")
    mlflow.log_figure(plots.reliability(result.probabilities, gold, result.name), "plots/reliability.png")
    mlflow.log_table(_errors(comparison, result), "errors.json")
    mlflow.log_dict(result.figures, "evaluation.json")


def _log_model(pipeline: Pipeline, comparison: Comparison, name: str, inputs: Any, said: str) -> None:
    """A trained model's child run: parameters, epochs, results, the served model, and the card on each of its pages."""
    folder = Path(pipeline.paths.models) / name
    manifest, result = registry.read(folder), comparison.results[name]
    about = {"version": manifest.version, "data": manifest.data, "seed": pipeline.seed}
    mlflow.log_params({**about, **_flat(manifest.config)})
    if manifest.data == data_digest(Path(pipeline.paths.dataset)):  # else it was trained before the data set was built
        mlflow.log_input(inputs, context="train")
    _log_result(comparison, result)  # first: the first metric is the compare view's axis
    mlflow.log_metric("train_seconds", manifest.notes.get("seconds", 0.0))
    for epoch in manifest.notes.get("history", []):
        figures = {k: round(v, 4) for k, v in epoch.items() if k != "epoch"}
        mlflow.log_metrics(figures, step=int(epoch["epoch"]))
    whole = card.render(name, manifest, result.figures)
    mlflow.log_text(whole, "README.md")
    info = mlflow.pyfunc.log_model(name="model", **service(folder, Path(pipeline.paths.codebook)))
    mlflow.log_metrics(_headline(result), model_id=info.model_id)
    MlflowClient().set_logged_model_tags(info.model_id, {DESCRIPTION: whole})
    first = f"{card.summary(name, result.figures)}. {card.weakest(result.figures)}"  # the rest is shown on a click
    mlflow.set_tag(DESCRIPTION, f"{first}\n\n{said}\n\n{whole}")
    if name == comparison.champion:
        _register(f"models:/{info.model_id}", whole)


def service(folder: Path, codebook: Path) -> dict[str, Any]:
    """What MLflow's `log_model` and `save_model` need to keep a model folder as one that takes raw text."""
    return {
        "python_model": str(Path(__file__).with_name("serving.py")),
        "artifacts": {"model": str(folder), "codebook": str(codebook)},
        "code_paths": [str(Path(__file__).parent)],
        "model_config": LIMITS,
        "signature": ModelSignature(INPUTS, OUTPUTS),
        "input_example": pd.DataFrame({"text": [EXAMPLE]}),
        "pip_requirements": [f"{p}=={version(p)}" for p in PIP],
    }


def _register(uri: str, description: str) -> None:
    """Make a logged model the newest version of the registered one, and its champion."""
    client = MlflowClient()
    if not client.search_registered_models(f"name = '{REGISTERED}'"):
        client.create_registered_model(REGISTERED, description="Raw text in, annotations out: actor, process, stance.")
    registered = client.create_model_version(REGISTERED, uri, description=description)
    client.set_registered_model_alias(REGISTERED, ALIAS, registered.version)


def _flat(config: Mapping[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in config.items() if k != "kind"}


def _about(comparison: Comparison) -> str:
    docs = len({row["doc"] for row in comparison.rows})
    own = f", {len(comparison.reviewed)} reviewed ones of your own" if comparison.reviewed else ""
    return f"{len(comparison.rows)} candidates of {docs} held-out documents{own}"


def log(pipeline: Pipeline, comparison: Comparison, files: Path, command: Sequence[str] | None = None) -> str:
    """Record a comparison, with a folder's files as artifacts; returns the link that opens it."""
    experiment = open_experiment(pipeline)
    end_killed(experiment)
    _describe(experiment, comparison)
    data = read_json(Path(pipeline.paths.dataset) / "report.json")
    frame = pd.read_parquet(Path(pipeline.paths.dataset) / "train.parquet", columns=["marked", "label"])
    inputs = mlflow.data.from_pandas(frame, source=pipeline.paths.dataset, name="stance-train", targets="label")  # type: ignore[attr-defined]
    tags = {
        "git.commit": _commit(),
        "data.corpus": data["corpus"],
        "data.gold": data["gold"],
        "codebook": data["codebook"],
    }
    if stage := os.environ.get("DVC_STAGE"):
        tags["dvc.stage"] = stage
    said = "`" + shlex.join(["python", "-m", *(command or ["stance.evaluate"])]) + "`"
    names = [*pipeline.models, *(n for n in comparison.results if n not in pipeline.models)]
    table = card.overview({n: comparison.results[n].figures for n in names}, comparison.champion)
    with mlflow.start_run(
        experiment_id=experiment,
        run_name=f"comparison: {comparison.champion} is champion",
        description=f"{table}\n\n{_about(comparison)}\n\n{said}",
        tags={**tags, "kind": "comparison"},
    ):
        best = comparison.results[comparison.champion]
        mlflow.log_metrics(_headline(best))
        figures = [comparison.results[n].figures for n in names]
        chart = plots.comparison(
            names, *([f[k] for f in figures] for k in ("macro_f1", "macro_f1_low", "macro_f1_high"))
        )
        mlflow.log_figure(chart, "comparison.png")
        mlflow.log_table(
            pd.DataFrame([{"system": n, **_headline(comparison.results[n])} for n in names]), "comparison.json"
        )
        mlflow.log_artifacts(str(files))
        for name in pipeline.models:
            with mlflow.start_run(experiment_id=experiment, run_name=name, nested=True, tags={**tags, "kind": "model"}):
                _log_model(pipeline, comparison, name, inputs, said)
        for name in names[len(pipeline.models) :]:
            with mlflow.start_run(
                experiment_id=experiment, run_name=name, nested=True, tags={**tags, "kind": "baseline"}
            ):
                _log_result(comparison, comparison.results[name])
    return link(experiment)
