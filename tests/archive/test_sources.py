"""An archive's files, record by record: the same documents as reading them whole gives, and what is wrong as a reject."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from stance.archive import formats
from stance.archive.sources import Record, Reject, document, inventory, records, walk
from stance.config import load_pipeline
from stance.documents import COLUMNS, find_files, read
from stance.errors import InputError
from stance.io import TOO_LONG
from stance.records import Document
from tests.conftest import ROOT

TEXT = "Turkey hosted the Astana talks on Syria. Çavuşoğlu said so."
SETTINGS = load_pipeline(folder=ROOT / "configs").columns.model_dump()
ROWS = [
    {"id": "a", "body": TEXT, "date": "2017-01-24", "outlet": "Agency"},
    {"id": "", "body": f"{TEXT}\nIn two lines, “quoted”.", "date": "", "outlet": ""},
]


def everything(*paths: Path) -> list[Document | tuple[str, int | None, str]]:
    """Each record's document, or file, row and reason of a reject."""
    out: list[Document | tuple[str, int | None, str]] = []
    for file in walk(map(str, paths)):
        for record in records(file):
            if isinstance(record, Record):
                try:
                    out.append(document(record, SETTINGS)[0])
                    continue
                except InputError as error:
                    record = Reject(str(record.path), record.row, error.problem)
            out.append((Path(record.file).name, record.row, record.reason))
    return out


def jsonl(path: Path) -> None:
    path.write_text("\n\n".join(json.dumps(row) for row in ROWS), encoding="utf-8")


def table(path: Path) -> None:
    path.write_text(
        f'id,body,date,outlet\na,"{TEXT}",2017-01-24,Agency\n,"{TEXT}\nIn two lines, “quoted”.",,\n', encoding="utf-16"
    )


def parquet(path: Path) -> None:
    pq.write_table(pa.Table.from_pylist(ROWS), path)


def text(path: Path) -> None:
    path.write_text(TEXT, encoding="utf-8-sig")


def html(path: Path) -> None:
    path.write_text(f"<html><head><title>T</title></head><body><article><p>{TEXT * 5}</p></article></body></html>")


@pytest.mark.parametrize(
    ("name", "write"),
    [("x.jsonl", jsonl), ("x.csv", table), ("x.parquet", parquet), ("x.txt", text), ("x.html", html)],
)
def test_a_stream_gives_the_documents_that_reading_whole_does(
    tmp_path: Path, name: str, write: Callable[[Path], None]
) -> None:
    write(tmp_path / name)
    whole = list(read([tmp_path]))
    assert whole
    assert everything(tmp_path) == whole


@pytest.mark.parametrize(("name", "write"), [("x.jsonl", jsonl), ("x.csv", table)])
@pytest.mark.parametrize("packing", [".gz", ".zst"])
def test_packed_files_hold_the_same(tmp_path: Path, name: str, write: Callable[[Path], None], packing: str) -> None:
    write(tmp_path / name)
    plain = [d for d in everything(tmp_path / name) if isinstance(d, Document)]
    data = (tmp_path / name).read_bytes()
    packed = tmp_path / f"{name}{packing}"
    # In two members, as archives that grew are.
    pack = gzip.compress if packing == ".gz" else zstandard.ZstdCompressor().compress
    packed.write_bytes(pack(data[:100]) + pack(data[100:]))
    found = [d for d in everything(packed) if isinstance(d, Document)]
    assert [(d.id, d.text, d.date, d.outlet) for d in found] == [(d.id, d.text, d.date, d.outlet) for d in plain]
    assert len(found) == 2


def test_files_come_in_the_order_in_which_documents_are_read(tmp_path: Path) -> None:
    for name in ("b/z.txt", "b/a/y.txt", "b.txt", "a.txt", "a/x.html", "B/w.csv", "a/notes.md", "a/no.txt.gz"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True, parents=True)
        path.touch()
    (tmp_path / "b" / "loop").symlink_to(tmp_path)
    (tmp_path / "link.txt").symlink_to(tmp_path / "a.txt")
    found = [file.path for file in walk([str(tmp_path)])]
    assert found == [path for path in find_files([tmp_path]) if path]
    assert len(found) == 7


