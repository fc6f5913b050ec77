"""Any text goes out for review and comes back the same: emoji, right-to-left writing, markup, formulas, line ends."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stance.codebook import load
from stance.labeling.exchange import read_label_studio, read_sheet, sheet, tasks
from stance.labeling.review import Batch, Pair
from stance.records import LABELS, STANCES, Document
from tests.conftest import ROOT

CODEBOOK = load(ROOT / "configs" / "codebook.yaml")
PIECES = ["😀", "👩‍👩‍👧", "🇸🇾", "تركيا", "إيران ترفض", "שלום", "\u202eabc\u202c", "é", "e\u0301", "<b>", "&amp;", '"', "'", "=1+1", ",", ";", "\t", "\r\n", "\n", "Turkey", "the talks", "▶", "-", "@"]  # fmt: skip
TEXTS = st.lists(st.sampled_from(PIECES), max_size=6).map(" ".join)
WORDS = st.sampled_from(["Turkey", "تركيا", "👩‍👩‍👧 Anna", "the\r\nopposition", "=Iran", "O'Neill & <Sons>"])
MANY = settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@st.composite
def batches(draw: st.DrawFn) -> tuple[Batch, str]:
    """A pair in a sentence of a document, up for review, and the document's text."""
    context, before, between, after = (draw(TEXTS) for _ in range(4))
    mention, words = draw(WORDS), draw(st.sampled_from(["Astana", "محادثات", "the 🕊 talks"]))
    sentence = f"{before} {mention} {between} {words} {after}".strip()
    text = f"{context}\n{sentence}"
    start = len(context) + 1
    at = start + sentence.index(mention)
    where = start + sentence.index(words, at - start + len(mention))
    suggested = draw(st.sampled_from([label for label in LABELS if label in STANCES]))
    pair = Pair(
        "d", start, len(text), sentence, 0, mention, at, "Turkey", "astana", where, where + len(words),
        True, True, suggested, 0.5, "-",
    )  # fmt: skip
    return Batch(CODEBOOK.digest, (pair,)), text


@MANY
@given(batches())
def test_label_studio(tmp_path: Path, made: tuple[Batch, str]) -> None:
    batch, text = made
    (task,) = tasks(batch, {"d": Document("d", text)}, CODEBOOK, "rules")
    accepted = {"completed_by": 7, "was_cancelled": False, "result": task["predictions"][0]["result"]}
    path = tmp_path / "export.json"
    path.write_text(json.dumps([task | {"annotations": [accepted]}]), encoding="utf-8")
    assert read_label_studio(path, batch, CODEBOOK) == [pair.judged(pair.suggested, "user-7") for pair in batch.pairs]


@MANY
@given(batches())
def test_sheet(tmp_path: Path, made: tuple[Batch, str]) -> None:
    batch, _ = made
    rows = list(csv.reader(io.StringIO(sheet(batch).removeprefix("\ufeff"), newline="")))
    for row in rows[1:]:
        row[8], row[9] = row[6], "anna"
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    path = tmp_path / "anna.csv"
    path.write_text("\ufeff" + out.getvalue(), encoding="utf-8", newline="")
    expected = [pair.judged(pair.suggested, "anna") for pair in batch.pairs]
    assert read_sheet(path, batch, None) == expected
