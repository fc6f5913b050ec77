"""What a document names and points at, and how a pair is shown to a model."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from stance.candidates import ACTOR, PROCESS, Generator
from stance.codebook import load
from stance.documents import read_file
from stance.records import Candidate, Document
from tests.conftest import ROOT

CASES: list[dict[str, Any]] = [
    case
    for path in sorted((Path(__file__).parent / "cases").glob("reading*.yaml"))
    for case in yaml.safe_load(path.read_text(encoding="utf-8"))
]
EXPECTATIONS = {"find", "not", "nothing", "says", "process", "who"}
PARAMS = [
    pytest.param(
        case,
        id=case["name"],
        marks=[pytest.mark.xfail(reason=case["xfail"], raises=AssertionError, strict=True)] if "xfail" in case else [],
    )
    for case in CASES
]


@cache
def generator() -> Generator:
    return Generator(load(ROOT / "configs" / "codebook.yaml"))


def pairs(text: str, sentence: int | None = None) -> list[Candidate]:
    found = list(generator().candidates(Document("d", text)))
    return [c for c in found if sentence is None or c.sentence.index == sentence]


def test_the_cases_are_well_formed() -> None:
    names = [case["name"] for case in CASES]
    assert len(set(names)) == len(names)
    for case in CASES:
        assert EXPECTATIONS & set(case), case["name"]
        assert set(case) <= EXPECTATIONS | {"name", "text", "date", "xfail"}, case["name"]


@pytest.mark.parametrize("case", PARAMS)
def test_reading(case: dict[str, Any]) -> None:
    """Each case lists what must be found or must not: `tests/cases/reading.yaml` says how."""
    text = case["text"]
    document = Document("d", text, case.get("date"))
    found = {(c.sentence.index, c.actor.name, c.process.target) for c in generator().candidates(document)}
    wanted = {tuple(row) for row in case.get("find", [])}
    assert wanted <= found
    assert not found & {tuple(row) for row in case.get("not", [])}
    if case.get("nothing"):
        assert not found
    actors, processes, holders = set(), set(), set()
    for reading in generator().read(document):
        at = reading.sentence.index
        for m in reading.actors:
            actors.add((at, m.name, m.text, text[slice(*m.resolved_from)] if m.resolved_from else None))
            holders.add((at, m.text, m.how))
        processes |= {(at, m.target, m.text) for m in reading.processes}
    assert {tuple(row) for row in case.get("says", [])} <= actors
    assert {tuple(row) for row in case.get("process", [])} <= processes
    assert {tuple(row) for row in case.get("who", [])} <= holders


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
    "Turkey Russia’s Syrian Jordanian the The Geneva talks said . \n \r\n “ ” \" '' `` ' he they we I It its Both three "
    "leaders minister coalition factions Lavrov Kremlin U.N. congress in of Sochi Astana Syria é e\u0301 İ ß 🙂 \u200f "
    "\u00a0 \x00 will not attend opposition guarantors Q: A: ? you Selin Aktas , who an analyst Yemen zones:".split(" ")
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


def let_through_all(documents: Iterable[Document]) -> int:
    """Read each document whole, and check that none with a subject's word and a candidate would have been left unread."""
    read = 0
    for document in documents:
        resolver = generator()._resolver
        if resolver._subject.within(document.text) and not generator().concerns(document):
            found = list(generator().pairs(document, resolver.read(document, generator().sentences(document))))
            assert not found, document.text
            read += 1
    return read


def test_no_document_with_a_candidate_is_left_unread() -> None:
    corpus = read_file(ROOT / "data" / "corpus" / "documents.jsonl")
    assert let_through_all(chain(corpus, (Document(c["name"], c["text"], c.get("date")) for c in CASES))) > 10


FEW = st.sampled_from(
    "Syria Syrian rebels Assad Russia Turkey UN U.N. UN's Kremlin Lavrov said plan mediation peace road map push deal "
    "effort table in on the this led backed -led . \n hosts attend Yemen \xa0 \t zones".split(" ")
)


@settings(max_examples=300, deadline=None)
@given(st.lists(FEW, max_size=25), st.sampled_from([" ", "  ", "\u2009"]))
def test_no_text_with_a_candidate_is_left_unread(parts: list[str], space: str) -> None:
    let_through_all([Document("d", "Syria " + space.join(parts))])
