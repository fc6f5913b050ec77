"""A text's date is found where its head or its file's name says so beyond doubt, and nowhere else."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stance.dates import from_head, from_name, whole
from stance.documents import read

DAY = datetime.date(2018, 1, 30)
DAYS = st.dates(datetime.date(1990, 1, 1), datetime.date(2024, 12, 31))


@pytest.mark.parametrize(
    "head",
    [
        "SOCHI, January 30, 2018 (AFP) - The congress opened.",
        "SOCHI, Russia, Jan. 30, 2018 — The congress opened.",
        "MOSCOW, 30 January 2018. /TASS/ The congress opened.",
        "MOSCOW (January 30, 2018) – The congress opened.",
        "NEW YORK, Jan 30, 2018 (Reuters) - Envoys met.",
        "30 January 2018",
        "Tuesday, January 30th, 2018, 10:15 a.m.",
        "2018-01-30T10:15:00Z",
        "Published: 2018-01-30",
        "Posted on 30 Jan 2018 at 10:15 GMT",
        "By Anna Writer, January 30, 2018",
        "By Anna Writer | January 30, 2018",
        "Levant Wire | 30 January 2018 | 4 min read",
        "Congress opens\n\n3 min read\nPublished 30 January 2018\nUpdated 2 February 2018\nThe congress opened.",
    ],
)
def test_a_head_that_tells(head: str) -> None:
    assert from_head(head) == DAY
    assert from_head(f"A headline without a date\n{head}\nSyria agreed in principle in 2012.") == DAY


@pytest.mark.parametrize(
    "head",
    [
        "The congress of January 30, 2018 failed.",
        "On January 30, 2018, Russia opened the congress.",
        "In Sochi, January 30, 2018 was a cold day.",
        "RUSSIA, January 30, 2018 was a cold day.",
        "Congress set for January 30, 2018",
        "Resolution 2254, 18 December 2015",
        "28-30 January 2018",
        "January 29-30, 2018",
        "30 January 2018 - 2 February 2018",
        "SOCHI, January 30, 2018 - February 2, 2018",
        "29 January 2018\n30 January 2018",
        "SOCHI, January 30 (AFP) - The congress opened.",
        "January 2018",
        "30/01/2018",
        "01/02/2018",
        "31 February 2018",
        "2018-13-45",
        "January 30, 2999",
        "Call 2018-01-30-12345",
        "Updated 2 February 2018",
        "one\ntwo\nthree\nfour\nfive\nsix\n30 January 2018",
    ],
)
def test_a_head_that_leaves_doubt(head: str) -> None:
    assert from_head(head) is None


@given(DAYS, st.sampled_from(["{:%d %B %Y}", "{:%B %d, %Y}", "{:%b. %d, %Y}", "{:%Y-%m-%d}", "{:%A, %d %B %Y}"]))
def test_every_day_is_read_in_every_form(day: datetime.date, form: str) -> None:
    written = form.format(day)
    assert from_head(f"Talks resume\n{written}\nTalks resumed on Monday.") == day
    assert whole(written) == day


@given(st.text(), st.text())
def test_no_text_breaks_it_and_no_day_is_in_the_future(a: str, b: str) -> None:
    for text in (a, f"{a}, January 30, 2018 {b}", f"Published: {a}2018-01-30{b}"):
        for found in (from_head(text), from_name(text), whole(text)):
            assert found is None or found <= datetime.date.today() + datetime.timedelta(days=1)


@given(st.lists(st.integers(0, 99999), min_size=1, max_size=8), st.sampled_from([" ", "-", "/", ", ", ".", " to "]))
def test_numbers_are_no_dates_unless_they_are_iso(numbers: list[int], joint: str) -> None:
    found = from_head(joint.join(map(str, numbers)))
    assert found is None or joint == "-"


@given(DAYS, DAYS)
def test_two_days_are_no_day(a: datetime.date, b: datetime.date) -> None:
    text = f"{a:%d %B %Y}\n{b:%d %B %Y}"
    assert from_head(text) == (a if a == b else None)
    assert from_head(f"{a:%d %B %Y} - {b:%d %B %Y}") is None
    assert from_name(f"{a}_{b}") == (a if a == b else None)


def test_documents_take_their_date_from_head_then_name(tmp_path: Path) -> None:
    (tmp_path / "2018-01-29-sochi.txt").write_text("The congress opened.")
    (tmp_path / "2018-02-01-late.txt").write_text("SOCHI, January 30, 2018 (UNA) - The congress opened.")
    (tmp_path / "plain.txt").write_text("The congress opened.")
    (tmp_path / "rows.jsonl").write_text(
        '{"text": "The congress opened.", "date": "30 January 2018"}\n'
        '{"text": "SOCHI, January 30, 2018 (UNA) - The congress opened."}\n'
    )
    assert [d.date for d in read([tmp_path])] == [datetime.date(2018, 1, 29), DAY, None, DAY, DAY]


def test_a_page_tells_its_outlet(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    article = "".join(f"<p>Paragraph {i} says that Turkey will host another round of talks soon.</p>" for i in range(8))
    page.write_text(
        "<html><head><title>Talks</title><meta property='og:site_name' content='Levant Wire'>"
        f"<meta property='article:published_time' content='2018-01-30T10:00:00Z'></head><body><article>{article}</article></body></html>"
    )
    (document,) = read([page])
    assert (document.date, document.outlet) == (DAY, "Levant Wire")
