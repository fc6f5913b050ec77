"""The codebook refuses contradictions with file and line, and resolves who speaks for whom."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from stance.codebook import ENGLISH, Codebook, Words, load
from stance.errors import ConfigError
from stance.schema import load_yaml
from tests.conftest import ROOT

HEAD = """\
resolution: {subjects: [Syria], nouns: [talks], generic: [talks], roles: [officials], speech: [said], acts: [agreed],
  person_roles: [minister], group_roles: {}, furniture: []}
processes:
  - {id: astana, name: Astana process, description: d, places: [{name: Astana}]}
actors:
  - {id: russia, name: Russia, kind: state, aliases: [Moscow]}
"""


def load_text(tmp_path: Path, more: str) -> Codebook:
    path = tmp_path / "codebook.yaml"
    path.write_text(HEAD + more, encoding="utf-8")
    return load(path)


@pytest.fixture(scope="module")
def shipped() -> Codebook:
    return load(ROOT / "configs" / "codebook.yaml")


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ("  - {id: putin, name: Putin, kind: official, principal: rusia}\n", "codebook.yaml:7: unknown principal 'rusia'"),
        ("  - {id: kremlin, name: Kremlin, kind: state, aliases: [moscow]}\n", "codebook.yaml:7: alias 'moscow' of 'kremlin' is already one of 'russia'"),
        ("  - {id: russia, name: R, kind: state}\n", "codebook.yaml:7: id 'russia' is used twice"),
        ("  - {id: a, name: A, kind: state, principal: b}\n  - {id: b, name: B, kind: state, principal: a}\n", "codebook.yaml:7: 'a' is its own principal in the end"),
        ("  - {id: a, name: A, kind: city}\n", "codebook.yaml:7: actors.1.kind: Input should be 'state', 'official', 'organisation', 'armed-group', 'bloc' or 'expert', not 'city'"),
        ("  - {id: a, name: A, kind: state, alias: [X]}\n", "codebook.yaml:7: unknown key 'actors.1.alias'; did you mean 'aliases'?"),
    ],
)  # fmt: skip
def test_contradictions(tmp_path: Path, more: str, expected: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_text(tmp_path, more)
    assert str(caught.value).removeprefix(f"{tmp_path}/") == expected


def test_an_office_may_be_shared_at_different_dates(tmp_path: Path) -> None:
    two = """\
  - {id: kerry, name: John Kerry, kind: official, principal: russia, offices: [{phrases: [top diplomat], to: 2017-01-20}]}
  - {id: tillerson, name: Rex Tillerson, kind: official, principal: russia, offices: [{phrases: [top diplomat], from: 2017-02-01}]}
"""
    codebook = load_text(tmp_path, two)
    office = codebook.actor["kerry"].offices[0]
    assert office.covers(datetime.date(2016, 5, 1))
    assert not office.covers(datetime.date(2018, 5, 1))


def test_the_digest_follows_the_content(tmp_path: Path) -> None:
    one = load_text(tmp_path, "")
    assert one.digest == load_text(tmp_path, "# a comment\n").digest
    assert one.digest != load_text(tmp_path, "  - {id: a, name: A, kind: state}\n").digest


def test_the_shipped_codebook(shipped: Codebook) -> None:
    assert list(shipped.process) == ["sochi", "astana", "geneva", "moscow", "vienna"]
    assert len(shipped.actors) >= 300
    assert shipped.principal("dmitry-peskov").name == "Russia"
    assert shipped.principal("staffan-de-mistura").name == "United Nations"
    for name in ("Russia", "Turkey", "Iran", "United States", "Syrian government", "Syrian opposition", "Syrian rebels", "Syrian Kurds", "United Nations", "European Union", "Western powers", "Arab states"):  # fmt: skip
        assert shipped.by_name[name.casefold()].principal is None


def test_a_codebooks_words_come_on_top_of_general_english(tmp_path: Path) -> None:
    path = tmp_path / "codebook.yaml"
    own = "resolution: {subjects: [Kabul], nouns: [jirga], group_roles: {delegation: [russia]}}\n"
    path.write_text(own + HEAD[HEAD.index("processes:") :], encoding="utf-8")
    words = load(path).resolution
    assert {"jirga", "peace talks"} <= set(words.nouns)
    assert "said" in words.speech
    assert words.group_roles["delegation"] == ["russia"]
    assert words.group_roles["alliance"] == []


def test_general_english_names_nobody() -> None:
    general = load_yaml(Words, ENGLISH)
    assert not any(general.group_roles.values())
    assert "congress" not in general.nouns
