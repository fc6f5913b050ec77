"""What goes out to Label Studio or a spreadsheet comes back the same, and what does not fit is refused by its place."""

from __future__ import annotations

import copy
import csv
import io
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stance.codebook import load
from stance.errors import InputError
from stance.io import inert, restored
from stance.labeling.exchange import (
    labeling_config,
    read_label_studio,
    read_sheet,
    read_tasks,
    sheet,
    tasks,
)
from stance.labeling.review import Batch, Pair
from stance.records import Document
from tests.conftest import ROOT

CODEBOOK = load(ROOT / "configs" / "codebook.yaml")
CONTEXT = "😀 Moscow <b>hosts</b> the Sochi congress.\r\n"
SENTENCE = "=Turkey 😀 backed it & the\r\nopposition refused."
TEXT = CONTEXT + SENTENCE
Task = dict[str, Any]


def pair(mention: str, actor: str, process: str, words: str, **about: Any) -> Pair:
    start, end = len(CONTEXT), len(TEXT)
    at = TEXT.index(mention, start) if mention else None
    where = TEXT.find(words, start) if words else -1
    span = (where, where + len(words)) if words else (None, None)
    flags = {"explicit_actor": bool(mention), "explicit_process": False, "suggested": "skeptical", "confidence": 0.5}
    return Pair("d", start, end, SENTENCE, 0, mention, at, actor, process, *span, **(flags | {"why": "-"} | about))  # type: ignore[arg-type]


PAIRS = (
    pair("Turkey", "Turkey", "sochi", "it", suggested="supportive"),
    pair("the\r\nopposition", "Syrian opposition", "sochi", "it", suggested="boycotting"),
    pair("", "Russia", "geneva", "", suggested="none"),
)
BATCH = Batch(CODEBOOK.digest, PAIRS)
SUGGESTED = [p.judged(p.suggested, "user-7") for p in PAIRS]


def exported(tmp_path: Path, *change: Callable[[Task], object]) -> Path:
    """The batch's task as Label Studio exports it once user 7 accepted the suggestions, then changed."""
    (task,) = copy.deepcopy(list(tasks(BATCH, {"d": Document("d", TEXT)}, CODEBOOK, "rules")))
    result = task["predictions"][0]["result"]
    task["annotations"] = [{"completed_by": 7, "was_cancelled": False, "result": result}]
    for step in change:
        step(task)
    path = tmp_path / "export.json"
    path.write_text(json.dumps([task]), encoding="utf-8")
    return path


def result(task: Task) -> list[dict[str, Any]]:
    return task["annotations"][0]["result"]  # type: ignore[no-any-return]


def arrow(task: Task) -> dict[str, Any]:
    return next(part for part in result(task) if part["type"] == "relation")


def region(task: Task, kind: str = "labels", n: int = 0) -> dict[str, Any]:
    return [part for part in result(task) if part["type"] == kind][n]["value"]  # type: ignore[no-any-return]


def added(task: Task) -> None:
    """Another user marks the process anew at the foot and finds a stance that was not suggested."""
    at = task["data"]["text"].index("geneva")
    new = {"start": at, "end": at + 6, "text": "geneva", "labels": ["Process"]}
    turkey = result(task)[0]["id"]
    more = [
        {"id": "new", "type": "labels", "from_name": "what", "to_name": "text", "value": new},
        {"type": "relation", "from_id": "new", "to_id": turkey, "direction": "left", "labels": ["skeptical"]},
    ]
    about = {"completed_by": {"email": "anna@example.org"}, "was_cancelled": False}
    task["annotations"].append({**about, "result": [*result(task), *more]})


def test_accepted_suggestions_come_back_equal(tmp_path: Path) -> None:
    assert read_label_studio(exported(tmp_path), BATCH, CODEBOOK) == SUGGESTED


def test_every_offset_shows_its_words() -> None:
    (task,) = tasks(BATCH, {"d": Document("d", TEXT)}, CODEBOOK, "rules")
    for part in task["predictions"][0]["result"]:
        if part["type"] == "labels":
            value = part["value"]
            assert task["data"]["text"][value["start"] : value["end"]] == value["text"]
    assert "\r" not in task["data"]["text"]


