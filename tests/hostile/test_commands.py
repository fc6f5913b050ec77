"""Input that is meant to mislead the command: it yields rows, a reject or one line, and nothing beside its output."""

from __future__ import annotations

import json
import os
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from stance import predict
from tests.hostile.conftest import GOOD, PAGE, docs, refusal, rejects, run


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (GOOD.encode("utf-16"), None),
        (GOOD.encode("utf-8-sig"), None),
        ((GOOD + " Çavuşoğlu agreed.").encode("cp1254"), None),
        (GOOD.encode() + "Çavuşoğlu".encode("utf-16"), "not UTF-8 (byte 75)"),
        (GOOD.encode("utf-16") + b"\xd8", "not UTF-16 (byte 152)"),
        (GOOD.encode("utf-16-le"), "binary data (NUL at character 1)"),
        ((GOOD + "\0").encode("utf-16"), "binary data (NUL at character 75)"),
        (b"\xff\xfe" + "\ud800".encode("utf-16-le", "surrogatepass"), "not UTF-16 (byte 2)"),
        (GOOD.encode() + b"\xed\xa0\x80" + GOOD.encode("utf-16-le"), "not UTF-8 (byte 75)"),
        (
            b"\x89PNG\r\n\x1a\n\0\0",
            "a picture, not plain text: convert it to text first (e.g. tesseract FILE.png FILE)",
        ),
        (b"", "no text in it"),
        (b"\xef\xbb\xbf", "no text in it"),
    ],
    ids=range(12),
)
def test_any_encoding_is_read_or_refused(
    work: Path, capsys: pytest.CaptureFixture[str], data: bytes, expected: str | None
) -> None:
    (work / "x.txt").write_bytes(data)
    if expected is None:
        code, out, _ = run(capsys, "x.txt", "--all")
        assert code == 0
        assert docs(out) == {"x"}
    else:
        assert refusal(capsys, "x.txt") == f"x.txt: {expected}"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('{"text": "x", "id": ' + "[" * 100_000 + "]" * 100_000 + "}", "not JSON that can be read: maximum recursion"),
        ('{"text": "x", "id": ' + "1" * 5_000 + "}", "not JSON that can be read: Exceeds the limit (4300 digits)"),
        ('{"text": "x\\udfff"}', "not UTF-8: half of a surrogate pair"),
        ('{"text": "x", "outlet": {"name": "Wire"}}', "text was expected, not dict"),
        ('{"text": "x", "id": ["a"]}', "text was expected, not list"),
        ('{"text": ["x"]}', "no text"),
    ],
    ids=lambda value: value[:30],
)
def test_a_hostile_row_is_refused_by_its_place(
    work: Path, capsys: pytest.CaptureFixture[str], line: str, expected: str
) -> None:
    (work / "in" / "x.jsonl").write_text(f"{json.dumps({'text': GOOD})}\n{line}\n")
    code, _, err = run(capsys, "in", "--all")
    assert code == 2
    assert err.startswith("stance.predict: error: in/x.jsonl:2:")
    assert expected in err
    assert err.count("\n") == 1
    assert rejects(capsys)["x.jsonl"].startswith(expected)
    assert Path("out/part-00000.jsonl").read_text().count("\n") == 1


