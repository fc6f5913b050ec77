"""What the file holds: columns, offsets, the ledger, the models; and its size."""

from __future__ import annotations

import base64
import datetime
import gzip
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from stance import registry, report
from stance.page import columns, honesty, layout
from stance.positions.changes import changes
from stance.positions.ledger import ledger
from stance.records import STANCES
from tests.conftest import ROOT
from tests.page.conftest import Write, history, statement


def unpack(page: str, block: str) -> Any:
    found = re.search(rf'<script type="application/gzip" id="{block}">([A-Za-z0-9+/=]+)</script>', page)
    assert found
    return json.loads(gzip.decompress(base64.b64decode(found[1])))


def test_columns_give_the_statements_back(small: Path) -> None:
    page = small.read_text(encoding="utf-8")
    figures, texts, found = unpack(page, "figures"), unpack(page, "texts"), history()
    names, c = figures["names"], figures["columns"]
    for n, s in enumerate(found):
        assert names["actor"][c["actor"][n]] == s.actor
        assert names["process"][c["process"][n]] == s.process
        assert names["doc"][c["doc"][n]] == s.doc
        assert (None if c["outlet"][n] < 0 else names["outlet"][c["outlet"][n]]) == s.outlet
        assert figures["stances"][c["stance"][n]] == s.stance
        assert c["confidence"][n] == round(1000 * s.confidence)
        assert (c["day"][n] is None) == (s.date is None)
        paragraph, start, end, *_ = texts["rows"][n]
        units = texts["paragraphs"][paragraph].encode("utf-16-le")
        assert units[2 * start : 2 * end].decode("utf-16-le") == s.text
    assert c["day"][0] == (datetime.date(2017, 1, 1) - datetime.date(1970, 1, 1)).days


def test_the_ledger_and_the_changes_are_the_programs(small: Path) -> None:
    figures = unpack(small.read_text(encoding="utf-8"), "figures")
    for period in ("all", "month", "year"):
        lines = {
            (figures["names"]["actor"][a], figures["names"]["process"][p], start): v
            for a, p, start, *v in figures["ledger"][period]
        }
        for entry in ledger(history(), period):
            expected = [getattr(entry.shares[s], name) for s in STANCES for name in ("mean", "low", "high")]
            assert lines[entry.actor, entry.process, columns.day(entry.start)] == pytest.approx(
                [1000 * v for v in expected], abs=0.51
            )
    (change,) = changes(history())
    (given,) = figures["changes"]
    assert given["day"] == columns.day(change.day)
    assert [history()[n] for n in given["rows"]] == [change.before, change.after]


@pytest.mark.parametrize(
    ("text", "mention", "expected"),
    [
        ("Turkey will go.", "Turkey", ("Turkey will go.", "Turkey")),
        ("🕊 Turkey 🕊🕊 will go.", "Turkey", ("🕊 Turkey 🕊🕊 will go.", "Turkey")),
        ("It will go.", "Ankara", ("It will go.", "")),
    ],
)
def test_offsets_are_in_utf_16(text: str, mention: str, expected: tuple[str, str]) -> None:
    (row,) = columns.texts([statement(text=text, mention=mention, paragraph=f"🕊🕊. {text}", paragraph_start=107)])[
        "rows"
    ]
    units = f"🕊🕊. {text}".encode("utf-16-le")
    assert (
        tuple(units[2 * a : 2 * b].decode("utf-16-le") if a >= 0 else "" for a, b in (row[1:3], row[3:5])) == expected
    )


def test_offsets_that_do_not_fit_fall_back_on_the_sentence() -> None:
    astray = replace(statement(), paragraph="Quite another text.", mention_start=5000, mention_end=5006)
    found = columns.texts([astray, replace(astray, paragraph=None, paragraph_start=None)])
    assert found["paragraphs"] == [astray.text]
    assert [row[1:5] for row in found["rows"]] == [[0, len(astray.text), -1, -1]] * 2


def test_a_paragraph_without_end_is_cut_around_its_sentence() -> None:
    sentence = "Turkey spoke of the talks."
    for before, after, first, last in (
        ("Before it. ", " After it.", "Before it. ", " After it."),
        ("word " * 10**5, " word" * 10**5, "… " + "word " * 199, " word" * 199 + " …"),
        ("x" * 10**5, "y" * 10**5, "… " + "x" * 1000, "y" * 1000 + " …"),
    ):
        s = statement(paragraph=before + sentence + after, paragraph_start=111 - len(before))
        found = columns.texts([s])
        (row,) = found["rows"]
        assert found["paragraphs"] == [first + sentence + last]
        assert found["paragraphs"][0][row[1] : row[2]] == sentence
        assert found["paragraphs"][0][row[3] : row[4]] == "Turkey"


