"""Configuration mistakes are named with file, line, key and the nearest valid key."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from stance.config import load_model_config, load_pipeline
from stance.errors import ConfigError
from stance.schema import parse_yaml
from tests.conftest import ROOT


@pytest.fixture
def configs(tmp_path: Path) -> Path:
    return Path(shutil.copytree(ROOT / "configs", tmp_path / "configs"))


def broken(configs: Path, name: str, old: str, new: str) -> str:
    """The message for a configuration file in which `old` was replaced by `new`."""
    path = configs / f"{name}.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_pipeline(folder=configs) if name == "pipeline" else load_model_config(name, folder=configs)
    return str(caught.value).removeprefix(f"{configs}/")


def test_unknown_key_gives_line_and_nearest_key(configs: Path) -> None:
    message = broken(configs, "tfidf", "min_df:", "min_fd:")
    assert message == "tfidf.yaml:6: unknown key 'min_fd'; did you mean 'min_df'? (and 1 more)" or (
        message.startswith("tfidf.yaml") and "missing key 'min_df'" in message
    )


def test_nested_unknown_key_names_its_path(configs: Path) -> None:
    message = broken(configs, "pipeline", "  validation: 0.12\n", "  validation: 0.12\n  vaildation: 0.1\n")
    assert message == "pipeline.yaml:17: unknown key 'split.vaildation'; did you mean 'validation'?"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("word_ngrams: 3", "word_ngrams: three", "tfidf.yaml:3: word_ngrams: Input should be a valid integer, not 'three'"),
        ("word_ngrams: 3", "word_ngrams: 9", "tfidf.yaml:3: word_ngrams: Input should be less than or equal to 5, not 9"),
        ("C: 1.0", "C: -1.0", "tfidf.yaml:7: C: Input should be greater than 0, not -1.0"),
        ("C: 1.0", "C: 1.0\nC: 5.0", "tfidf.yaml:8: duplicate key 'C'"),
        ("class_weight: balanced", "class_weight: heavy", "tfidf.yaml:8: class_weight: Input should be 'balanced' or 'none', not 'heavy'"),
        ("C: 1.0", "C: 1e-3", "tfidf.yaml:7: C: Input should be a valid number, not '1e-3'"),
        ("C: 1.0", "C: *other", "tfidf.yaml:7: YAML aliases are not allowed"),
    ],
)  # fmt: skip
def test_wrong_values(configs: Path, old: str, new: str, expected: str) -> None:
    assert broken(configs, "tfidf", old, new) == expected


def test_broken_yaml_names_the_line(configs: Path) -> None:
    assert broken(configs, "tfidf", "C: 1.0", "C: [1.0").startswith("tfidf.yaml:8: not YAML")


def test_overrides_reach_the_file_they_name(configs: Path) -> None:
    settings = ["pipeline.seed=7", "tfidf.C=0.5", "pipeline.split.test=0.25"]
    assert load_pipeline(settings, configs).seed == 7
    assert load_pipeline(settings, configs).split.test == 0.25
    config = load_model_config("tfidf", settings, configs)
    assert config.kind == "tfidf"
    assert config.C == 0.5


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ("pipeline.sede=7", "unknown key 'sede'; did you mean 'seed'?"),
        ("pipeline.seed", "expected KEY=VALUE"),
        ("pipelin.seed=7", "starts with no configuration's name"),
        ("pipeline.seed=seven", "seed: Input should be a valid integer"),
    ],
)
def test_wrong_overrides(configs: Path, setting: str, expected: str) -> None:
    with pytest.raises(ConfigError, match=expected.replace("?", r"\?")):
        load_pipeline([setting], configs)


def test_a_deep_document_is_an_error_and_not_a_crash() -> None:
    with pytest.raises(ConfigError):
        parse_yaml("[" * 20_000)


def test_outside_the_project_the_reader_is_told_where_to_go(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="run this in the project's folder"):
        load_pipeline(folder=tmp_path)
