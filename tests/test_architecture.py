"""Modules have a total order, the order of the data: each imports only from those above it; files stay rooms."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.test_dvc import imported

ORDER = (
    "errors", "records", "io", "schema", "codebook", "config", "dates", "tables", "documents", "sentences", "matcher", "processes", "mentions", "people",
    "speakers", "resolution", "candidates", "corpus", "labeling/rules", "labeling/votes", "models/base", "metrics",
    "labeling/analysis", "labeling/review", "labeling/exchange", "labeling/agreement", "labeling/suspects", "reviews", "dataset", "models/promises", "models/calibration", "models/encoding", "models/runtime", "models/checkpoint", "models/grid", "models/compress", "models/export", "models/teacher", "models/lesson", "models/tfidf", "models/names",
    "models/transformer", "models/__init__", "registry", "cache", "pipeline", "explain", "summary", "comparison", "swaps", "probes", "behaviour", "statements", "positions/estimate", "positions/ledger", "positions/changes", "positions/outlets", "exports/cells", "exports/tables", "exports/counts", "exports/network", "exports/statement_table", "exports/position_tables", "plots", "card", "page/columns", "page/layout", "page/honesty", "page/charts", "page/html",
    "cli", "output", "serving", "tracking", "serve", "display", "exports/bundle", "exports/outputs", "check", "release", "label_review", "label_agreement", "label", "build", "audit", "evaluate", "train", "archive/formats", "archive/sources", "archive/language", "archive/worker", "archive/pool", "archive/engine", "archive/ids", "archive/parts", "archive/runner", "predict", "report", "export",
)  # fmt: skip
HEAVY = {
    "mlflow": {"tracking", "serving", "serve"},
    "torch": {"models/transformer", "models/checkpoint", "models/export", "models/grid", "models/compress"},
    "transformers": {"models/transformer"},
    "onnxruntime": {"models/runtime", "models/compress", "models/export"},
    "sklearn": {"models/tfidf", "models/names", "dataset", "plots", "labeling/analysis", "labeling/suspects"},
    "matplotlib": {"plots"},
    "datasets": {"dataset"},
    "pycld2": {"archive/language"},
    "cleanlab": {"labeling/suspects"},
    "crowdkit": {"labeling/analysis"},
    "networkx": {"exports/network", "page/layout"},
    "openpyxl": {"exports/tables"},
    "ray": {"archive/engine"},
}
FILES = sorted(p for p in (ROOT / "stance").rglob("*.py") if p.name != "__init__.py" or p.parent.name == "models")


def name(path: Path) -> str:
    return str(path.relative_to(ROOT / "stance").with_suffix(""))


def test_every_module_has_its_place() -> None:
    assert {name(p) for p in FILES} == set(ORDER)


@pytest.mark.parametrize("path", FILES, ids=name)
def test_imports_point_upwards(path: Path) -> None:
    own = ORDER.index(name(path))
    for other in imported(path):
        if other.name == "__init__.py" and other.parent.name != "models":
            continue
        allowed = name(other) == "models/__init__" and name(path).startswith("models/")  # the package itself
        assert allowed or ORDER.index(name(other)) < own, f"{name(path)} imports {name(other)}"


@pytest.mark.parametrize("path", FILES, ids=name)
def test_heavy_libraries_stay_where_they_belong(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        for library in {n.split(".")[0] for n in names} & set(HEAVY):
            assert name(path) in HEAVY[library], f"{name(path)} imports {library}"


@pytest.mark.parametrize("path", [*FILES, *sorted((ROOT / "tests").rglob("*.py"))], ids=lambda p: p.stem)
def test_files_stay_rooms(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 300


def test_prediction_loads_no_training_library() -> None:
    code = "import sys, stance.predict, stance.documents, stance.pipeline, stance.models.runtime; print(*[m for m in ('torch', 'transformers', 'sklearn', 'mlflow', 'datasets', 'pandas') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.strip() == ""


def test_help_loads_no_numbers() -> None:
    code = "import sys, stance.predict; print(*[m for m in ('numpy', 'pydantic', 'onnxruntime', 'rich') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.strip() == ""


def test_a_row_costs_no_library_that_only_other_formats_need(tmp_path: Path) -> None:
    article = tmp_path / "article.txt"
    article.write_text("Turkey hosted the Astana talks on Syria.")
    code = f"import sys, stance.predict; stance.predict.main([{str(article)!r}, '--model', 'release', '-q', '-o', '{tmp_path}/out.csv']); print(*[m for m in ('rich', 'pyarrow', 'stance.labeling.rules', 'trafilatura', 'scipy') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert (done.stdout.strip(), (tmp_path / "out.csv").read_text().count("\n")) == ("", 2)
