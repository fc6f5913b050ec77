"""A model folder is whole or refused, and the gate decides who is champion."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stance import registry
from stance.codebook import load as load_codebook
from stance.errors import GateError, InputError, ModelError
from tests.conftest import ROOT


def saved(folder: Path, weights: str = "0123") -> registry.Manifest:
    return registry.save(
        folder,
        lambda part: (part / "weights.onnx").write_text(weights),  # type: ignore[arg-type]
        name="m", kind="tfidf", codebook="abc", data="def", config={"C": 1.0}, notes={},
    )  # fmt: skip


def test_save_and_read(tmp_path: Path) -> None:
    manifest = saved(tmp_path / "m")
    assert registry.read(tmp_path / "m") == manifest
    assert manifest.version.startswith("m@")
    assert [p.name for p in tmp_path.iterdir()] == ["m"]


def test_a_failed_write_leaves_the_old_model(tmp_path: Path) -> None:
    before = saved(tmp_path / "m")

    def full_disk(part: Path) -> None:
        (part / "weights.onnx").write_text("half")
        raise OSError(28, "No space left on device")

    with pytest.raises(InputError, match="cannot write: No space left on device"):
        registry.save(tmp_path / "m", full_disk, name="m", kind="tfidf", codebook="", data="", config={}, notes={})
    assert registry.read(tmp_path / "m") == before
    assert [p.name for p in tmp_path.iterdir()] == ["m"]


@pytest.mark.parametrize("stop", [1, 2, 3, 4])
def test_killed_while_it_takes_its_place_the_old_or_the_new_model_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stop: int
) -> None:
    """The process ends at the n-th call that moves or removes a folder, clearing nothing away."""

    class Killed(BaseException):
        pass

    calls = 0

    def mortal(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **more: Any) -> Any:
            nonlocal calls
            calls += 1
            if calls >= stop:
                raise Killed
            return real(*args, **more)

        return call

    before = saved(tmp_path / "m")
    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", mortal(Path.rename))
        patch.setattr(shutil, "rmtree", mortal(shutil.rmtree))
        with pytest.raises(Killed):
            saved(tmp_path / "m", "4567")
    after = registry.read(registry.locate(tmp_path, "m"))
    assert (after == before) is (stop <= 3)
    assert saved(tmp_path / "m", "89") == registry.read(registry.locate(tmp_path, "m"))
    with registry.writing(tmp_path):
        assert sorted(p.name for p in tmp_path.iterdir()) == [".lock", "m"]


def test_only_one_run_writes_models(tmp_path: Path) -> None:
    with registry.writing(tmp_path), pytest.raises(InputError, match="another run is at work there"), registry.writing(tmp_path):  # fmt: skip
        pass
    with registry.writing(tmp_path):
        pass


def test_damage_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "m"
    with pytest.raises(ModelError, match="no such model: train one"):
        registry.read(folder)
    saved(folder)
    (folder / "weights.onnx").write_text("0124")
    with pytest.raises(ModelError, match=r"weights\.onnx: damaged"):
        registry.read(folder)
    (folder / "weights.onnx").unlink()
    with pytest.raises(ModelError, match=r"weights\.onnx: missing from the model"):
        registry.read(folder)
    (folder / "manifest.json").write_text("{")
    with pytest.raises(ModelError, match="not JSON"):
        registry.read(folder)
    (folder / "manifest.json").unlink()
    with pytest.raises(ModelError, match="half-written"):
        registry.read(folder)


def test_another_format_or_codebook_is_refused(tmp_path: Path) -> None:
    manifest = saved(tmp_path / "m")
    with pytest.raises(ModelError, match="trained under another codebook"):
        registry.check_codebook(manifest, load_codebook(ROOT / "configs/codebook.yaml"), tmp_path)
    path = tmp_path / "m" / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"format": 99}))
    with pytest.raises(ModelError, match="format 99"):
        registry.read(tmp_path / "m")


@pytest.mark.parametrize(
    ("wins", "champion"),
    [({}, "tfidf"), ({"a": True}, "a"), ({"a": True, "b": True}, "b"), ({"b": False}, "tfidf")],
)
def test_the_gate(wins: dict[str, bool], champion: str) -> None:
    assert registry.choose({"tfidf": 0.9, "a": 0.5, "b": 0.7}, wins, "tfidf") == champion


def test_a_model_that_failed_the_audit_is_not_chosen() -> None:
    wins = {"a": True, "b": True}
    assert registry.choose({"tfidf": 0.5, "a": 0.6}, wins, "tfidf") == "a"  # b, the best, failed
    assert registry.choose({"a": 0.4, "b": 0.7}, {}, "tfidf") == "b"  # the one to beat failed
    with pytest.raises(GateError, match="no model passes the audit"):
        registry.choose({}, wins, "tfidf")
