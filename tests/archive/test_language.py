"""Which documents are told to be in another language."""

from __future__ import annotations

import json

import pytest

from stance.archive.language import foreign
from tests.conftest import ROOT


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (
            "L'opposition syrienne boycotte le congrès de Sochi. Assad soutient le processus d'Astana, a déclaré jeudi le ministre russe des Affaires étrangères à Genève.",
            "fr",
        ),
        ("Die syrische Opposition boykottiert den Kongress in Sochi. Assad lobte die Gespräche in Astana.", "de"),
        (
            "Oposisi Syria menolak hadir dalam kongres di Sochi. Rezim Assad mendukung proses Astana, kata menteri.",
            "id",
        ),
        ("Сирийская оппозиция бойкотирует конгресс в Сочи (Sochi). Асад (Assad) поддерживает процесс в Астане.", "ru"),
        (
            "قاطعت المعارضة السورية مؤتمر سوتشي (Sochi) بينما يدعم الأسد (Assad) مسار أستانا (Astana) كما قال الوزير.",
            "ar",
        ),
    ],
)
def test_another_language_is_named(text: str, code: str) -> None:
    found = foreign(text, None)
    assert found is not None
    assert found.endswith(f"({code})")


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
