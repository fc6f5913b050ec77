"""Each DVC stage names every module that its command imports and every configuration that it reads."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import ROOT

STAGES: dict[str, Any] = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
# What a stage imports only on a path that it does not take, or that cannot change its result.
NOT_TAKEN = {
    "label": {"stance/labeling/analysis.py", "stance/dataset.py", "stance/metrics.py", "stance/corpus.py", "stance/models/base.py"},
    "build": set(),
    "evaluate": {"stance/models/transformer.py", "stance/models/checkpoint.py", "stance/models/export.py"},
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
    assert named <= needed | NOT_TAKEN[stage]


def test_a_training_stage_names_its_model_and_no_other() -> None:
    stage = STAGES["train"]
    assert "stance/models/${item.model}.py" in stage["deps"]
    assert {"configs/${item.model}.yaml": None} in stage["params"]
    assert not {d for d in stage["deps"] if "tfidf" in d or "transformer" in d}


def test_every_dependency_exists() -> None:
    for stage in STAGES.values():
        for path in stage["deps"]:
            if path.startswith(("stance/", "configs/", "data/corpus")) and "${" not in path:
                assert (ROOT / path).exists(), path
