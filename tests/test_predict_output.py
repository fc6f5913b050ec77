"""What prediction prints: the table in its places and colours, the page, the summary, explanations, rows that read back."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stance import output, predict
from stance.candidates import Generator
from stance.codebook import load
from stance.explain import Explanation, Finding, explain
from stance.models.base import Probabilities, Row
from stance.pipeline import Judge
from stance.records import LABELS, Candidate, Document, Mention, Prediction, Sentence
from stance.summary import summarise
from tests.conftest import ROOT

TEXT = "Syria talks open in Astana\n\nTurkey hosted the Astana talks on Syria. The rebels refused to attend the Geneva talks on Syria.\n"
HOSTILE = "\x1b[31m Turkey \x1b[0m hosted the Astana talks on Syria, <script>alert(1)</script> &lt;b&gt; \u202eagain.\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    (tmp_path / "talks.txt").write_text(TEXT, encoding="utf-8")
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], *argv: str) -> tuple[int, str, str]:
    code = predict.main([*argv, "--model", "rules"])
    out = capsys.readouterr()
    return code, out.out, out.err


def masked(text: str) -> str:
    """Figures that the rules' reliability decides, as #."""
    return re.sub(r"\b\d+%|−\d\.\d\d", "#", text)


def test_the_table_shows_each_sentence_once_with_its_pairs(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "talks.txt", "--format", "table", "--explain")
    assert (code, masked(out)) == (
        0,
        "\ntalks:1  Turkey hosted the Astana talks on Syria.\n"
        "   supportive  #  Turkey → astana\n"
        "      because of hosted #; rules: hosts\n"
        "\ntalks:2  The rebels refused to attend the Geneva talks on Syria.\n"
        "   boycotting  #  Syrian rebels → geneva  “rebels”\n"
        "      because of refused #, attend #; rules: refuses\n",
    )
    assert err == "2 pairs of actor and process read by rules: 1 supportive, 1 boycotting\n"