def test_a_batch_is_read_back_from_its_tasks(tmp_path: Path) -> None:
    assert Batch.of(read_tasks(exported(tmp_path)), CODEBOOK.digest, tmp_path) == BATCH


def test_a_changed_label_and_a_removed_arrow(tmp_path: Path) -> None:
    def change(task: Task) -> None:
        arrow(task)["labels"] = ["boycotting"]
        result(task).remove([part for part in result(task) if part["type"] == "relation"][1])

    answers = [j.answer for j in read_label_studio(exported(tmp_path, change), BATCH, CODEBOOK)]
    assert answers == ["boycotting", "none", "none"]


def test_two_arrows_for_one_pair_follow_the_precedence(tmp_path: Path) -> None:
    def change(task: Task) -> None:
        result(task).append({**arrow(task), "labels": ["skeptical"]})

    assert read_label_studio(exported(tmp_path, change), BATCH, CODEBOOK)[0].answer == "skeptical"


def test_a_pair_that_one_annotator_added_is_none_for_the_other(tmp_path: Path) -> None:
    found = read_label_studio(exported(tmp_path, added), BATCH, CODEBOOK)
    about = {(j.annotator, j.answer): j for j in found if (j.actor, j.process) == ("Turkey", "geneva")}
    assert set(about) == {("user-7", "none"), ("anna@example.org", "skeptical")}
    assert not about["anna@example.org", "skeptical"].explicit_process


def test_a_skipped_task_says_nothing(tmp_path: Path) -> None:
    def change(task: Task) -> None:
        task["annotations"][0]["was_cancelled"] = True

    assert read_label_studio(exported(tmp_path, change), BATCH, CODEBOOK) == []


BROKEN: dict[str, Callable[[Task], object]] = {
    "1:stance: 'hostile' is not one of": lambda t: arrow(t).update(labels=["hostile"]),
    "1:stance: 'an arrow without a label'": lambda t: arrow(t).update(labels=[]),
    "1:relation: an arrow that does not join": lambda t: arrow(t).update(to_id=arrow(t)["from_id"]),
    "1: not what Label Studio exports": lambda t: arrow(t).update(to_id="gone"),
    "1:what: 'Place' is neither": lambda t: region(t).update(labels=["Place"]),
    "1:mention: '😀 M' is not in the sentence": lambda t: region(t).update(start=0, end=3, text="😀 M"),
    "1:mention: 'Ankara' is not in the text": lambda t: region(t).update(text="Ankara"),
    "1:process: 'it': choose which": lambda t: region(t, "choices").update(choices=[]),
    "1:actor: 'actor': write the actor": lambda t: region(t, "textarea", 2).update(text=[]),
    "1:meta: made under another codebook": lambda t: t["meta"].update(codebook="0" * 12),
    "1:meta: format version 2": lambda t: t["meta"].update(format=2),
    "1:meta.pairs: unknown id": lambda t: t["meta"]["pairs"][0].update(id="0" * 12),
    "1:data.text: its text is not the batch's": lambda t: t["data"].update(text="other"),
    "1:annotations: missing": lambda t: t.pop("annotations"),
    "1: not what Label Studio exports of": lambda t: t.pop("meta"),
}


@pytest.mark.parametrize(("message", "change"), BROKEN.items(), ids=list(BROKEN))
def test_a_broken_export_is_refused_by_its_place(
    message: str, change: Callable[[Task], object], tmp_path: Path
) -> None:
    with pytest.raises(InputError) as error:
        read_label_studio(exported(tmp_path, change), BATCH, CODEBOOK)
    assert f"export.json:{message}" in str(error.value)


def test_a_half_written_export_is_refused(tmp_path: Path) -> None:
    path = exported(tmp_path)
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(InputError, match="not JSON"):
        read_label_studio(path, BATCH, CODEBOOK)


def test_the_configuration_names_what_the_tasks_use() -> None:
    root = ElementTree.fromstring(labeling_config(CODEBOOK))
    assert {e.get("name") for e in root.iter() if e.get("toName") == "text"} == {"what", "actor", "process"}
    assert [e.get("value") for e in root.iter("Choice")] == list(CODEBOOK.process)
    assert [e.get("value") for e in root.iter("Relation")] == ["supportive", "skeptical", "boycotting", "none"]


