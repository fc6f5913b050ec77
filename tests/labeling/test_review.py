"""The review command: what is most worth a look goes out once, and answers come back whole or not at all."""

from __future__ import annotations

import csv
import io
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from stance import label
from stance.labeling.review import PER_SENTENCE, as_pair, choose, rank
from stance.records import Candidate, Label, Mention, Prediction, Sentence
from tests.conftest import ROOT

TEXT = """Syria talks in Sochi, January 2018

Turkey backed the Sochi congress, Iran praised it and Russia hosted it. The Syrian opposition refused to attend.
France doubted the Sochi congress. The United States is wary of the Geneva talks on Syria, a spokesman said.
"""


def predicted(
    n: int, probabilities: tuple[float, ...], marked: str = "[ACTOR] [PROCESS]", process: str = "sochi"
) -> Prediction:
    sentence = Sentence(n, 10 * n, 10 * n + 4, "text")
    actor = Mention(f"a{n}", f"A{n}", "state", "te", 10 * n, 10 * n + 2)
    return Prediction(Candidate("d", sentence, actor, Mention(process, process, "process", "", None, None), marked, ""), probabilities, "m")  # fmt: skip


SURE, UNSURE, RARE = (0.97, 0.01, 0.01, 0.01), (0.4, 0.35, 0.05, 0.2), (0.01, 0.01, 0.97, 0.01)


def test_the_uncertain_the_contradicted_and_the_rare_lead() -> None:
    refused = "[ACTOR] refused to attend [PROCESS]."
    predictions = [predicted(n, SURE) for n in range(5)]
    predictions += [predicted(5, UNSURE), predicted(6, SURE, refused), predicted(7, RARE), predicted(8, SURE, process="astana")]  # fmt: skip
    ranked = rank(predictions)
    assert {q.prediction.candidate.sentence.index for q in ranked[:4]} == {5, 6, 7, 8}
    why = {q.prediction.candidate.sentence.index: q.why for q in ranked}
    assert why[5] == "uncertain (0.40)"
    assert why[6] == "rules say boycotting, not supportive"
    assert why[7] == "rare: boycotting"
    assert why[8] == "rare: astana"
    assert why[0] == "next in line"


def test_a_sentence_gives_at_most_three_pairs_and_a_judged_pair_is_left_out() -> None:
    questions = rank([predicted(1, UNSURE, process=f"p{n}") for n in range(5)] + [predicted(2, SURE)])
    chosen = choose(questions, 10)
    assert len(chosen) == PER_SENTENCE + 1
    judged = {as_pair(q, [predicted(n, SURE).candidate.sentence for n in range(3)]).id for q in chosen}
    assert len(choose(questions, 10, judged)) == 2
    assert len(choose(questions, 2)) == 2


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project without any trained model, one raw document in it."""
    shutil.copytree(ROOT / "configs", tmp_path / "configs")
    (tmp_path / "data" / "raw").mkdir(parents=True)
    (tmp_path / "data" / "raw" / "news.txt").write_text(TEXT, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def review(*args: str) -> int:
    return label.main(["review", *args, "--quiet"])


def answer(name: str, answers: dict[str, Label] | Label, batch: str = "review") -> str:
    """A copy of the batch's sheet that an annotator filled: one label for all, or one by actor."""
    rows = list(csv.DictReader(io.StringIO(Path(batch, "review.csv").read_text(encoding="utf-8-sig"))))
    for row in rows:
        row["answer"] = answers.get(row["actor"], "none") if isinstance(answers, dict) else answers
        row["annotator"] = name
    with Path(f"{name}.csv").open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return f"{name}.csv"


def lines(path: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in Path(path).read_text(encoding="utf-8").splitlines()]


def everything() -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in Path("data/review").glob("*")}


