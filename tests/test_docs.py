"""The documents keep up with the program: ids, stances, targets and commands that they name exist, and none is left out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from stance.codebook import load
from stance.records import STANCES
from tests.conftest import ROOT

CODEBOOK = (ROOT / "docs" / "codebook.md").read_text(encoding="utf-8")
PROCESSES = sorted(load(ROOT / "configs" / "codebook.yaml").process)
DOCUMENTS = [ROOT / "docs" / "codebook.md", ROOT / "data" / "corpus" / "README.md"]
README = ROOT / "README.md"


@pytest.mark.parametrize("name", [*PROCESSES, *STANCES])
def test_the_codebook_explains(name: str) -> None:
    assert re.search(rf"^\| `{name}` \| \S", CODEBOOK, re.M), f"no row for {name}"


def test_the_codebook_explains_no_other_process() -> None:
    table = CODEBOOK.partition("## Processes")[2].partition("\n## ")[0]
    assert sorted(re.findall(r"^\| `([a-z0-9-]+)` \|", table, re.M)) == PROCESSES


def test_the_codebook_names_actors_as_the_program_does() -> None:
    names = {actor.name for actor in load(ROOT / "configs" / "codebook.yaml").actors}
    section = CODEBOOK.partition("## Actors")[2].partition("\n## ")[0]
    assert set(re.findall(r"`([^`]+)`", section)) <= names


def test_the_data_card_has_front_matter() -> None:
    text = (ROOT / "data" / "corpus" / "README.md").read_text(encoding="utf-8")
    front = yaml.safe_load(text.split("---\n")[1])
    assert front["license"] == "cc-by-4.0"
    files = {config["data_files"] for config in front["configs"]}
    assert files == {path.name for path in (ROOT / "data" / "corpus").glob("*.jsonl")}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda p: p.name)
def test_scripts_that_documents_name_exist(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for script in re.findall(r"python (benchmarks/\w+\.py)", text):
        assert (ROOT / script).exists(), script


def readme() -> str:
    if not README.exists():
        pytest.skip("no README.md")
    return README.read_text(encoding="utf-8")


def test_make_targets_in_the_readme_exist() -> None:
    targets = set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
    code = " ".join(re.findall(r"```.*?```|`[^`\n]+`|^ {4}.*$", readme(), re.M | re.S))
    assert set(re.findall(r"\bmake ([a-z][a-z-]*)", code)) <= targets


def test_commands_in_the_readme_are_modules() -> None:
    for module in re.findall(r"python -m (stance(?:\.\w+)+)", readme()):
        assert (ROOT / module.replace(".", "/")).with_suffix(".py").exists(), module
