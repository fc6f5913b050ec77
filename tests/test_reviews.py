"""Reviewed data trains rightly: judged pairs only, decisions before the corpus's labels, own held-out documents scored."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import mlflow
import pytest

from stance import build, dataset, evaluate, label
from stance.candidates import Generator
from stance.codebook import load as load_codebook
from stance.config import load_pipeline
from stance.labeling.review import Judgment
from stance.tracking import store_uri
from tests.conftest import SMALL

HEAD = "Syria talks in Sochi, January 2018\n\n"
TEXTS = {
    "train": f"{HEAD}Turkey backed the Sochi congress, but the Syrian opposition refused to attend. France doubted the Sochi congress.\nIran praised the Astana talks on Syria.",
    "test": f"{HEAD}In the end it was Turkey that pushed hardest for Sochi. No delegate of the Syrian opposition will fly to Sochi on Monday.\nEven so, France expects little of Sochi. Jordan watched the Astana talks on Syria.",
}
SPLIT = load_pipeline([s.removeprefix("--set=") for s in SMALL if "split" in s], Path(__file__).parent.parent / "configs").split  # fmt: skip
NAMES = {s: next(f"own-{i}" for i in range(99) if dataset.split_of(f"own-{i}", SPLIT) == s) for s in ("train", "test")}
ANSWERS = {"Turkey": "supportive", "Syrian opposition": "boycotting", "France": "none"}


def reviewed(raw: Path, **people: dict[str, str]) -> None:
    """Export every pair of the raw documents and import what each person answers by actor."""
    assert label.main(["review", "export", str(raw), "--model", "rules", "-q"]) == 0
    with Path("review/review.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    for name, answers in people.items():
        with Path(f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows({**row, "answer": answers.get(row["actor"], ""), "annotator": name} for row in rows)
    assert label.main(["review", "import", *(f"{name}.csv" for name in people), "-q"]) == 0


@pytest.fixture
def own(project: Path) -> Path:
    """Two documents of the user's own, one of which is held out."""
    folder = project / "data" / "raw"
    (folder / "unread.txt").unlink()
    for split, name in NAMES.items():
        (folder / f"{name}.txt").write_text(TEXTS[split], encoding="utf-8")
    return folder


def rows(split: dataset.SplitName, source: str = "review") -> list[dict[str, Any]]:
    return [r for r in dataset.load(Path("data/dataset"), split).to_list() if r["source"] == source]


def report() -> dict[str, Any]:
    content: dict[str, Any] = json.loads(Path("data/dataset/report.json").read_text(encoding="utf-8"))
    return content


def test_only_judged_pairs_become_examples(own: Path) -> None:
    assert label.main(["--silver", "-q"]) == 0
    assert build.main([*SMALL, "-q"]) == 0
    silver = sum(r["doc"] in NAMES.values() for r in rows("train", "silver"))
    assert silver
    reviewed(own, anna=ANSWERS, ben={"France": "skeptical", "Turkey": "supportive"})
    assert build.main([*SMALL, "-q"]) == 0
    found = {(r["doc"], r["actor"]): r["label"] for s in ("train", "test") for r in rows(s)}
    assert set(found) == {(name, actor) for name in NAMES.values() for actor in ("Turkey", "Syrian opposition")}
    assert {r["label"] for r in rows("test")} == {"supportive", "boycotting"}
    assert {r["doc"] for r in rows("test")} == {NAMES["test"]}
    assert {r["weight"] for r in rows("train")} == {1.0}
    assert not [r for r in rows("train", "silver") if r["doc"] in NAMES.values()]
    assert report()["excluded"]["reviewed pair that ended in a tie"] == 2
    assert report()["excluded"]["pair that nobody judged"] > 0
    assert report()["excluded"]["silver of a document that people labelled"] >= silver
    assert report()["reviewed"] == {"train": 2, "validation": 0, "test": 2}


def judgments(*found: dict[str, Any]) -> None:
    """What an import leaves of some judgments on corpus documents."""
    names = {f["doc"] for f in found}
    lines = Path("data/corpus/documents.jsonl").read_text(encoding="utf-8").splitlines()
    write("documents", (d for d in map(json.loads, lines) if d["doc"] in names))
    write("judgments", found)


def write(name: str, content: Iterable[dict[str, Any]]) -> None:
    Path("data/review").mkdir(exist_ok=True)
    text = "".join(json.dumps(row) + "\n" for row in content)
    Path(f"data/review/{name}.jsonl").write_text(text, encoding="utf-8")


def judgment(row: dict[str, Any], answer: str, annotator: str = "anna") -> dict[str, Any]:
    own = {name: row[name] for name in ("doc", "start", "end", "mention", "actor", "process")}
    return asdict(Judgment(**own, explicit_actor=True, explicit_process=True, answer=answer, annotator=annotator))  # type: ignore[arg-type]


