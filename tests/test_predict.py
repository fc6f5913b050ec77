"""The prediction command: its formats, its contract, and what it says of bad input."""

from __future__ import annotations

import csv
import io
import json
import sys
from pathlib import Path

import pytest

from stance import predict
from stance.io import file_digest
from stance.records import LABELS

TEXT = (
    "Syria talks open in Astana\n\nTurkey hosted the Astana talks on Syria. 🙂 Iran refused to attend the Geneva talks on "
    "Syria. The rebels doubt the Astana talks.\n"
)


@pytest.fixture
def article(project: Path) -> Path:
    path = project / "talks.txt"
    path.write_text(TEXT, encoding="utf-8")
    return path


def run(capsys: pytest.CaptureFixture[str], *argv: str) -> tuple[int, str, str]:
    code = predict.main(list(argv))
    out = capsys.readouterr()
    return code, out.out, out.err


def test_json_lines_keep_the_contract(article: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "talks.txt", "--all", "--model", "rules")
    assert code == 0
    rows = [json.loads(line) for line in out.splitlines()]
    keys = {"doc", "sent", "start", "end", "text", "mention", "mention_start", "mention_end", "actor", "actor_id", "process", "stance", "confidence", "probabilities", "model"}  # fmt: skip
    for row in rows:
        assert keys <= set(row)
        assert row["doc"] == "talks"
        assert TEXT[row["start"] : row["end"]] == row["text"]
        assert TEXT[row["mention_start"] : row["mention_end"]] == row["mention"]
        assert list(row["probabilities"]) == list(LABELS)
        assert row["confidence"] == pytest.approx(max(row["probabilities"].values()), abs=1e-3)
    found = {(r["actor"], r["process"], r["stance"]) for r in rows}
    assert {("Turkey", "astana", "supportive"), ("Iran", "geneva", "boycotting")} <= found
    assert "pairs of actor and process read by rules" in err


def test_without_all_only_stances_are_printed(article: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, "talks.txt", "--model", "rules")
    assert {json.loads(line)["stance"] for line in out.splitlines()} <= set(LABELS) - {"none"}
    _, none, _ = run(capsys, "talks.txt", "--model", "rules", "--min-confidence", "1")
    assert none == ""


@pytest.mark.parametrize("model", ["tfidf", "transformer", "champion"])
def test_each_model_answers(article: Path, capsys: pytest.CaptureFixture[str], model: str) -> None:
    chosen = [] if model == "champion" else ["--model", model]
    code, out, _ = run(capsys, "talks.txt", "--all", *chosen)
    assert code == 0
    rows = [json.loads(line) for line in out.splitlines()]
    assert len(rows) >= 3
    current = json.loads(Path("models/current.json").read_text())["model"]
    assert {r["model"].split("@")[0] for r in rows} == {current if model == "champion" else model}


def test_csv_cells_cannot_run_as_formulas(article: Path, capsys: pytest.CaptureFixture[str]) -> None:
    article.write_text("=HYPERLINK(1) Turkey hosted the Astana talks on Syria.", encoding="utf-8")
    _, out, _ = run(capsys, "talks.txt", "--format", "csv", "--model", "rules")
    (row,) = csv.DictReader(io.StringIO(out))
    assert row["text"].startswith("'=HYPERLINK")
    assert row["actor"] == "Turkey"


def test_table_output(article: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, "talks.txt", "--format", "table", "--model", "rules")
    assert "boycotting" in out
    assert "Iran → geneva" in out
    assert "\x1b" not in out


def test_standard_input(project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(TEXT.encode())))
    code, out, _ = run(capsys, "-", "--model", "rules")
    assert code == 0
    assert {json.loads(line)["doc"] for line in out.splitlines()} == {"stdin"}


@pytest.mark.parametrize(
    ("prepare", "argv", "expected"),
    [
        ("", ["nowhere.txt"], "stance.predict: error: nowhere.txt: no such file"),
        ("mkdir empty", ["empty"], "stance.predict: error: empty: no documents in this folder"),
        ("binary", ["talks.txt"], "stance.predict: error: talks.txt: not UTF-8 (byte 0)"),
        ("changed byte", ["talks.txt", "--model", "transformer"], "stance.predict: error: models/transformer/model.onnx: damaged"),
        ("other version", ["talks.txt", "--model", "transformer"], "stance.predict: error: models/transformer: format 99"),
        ("half model", ["talks.txt", "--model", "tfidf"], "stance.predict: error: models/tfidf: half-written (no manifest.json)"),
        ("damaged", ["talks.txt", "--model", "transformer"], "stance.predict: error: models/transformer/tokenizer.json: damaged"),
        ("codebook", ["talks.txt", "--model", "tfidf"], "stance.predict: error: models/tfidf: trained under another codebook"),
        ("", ["talks.txt", "--model", "oracle"], "stance.predict: error: models/oracle: no such model"),
        ("", ["talks.txt", "--set", "pipeline.sede=1"], "stance.predict: error: configs/pipeline.yaml"),
        ("", ["talks.txt", "--format", "table", "-o", "x"], "stance.predict: error: --format: a table is for the screen"),
        ("row", ["rows.jsonl"], "stance.predict: error: rows.jsonl:2: not JSON"),
    ],
)  # fmt: skip
def test_bad_input_is_one_line_and_exit_2(
    article: Path, capsys: pytest.CaptureFixture[str], prepare: str, argv: list[str], expected: str
) -> None:
    if prepare == "mkdir empty":
        Path("empty").mkdir()
    elif prepare == "binary":
        article.write_bytes(bytes([255, 0, 254, 1]) * 50)
    elif prepare == "changed byte":
        path = Path("models/transformer/model.onnx")
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        path.write_bytes(content)
    elif prepare == "other version":
        path = Path("models/transformer/manifest.json")
        path.write_text(json.dumps(json.loads(path.read_text()) | {"format": 99}))
    elif prepare == "half model":
        Path("models/tfidf/manifest.json").unlink()
    elif prepare == "damaged":
        Path("models/transformer/tokenizer.json").write_text("{}")
    elif prepare == "codebook":
        path = Path("configs/codebook.yaml")
        path.write_text(path.read_text().replace("name: Astana process", "name: The Astana process"))
    elif prepare == "row":
        Path("rows.jsonl").write_text('{"text": "Turkey hosted the Astana talks on Syria."}\n{"text": \n')
    code, _, err = run(capsys, *argv)
    assert code == 2
    assert err.startswith(expected)
    assert err.count("\n") == 1


