"""The data set: every candidate has a label, splits do not leak, exclusions are counted."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stance import build, dataset
from stance.codebook import load as load_codebook
from stance.config import Split, load_pipeline
from stance.corpus import load as load_corpus
from stance.errors import InputError
from stance.labeling.rules import RULES
from stance.records import LABELS
from tests.conftest import SMALL

SHARES = Split(validation=0.2, test=0.3)


@given(st.text(min_size=1))
def test_a_document_stays_in_its_split(document: str) -> None:
    assert dataset.split_of(document, SHARES) == dataset.split_of(document, SHARES)
    assert dataset.split_of(document, SHARES) in dataset.SPLITS


def test_shares_are_met() -> None:
    counts = Counter(dataset.split_of(f"document-{i}", SHARES) for i in range(4000))
    assert counts["test"] / 4000 == pytest.approx(0.3, abs=0.03)
    assert counts["validation"] / 4000 == pytest.approx(0.2, abs=0.03)


def test_no_document_crosses_a_split_and_silver_only_trains(inside: Path) -> None:
    parts = {name: dataset.load(inside / "data/dataset", name).to_list() for name in dataset.SPLITS}
    docs = {name: {r["doc"] for r in rows} for name, rows in parts.items()}
    assert not docs["train"] & docs["test"]
    assert not docs["train"] & docs["validation"]
    assert not docs["validation"] & docs["test"]
    assert {r["source"] for r in parts["train"]} == {"gold", "gold-words", "silver"}
    assert {r["source"] for r in (*parts["validation"], *parts["test"])} == {"gold"}
    assert all(r["label"] in LABELS for rows in parts.values() for r in rows)
    assert {r["label"] for r in parts["test"]} == set(LABELS)
    silver = [r for r in parts["train"] if r["source"] == "silver"]
    assert {(r["actor"], r["process"], r["label"]) for r in silver} >= {("Iran", "geneva", "boycotting")}
    assert {r["weight"] for r in silver} == {0.3}


def test_no_model_input_holds_a_label_a_rule_or_an_actor(inside: Path) -> None:
    codebook = load_codebook(inside / "configs/codebook.yaml")
    states = [a.name for a in codebook.actors if a.kind == "state" and " " not in a.name and a.name != "Syria"]
    for name in dataset.SPLITS:
        for row in dataset.load(inside / "data/dataset", name).to_list():
            if row["source"] == "gold-words":
                continue
            assert "[ACTOR]" in row["marked"]
            words = row["marked"].split()
            assert not set(states[:40]) & set(words), row["marked"]
            assert not {rule.name for rule in RULES if "_" in rule.name} & set(words)


def test_near_duplicates_of_held_out_sentences_leave_training(project: Path) -> None:
    documents = [json.loads(line) for line in (project / "data/corpus/documents.jsonl").read_text().splitlines()]
    split = Split(validation=0.2, test=0.3)
    held = next(d for d in documents if dataset.split_of(d["doc"], split) == "test" and "\n" in d["text"])
    copy = next({**held, "doc": f"copy-{i}"} for i in range(100) if dataset.split_of(f"copy-{i}", split) == "train")
    with (project / "data/corpus/documents.jsonl").open("a") as file:
        file.write(json.dumps(copy) + "\n")
    settings = ["--set=pipeline.split.test=0.3", "--set=pipeline.split.validation=0.2", "-q"]
    assert build.main(settings) == 0
    report = json.loads((project / "data/dataset/report.json").read_text())
    assert report["excluded"]["near-duplicate of a later split, in train"] > 0
    assert copy["doc"] not in {r["doc"] for r in dataset.load(project / "data/dataset", "train").to_list()}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            {"stance": "hostile"},
            "annotations.jsonl:1:stance: 'hostile' is not one of supportive, skeptical, boycotting",
        ),
        ({"process": "minsk"}, "annotations.jsonl:1:process: 'minsk' is not a process of the codebook"),
        ({"doc": "nowhere"}, "annotations.jsonl:1:doc: no document 'nowhere'"),
        ({"mention": "xyzzy"}, "annotations.jsonl:1:mention: 'xyzzy' is not in the sentence"),
        ({"end": 10**9}, "annotations.jsonl:1:start: not a span of the document"),
        ({"actor": " "}, "annotations.jsonl:1:actor: empty"),
    ],
)
def test_a_wrong_annotation_is_named(project: Path, change: dict[str, object], expected: str) -> None:
    path = project / "data/corpus/annotations.jsonl"
    first, *rest = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([json.dumps(json.loads(first) | change), *rest]), encoding="utf-8")
    paths = load_pipeline().paths
    with pytest.raises(InputError) as caught:
        load_corpus(Path(paths.corpus), Path(paths.gold), load_codebook(Path(paths.codebook)))
    assert str(caught.value).removeprefix("data/corpus/").startswith(expected)


def test_a_data_set_whose_building_was_cut_short_is_not_loaded(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(dataset, "write_json", interrupted)
    assert build.main(["-q", *SMALL]) == 130
    with pytest.raises(InputError, match=r"report\.json: no such file: build the data set"):
        dataset.load(project / "data/dataset", "train")