def test_the_inventory_tells_a_changed_input(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("one")
    (tmp_path / "b.txt").write_text("two")
    before = inventory([str(tmp_path)])
    assert (before["files"], before["bytes"]) == (2, 6)
    assert inventory([str(tmp_path)]) == before
    (tmp_path / "a.txt").rename(tmp_path / "c.txt")
    assert inventory([str(tmp_path)])["digest"] != before["digest"]


def test_standard_input_and_nothing_are_refused(tmp_path: Path) -> None:
    for path, problem in (("-", "cannot be read again"), (str(tmp_path), "no documents"), ("nowhere", "no such file")):
        with pytest.raises(InputError, match=problem):
            list(walk([path]))


def test_a_bad_row_does_not_hide_the_next(tmp_path: Path) -> None:
    good = json.dumps({"text": TEXT}).encode()
    (tmp_path / "a.jsonl").write_bytes(
        b"\n".join(
            [b'{"text": ', b"\xff\xfe", b"[1]", b'{"text": " "}', b'{"title": "x"}', b'{"text": "x\\ud800"}', good]
        )
    )
    (tmp_path / "b.csv").write_bytes(
        b'text,id\n"a" b,1\n' + TEXT.encode() + b",2,3\n\xe9" + TEXT.encode() + b",4\nx,5\n"
    )
    (tmp_path / "c.txt").write_bytes(b"\x00\x01")
    (tmp_path / "d.parquet").write_bytes(b"PAR1")
    found = everything(tmp_path)
    assert [f if isinstance(f, tuple) else f.id for f in found] == [
        ("a.jsonl", 1, "not JSON: Expecting value (column 10)"),
        ("a.jsonl", 2, "not UTF-8 (byte 0 of the line)"),
        ("a.jsonl", 3, "an object was expected, not list"),
        ("a.jsonl", 4, "no text"),
        ("a.jsonl", 5, "no text column (one of text, body, content)"),
        ("a.jsonl", 6, "not UTF-8: half of a surrogate pair (\\ud800 to \\udfff)"),
        "a-7",
        *[f if isinstance(f, tuple) else f.id for f in found[7:]],
    ]
    assert [f[:2] if isinstance(f, tuple) else f.id for f in found[7:]] == [
        ("b.csv", 2),
        ("b.csv", 3),
        "4",
        "5",
        ("c.txt", None),
        ("d.parquet", None),
    ]


def test_a_row_beyond_the_limit_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stance.io.MAX_BYTES", 1000)
    monkeypatch.setattr("stance.tables.MAX_BYTES", 1000)
    row = json.dumps({"text": TEXT})
    (tmp_path / "a.jsonl").write_text(f'{row}\n{{"text": "{"x" * 5000}"}}\n{row}\n')
    # One line too long, and one row of many lines.
    many = "x\n" * 700
    (tmp_path / "b.csv").write_text(f'text\n{TEXT}\n{"x" * 5000}\n{TEXT}\n"{many}"\n{TEXT}\n')
    long = TOO_LONG
    assert [f if isinstance(f, tuple) else f.text for f in everything(tmp_path / "a.jsonl")] == [TEXT, ("a.jsonl", 2, long), TEXT]  # fmt: skip
    rows = [f[2] if isinstance(f, tuple) else f.text for f in everything(tmp_path / "b.csv")]
    assert rows[:3] == [TEXT, long, TEXT]
    assert long in rows[3:]
    assert rows[-1] == "not CSV: unexpected end of data"  # its quotation mark opened another field


@pytest.mark.parametrize("packing", [".gz", ".zst"])
def test_a_bomb_is_left_when_it_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, packing: str) -> None:
    monkeypatch.setattr(formats, "FREE", 3_000_000)
    line = json.dumps({"text": TEXT}).encode() + b"\n"
    data = line + b" " * 30_000_000
    pack = gzip.compress if packing == ".gz" else zstandard.ZstdCompressor().compress
    (tmp_path / f"a.jsonl{packing}").write_bytes(pack(data))
    first, last = everything(tmp_path)
    assert isinstance(first, Document)
    assert last == (f"a.jsonl{packing}", None, "unpacks to more than 100 times its size")


def test_a_broken_file_gives_what_came_before(tmp_path: Path) -> None:
    lines = [json.dumps({"text": f"{TEXT} {n * 7919 % 1000003}"}) for n in range(20_000)]
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress("\n".join(lines).encode())[:-2000])
    *found, last = everything(tmp_path)
    assert len(found) > 100
    assert all(isinstance(d, Document) for d in found)
    assert isinstance(last, tuple)
    assert last[:2] == ("a.jsonl.gz", None)
    assert "damaged after" in last[2]


def test_a_crawl_gives_its_pages(tmp_path: Path) -> None:
    page = f"<html><body><article><h1>Talks</h1><p>{TEXT * 5}</p></article></body></html>".encode()
    with (tmp_path / "c.warc.gz").open("wb") as file:
        writer = WARCWriter(file, gzip=True)
        for url, status, kind, payload in (
            ("http://news.example/1", "200 OK", "text/html; charset=utf-8", page),
            ("http://news.example/2", "404 Not Found", "text/html", page),
            ("http://news.example/3", "200 OK", "image/png", b"\x89PNG"),
            ("http://news.example/4", "200 OK", "text/html", b"<html></html>"),
            ("http://other.example/5", "200 OK", "text/plain", TEXT.encode()),
        ):
            headers = StatusAndHeaders(status, [("Content-Type", kind)], protocol="HTTP/1.1")
            writer.write_record(writer.create_warc_record(url, "response", io.BytesIO(payload), http_headers=headers))
    first, second, third = everything(tmp_path)
    assert isinstance(first, Document)
    assert (first.id, first.outlet) == ("http://news.example/1", "news.example")
    assert TEXT in first.text
    assert second == ("c.warc.gz", 4, "no article found in the page")
    assert isinstance(third, Document)
    assert (third.id, third.text, third.outlet) == ("http://other.example/5", TEXT, "other.example")
    (tmp_path / "c.warc.gz").write_bytes(gzip.compress(b"no crawl"))
    assert [(f[1], f[2][:8]) for f in everything(tmp_path) if isinstance(f, tuple)] == [(None, "not WARC")]


def test_columns_are_named_in_the_configuration(tmp_path: Path) -> None:
    defaults = {name: list(columns) for name, columns in COLUMNS.items()}
    assert {name: SETTINGS[name] for name in COLUMNS} == defaults
    (tmp_path / "a.csv").write_text(f"Artikel,Zeitung,Sprache\n{TEXT},Bote,de\n")
    (file,) = walk([str(tmp_path)])
    (record,) = records(file)
    assert isinstance(record, Record)
    with pytest.raises(InputError, match="no text column"):
        document(record, SETTINGS)
    named = SETTINGS | {"text": ["Artikel"], "outlet": ["Zeitung"], "language": ["Sprache"]}
    found, language = document(record, named)
    assert (found.text, found.outlet, language) == (TEXT, "Bote", "de")
    assert list(read([tmp_path / "a.csv"], named)) == [found]