def filled(tmp_path: Path, change: Callable[[list[list[str]]], object] = len, delimiter: str = ",") -> Path:
    """The batch's sheet, answered as suggested by Anna, then changed cell by cell and saved."""
    rows = list(csv.reader(io.StringIO(sheet(BATCH).removeprefix("\ufeff"))))
    for row in rows[1:]:
        row[8], row[9] = row[6], "anna"
    change(rows)
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows)
    path = tmp_path / "anna.csv"
    path.write_text("\ufeff" + out.getvalue(), encoding="utf-8", newline="")
    return path


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_filled_sheet_comes_back_equal(delimiter: str, tmp_path: Path) -> None:
    found = read_sheet(filled(tmp_path, delimiter=delimiter), BATCH, None)
    assert found == [replace(j, annotator="anna") for j in SUGGESTED]


def test_no_cell_runs_as_a_formula() -> None:
    assert sheet(BATCH).startswith("\ufeffid,doc,sentence,")
    for row in csv.reader(io.StringIO(sheet(BATCH).removeprefix("\ufeff"))):
        assert not [cell for cell in row if cell[:1] in tuple("=+-@\t\r")]
    assert "'=Turkey" in sheet(BATCH)


@given(st.text(alphabet="'=+-@\t\rab", max_size=6))
def test_a_neutralised_cell_isrestored(cell: str) -> None:
    assert str(inert(cell))[:1] not in tuple("=+-@\t\r")
    assert restored(str(inert(cell))) == cell


def test_a_row_without_an_answer_is_skipped_and_a_mention_can_be_mended(tmp_path: Path) -> None:
    def change(rows: list[list[str]]) -> None:
        rows[1][8] = " "
        rows[2][3], rows[2][8], rows[2][10] = "opposition", "Skeptical ", "'=why"

    first, _ = read_sheet(filled(tmp_path, change), BATCH, None)
    assert (first.mention, first.answer, first.comment) == ("opposition", "skeptical", "=why")


def cell(row: int, column: int, value: str) -> Callable[[list[list[str]]], object]:
    return lambda rows: rows[row].__setitem__(column, value)


BAD_ROWS: dict[str, Callable[[list[list[str]]], object]] = {
    "2:answer: 'hostile' is not one of": cell(1, 8, "hostile"),
    "1:answer: renamed, missing": cell(0, 8, "verdict"),
    "1:comment: renamed, missing": lambda rows: [row.pop() for row in rows],
    "3:mention: 'Ankara' is not in the sentence": cell(2, 3, "Ankara"),
    "3:sentence: 'other' is not what went out": cell(2, 2, "other"),
    "2:id: unknown id 'x'": cell(1, 0, "x"),
    "2:id: unknown id '000000000000'": cell(1, 0, f"1-{CODEBOOK.digest}-000000000000"),
    "2:id: made under another codebook": cell(1, 0, f"1-000000000000-{PAIRS[0].id}"),
    "2:id: format version 2": cell(1, 0, f"2-{CODEBOOK.digest}-{PAIRS[0].id}"),
    "4:annotator: who answered?": cell(3, 9, ""),
    "4: 9 cells under 11 columns": lambda rows: [rows[3].pop() for _ in range(2)],
    "5:answer: a second, different answer": lambda rows: rows.append([*rows[1][:8], "none", *rows[1][9:]]),
}


@pytest.mark.parametrize(("message", "change"), BAD_ROWS.items(), ids=list(BAD_ROWS))
def test_a_bad_row_is_refused_by_its_place(
    message: str, change: Callable[[list[list[str]]], object], tmp_path: Path
) -> None:
    with pytest.raises(InputError) as error:
        read_sheet(filled(tmp_path, change), BATCH, None)
    assert f"anna.csv:{message}" in str(error.value)


@pytest.mark.parametrize("cut", [1, 3, 30, 60])
def test_a_half_written_sheet_is_refused(cut: int, tmp_path: Path) -> None:
    path = filled(tmp_path)
    path.write_bytes(path.read_bytes().rstrip()[:-cut])
    with pytest.raises(InputError, match="half-written"):
        read_sheet(path, BATCH, None)
