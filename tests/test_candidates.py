"""What a document names and points at, and how a pair is shown to a model."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from stance.candidates import ACTOR, PROCESS, Generator
from stance.codebook import load
from stance.records import Candidate, Document
from tests.conftest import ROOT

CASES: list[dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parent / "cases" / "reading.yaml").read_text(encoding="utf-8")
)


@cache
def generator() -> Generator:
    return Generator(load(ROOT / "configs" / "codebook.yaml"))


def pairs(text: str, sentence: int | None = None) -> list[Candidate]:
    found = list(generator().candidates(Document("d", text)))
    return [c for c in found if sentence is None or c.sentence.index == sentence]


@pytest.mark.parametrize("case", CASES, ids=[c["name"] for c in CASES])
def test_reading(case: dict[str, Any]) -> None:
    """Each case lists (sentence, actor, process) triples that must be found, and ones that must not."""
    found = {(c.sentence.index, c.actor.name, c.process.target) for c in pairs(case["text"])}
    wanted = {tuple(row) for row in case.get("find", [])}
    assert wanted <= found
    assert not found & {tuple(row) for row in case.get("not", [])}
    if case.get("nothing"):
        assert not found


def test_the_pair_is_marked_and_every_name_is_masked() -> None:
    text = "Turkey said Russia had told the rebels to skip the Geneva talks on Syria and attend the Sochi congress."
    (one,) = [c for c in pairs(text) if c.actor.name == "Turkey" and c.process.target == "geneva"]
    assert one.marked == (
        "[ACTOR] said [OTHER] had told the [OTHER] to skip the [PROCESS] on Syria and attend the [RIVAL]."
    )


def test_swapping_names_leaves_what_a_model_reads_unchanged() -> None:
    first = pairs("Turkey said Russia would not attend the Geneva talks on Syria.")
    second = pairs("Iran said France would not attend the Geneva talks on Syria.")
    assert [c.marked for c in first] == [c.marked for c in second]
    third = pairs("Turkey said Russia would not attend the Astana talks on Syria.")
    assert [c.marked for c in first] == [c.marked for c in third]


def test_a_pointer_records_where_it_was_resolved_from() -> None:
    text = "Syria talks resume in Geneva on Monday. Sergei Lavrov welcomed the talks. He called them timely."
    (pronoun,) = [c for c in pairs(text, 2) if c.actor.name == "Russia"]
    assert not pronoun.actor.explicit
    assert pronoun.actor.how == "pronoun"
    assert pronoun.actor.resolved_from is not None
    start, end = pronoun.actor.resolved_from
    assert text[start:end] == "Sergei Lavrov"
    assert pronoun.process.target == "geneva"
    assert not pronoun.process.explicit


def test_page_furniture_yields_nothing() -> None:
    text = "Turkey backs the Geneva talks on Syria.\nRelated: Russia boycotts the Geneva talks on Syria\n"
    assert {c.actor.name for c in pairs(text)} == {"Turkey"}


WORDS = st.sampled_from(
    "Turkey Russia’s the Geneva talks said . \n “ ” he they we Lavrov Kremlin U.N. congress in Sochi Astana Syria é "
    "🙂 ‏ \u00a0 will not attend opposition".split(" ")
)


@settings(max_examples=150, deadline=None)
@given(st.lists(WORDS, max_size=60).map(" ".join))
def test_offsets_are_exact(text: str) -> None:
    for c in pairs(text):
        assert text[c.sentence.start : c.sentence.end] == c.sentence.text
        for mention in (c.actor, c.process):
            if mention.span:
                start, end = mention.span
                assert text[start:end] == mention.text
                assert c.sentence.start <= start < end <= c.sentence.end
        assert (ACTOR in c.marked) and (PROCESS in c.marked)