def test_friends_stand_nearer_than_foes() -> None:
    found = [statement(actor=a, process=p, stance=s, doc=f"{a}{p}{n}", text=f"{a} on {p} {n}") for a, p, s in (
        ("Russia", "sochi", "supportive"), ("Rebels", "sochi", "boycotting"), ("Rebels", "geneva", "supportive"), ("Russia", "geneva", "skeptical"),
    ) for n in range(9)]  # fmt: skip
    actors, processes = layout.layout(ledger(found, "all"))

    def far(actor: str, process: str) -> float:
        return sum((a - b) ** 2 for a, b in zip(actors[actor], processes[process], strict=True))

    assert far("Russia", "sochi") < far("Rebels", "sochi")
    assert far("Rebels", "geneva") < far("Rebels", "sochi")
    assert layout.layout([]) == ({}, {})


def test_the_released_model_says_how_good_it_is() -> None:
    version = registry.read(ROOT / "models/release").version
    (known,) = honesty.known([statement(model=version)], ROOT / "models", Path("none"))
    assert known.problem == ""
    assert "<table>" in known.card
    total = sum(sum(row) for row in known.confusion)
    assert f'<td class="number">{sum(known.confusion[0])}</td>' in known.card  # the gold of the first class
    assert sum(n for _, _, n in known.reliability) == total - sum(row[3] for row in known.confusion)
    assert set(known.thresholds) == {f"{p / 100:.2f}" for p in range(50, 100)}


@pytest.mark.parametrize("version", ["release@000000000000", "../release@1", "/etc@1", "nobody", "", "rules"])
def test_a_model_that_is_not_at_hand_says_why(version: str) -> None:
    (known,) = honesty.known([statement(model=version)], ROOT / "models", Path("none"))
    assert known.problem
    assert (known.card, known.confusion) == ("", [])


def test_a_card_cannot_smuggle_anything_in() -> None:
    html = honesty._html(
        "# A <script>x</script>\n\n[a](javascript:x) ![b](https://example.org/b.png) <https://example.org>"
    )
    assert "<script" not in html
    assert "<a" not in html
    assert "<img" not in html
    assert html.startswith("<h4>")


def test_ten_thousand_statements_each_with_a_paragraph_of_its_own_are_under_five_megabytes(write: Write) -> None:
    """Sentences of 24 words in paragraphs of 130, both as in the corpus, their words at random."""
    import random

    words = (ROOT / "data/corpus/documents.jsonl").read_text(encoding="utf-8").split()
    draw = random.Random(1)
    found = []
    for n in range(10_000):
        text = " ".join(draw.choices(words, k=24))
        before, after = (" ".join(draw.choices(words, k=53)) for _ in range(2))
        found.append(
            statement(
                actor=f"Actor {n % 300}",
                text=text,
                mention="",
                doc=f"doc-{n // 7}",
                paragraph=f"{before} {text} {after}",
                paragraph_start=111 - len(before) - 1,
            )
        )
    assert write(found).stat().st_size < 5_000_000


def test_the_verb_reads_documents_and_predictions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("talks.txt").write_text("Turkey will boycott the Sochi congress.\n")
    assert report.main(["talks.txt", "--model", "rules", "-o", "report.html"]) == 0
    assert capsys.readouterr().err.startswith("1 statements -> report.html")
    page = Path("report.html").read_text(encoding="utf-8")
    assert "1 statement by 1 actor on 1 peace process" in page
    assert unpack(page, "texts")["paragraphs"] == ["Turkey will boycott the Sochi congress."]
    assert "The labeling rules" in page


def test_the_report_is_named_as_what_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert report.main([str(tmp_path), "-o", "report.md"]) == 2
    assert capsys.readouterr().err == (
        "stance.report: error: --output:report.md: the report is HTML: name it report.html\n"
    )


def test_without_its_libraries_the_verb_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "stance.page.html", None)
    monkeypatch.delattr("stance.page.html", raising=False)
    assert report.main([str(tmp_path), "-o", "report.html"]) == 2
    assert "pip install 'stance[report]'" in capsys.readouterr().err
