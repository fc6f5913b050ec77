"""No pickle is ever loaded: a planted one is refused in one line and exit code 2, and what it would do is not done."""

from __future__ import annotations

import json
import os
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
import skops.io
import torch

from stance import predict, registry, train
from stance.codebook import load as load_codebook
from stance.errors import ModelError
from stance.io import file_digest
from stance.models.checkpoint import Checkpoint
from tests.conftest import ROOT, SMALL

RAN = "payload-ran"
TEXT = "Turkey hosted the Astana talks on Syria. Iran refused to attend the Geneva talks on Syria."


class Payload:
    """What unpickling it does: it makes a folder."""

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (RAN,)


def pickled(path: Path) -> None:
    path.write_bytes(pickle.dumps(Payload()))


def torch_saved(path: Path) -> None:
    torch.save({"weights": Payload()}, path)


class Restored:
    """What restoring it does, where its type is trusted."""

    def __setstate__(self, state: object) -> None:
        Path(RAN).mkdir()


def skops_saved(path: Path) -> None:
    restored = Restored()
    restored.value = 1  # type: ignore[attr-defined]
    skops.io.dump(restored, path)


EVIL: dict[str, Callable[[Path], Any]] = {
    "model.pkl": pickled,
    "model.joblib": lambda path: joblib.dump(Payload(), path),
    "model.pt": torch_saved,
    "pytorch_model.bin": torch_saved,
    "model.ckpt": torch_saved,
    "weights.npy": lambda path: np.save(path, np.array([Payload()], dtype=object), allow_pickle=True),
    "model.skops": skops_saved,
    "model.safetensors": pickled,
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("talks.txt").write_text(TEXT, encoding="utf-8")
    return tmp_path


def model(folder: Path, kind: str, write: Callable[[Path], Any]) -> None:
    """A model folder whose manifest vouches for whatever is in it."""
    codebook = load_codebook(ROOT / "configs/codebook.yaml").digest
    registry.save(folder, write, name=folder.name, kind=kind, codebook=codebook, data="", config={}, notes={})


def refused(capsys: pytest.CaptureFixture[str], code: int) -> str:
    error = capsys.readouterr().err
    assert code == 2
    assert error.count("\n") == 1
    assert not Path(RAN).exists()
    return error


@pytest.mark.parametrize("name", [n for n in EVIL if n not in ("model.skops", "model.safetensors")])
def test_a_model_with_a_pickle_is_refused(folder: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    model(folder / "models/evil", "transformer", lambda part: EVIL[name](part / name))
    expected = f"error: models/evil/{name}: no model of this program has such a file"
    assert expected in refused(capsys, predict.main(["talks.txt", "--model", "evil"]))


@pytest.mark.parametrize(("write", "problem"), [(skops_saved, "types that are not trusted: tests.test_pickles.Restored"), (pickled, "cannot be opened")])  # fmt: skip
def test_a_baseline_of_other_types_is_refused(
    folder: Path, capsys: pytest.CaptureFixture[str], write: Callable[[Path], None], problem: str
) -> None:
    model(folder / "models/evil", "tfidf", lambda part: write(part / "model.skops"))
    error = refused(capsys, predict.main(["talks.txt", "--model", "evil"]))
    assert "error: models/evil/model.skops: " in error
    assert problem in error


@pytest.mark.parametrize("name", ["model.safetensors", "pytorch_model.bin"])
def test_an_encoder_that_is_a_pickle_is_refused(project: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    (project / "encoder/model.safetensors").unlink()
    EVIL[name](project / "encoder" / name)
    assert "error: encoder 'encoder' cannot be opened" in refused(capsys, train.main(["transformer", *SMALL, "-q"]))


def test_a_checkpoint_that_is_a_pickle_is_refused(folder: Path) -> None:
    network = torch.nn.Linear(1, 1)
    optimiser = torch.optim.AdamW(network.parameters())
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: 1.0)
    Checkpoint(folder / "work", "key").save(network, optimiser, schedule, [{"val_f1": 0.5}], best=True)
    torch_saved(folder / "work/epoch-1.pt")
    manifest = json.loads((folder / "work/epoch-1.json").read_text())
    manifest["sha256"]["epoch-1.pt"] = file_digest(folder / "work/epoch-1.pt")
    (folder / "work/epoch-1.json").write_text(json.dumps(manifest))
    with pytest.raises(ModelError, match="holds no checkpoint of this program"):
        Checkpoint(folder / "work", "key").resume(network, optimiser, schedule)
    assert not Path(RAN).exists()


def test_what_the_manifest_does_not_name_is_never_opened(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copytree(ROOT / "models/release", folder / "models/release")
    assert predict.main(["talks.txt"]) == 0
    before = capsys.readouterr().out
    for name, write in EVIL.items():
        write(folder / "models/release" / name)
    assert predict.main(["talks.txt"]) == 0
    assert capsys.readouterr().out == before
    assert not Path(RAN).exists()


@pytest.mark.parametrize("name", EVIL)
def test_the_payloads_work(folder: Path, name: str) -> None:
    """What is refused above would have done harm: libraries that trust a file run it."""
    EVIL[name](folder / name)
    if name == "model.skops":
        skops.io.load(folder / name, trusted=["tests.test_pickles.Restored"])
    elif name.endswith(".npy"):
        np.load(folder / name, allow_pickle=True)
    elif name.endswith((".pkl", ".safetensors")):
        pickle.loads((folder / name).read_bytes())
    elif name.endswith(".joblib"):
        joblib.load(folder / name)
    else:
        torch.load(folder / name, weights_only=False)
    assert Path(RAN).exists()
