"""The whole job on a small project: what it leaves on disk, in MLflow, and on the screen."""

from __future__ import annotations

import json
from pathlib import Path

import mlflow
import pandas as pd
import pytest

from stance import evaluate, label, registry, train
from stance.config import load_pipeline
from stance.output import PREDICTION
from stance.tracking import ALIAS, DESCRIPTION, LIMITS, REGISTERED, VIEW, end_killed, open_experiment, store_uri
from tests.conftest import SMALL

TEXT = "Syria talks open in Astana\n\nTurkey hosted the Astana talks on Syria. Iran refused to attend the Geneva talks on Syria."


@pytest.fixture
def client(inside: Path) -> mlflow.MlflowClient:
    mlflow.set_tracking_uri(store_uri(load_pipeline()))
    return mlflow.MlflowClient()


def runs(client: mlflow.MlflowClient, kind: str) -> list[mlflow.entities.Run]:
    (experiment,) = [e for e in client.search_experiments() if e.name == "stance"]
    return list(client.search_runs([experiment.experiment_id], f"tags.kind = '{kind}'"))


def test_the_files_that_remain(inside: Path) -> None:
    assert registry.read(inside / "models/tfidf").kind == "tfidf"
    manifest = registry.read(inside / "models/transformer")
    assert len(manifest.notes["history"]) == 2
    assert set(manifest.files) == {
        "model.safetensors",
        "model.onnx",
        "tokenizer.json",
        "inference.json",
        "confidence.json",
        "encoder/config.json",
    }
    evaluation = json.loads((inside / "metrics/evaluation.json").read_text())
    assert evaluation["champion"] == registry.current(inside / "models")
    assert set(evaluation["systems"]) == {
        "majority class",
        "actor prior",
        "names only",
        "rules",
        "tfidf",
        "transformer",
    }
    for figures in evaluation["systems"].values():
        assert figures["macro_f1_low"] <= figures["macro_f1"] <= figures["macro_f1_high"]
    assert set(evaluation["systems"]["transformer"]["against"]) == {"tfidf"}
    for name in ("tfidf", "transformer"):
        thresholds = json.loads((inside / f"models/{name}/confidence.json").read_text())["thresholds"]
        attained = [promised for promised, least in thresholds.items() if least is not None]
        assert list(evaluation["systems"][name]["promises"]) == attained
    assert [path.name for path in (inside / "models").glob(".*")] == [".lock"]


def test_mlflow_and_the_files_agree(inside: Path, client: mlflow.MlflowClient) -> None:
    evaluation = json.loads((inside / "metrics/evaluation.json").read_text())["systems"]
    (parent,) = runs(client, "comparison")
    assert parent.info.status == "FINISHED"
    assert {"comparison.png", "comparison.json", "ledger.csv", "report.html"} <= {
        f.path for f in client.list_artifacts(parent.info.run_id)
    }
    models = {r.info.run_name: r for r in runs(client, "model")}
    assert set(models) == {"tfidf", "transformer"}
    for name, run in models.items():
        assert run.data.tags["mlflow.parentRunId"] == parent.info.run_id
        assert run.data.metrics["test_f1"] == round(evaluation[name]["macro_f1"], 4)
        assert run.data.metrics["test_triples"] == round(evaluation[name]["end_to_end"]["triples"]["f1"], 4)
        assert run.inputs is not None
        assert run.inputs.dataset_inputs
        files = {f.path for f in client.list_artifacts(run.info.run_id)}
        assert {"plots", "errors.json", "README.md", "evaluation.json"} <= files
        assert "plots/reliability.png" in {f.path for f in client.list_artifacts(run.info.run_id, "plots")}
        assert len(run.data.params.keys() - LIMITS) <= 20  # MLflow adds the limits of the service
    assert len(client.get_metric_history(models["transformer"].info.run_id, "val_f1")) == 2
    assert {r.info.run_name for r in runs(client, "baseline")} == {
        "majority class",
        "actor prior",
        "names only",
        "rules",
    }


def test_the_experiment_opens_on_its_headline_columns(client: mlflow.MlflowClient) -> None:
    (experiment,) = [e for e in client.search_experiments() if e.name == "stance"]
    view = json.loads(experiment.tags[f"mlflow.sharedViewState.{VIEW}"])
    assert view["orderByKey"] == "metrics.`test_f1`"
    assert view["selectedColumns"][0] == "metrics.`test_f1`"