def test_a_cell_of_another_encoding_costs_its_row_alone(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [f'1,"{GOOD}",Wire', f'2,"{GOOD}",Caf\udce9', f'3,"{GOOD}",']
    (work / "in" / "x.csv").write_bytes("\n".join(["\ufeffid,text,outlet", *rows]).encode("utf-8", "surrogateescape"))
    assert rejects(capsys) == {"x.csv": "not UTF-8-SIG"}
    assert docs(Path("out/part-00000.jsonl").read_text()) == {"1", "3"}
    assert refusal(capsys, "in", "--output", "o.jsonl") == "in/x.csv:5: not UTF-8-SIG"


def test_formulas_stay_text_wherever_they_come_from(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    row = {
        "id": "=1+1",
        "outlet": "@SUM(A1)",
        "text": "=HYPERLINK(1)\nTurkey said it would attend the Astana talks on Syria.",
    }
    (work / "x.jsonl").write_text(json.dumps(row))
    assert run(capsys, "x.jsonl", "--all", "-o", "o.csv")[0] == 0
    (line,) = Path("o.csv").read_text().splitlines()[1:]
    assert line.startswith("'=1+1,,'@SUM(A1),")


def test_numbers_in_any_column_come_out_as_text(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = {"text": [GOOD, GOOD], "id": [7, 8], "outlet": [1.5, None], "date": [20170124, 5]}
    pq.write_table(pa.table(table), work / "x.parquet")
    assert run(capsys, "x.parquet", "-o", "o.parquet")[0] == 0
    found = pq.read_table("o.parquet").to_pylist()
    assert [(r["doc"], r["outlet"], str(r["date"])) for r in found] == [("7", "1.5", "2017-01-24"), ("8", None, "None")]


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ("<b>" * 300_000, "an HTML page of more than 20000 elements"),
        ("<div>" * 19_000 + PAGE, "no article found in the page"),
        ("<p " + " ".join(f"a{i}=1" for i in range(100_000)) + ">", "an HTML element with more than 1000 attributes"),
        ("<b>" * 700_000, "an HTML page of more than 2 MB"),
        ("<" * 100_000, "no article found in the page"),
    ],
    ids=lambda value: value[:20],
)
def test_a_hostile_page_is_refused(work: Path, capsys: pytest.CaptureFixture[str], page: str, expected: str) -> None:
    (work / "in" / "x.html").write_text(page)
    assert refusal(capsys, "in/x.html") == f"in/x.html: {expected}"
    assert rejects(capsys) == {"x.html": expected}


def test_entities_and_half_characters_in_a_page_are_not_followed(
    work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    laughs = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 20))
    data = json.dumps({"@type": "NewsArticle", "headline": "Talks \ud800", "publisher": {"name": "Wire \udfff"}})
    head = f"<script type='application/ld+json'>{data}</script>"
    page = f"<!DOCTYPE html [<!ENTITY l0 'ha'>{laughs}]>{head}{PAGE}<p>&l19; &xxe; &#xD800; &#0;</p>"
    (work / "x.html").write_text(page)
    (work / "y.html").write_text(f'<?xml version="1.0" encoding="UTF-16"?>{PAGE}')
    code, out, err = run(capsys, "x.html", "y.html", "--all")
    assert code in (0, 2)
    assert len(out) < 100_000
    assert err.count("\n") == 1


def test_names_of_files_steer_nothing(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in (b"two\nlines", b"\x1b[31mred", b"caf\xe9", b"-o", b"*", b"=cmd", b"a" * 250):
        (work / "in" / f"{os.fsdecode(name)}.txt").write_text(GOOD)
    code, out, _ = run(capsys, "in", "--all")
    expected = {"two\nlines", "\x1b[31mred", r"caf\udce9", "-o", "*", "=cmd", "a" * 250}
    assert code == 0
    assert docs(out) == expected
    assert rejects(capsys) == {}
    assert docs(Path("out/part-00000.jsonl").read_text()) == expected
    (work / "in" / "two\nlines.txt").write_bytes(b"\0")
    assert refusal(capsys, "in/two\nlines.txt") == r"in/two\nlines.txt: binary data (NUL at character 0)"
    assert refusal(capsys, "a" * 5000).endswith("cannot read: File name too long")


def test_links_that_lead_in_a_circle_or_out_are_no_way(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (work / "in" / "a.txt").write_text(GOOD)
    (work / "secret").mkdir()
    (work / "secret" / "b.txt").write_text(GOOD)
    for n in range(3):
        (work / "in" / f"loop{n}").symlink_to(work / "in")
    (work / "in" / "away").symlink_to(work / "secret")
    (work / "in" / "self.txt").symlink_to("self.txt")
    os.mkfifo(work / "in" / "pipe.txt")
    for inputs in (["in"], ["in/**/*.txt"], [f"{work}/in/**/*.txt"]):
        code, out, _ = run(capsys, *inputs)
        assert (code, docs(out), out.count("\n")) == (0, {"a"}, 1)
    assert rejects(capsys) == {}
    assert Path("out/part-00000.jsonl").read_text().count("\n") == 1


def test_ids_and_manifests_lead_nowhere_else(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ids = ["../../x", "/etc/passwd", "a/b", "..", "\n", "x" * 5000]
    (work / "in" / "x.jsonl").write_text("\n".join(json.dumps({"id": key, "text": GOOD}) for key in ids))
    assert rejects(capsys) == {}
    assert docs(Path("out/part-00000.jsonl").read_text()) == set(ids)
    manifest = Path("out/manifest.jsonl")
    lines = manifest.read_text()
    for old, new in (('"part-00000.jsonl"', '"../in/x.jsonl"'), ('"file": 1', '"file": "1"'), ('{"part"', '["part"')):
        manifest.write_text(lines.replace(old, new))
        assert refusal(capsys, "in", "--output", "out/").startswith("out/manifest.jsonl: damaged")
    (work / "models").mkdir()
    (work / "models" / "current.json").write_text('{"model": "../../elsewhere"}')
    assert predict.main(["in", "-q"]) == 2
    assert "models/current.json: names no model" in capsys.readouterr().err


def test_a_zip_is_no_document(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with zipfile.ZipFile(work / "in" / "x.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("../../x.txt", b"\0" * 50_000_000)
    assert refusal(capsys, "in").startswith("in: no documents in this folder")
    assert refusal(capsys, "in/x.zip").startswith("in/x.zip: ")
    (work / "in" / "a.txt").write_text(GOOD)
    assert rejects(capsys) == {}