def test_a_full_disk_leaves_what_was_there(
    article: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("out.jsonl").write_text("earlier\n")

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    code, _, err = run(capsys, "talks.txt", "-o", "out.jsonl", "--model", "rules")
    assert (code, err) == (2, "stance.predict: error: out.jsonl: cannot write: No space left on device\n")
    assert Path("out.jsonl").read_text() == "earlier\n"
    assert not list(Path().glob(".out*"))


def promise(model: str, thresholds: dict[str, float | None] | None) -> None:
    """Give a trained model these thresholds and a curve that sets its stances apart, or take its calibration away."""
    path, manifest = Path(f"models/{model}/confidence.json"), Path(f"models/{model}/manifest.json")
    said = json.loads(manifest.read_text())
    if thresholds is None:
        path.unlink()
        del said["files"]["confidence.json"]
    else:
        apart = {"slope": 1.0, "intercept": 2.0}
        path.write_text(json.dumps({"stance": apart, "none": apart, "thresholds": thresholds}))
        said["files"]["confidence.json"] = file_digest(path)
    manifest.write_text(json.dumps(said))


def test_a_promised_precision_prints_the_stances_above_its_threshold(
    article: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    promise("tfidf", {"0.70": 0.0})
    _, everything, _ = run(capsys, "talks.txt", "--model", "tfidf", "--all")
    rows = [json.loads(line) for line in everything.splitlines()]
    stances = sorted((row for row in rows if row["stance"] != "none"), key=lambda row: row["confidence"])
    assert len(stances) >= 2
    lowest, next_lowest, *_ = sorted({row["confidence"] for row in stances})
    least = (lowest + next_lowest) / 2
    promise("tfidf", {"0.70": 0.0, "0.80": least, "0.81": None})
    for asked in ("0.8", "0.71"):  # what is not in the list is rounded up
        code, out, err = run(capsys, "talks.txt", "--model", "tfidf", "--precision", asked)
        assert code == 0
        kept = [json.loads(line) for line in out.splitlines()]
        above = [row["confidence"] for row in stances if row["confidence"] > lowest]
        assert sorted(row["confidence"] for row in kept) == above
        assert err.splitlines()[-1] == (
            f"{len(kept)} of {len(stances)} annotations ({len(kept) / len(stances):.0%}) have a confidence of "
            f"{least:.3f} or more, where a precision of {asked} is promised"
        )


@pytest.mark.parametrize(
    ("thresholds", "argv", "expected"),
    [
        ({"0.80": 0.7, "0.90": None}, ["0.9"], "--precision: this model can promise at most 0.80, not 0.9 (docs/confidence.md)"),
        ({"0.80": None, "0.90": None}, ["0.8"], "--precision: this model can promise nothing, not 0.8"),
        ({"0.50": 0.1, "0.99": None}, ["0.3"], "--precision: from 0.50 to 0.99 can be asked for, not 0.3"),
        ({"0.50": 0.1, "0.99": None}, ["0.995"], "--precision: from 0.50 to 0.99 can be asked for, not 0.995"),
        ({"0.80": 0.7}, ["0.8", "--all"], "--precision: sets the least confidence itself, for stances"),
        ({"0.80": 0.7}, ["0.8", "--min-confidence", "0.5"], "--precision: sets the least confidence itself, for stances"),
        (None, ["0.8"], "models/tfidf/confidence.json: missing: the model is of an earlier version, train again"),
        ({"0.80": 0.7}, ["0.8", "--model", "rules"], "--model: 'rules' promises no precision: choose a trained model"),
    ],
)  # fmt: skip
def test_a_promise_that_cannot_be_made_is_one_line(
    article: Path,
    capsys: pytest.CaptureFixture[str],
    thresholds: dict[str, float | None] | None,
    argv: list[str],
    expected: str,
) -> None:
    promise("tfidf", thresholds)
    code, out, err = run(capsys, "talks.txt", "--model", "tfidf", "--precision", *argv)
    assert (code, out) == (2, "")
    assert err.startswith(f"stance.predict: error: {expected}")
    assert err.count("\n") == 1
