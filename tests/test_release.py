"""The model that ships: whole, for the present codebook, in the wheel, and used where nobody has trained one.

What its weights say is not tested here: they change with every release.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from stance import predict, registry, release
from stance.codebook import load as load_codebook
from tests.conftest import ROOT

FOLDER = ROOT / "models" / "release"
MAKE = "make it with `make release` after a training"
ARTICLE = "Syria talks open in Astana\n\nTurkey hosted the Astana talks on Syria. Iran refused to attend the Geneva talks on Syria.\n"


def test_the_release_is_whole_and_fits_the_codebook() -> None:
    assert (FOLDER / "model.onnx").exists(), f"models/release has no network: {MAKE}"
    manifest = registry.read(FOLDER)
    digest = load_codebook(ROOT / "configs/codebook.yaml").digest
    assert manifest.codebook == digest, (
        f"models/release was trained under codebook {manifest.codebook}, not {digest}: {MAKE}"
    )
    assert set(manifest.files) == {*release.FILES, "README.md"}
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 50e6


def predicted(folder: Path, path: Path) -> subprocess.CompletedProcess[str]:
    """Predict an article in a folder that holds nothing else, with the package that lies under a path."""
    folder.mkdir()
    (folder / "talks.txt").write_text(ARTICLE, encoding="utf-8")
    environment = os.environ | {"PYTHONPATH": str(path), "HF_HUB_OFFLINE": "1"}
    command = [sys.executable, "-m", "stance.predict", "talks.txt", "--all"]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_predict_works_from_the_wheel_in_an_empty_folder(tmp_path: Path) -> None:
    source = tmp_path / "source"
    for name in ("stance", "configs", "models/release"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    build = "from setuptools import build_meta; build_meta.build_wheel('..')"
    subprocess.run([sys.executable, "-c", build], cwd=source, capture_output=True, check=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as file:
        names = set(file.namelist())
        file.extractall(tmp_path / "installed")
    modules = {f"stance/{p.relative_to(ROOT / 'stance')}" for p in (ROOT / "stance").rglob("*.py")}
    assert modules <= names
    shipped = {f"stance/shipped/configs/{p.name}" for p in (ROOT / "configs").iterdir()}
    assert shipped <= names
    assert {f"stance/shipped/models/release/{p.name}" for p in FOLDER.iterdir()} <= names
    shutil.rmtree(source)
    done = predicted(tmp_path / "empty", tmp_path / "installed")
    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert {(r["actor"], r["process"]) for r in rows} >= {("Turkey", "astana"), ("Iran", "geneva")}
    version = registry.read(FOLDER).version
    assert {r["model"] for r in rows} == {version}
    assert f"read by {version}" in done.stderr.splitlines()[-1]
    assert [p.name for p in (tmp_path / "empty").iterdir()] == ["talks.txt"]


def test_what_stands_in_the_working_folder_wins(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert release.main([]) == 0
    assert set(registry.read(project / "models/release").files) == {*release.FILES, "README.md"}
    own = registry.read(project / "models/release").version
    assert own.startswith("release@")
    figures = json.loads(Path("metrics/evaluation.json").read_text())["systems"]["transformer"]
    for name in release.NOTED:  # what the report draws
        assert registry.read(project / "models/release").notes[name] == figures[name]
    Path("talks.txt").write_text(ARTICLE, encoding="utf-8")
    champion = registry.read(project / "models" / registry.current(Path("models"))).version
    for argv, model in (([], champion), (["--model", "release"], own)):
        assert predict.main(["talks.txt", *argv]) == 0
        assert f"read by {model}" in capsys.readouterr().err
    Path("models/current.json").unlink()
    assert predict.main(["talks.txt"]) == 0
    assert f"read by {own}" in capsys.readouterr().err


def test_a_release_needs_figures_and_a_trained_model(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("metrics/evaluation.json").write_text('{"systems": {}}')
    assert release.main([]) == 2
    assert "has no figures of transformer: run `python -m stance.evaluate`" in capsys.readouterr().err
    Path("metrics/evaluation.json").write_text('{"systems": {"transformer": {"version": "transformer@0123"}}}')
    assert release.main([]) == 2
    own = registry.read(Path("models/transformer")).version
    assert f"has figures of transformer@0123, not of {own}: run `python -m stance.evaluate`" in capsys.readouterr().err
    shutil.rmtree("models/transformer")
    assert release.main([]) == 2
    assert "models/transformer: no such model: train one" in capsys.readouterr().err
    assert not Path("models/release").exists()