def test_a_decision_replaces_the_corpuss_label(project: Path) -> None:
    assert build.main([*SMALL, "-q"]) == 0
    before = rows("test", "gold")
    wrong = next(r for r in before if r["label"] == "supportive")
    tied = next(r for r in before if r["label"] == "boycotting")
    judgments(judgment(wrong, "none"), judgment(tied, "none", "anna"), judgment(tied, "skeptical", "ben"))
    assert build.main([*SMALL, "-q"]) == 0
    after = rows("test", "gold")
    assert [(a, b) for a, b in zip(before, after, strict=True) if a != b] == [(wrong, {**wrong, "label": "none"})]
    pipeline = load_pipeline()
    people = dataset.People.read(pipeline.paths, load_codebook(Path(pipeline.paths.codebook)))
    document = next(d for d in people.documents if d.id == wrong["doc"])
    left = people.annotations(document, Generator(load_codebook(Path(pipeline.paths.codebook))))
    (gone,) = [a for a in people.gold[document.id] if a not in left]
    assert (gone.process, gone.stance) == (wrong["process"], "supportive")


def test_what_reading_misses_trains_from_its_words(project: Path) -> None:
    assert build.main([*SMALL, "-q"]) == 0
    row = next(r for r in rows("train", "gold") if r["label"] == "none")
    word = max(row["text"].split(), key=len).strip(",.;:\"'()")
    judgments(judgment({**row, "actor": "Nobody Known", "mention": word}, "skeptical"))
    assert build.main([*SMALL, "-q"]) == 0
    (new,) = [r for r in rows("train", "gold-words") if r["actor"] == "Nobody Known"]
    assert (new["label"], new["mention"], new["process"]) == ("skeptical", word, row["process"])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"answer": "hostile"}, "judgments.jsonl:1:answer: 'hostile' is not one of supportive"),
        ({"doc": "nowhere"}, "judgments.jsonl:1:doc: no document 'nowhere' in documents.jsonl"),
        ({"mention": "xyzzy"}, "judgments.jsonl:1:mention: 'xyzzy' is not in the sentence"),
        ({"colour": "red"}, "judgments.jsonl:1: not a judgment: "),
    ],
)
def test_a_wrong_judgment_is_named(
    change: dict[str, str], message: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    row = json.loads(Path("data/corpus/annotations.jsonl").read_text(encoding="utf-8").splitlines()[0])
    judgments(judgment(row, "none"))
    write("judgments", [judgment(row, "none") | change])
    assert build.main([*SMALL, "-q"]) == 2
    assert f"stance.build: error: data/review/{message}" in capsys.readouterr().err


def test_another_text_under_a_name_of_the_corpus_is_refused(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    row = json.loads(Path("data/corpus/annotations.jsonl").read_text(encoding="utf-8").splitlines()[0])
    judgments(judgment(row, "none"))
    write("documents", [{"doc": row["doc"], "text": "Iran. " * 2000}])
    write("judgments", [judgment({**row, "mention": "Iran"}, "none")])
    assert build.main([*SMALL, "-q"]) == 2
    assert "has another text in data/corpus/documents.jsonl: rename your document" in capsys.readouterr().err


def test_every_system_is_scored_on_the_users_own_documents(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The models of before, on documents reviewed since: the headline stays the corpus's, the review has its own."""
    only = [*SMALL, "-q", "--set=pipeline.models=[tfidf]"]
    assert build.main(only) == 0
    assert evaluate.main([*only, "--set=pipeline.tracking.enabled=false"]) == 0
    before = json.loads(Path("metrics/evaluation.json").read_text(encoding="utf-8"))["systems"]
    assert "review" not in before["tfidf"]
    reviewed(own, anna=ANSWERS)
    assert build.main(only) == 0
    assert evaluate.main(only) == 0
    after = json.loads(Path("metrics/evaluation.json").read_text(encoding="utf-8"))["systems"]
    for name, figures in after.items():
        assert figures["classes"]["none"]["gold"] == before[name]["classes"]["none"]["gold"]
        assert sum(c["gold"] for c in figures["review"]["classes"].values()) == len(ANSWERS)
    assert after["tfidf"]["macro_f1"] == before["tfidf"]["macro_f1"]
    out = capsys.readouterr().out
    assert f"review: macro F1 on {len(ANSWERS)} pairs in 1 of your own" in " ".join(out.split())
    mlflow.set_tracking_uri(store_uri(load_pipeline()))
    (run,) = mlflow.search_runs(experiment_names=["stance"], filter_string="tags.kind = 'model'", output_format="list")
    assert run.data.metrics["review_f1"] == round(after["tfidf"]["review"]["macro_f1"], 4)
    assert run.data.metrics["review_accuracy"] == round(after["tfidf"]["review"]["accuracy"], 4)
    assert not (run.inputs and run.inputs.dataset_inputs)  # the model was trained before this data set was built