def test_words_are_highlighted_where_they_stand(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, plain, _ = run(capsys, "talks.txt", "--format", "table")
    monkeypatch.setenv("FORCE_COLOR", "1")
    _, out, _ = run(capsys, "talks.txt", "--format", "table")
    assert "\x1b[1;36mTurkey\x1b[0m hosted the \x1b[1;35mAstana talks\x1b[0m on Syria.\n" in out
    assert "The \x1b[1;36mrebels\x1b[0m refused to attend the \x1b[1;35mGeneva talks\x1b[0m on Syria.\n" in out
    assert "\x1b[32msupportive \x1b[0m" in out and "\x1b[31mboycotting \x1b[0m" in out
    assert re.sub(r"\x1b\[[\d;]*m", "", out) == plain
    monkeypatch.setenv("NO_COLOR", "1")
    assert run(capsys, "talks.txt", "--format", "table")[1] == plain


@pytest.mark.parametrize("no_color", ["", "1"])
def test_on_a_terminal_the_table_comes_unasked(folder: Path, no_color: str) -> None:
    command = [sys.executable, "-m", "stance.predict", "talks.txt", "--model", "rules"]
    main, terminal = pty.openpty()
    environment = os.environ | {"NO_COLOR": no_color, "COLUMNS": "100", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, stdout=terminal, stderr=subprocess.PIPE, env=environment, check=False)
    os.close(terminal)
    out = os.read(main, 100_000).decode()
    os.close(main)
    assert (done.returncode, done.stderr.count(b"\n")) == (0, 1)
    assert "Turkey → astana" in re.sub(r"\x1b\[[\d;]*m", "", out)
    assert ("\x1b[" in out) is not no_color.isdigit()


def test_a_hostile_text_steers_neither_terminal_nor_page(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "talks.txt").write_text(HOSTILE, encoding="utf-8")
    _, out, _ = run(capsys, "talks.txt", "--format", "table", "--all")
    assert "�[31m Turkey �[0m hosted the Astana talks on Syria, <script>alert(1)</script> &lt;b&gt; �again." in out
    _, page, _ = run(capsys, "talks.txt", "--format", "html", "--all")
    assert "<script" not in page
    assert "on Syria, &lt;script&gt;alert(1)&lt;/script&gt; &amp;lt;b&amp;gt; �again." in page
    assert re.search(
        r'�\[31m <span class="r\d">Turkey</span> �\[0m hosted the <span class="r\d">Astana talks</span>', page
    )
    assert "http" not in page.replace("http-equiv", "")


def test_the_summary_counts_annotations_and_names_the_graver_of_equals(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "later.txt").write_text(
        "Turkey backed the Astana talks on Syria. The rebels hosted the Geneva talks on Syria."
    )
    files = ["later.txt", "talks.txt", "--summary"]
    _, table, _ = run(capsys, *files, "--format", "table")
    assert [line.split() for line in table.splitlines() if "/" in line] == [
        ["Syrian", "rebels", "boycotting", "1/2"],
        ["Turkey", "supportive", "2/2"],
    ]
    _, rows, err = run(capsys, *files)
    assert [json.loads(line) for line in rows.splitlines()] == [
        {"actor": "Syrian rebels", "process": "geneva", "stance": "boycotting", "annotations": 2, "supportive": 1, "skeptical": 0, "boycotting": 1, "documents": 2},
        {"actor": "Turkey", "process": "astana", "stance": "supportive", "annotations": 2, "supportive": 2, "skeptical": 0, "boycotting": 0, "documents": 2},
    ]  # fmt: skip
    assert err == "4 pairs of actor and process read by rules: 3 supportive, 1 boycotting\n"
    assert run(capsys, *files, "--format", "csv")[1] == (
        "actor,process,stance,annotations,supportive,skeptical,boycotting,documents\n"
        "Syrian rebels,geneva,boycotting,2,1,0,1,2\nTurkey,astana,supportive,2,2,0,0,2\n"
    )


class Cues:
    """A model whose probability of a boycott is that of the words of the sentence that it knows, added up."""

    known = {"refused": 0.5, "never": 0.25, "attend": 0.125, "so": 0.03}

    def predict_proba(self, rows: Sequence[Row]) -> Probabilities:
        found = [sum(p for word, p in self.known.items() if word in row["marked"].split()) for row in rows]
        return np.array([[0, 0, p, 1 - p] for p in found])


def test_words_decide_by_what_the_label_loses_without_them() -> None:
    judge = Judge(Generator(load(ROOT / "configs/codebook.yaml")), Cues(), "cues@1")
    long = "Iran, so " + "far and " * 200 + "away, refused to attend and would never attend the Geneva talks on Syria."
    for text in ("Iran refused so to attend and would never attend the Geneva talks on Syria.", long):
        (prediction,) = judge.predict([Document("d", text)])
        assert prediction.label == "boycotting"
        found = explain(prediction, judge)
        assert [(word, round(drop, 6)) for word, drop in found.words] == [("refused", 0.5), ("never", 0.25)]
        row = Finding(prediction, found).row()
        assert row["words"] == [{"word": "refused", "drop": 0.5}, {"word": "never", "drop": 0.25}]
        assert row["rules"] == list(found.rules)


def test_explanations_are_fields_of_each_row(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, "talks.txt", "--explain")
    first, second = (json.loads(line) for line in out.splitlines())
    assert [w["word"] for w in first["words"]] == ["hosted"] and first["rules"] == ["hosts"]
    assert [w["word"] for w in second["words"]] == ["refused", "attend"] and second["rules"] == ["refuses"]
    assert 0 < second["words"][0]["drop"] <= second["confidence"]


@pytest.mark.parametrize(
    ("argv", "expected"),
    [
        (["talks.txt", "--format", "parquet"], "--format: Parquet is for a file: say which with --output FILE"),
        (["talks.txt", "--summary", "--explain"], "a summary has no sentences to explain: leave out one of --summary and --explain"),
        (["news/**/*.txt"], "news/**/*.txt: no file fits this pattern"),
        (["talks.txt", "-o", "talks.txt/x.csv"], "talks.txt/x.csv: cannot write: File exists"),
        (["talks.txt", "-o", "out.xlsx"], "--output: no format is called 'xlsx': end it in .jsonl, .csv, .parquet or .html, or say --format"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_one_line(
    folder: Path, capsys: pytest.CaptureFixture[str], argv: list[str], expected: str
) -> None:
    assert run(capsys, *argv) == (2, "", f"stance.predict: error: {expected}\n")


def test_a_pattern_that_no_shell_expanded_is_expanded(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("news/b/two.txt", "news/one.txt", "news/b/three.html", "news/[4].txt"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(TEXT)
    _, out, _ = run(capsys, "news/**/*.txt")
    assert list(dict.fromkeys(json.loads(line)["doc"] for line in out.splitlines())) == ["[4]", "two", "one"]
    _, out, _ = run(capsys, "news/[4].txt")  # a file of that very name
    assert {json.loads(line)["doc"] for line in out.splitlines()} == {"[4]"}


@pytest.mark.parametrize("ending", ["jsonl", "csv", "parquet", "html"])
def test_the_ending_of_a_file_says_its_format(folder: Path, capsys: pytest.CaptureFixture[str], ending: str) -> None:
    assert run(capsys, "talks.txt", "-q", "-o", f"out.{ending}") == (0, "", "")
    head = Path(f"out.{ending}").read_bytes()[:12]
    begins = {"jsonl": b'{"doc": "tal', "csv": b"doc,date,out", "parquet": b"PAR1", "html": b"<!doctype ht"}
    assert head.startswith(begins[ending])


def test_an_ending_that_says_no_format_needs_one(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "talks.txt", "-q", "--format", "csv", "-o", "out.txt") == (0, "", "")
    assert Path("out.txt").read_text().startswith("doc,date,outlet")
    Path("news.v2").mkdir()
    assert run(capsys, "talks.txt", "-q", "-o", "news.v2")[0] == 0
    assert Path("news.v2/part-00000.jsonl").read_text().startswith('{"doc": "talks"')


characters = st.characters(exclude_categories=["Cs"])
texts = st.text(characters, min_size=1, max_size=30) | st.sampled_from(
    ["=1+1", "'=1", "''@x", "a\rb", 'a"b,\n', " ", "'"]
)
names = st.text(characters, max_size=8)


@st.composite
def findings(draw: st.DrawFn) -> Finding:
    """A prediction of arbitrary texts and figures, with an explanation."""
    text, start = draw(texts), draw(st.integers(0, 10**9))
    span = (start, start + 1) if draw(st.booleans()) else (None, None)
    actor = Mention(draw(names), draw(texts), "state", draw(names), span[0], span[1], draw(st.booleans()))
    process = Mention(draw(names), "P", "process", "", None, None, draw(st.booleans()))
    sentence = Sentence(draw(st.integers(0, 99)), start, start + len(text), text)
    day, outlet = draw(st.none() | st.dates()), draw(st.none() | texts)
    weights = np.array(draw(st.lists(st.floats(0.001, 1), min_size=4, max_size=4)))
    candidate = Candidate(draw(texts), sentence, actor, process, "", "", day, outlet)
    words = tuple(draw(st.lists(st.tuples(texts, st.floats(0.05, 1)), max_size=2)))
    why = Explanation(words, tuple(draw(st.lists(texts, max_size=2))))
    return Finding(Prediction(candidate, tuple(map(float, weights / weights.sum())), draw(texts)), why)


def read_csv(path: Path) -> list[dict[str, Any]]:
    """The rows of a CSV file as docs/contracts.md says to read them."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = []
        for cells in csv.DictReader(file, strict=True):
            row: dict[str, Any] = {"probabilities": {}}
            for name, cell in cells.items():
                text = cell[1:] if re.match(r"'+[=+\-@\t\r\n]", cell) else cell
                if name.startswith("probabilities."):
                    row["probabilities"][name.partition(".")[2]] = float(text)
                elif name in ("words", "rules"):
                    row[name] = json.loads(text)
                elif name in ("explicit_actor", "explicit_process"):
                    row[name] = {"True": True, "False": False}[text]
                elif name in ("sent", "start", "end", "mention_start", "mention_end"):
                    row[name] = int(text) if text else None
                elif name in ("date", "outlet"):
                    row[name] = text or None
                else:
                    row[name] = float(text) if name == "confidence" else text
            rows.append(row)
        return rows


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(findings(), max_size=4))
def test_every_format_reads_back_to_the_same_rows(tmp_path: Path, found: list[Finding]) -> None:
    rows = [finding.row() for finding in found]
    columns = output.PREDICTION | output.EXPLANATION
    for form in ("jsonl", "csv", "parquet"):
        output.write(form, rows, columns, tmp_path / form)
    assert [json.loads(line) for line in (tmp_path / "jsonl").read_bytes().splitlines()] == rows
    assert read_csv(tmp_path / "csv") == rows
    table = pq.read_table(tmp_path / "parquet").to_pylist()
    assert [{**row, "date": row["date"] and row["date"].isoformat()} for row in table] == rows
    assert all(list(row["probabilities"]) == list(LABELS) for row in table)


def test_files_without_rows_still_have_their_columns(tmp_path: Path) -> None:
    for form in ("csv", "parquet"):
        output.write(form, [], output.SUMMARY, tmp_path / form)
    assert (
        tmp_path / "csv"
    ).read_text() == "actor,process,stance,annotations,supportive,skeptical,boycotting,documents\n"
    assert pq.read_schema(tmp_path / "parquet").names == list(output.SUMMARY)
    assert io.StringIO((tmp_path / "csv").read_text()).readline().count(",") == len(summarise([])) + 7
