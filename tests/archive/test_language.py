"""Which documents are told to be in another language."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from stance.archive.language import foreign
from tests.conftest import ROOT

CASES = yaml.safe_load((ROOT / "tests/cases/languages.yaml").read_text(encoding="utf-8"))
NEIGHBOURS = {"hr": "bs"}  # as CLD2 has it


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["code"])
def test_another_language_is_named(case: dict[str, Any]) -> None:
    found = foreign(case["text"], None)
    if case.get("unsure"):
        assert found is None
    else:
        assert found is not None
        assert found.endswith(f"({NEIGHBOURS.get(case['code'], case['code'])})")


def test_english_reporting_is_never_set_aside() -> None:
    lines = (ROOT / "data/corpus/documents.jsonl").read_text(encoding="utf-8").splitlines()
    assert [doc["doc"] for line in lines if foreign((doc := json.loads(line))["text"], None)] == []


def test_what_a_row_states_comes_first() -> None:
    french = "L'opposition syrienne boycotte le congrès de Sochi. Assad soutient le processus d'Astana."
    assert [foreign(french, stated) for stated in ("en", "EN-gb", "eng", "English", "en_US")] == [None] * 5
    assert foreign("Turkey hosted the talks.", "tr") == "tr"


def test_control_characters_and_next_to_nothing_are_taken_for_english() -> None:
    assert foreign("\x00\x01Turkey said\ufeff it would host the Astana talks on Syria\x7f", None) is None
    assert foreign("Sochi", None) is None
    assert foreign("", None) is None
