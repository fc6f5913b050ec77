"""A model folder is whole or refused, and the gate decides who is champion."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from stance import registry
from stance.codebook import load as load_codebook
from stance.errors import GateError, InputError, ModelError
from tests.conftest import ROOT


def saved(folder: Path) -> registry.Manifest:
    return registry.save(
        folder,
        lambda part: (part / "weights").write_text("0123"),  # type: ignore[arg-type]
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
        (part / "weights").write_text("half")
        raise OSError(28, "No space left on device")

    with pytest.raises(InputError, match="cannot write: No space left on device"):
        registry.save(tmp_path / "m", full_disk, name="m", kind="tfidf", codebook="", data="", config={}, notes={})
    assert registry.read(tmp_path / "m") == before
    assert [p.name for p in tmp_path.iterdir()] == ["m"]


def test_damage_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "m"
    with pytest.raises(ModelError, match="no such model: train one"):
        registry.read(folder)
    saved(folder)
    (folder / "weights").write_text("0124")
    with pytest.raises(ModelError, match="weights: damaged"):
        registry.read(folder)
    (folder / "weights").unlink()
    with pytest.raises(ModelError, match="weights: missing from the model"):
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
