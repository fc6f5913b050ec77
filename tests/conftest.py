"""Shared fixtures: a project in a temporary folder, small enough to run the whole job in seconds; no network."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

os.environ |= {
    "HF_HUB_OFFLINE": "1",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "HF_DATASETS_DISABLE_PROGRESS_BARS": "1",
    "TOKENIZERS_PARALLELISM": "false",
}
ROOT = Path(__file__).parent.parent
DOCUMENTS = 36  # of the corpus, in the small project
SMALL = (
    "--set=pipeline.threads=2",
    "--set=pipeline.evaluation.bootstrap=50",
    "--set=pipeline.evaluation.permutations=50",
    "--set=pipeline.audit.pairs=40",
    "--set=pipeline.audit.max_flips=1.0",  # what so small a model makes of it is chance
    "--set=pipeline.audit.max_gap=1.0",
    "--set=pipeline.split.test=0.3",
    "--set=pipeline.split.validation=0.2",
    "--set=transformer.encoder=encoder",
    "--set=transformer.epochs=2",
    "--set=transformer.max_tokens=64",
    "--set=transformer.learning_rate=0.001",
    "--set=transformer.precision=fp32",
    "--set=transformer.teacher=null",
)


GUARD = "guard.log"


def watched(log: Path) -> dict[str, str]:
    """The environment of a process whose connections are written to a file, and whose telemetry nobody has switched off."""
    switches = ("HF_HUB_OFFLINE", "HF_HUB_DISABLE_TELEMETRY", "MLFLOW_DISABLE_TELEMETRY", "DO_NOT_TRACK")
    environment = {name: value for name, value in os.environ.items() if name not in switches}
    path = f"{ROOT / 'tests' / 'guard'}{os.pathsep}{ROOT}"
    return environment | {"GUARD": str(log), "PYTHONPATH": path}


def benchmark(name: str) -> ModuleType:
    """A script of benchmarks/ as a module."""
    spec = importlib.util.spec_from_file_location(f"{name}_benchmark", ROOT / "benchmarks" / f"{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(autouse=True, scope="session")
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The user's cache is neither read nor written."""
    os.environ["XDG_CACHE_HOME"] = str(tmp_path_factory.mktemp("cache"))


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any connection but to this machine fails the test."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if isinstance(address, tuple) and address[0] not in ("127.0.0.1", "localhost", "::1"):
            raise AssertionError(f"a test tried to connect to {address}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


def tiny_encoder(folder: Path) -> None:
    """A BERT of two layers with random weights and the packaged encoder's tokenizer."""
    import torch
    from transformers import AutoTokenizer, BertConfig, BertModel

    from stance.models.transformer import encoder_path

    tokenizer = AutoTokenizer.from_pretrained(encoder_path("embedded"))
    torch.manual_seed(0)
    config = BertConfig(vocab_size=len(tokenizer), hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64)  # fmt: skip
    BertModel(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def shrink(configs: Path) -> None:
    """Write the SMALL settings into configuration files, for commands that take no overrides."""
    import yaml

    for setting in SMALL:
        file, _, assignment = setting.removeprefix("--set=").partition(".")
        dotted, _, value = assignment.partition("=")
        path = configs / f"{file}.yaml"
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        *parents, last = dotted.split(".")
        target = content
        for parent in parents:
            target = target[parent]
        target[last] = yaml.safe_load(value)
        path.write_text(yaml.safe_dump(content), encoding="utf-8")


def small_project(folder: Path) -> Path:
    """A project folder with the real configuration and codebook, a slice of the corpus, and a tiny encoder."""
    shutil.copytree(ROOT / "configs", folder / "configs")
    corpus = folder / "data" / "corpus"
    corpus.mkdir(parents=True)
    shutil.copy(ROOT / "data/behaviour.yaml", folder / "data")
    lines = (ROOT / "data/corpus/documents.jsonl").read_text(encoding="utf-8").splitlines()
    step = max(1, len(lines) // DOCUMENTS)
    chosen = lines[::step][:DOCUMENTS]
    names = {json.loads(line)["doc"] for line in chosen}
    (corpus / "documents.jsonl").write_text("\n".join(chosen) + "\n", encoding="utf-8")
    gold = (ROOT / "data/corpus/annotations.jsonl").read_text(encoding="utf-8").splitlines()
    kept = [line for line in gold if json.loads(line)["doc"] in names]
    (corpus / "annotations.jsonl").write_text("\n".join(kept) + "\n", encoding="utf-8")
    (folder / "data" / "teacher.jsonl").touch()  # the job depends on it; the tiny encoder has no teacher
    tiny_encoder(folder / "encoder")
    return folder


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small project in which `python -m stance.train` has run, raw documents and MLflow included."""
    from stance import train

    folder = small_project(tmp_path_factory.mktemp("project"))
    raw = folder / "data" / "raw"
    raw.mkdir()
    (raw / "unread.txt").write_text(
        "Syria talks open in Astana, January 2017\n\nTurkey said it hosted the Syrian rebels before the Astana talks. "
        "Iran refused to attend the Geneva talks on Syria.\n",
        encoding="utf-8",
    )
    before = Path.cwd()
    os.chdir(folder)
    try:
        assert train.main([*SMALL, "--quiet"]) == 0
    finally:
        os.chdir(before)
    return folder


@pytest.fixture
def project(trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A private copy of the trained project, as the working folder."""
    ignored = shutil.ignore_patterns("mlartifacts", "mlflow.db*", ".cache")
    folder = tmp_path / "project"
    shutil.copytree(trained, folder, ignore=ignored)
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def inside(trained: Path) -> Iterator[Path]:
    """The trained project itself as the working folder, for tests that only read."""
    before = Path.cwd()
    os.chdir(trained)
    yield trained
    os.chdir(before)
