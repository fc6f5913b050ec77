"""Each DVC stage names every module that its command imports and every configuration that it reads."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import GUARD, ROOT, shrink, small_project, watched

STAGES: dict[str, Any] = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
# What a stage imports only on a path that it does not take, or that cannot change its result.
NOT_TAKEN = {
    "label": {"stance/labeling/analysis.py", "stance/dataset.py", "stance/metrics.py", "stance/corpus.py", "stance/models/base.py", "stance/reviews.py", "stance/labeling/review.py", "stance/labeling/agreement.py"},
    "build": set(),
    "evaluate": {"stance/models/transformer.py", "stance/models/teacher.py", "stance/models/lesson.py", "stance/models/checkpoint.py", "stance/models/compress.py", "stance/models/grid.py", "stance/models/export.py"},
}  # fmt: skip


def module_path(name: str) -> Path | None:
    base = ROOT / Path(*name.split("."))
    for path in (base.with_suffix(".py"), base / "__init__.py"):
        if path.exists():
            return path
    return None


def imported(path: Path) -> set[Path]:
    """Modules of the package that a file imports at run time, anywhere in it."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    typing_only = {
        id(child)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
        for child in ast.walk(node)
    }
    names: set[str] = set()
    for node in ast.walk(tree):
        if id(node) in typing_only:
            continue
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return {p for n in names if n.startswith("stance") and (p := module_path(n))}


def closure(start: Path) -> set[str]:
    seen: set[Path] = set()
    todo = [start]
    while todo:
        path = todo.pop()
        if path not in seen:
            seen.add(path)
            todo += imported(path)
    empty = {"stance/__init__.py", "stance/labeling/__init__.py"}
    return {str(p.relative_to(ROOT)) for p in seen} - empty


@pytest.mark.parametrize("stage", ["label", "build", "evaluate"])
def test_a_stage_names_what_it_imports(stage: str) -> None:
    needed = closure(ROOT / "stance" / f"{stage}.py") - NOT_TAKEN[stage]
    named = {d for d in STAGES[stage]["deps"] if d.startswith("stance/")}
    missing = needed - named
    if stage == "label":  # the analysis branch is not taken by --silver
        missing -= closure(ROOT / "stance/labeling/analysis.py")
    assert not missing
    # MLflow runs the one by its path; the codebook reads the other.
    assert named <= needed | {"stance/serving.py", "stance/english.yaml"}
    assert "stance/english.yaml" in named


def test_a_training_stage_names_its_model_and_no_other() -> None:
    stage = STAGES["train"]
    assert "stance/models/${item.model}.py" in stage["deps"]
    assert {"configs/${item.model}.yaml": None} in stage["params"]
    assert not {d for d in stage["deps"] if "tfidf" in d or "transformer" in d}


def test_every_dependency_exists() -> None:
    for stage in STAGES.values():
        for path in stage["deps"]:
            if path.startswith(("stance/", "configs/", "data/corpus", "data/review")) and "${" not in path:
                assert (ROOT / path).exists(), path


def test_repro_runs_the_job_once_and_then_only_what_changed(tmp_path: Path) -> None:
    """`dvc repro` does the whole job; again, nothing; after a change to the baseline's file, only the baseline.

    All of it without a connection, and with the telemetry of its libraries off.
    """
    folder = small_project(tmp_path / "project")
    shrink(folder / "configs")
    shutil.copytree(ROOT / "stance", folder / "stance", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("dvc.yaml", ".gitignore"):
        shutil.copy(ROOT / name, folder)
    (folder / "data" / "raw").mkdir()
    (folder / "data" / "review").mkdir()
    binaries = str(Path(sys.executable).parent)
    log = tmp_path / GUARD
    environment = watched(log) | {"PATH": f"{binaries}{os.pathsep}{os.environ['PATH']}", "DVC_NO_ANALYTICS": "true"}
    environment["PYTHONPATH"] = environment["PYTHONPATH"].removesuffix(str(ROOT)) + str(folder)

    def run(*command: str) -> str:
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    run("git", "init", "--quiet")
    run("dvc", "init", "--quiet")
    shutil.copy(ROOT / ".dvc/config", folder / ".dvc/config")
    del environment["DVC_NO_ANALYTICS"]
    first = run("dvc", "repro")
    for stage in ("label", "build", "train@tfidf", "train@transformer", "evaluate"):
        assert f"Running stage '{stage}'" in first
    assert (folder / "metrics/evaluation.json").exists()
    assert "Running stage" not in run("dvc", "repro")
    path = folder / "configs/tfidf.yaml"
    path.write_text(path.read_text().replace("C: 1.0", "C: 0.5"))
    again = run("dvc", "repro")
    assert [line for line in again.splitlines() if line.startswith("Running stage")] == [
        "Running stage 'train@tfidf':",
        "Running stage 'evaluate':",
    ]
    seen = set(log.read_text(encoding="utf-8").splitlines())
    assert seen == {f"{library} is imported with its telemetry off" for library in ("huggingface_hub", "mlflow")}
