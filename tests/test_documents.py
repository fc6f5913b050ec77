"""Every kind of input becomes documents, and bad input becomes one clear line."""

from __future__ import annotations

import datetime
import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from stance.documents import decode, read
from stance.errors import InputError
from tests.conftest import ROOT

TEXT = "Turkey hosted the talks. Çavuşoğlu said so."


def message(tmp_path: Path, *paths: Path) -> str:
    with pytest.raises(InputError) as caught:
        list(read(paths))
    return str(caught.value).removeprefix(f"{tmp_path}/")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings_that_can_be_told(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(TEXT.encode(encoding))
    assert [(d.id, d.text) for d in read([path])] == [("a", TEXT)]


def test_a_legacy_encoding_is_detected() -> None:
    text = "Министр заявил, что Россия поддерживает переговоры в Астане. " * 5
    assert decode(text.encode("cp1251"), "x") == text


def test_an_ending_in_capitals_is_that_ending(tmp_path: Path) -> None:
    (tmp_path / "A.CSV").write_text("doc,text\none,First.\n")
    (tmp_path / "B.JSONL").write_text('{"doc": "two", "text": "Second."}\n')
    assert [(d.id, d.text) for d in read([tmp_path])] == [("one", "First."), ("two", "Second.")]


def test_standard_input_has_the_limit_of_a_document(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stance.documents.MAX_BYTES", 1_000_000)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"a" * 1_000_001)))
    with pytest.raises(InputError, match="standard input: more than 1 MB of text in one document"):
        list(read(["-"]))


def test_tables(tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = [{"doc": "one", "text": "First.", "date": "2018-01-29", "outlet": "Wire"}, {"doc": "two", "text": "Second."}]
    (tmp_path / "a.jsonl").write_text(
        '{"doc": "one", "text": "First.", "date": "2018-01-29", "outlet": "Wire"}\n\n{"doc": "two", "text": "Second."}\n'
    )
    (tmp_path / "b.csv").write_text("doc,text,date,outlet\none,First.,2018-01-29,Wire\ntwo,Second.,,\n")
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "c.parquet")
    for name in ("a.jsonl", "b.csv", "c.parquet"):
        first, second = read([tmp_path / name])
        assert (first.id, first.text, first.date, first.outlet) == ("one", "First.", datetime.date(2018, 1, 29), "Wire")
        assert (second.id, second.text, second.date) == ("two", "Second.", None)


def test_html_keeps_the_article_and_its_date(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    article = "".join(
        f"<p>Paragraph {i} of the report says that Turkey will host another round of talks soon.</p>" for i in range(8)
    )
    page.write_text(
        "<html><head><title>Talks resume</title><meta property='article:published_time' content='2018-01-29T10:00:00Z'></head>"
        f"<body><nav>Home | World | Sport</nav><article><h1>Talks resume</h1>{article}</article><footer>Subscribe now</footer></body></html>"
    )
    (document,) = read([page])
    assert "Paragraph 7 of the report" in document.text
    assert "Subscribe now" not in document.text
    assert "Sport" not in document.text
    assert document.date == datetime.date(2018, 1, 29)


def test_folders_are_read_in_order_and_ids_stay_unique(tmp_path: Path) -> None:
    for name in ("b/x.txt", "a/x.txt", "a/ignored.bin"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(f"From {name}.")
    first, second = read([tmp_path])
    assert (first.id, first.text, second.text) == ("x", "From a/x.txt.", "From b/x.txt.")
    assert second.id.startswith("x-")


def test_bad_files(tmp_path: Path) -> None:
    (tmp_path / "empty.txt").write_text(" \n")
    (tmp_path / "binary.txt").write_bytes(bytes(range(256)) * 10)
    (tmp_path / "nul.txt").write_text("Turkey\0Russia")
    (tmp_path / "big.txt").write_bytes(b"word " * 10_000_000)
    (tmp_path / "folder").mkdir()
    (tmp_path / "rows.jsonl").write_text('{"text": "fine"}\n{"text": broken}\n')
    (tmp_path / "list.jsonl").write_text("[1]\n")
    (tmp_path / "columns.jsonl").write_text('{"body_text": "x"}\n')
    (tmp_path / "none.jsonl").write_text('{"text": null}\n')
    (tmp_path / "wide.csv").write_text("text,doc\na,b,c\n")
    (tmp_path / "not.parquet").write_bytes(b"PAR1nonsense")
    expected = {
        "missing.txt": "missing.txt: no such file",
        "empty.txt": "empty.txt: no text in it",
        "binary.txt": "binary.txt: not UTF-8 (byte 128)",
        "nul.txt": "nul.txt: binary data (NUL at character 6)",
        "big.txt": "big.txt: larger than 20 MB",
        "folder": "folder: no documents in this folder",
        "rows.jsonl": "rows.jsonl:2: not JSON: Expecting value (column 10)",
        "list.jsonl": "list.jsonl:1: an object was expected, not list",
        "columns.jsonl": "columns.jsonl:1: no text column (one of text, body, content)",
        "none.jsonl": "none.jsonl:1:text: no text",
        "wide.csv": "wide.csv:2: more than 2 fields",
        "not.parquet": "not.parquet: not Parquet",
    }
    for name, start in expected.items():
        assert message(tmp_path, tmp_path / name).startswith(start), name


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        ("a.pdf", b"%PDF-1.4\n1 0 obj\nTurkey backs Sochi.\nendobj\n", "a PDF, not plain text: convert it to text first (e.g. pdftotext FILE.pdf)"),
        ("pdf.txt", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "a PDF, not plain text: convert it to text first (e.g. pdftotext FILE.pdf)"),
        ("a.docx", b"PK\x03\x04\x14\x00", "a zip file, as DOCX and ODT are, not plain text: convert it to text first (e.g. pandoc FILE.docx -t plain -o FILE.txt)"),
        ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1", "a file of Microsoft Office, not plain text: convert it to text first (e.g. libreoffice --convert-to txt FILE.doc)"),
        ("a.rtf", b"{\\rtf1\\ansi Turkey}", "RTF, not plain text: convert it to text first (e.g. libreoffice --convert-to txt FILE.rtf)"),
        ("a.png", b"\x89PNG\r\n\x1a\n", "a picture, not plain text: convert it to text first (e.g. tesseract FILE.png FILE)"),
        ("a.jpg", b"\xff\xd8\xff\xe0", "a picture, not plain text: convert it to text first (e.g. tesseract FILE.png FILE)"),
        ("a.txt.gz", b"\x1f\x8b\x08\x00", "compressed, not plain text: convert it to text first (e.g. gunzip FILE.gz)"),
    ],
)  # fmt: skip
def test_what_is_no_text_is_named_with_a_way_to_make_it_text(
    tmp_path: Path, name: str, data: bytes, expected: str
) -> None:
    (tmp_path / name).write_bytes(data)
    assert message(tmp_path, tmp_path / name) == f"{name}: {expected}"


def test_a_page_without_an_article_is_one_line(tmp_path: Path) -> None:
    """The library that reads pages would log three lines more."""
    (tmp_path / "empty.html").write_text("\n")
    command = [sys.executable, "-m", "stance.predict", "empty.html", "--model", "rules"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (2, "stance.predict: error: empty.html: no article found in the page\n")


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ("<p>x</p>" * 21_000, "an HTML page of more than 20000 elements"),
        ("<div>" * 21_000, "an HTML page of more than 20000 elements"),
        ("<p " + " ".join(f"a{n}=1" for n in range(1_001)) + ">", "an HTML element with more than 1000 attributes"),
    ],
)
def test_a_page_that_would_take_minutes_is_refused(tmp_path: Path, more: str, expected: str) -> None:
    page = tmp_path / "page.html"
    page.write_text(f"<html><body><article><p>{TEXT}</p>{more}</article></body></html>")
    assert message(tmp_path, page) == f"page.html: {expected}"
