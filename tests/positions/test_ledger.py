"""The ledger adds up, counts copies once, is the same in any order, and its intervals hold the truth."""

from __future__ import annotations

import datetime
import random

import pytest

from stance.positions.ledger import Period, ledger
from stance.records import STANCES
from tests.conftest import benchmark
from tests.positions.conftest import statement


def test_one_line_says_who_where_when_and_on_what_evidence() -> None:
    found = [
        statement("supportive", "2018-01-03", outlet="Wire", confidence=0.6, model="b@2"),
        statement("supportive", "2018-01-20", outlet="Post", confidence=0.9, doc="d1"),
        statement("supportive", "2018-01-20", doc="d1", confidence=0.7),
        statement("boycotting", "2018-01-25", outlet="Wire", confidence=0.5),
        statement("skeptical", "2018-01-28", confidence=0.4),
    ]
    (entry,) = ledger(found)
    assert (entry.actor, entry.process, entry.period, entry.start) == (
        "Turkey",
        "sochi",
        "2018-01",
        datetime.date(2018, 1, 1),
    )
    assert entry.counts == {"supportive": 3, "skeptical": 1, "boycotting": 1}
    assert (entry.stance, entry.sentences, entry.documents) == ("supportive", 5, 4)
    assert (entry.outlets, entry.models) == (("Post", "Wire"), ("b@2", "m@1"))
    assert (entry.evidence, entry.counter) == (found[1], found[3])
    assert sum(s.mean for s in entry.shares.values()) == pytest.approx(1)
    assert all(0 <= s.low < s.mean < s.high <= 1 for s in entry.shares.values())


@pytest.mark.parametrize(
    ("period", "expected"),
    [
        ("day", [("2018-01-03", "2018-01-03"), ("2018-12-31", "2018-12-31"), ("undated", None)]),
        ("week", [("2018-W01", "2018-01-01"), ("2019-W01", "2018-12-31"), ("undated", None)]),
        ("month", [("2018-01", "2018-01-01"), ("2018-12", "2018-12-01"), ("undated", None)]),
        ("year", [("2018", "2018-01-01"), ("undated", None)]),
        ("all", [("all", None)]),
    ],
)
def test_periods(period: Period, expected: list[tuple[str, str | None]]) -> None:
    found = [statement(day=None), statement(day="2018-12-31"), statement(day="2018-01-03")]
    assert [(e.period, e.start and e.start.isoformat()) for e in ledger(found, period)] == expected


def test_lines_are_sorted_and_do_not_depend_on_the_order_of_statements() -> None:
    found = [
        statement(s, day, actor=actor, process=process, confidence=0.5 + n / 20)
        for n, s in enumerate(STANCES)
        for day in ("2018-02-01", "2018-01-01", None)
        for actor in ("Turkey", "Iran")
        for process in ("sochi", "astana")
    ]
    lines = ledger(found)
    assert [(e.actor, e.process, e.period) for e in lines] == [
        (a, p, d) for a in ("Iran", "Turkey") for p in ("astana", "sochi") for d in ("2018-01", "2018-02", "undated")
    ]
    random.Random(1).shuffle(found)
    assert ledger(found) == lines
    assert ledger([]) == []


def test_copies_of_a_sentence_count_once() -> None:
    one = statement("boycotting", text="Turkey will stay away.")
    copies = [statement("boycotting", text=f"TURKEY  will stay away.{' ' * n}") for n in range(9)]
    (alone,), (copied,) = ledger([one]), ledger([one, *copies])
    assert copied.shares == alone.shares
    assert (copied.sentences, copied.documents) == (10, 10)
    (independent,) = ledger([statement("boycotting") for _ in range(10)])
    assert independent.shares["boycotting"].low > alone.shares["boycotting"].low + 0.1


def test_many_sentences_of_one_document_say_less_than_as_many_documents() -> None:
    (one,) = ledger([statement("skeptical", doc="one") for _ in range(12)])
    (many,) = ledger([statement("skeptical") for _ in range(12)])
    a, b = one.shares["skeptical"], many.shares["skeptical"]
    assert a.high - a.low > b.high - b.low + 0.1


def test_the_models_confusion_is_taken_into_account() -> None:
    """Doubtful statements of another stance beside many sure ones are mostly errors, so the share exceeds the count."""
    sure = [statement("boycotting", confidence=0.9) for _ in range(40)]
    doubtful = [statement("skeptical", confidence=0.4) for _ in range(10)]
    (entry,) = ledger([*sure, *doubtful])
    assert entry.shares["boycotting"].mean > 0.85
    assert entry.counts["boycotting"] / entry.sentences == 0.8
    (even,) = ledger([statement(s, confidence=0.9) for s in STANCES for _ in range(100)])
    assert all(abs(s.mean - 1 / 3) < 0.05 for s in even.shares.values())


@pytest.mark.parametrize("truth", [None, (0.9, 0.07, 0.03), (1 / 3, 1 / 3, 1 / 3)])
@pytest.mark.parametrize("size", [10, 100])
def test_intervals_hold_the_truth_in_95_percent_of_cells(truth: tuple[float, ...] | None, size: int) -> None:
    """And those of Wilson on the counts of printed stances do not, unless the truth is as even as errors are."""
    bench = benchmark("ledger")
    held, naive, _, error, counted = bench.measure(bench.invented, truth, size, 200)
    assert 0.90 <= held <= 0.99
    if truth != bench.TRUTHS["even"]:
        assert naive < 0.85
        assert error < counted + 0.02