def test_the_champion_is_registered_and_takes_raw_text(inside: Path, client: mlflow.MlflowClient) -> None:
    version = client.get_model_version_by_alias(REGISTERED, ALIAS)
    assert registry.current(inside / "models") in (version.description or "")
    model = mlflow.pyfunc.load_model(f"models:/{REGISTERED}@{ALIAS}")
    found = model.predict(pd.DataFrame({"text": [TEXT, "Nothing of note."]}))
    assert list(found.columns) == list(PREDICTION)
    for row in found.itertuples():
        assert TEXT[row.start : row.end] == row.text
        assert row.doc == "0"


def test_a_run_that_a_killed_job_left_running_is_marked(inside: Path, client: mlflow.MlflowClient) -> None:
    experiment = open_experiment(load_pipeline())
    before = {run.info.run_id for run in client.search_runs([experiment])}
    left = client.create_run(experiment).info.run_id
    end_killed(experiment)
    assert client.get_run(left).info.status == "KILLED"
    assert {client.get_run(run).info.status for run in before} == {"FINISHED"}
    client.delete_run(left)


def test_the_card_stands_on_each_page_of_a_model_and_all_systems_on_the_comparison(
    inside: Path, client: mlflow.MlflowClient
) -> None:
    (parent,) = runs(client, "comparison")
    about = parent.data.tags[DESCRIPTION]
    figures = json.loads((inside / "metrics/evaluation.json").read_text())
    for name, f in figures["systems"].items():
        shown = f"**{name}**" if name == figures["champion"] else name
        assert f"| {shown} | {f['macro_f1']:.3f} | {f['macro_f1_low']:.3f} to {f['macro_f1_high']:.3f} |" in about
    test = figures["systems"]["transformer"]["against"]["tfidf"]
    assert about.startswith(f"transformer against tfidf: {test['difference']:+.3f} macro F1, p = {test['p']:.4f}")
    for run in runs(client, "model"):
        path = client.download_artifacts(run.info.run_id, "README.md")
        whole = Path(path).read_text(encoding="utf-8")
        assert run.data.tags[DESCRIPTION].endswith(whole)
        assert run.data.tags[DESCRIPTION].startswith(f"{run.info.run_name}: macro F1 ")
        assert run.outputs
        (model,) = run.outputs.model_outputs
        assert client.get_logged_model(model.model_id).tags[DESCRIPTION] == whole
        if run.info.run_name == figures["champion"]:
            assert client.get_model_version_by_alias(REGISTERED, ALIAS).description == whole


def test_the_ledger_of_the_held_out_documents_counts_what_the_champion_found(
    inside: Path, client: mlflow.MlflowClient
) -> None:
    (parent,) = runs(client, "comparison")
    held = {row["doc"] for row in pd.read_parquet(inside / "data/dataset/test.parquet").to_dict("records")}
    ledger = pd.read_csv(client.download_artifacts(parent.info.run_id, "ledger.csv"))
    evaluation = json.loads((inside / "metrics/evaluation.json").read_text())
    assert set(ledger["evidence_doc"]) <= held
    assert set(ledger["models"]) == {evaluation["systems"][evaluation["champion"]]["version"]}
    report = Path(client.download_artifacts(parent.info.run_id, "report.html")).read_text(encoding="utf-8")
    assert f"{ledger['sentences'].sum():,} statement" in report


def test_evaluating_again_adds_a_comparison_and_prints_the_table(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    off = "--set=pipeline.tracking.enabled=false"
    assert evaluate.main([*SMALL[:8], off]) == 0
    out = capsys.readouterr().out
    for words in ("majority class", "actor prior", "transformer against tfidf", "python -m stance.predict", "make ui"):
        assert words in out
    assert not Path("mlflow.db").exists()


def test_an_unknown_model_is_refused(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert train.main(["oracle"]) == 2
    assert "no model 'oracle' in pipeline.models (tfidf, transformer)" in capsys.readouterr().err


def test_label_annotates_raw_text(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("talks.txt").write_text(TEXT, encoding="utf-8")
    assert label.main(["talks.txt", "-q"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert ("Iran", "geneva", "boycotting", ["refuses"]) in [
        (r["actor"], r["process"], r["label"], r["rules"]) for r in rows
    ]


def test_label_analyzes_its_rules(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert label.main(["--analyze", "-q"]) == 0
    out = capsys.readouterr().out
    assert "will_not_go" in out
    assert "dawid_skene" in out