def test_export_writes_a_whole_batch_and_never_over_another(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert review("export", "--number", "3") == 0
    assert {p.name for p in Path("review").iterdir()} == {"tasks.json", "labeling-config.xml", "review.csv", "documents.jsonl"}  # fmt: skip
    tasks = json.loads(Path("review/tasks.json").read_text(encoding="utf-8"))
    assert sum(len(task["meta"]["pairs"]) for task in tasks) == 3
    assert review("export") == 2
    assert "stance.label review: error: review: holds a batch" in capsys.readouterr().err


def test_import_writes_the_codebooks_records_and_twice_is_once(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert review("export") == 0
    sheet = answer("anna", {"Turkey": "supportive", "France": "skeptical"})
    assert review("import", sheet) == 0
    gold = lines("data/review/annotations.jsonl")
    assert {(g["actor"], g["process"], g["stance"]) for g in gold} == {("Turkey", "sochi", "supportive"), ("France", "sochi", "skeptical")}  # fmt: skip
    (document,) = lines("data/review/documents.jsonl")
    assert document["text"] == TEXT
    for g in gold:
        assert g["mention"] in TEXT[g["start"] : g["end"]]
    before = everything()
    assert review("import", sheet) == 0
    assert everything() == before
    assert capsys.readouterr().out.splitlines() == ["agreement: no pair was judged by two annotators (1 in all)"] * 2


def test_a_tie_is_kept_as_a_conflict_until_a_third_decides(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    review("export")
    review("import", answer("anna", {"Turkey": "supportive", "France": "skeptical"}))
    review("import", answer("ben", {"Turkey": "supportive", "France": "boycotting"}))
    assert [g["actor"] for g in lines("data/review/annotations.jsonl")] == ["Turkey"]
    (conflict,) = [c for c in lines("data/review/conflicts.jsonl") if c["actor"] == "France"]
    assert conflict["answers"] == {"anna": "skeptical", "ben": "boycotting"}
    assert conflict["decision"] is None
    assert "pairs F1 1.000, triples F1 0.500" in capsys.readouterr().out
    review("import", answer("carl", {"Turkey": "supportive", "France": "boycotting"}))
    stances = {g["actor"]: g["stance"] for g in lines("data/review/annotations.jsonl")}
    assert stances == {"Turkey": "supportive", "France": "boycotting"}
    assert len(lines("data/review/conflicts.jsonl")) == 1


def test_one_bad_file_imports_nothing(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    review("export")
    good, bad = answer("anna", "none"), Path(answer("ben", "none"))
    bad.write_text(bad.read_text(encoding="utf-8").replace(",none,ben", ",hostile,ben", 1), encoding="utf-8")
    assert review("import", good, str(bad)) == 2
    assert "ben.csv:2:answer: 'hostile' is not one of" in capsys.readouterr().err
    assert not Path("data/review").exists()


def test_a_second_batch_adds_and_never_changes_a_document(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    review("export")
    assert review("import", answer("anna", {"Turkey": "supportive"})) == 0
    Path("more.txt").write_text("Iran doubted the Astana talks on Syria.\n", encoding="utf-8")
    review("export", "more.txt", "-o", "second")
    assert review("import", answer("anna", {"Iran": "skeptical"}, "second"), "--batch", "second") == 0
    assert [g["actor"] for g in lines("data/review/annotations.jsonl")] == ["Turkey", "Iran"]
    assert [d["doc"] for d in lines("data/review/documents.jsonl")] == ["news", "more"]
    Path("news.txt").write_text("Iran backed the Astana talks on Syria.\n", encoding="utf-8")
    review("export", "news.txt", "-o", "third")
    assert review("import", answer("anna", "none", "third"), "--batch", "third") == 2
    assert "data/review/documents.jsonl: 'news' has another text there than in the batch" in capsys.readouterr().err


def test_what_was_judged_does_not_go_out_again(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    review("export")
    review("import", answer("anna", "none"))
    assert review("export", "-o", "second") == 2
    assert "no pair of an actor and a process is left to judge" in capsys.readouterr().err


def test_a_batch_of_another_codebook_is_refused(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    review("export")
    codebook = Path("configs/codebook.yaml")
    codebook.write_text(
        codebook.read_text(encoding="utf-8").replace("name: Turkey", "name: Turkey (state)", 1), encoding="utf-8"
    )
    assert review("import", answer("anna", "none")) == 2
    assert "tasks.json:1:meta: made under another codebook" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("import", "anna.xlsx"), "anna.xlsx: neither Label Studio's .json nor a spreadsheet's .csv"),
        (("import", "anna.csv"), "anna.csv: no such file"),
        (
            ("export", "news.txt", "--label-errors", "-o", "b"),
            "--label-errors: reads what is annotated, with a model of its own: give no FILE and no --model",
        ),
        (("import", "anna.csv", "--batch", "nowhere"), "nowhere/tasks.json: no such file"),
    ],
)
def test_bad_usage_is_one_line(
    args: tuple[str, ...], message: str, work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    review("export")
    assert review(*args) == 2
    assert capsys.readouterr().err.splitlines()[-1] == f"stance.label review: error: {message}"


@pytest.mark.parametrize("args", [(), ("export", "--number", "0"), ("import",)])
def test_argparse_refuses(args: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as error:
        label.main(["review", *args])
    assert error.value.code == 2
