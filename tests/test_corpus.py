"""The corpus that the project ships is legal, in every row of each of its files."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from stance.codebook import Codebook
from stance.codebook import load as load_codebook
from stance.corpus import load
from stance.io import file_digest, read_jsonl
from stance.records import STANCES
from tests.conftest import ROOT

FOLDER = ROOT / "data" / "corpus"
ANNOTATIONS = ("annotations.jsonl", "annotator-1.jsonl", "annotator-2.jsonl")
FIELDS = {"doc", "start", "end", "mention", "actor", "process", "stance", "explicit_actor", "explicit_process"}


def rows(name: str) -> list[dict[str, Any]]:
    return [row for _, row in read_jsonl(FOLDER / name)]


@pytest.fixture(scope="module")
def documents() -> dict[str, dict[str, Any]]:
    return {row["doc"]: row for row in rows("documents.jsonl")}


@pytest.fixture(scope="module")
def codebook() -> Codebook:
    return load_codebook(ROOT / "configs" / "codebook.yaml")


def test_document_ids_are_unique(documents: dict[str, dict[str, Any]]) -> None:
    assert len(rows("documents.jsonl")) == len(documents) > 0


def test_documents_are_complete(documents: dict[str, dict[str, Any]]) -> None:
    for doc, row in documents.items():
        assert set(row) == {"doc", "date", "outlet", "kind", "text"}, doc
        assert all(isinstance(value, str) and value.strip() for value in row.values()), doc
        assert re.fullmatch(r"20\d\d-[01]\d-[0-3]\d", row["date"]), doc
        assert re.fullmatch(r"[a-z0-9-]+", doc), doc


@pytest.mark.parametrize("name", ANNOTATIONS)
def test_the_project_reads_it(name: str, codebook: Codebook) -> None:
    read, annotations = load(FOLDER / "documents.jsonl", FOLDER / name, codebook)
    assert len(read) == len(rows("documents.jsonl"))
    assert len(annotations) == len(rows(name)) > 0


@pytest.mark.parametrize("name", ANNOTATIONS)
def test_annotations_are_legal(name: str, documents: dict[str, dict[str, Any]], codebook: Codebook) -> None:
    for row in rows(name):
        assert set(row) == FIELDS, row
        text = documents[row["doc"]]["text"]
        assert 0 <= row["start"] < row["end"] <= len(text), row
        sentence = text[row["start"] : row["end"]]
        assert sentence == sentence.strip(), row
        assert "\n" not in sentence, row
        assert row["mention"] in sentence, row
        assert row["stance"] in STANCES, row
        assert row["process"] in codebook.process, row
        assert row["actor"] == row["actor"].strip() != "", row
        assert isinstance(row["explicit_actor"], bool), row
        assert isinstance(row["explicit_process"], bool), row
        assert row["mention"] or not row["explicit_actor"], row


@pytest.mark.parametrize("name", ANNOTATIONS)
def test_one_annotation_of_an_actor_and_process_in_a_sentence(name: str) -> None:
    keys = [(row["doc"], row["start"], row["actor"], row["process"]) for row in rows(name)]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("name", ANNOTATIONS)
def test_sentence_spans_do_not_cross(name: str) -> None:
    spans = sorted({(row["doc"], row["start"], row["end"]) for row in rows(name)})
    for (doc, _, end), (other, start, _) in pairwise(spans):
        assert doc != other or end <= start, (doc, end, start)


def test_croissant_describes_the_files() -> None:
    card = json.loads((FOLDER / "croissant.json").read_text(encoding="utf-8"))
    files = {file["@id"]: file for file in card["distribution"]}
    assert {Path(f["contentUrl"]).name for f in files.values()} == {"documents.jsonl", *ANNOTATIONS}
    for file in files.values():
        hint = "run `python benchmarks/corpus_check.py --digests`"
        assert file["sha256"] == file_digest(FOLDER / file["contentUrl"]), hint
    for record_set in card["recordSet"]:
        file = next(iter({field["source"]["fileObject"]["@id"] for field in record_set["field"]}))
        columns = {field["source"]["extract"]["column"] for field in record_set["field"]}
        assert columns == set(rows(files[file]["contentUrl"])[0]), record_set["@id"]
