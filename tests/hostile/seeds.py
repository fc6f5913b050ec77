"""Where fuzzing begins: small valid inputs of every kind, made from the project's own corpus and cases."""

from __future__ import annotations

import gzip
import io
import json
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from stance.candidates import Generator
from stance.codebook import Codebook
from stance.io import inert
from stance.labeling.exchange import read_tasks, sheet, tasks
from stance.labeling.review import Batch, as_pair, rank
from stance.pipeline import RULES, Judge, RulesModel
from stance.records import Document
from tests.conftest import ROOT

TEXT = (
    "Talks open in Astana\nASTANA, January 23, 2017 (ONA) - Turkey said it would host the Syrian rebels. "
    "“We will not go to Geneva,” their spokesman Omar Haddad said. He doubted the congress in Sochi."
)
CODEBOOK = """resolution:
  subjects: [Syria, Syrian]
  nouns: [talks, congress]
  speech: [said]
  group_roles: {rebels: [rebels]}
processes:
- {id: astana, name: Astana process, description: x, places: [{name: Astana, from: 2017-01-01}], aliases: [Astana talks]}
- {id: geneva, name: Geneva process, description: x, places: [{name: Geneva}], sponsors: [UN], sponsor_nouns: [envoy]}
actors:
- {id: turkey, name: Turkey, kind: state, demonyms: [Turkish], offices: [{phrases: [president], from: 2014-08-28}]}
- {id: rebels, name: Syrian rebels, kind: armed-group, principal: turkey}
"""
# Names and marks that a mutation would not come upon by itself.
WORDS = """[ACTOR] [PROCESS] [OTHER] [RIVAL] Syria Astana Geneva Turkey Russia UN-led talks congress said he they “ ” ' " U.S.
Lt. MOSCOW/ 2018-01-30 January published \\ud800 &#0; <!DOCTYPE <!ENTITY <![CDATA[ <p <a= !!python/object &x *x << ? |
{"text":" "doc":" "date":" WARC/1.0 WARC-Type: response Content-Length: Transfer-Encoding:chunked PAR1 =cmd| '' ,"," \ufeff
\u202e \u2028 \x0b İ ǅ é 😀""".split()


@cache
def documents() -> list[dict[str, Any]]:
    """A few documents of the corpus, the shortest of each kind, and texts of the reading cases."""
    lines = (ROOT / "data/corpus/documents.jsonl").read_text(encoding="utf-8").splitlines()
    shortest: dict[str, dict[str, Any]] = {}
    for row in sorted(map(json.loads, lines), key=lambda row: -len(row["text"])):
        shortest[row["kind"]] = row
    cases = yaml.safe_load((ROOT / "tests/cases/reading.yaml").read_text(encoding="utf-8"))
    return [*shortest.values(), *({"doc": f"case-{n}", "text": str(c["text"])} for n, c in enumerate(cases[:20]))]


def _jsonl(rows: list[dict[str, Any]]) -> bytes:
    return "\n".join(json.dumps(row, ensure_ascii=n % 2 == 0) for n, row in enumerate(rows)).encode()


def _csv(rows: list[dict[str, Any]]) -> bytes:
    import csv

    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows({k: inert(row.get(k, "")) for k in rows[0]} for row in rows)
    return out.getvalue().encode()


def _html(row: dict[str, Any]) -> bytes:
    paragraphs = "".join(f"<p>{line}</p>" for line in row["text"].splitlines())
    data = json.dumps({"@type": "NewsArticle", "headline": "Talks", "datePublished": "2018-01-30"})
    return (
        f"<html><head><title>Talks</title><script type='application/ld+json'>{data}</script></head>"
        f"<body><article><h1>Talks</h1>{paragraphs}</article></body></html>"
    ).encode()


def _warc(packed: bool) -> bytes:
    from warcio.statusandheaders import StatusAndHeaders
    from warcio.warcwriter import WARCWriter

    out = io.BytesIO()
    writer = WARCWriter(out, gzip=packed)
    for n, (kind, payload) in enumerate((("text/html", _html(documents()[0])), ("text/plain", TEXT.encode()))):
        headers = StatusAndHeaders("200 OK", [("Content-Type", kind)], protocol="HTTP/1.1")
        url = f"http://news.example/{n}"
        writer.write_record(writer.create_warc_record(url, "response", io.BytesIO(payload), http_headers=headers))
    return out.getvalue()


def _parquet(rows: list[dict[str, Any]]) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    out = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), out)
    return out.getvalue()


@cache
def predictions() -> list[dict[str, Any]]:
    """Rows of predictions by the rules."""
    from stance.codebook import load

    judge = Judge(Generator(load(ROOT / "configs/codebook.yaml")), RulesModel(), RULES)
    return [dict(p.row()) for p in judge.predict([Document("d", TEXT, outlet="ONA")])]


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in row.items() if k != "probabilities"} | {
        f"probabilities.{k}": v for k, v in row["probabilities"].items()
    }


def batch_folder(folder: Path, book: Codebook) -> Path:
    """A folder with the review batch of a text, as `review export` writes it: tasks, and the sheet."""
    judge = Judge(Generator(book), RulesModel(), RULES)
    document = Document("d", TEXT)
    split = judge.generator.sentences(document)
    pairs = tuple(as_pair(question, split) for question in rank(list(judge.predict([document]))))
    batch = Batch(book.digest, pairs)
    made = list(tasks(batch, {"d": document}, book, RULES))
    for task in made:
        result = task["predictions"][0]["result"]
        task["annotations"] = [{"completed_by": 7, "was_cancelled": False, "result": result}]
    (folder / "tasks.json").write_text(json.dumps(made), encoding="utf-8")
    (folder / "sheet.csv").write_text(sheet(batch).replace(",,,\n", ",none,,\n"), encoding="utf-8")
    return folder


def _batch_file(name: str) -> bytes:
    import tempfile

    from stance.codebook import load

    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "codebook.yaml").write_text(CODEBOOK, encoding="utf-8")
        made = batch_folder(Path(folder), load(Path(folder) / "codebook.yaml"))
        assert read_tasks(made / "tasks.json")
        return (made / name).read_bytes()


@cache
def _gold() -> tuple[bytes, bytes]:
    """A document of the corpus and its annotations, as JSON Lines."""
    rows = [json.loads(line) for line in (ROOT / "data/corpus/annotations.jsonl").read_text("utf-8").splitlines()[:20]]
    texts = map(json.loads, (ROOT / "data/corpus/documents.jsonl").read_text("utf-8").splitlines())
    document = next(row for row in texts if row["doc"] == rows[0]["doc"])
    return _jsonl([document]), _jsonl([row for row in rows if row["doc"] == document["doc"]])


def _judgments() -> bytes:
    document, gold = _gold()
    rows = [json.loads(line) for line in gold.splitlines()]
    made = [{k: v for k, v in r.items() if k != "stance"} | {"answer": r["stance"], "annotator": "a"} for r in rows]
    return document + b"\n=\n" + _jsonl(made)


def seeds(target: str) -> list[bytes]:
    """The inputs that a target begins with; none for a property, which makes its own."""
    return _seeds().get(target, [])


@cache
def _seeds() -> dict[str, list[bytes]]:
    texts = [row["text"].encode() for row in documents()]
    import zstandard

    return {
        "whole-path": [*texts, TEXT.encode("utf-16"), TEXT.encode("utf-8-sig"), TEXT.encode("cp1252")],
        "txt": [*texts[:5], TEXT.encode("utf-16")],
        "html": [_html(row) for row in documents()],
        "csv": [_csv(documents()[:1]), _csv(documents()), _csv(documents()[-2:]).decode().encode("utf-16")],
        "jsonl": [_jsonl(documents()[:1]), _jsonl(documents())],
        "parquet": [_parquet(documents()[:2]), _parquet([{"id": 1, "text": "x", "date": None}])],
        "jsonl.gz": [gzip.compress(_jsonl(documents()[:2])), gzip.compress(b"{}\n" * 9)],
        "csv.zst": [zstandard.ZstdCompressor().compress(_csv(documents()[:2]))],
        "warc": [_warc(False)],
        "warc.gz": [_warc(True)],
        "predictions-jsonl": [_jsonl(predictions())],
        "predictions-csv": [_csv([_flat(row) for row in predictions()])],
        "standard-input": [_jsonl(predictions()), TEXT.encode()],
        "codebook": [CODEBOOK.encode()],
        "config": [(ROOT / "configs/pipeline.yaml").read_bytes(), b"seed=7", b"columns.text=[Artikel]"],
        "annotations": [b"\n=\n".join(_gold())],
        "judgments": [_judgments()],
        "sheet": [_batch_file("sheet.csv")],
        "label-studio": [_batch_file("tasks.json")],
        "model-manifest": [(ROOT / "models/release/manifest.json").read_bytes(), b'{"model": "tfidf"}'],
        "archive-manifest": [_archive_manifest()],
        "marked": [b"[ACTOR] said it would not attend [PROCESS] unless [OTHER] left.", *texts[-9:]],
        "dates": [TEXT.encode(), b"Published: 30 January 2018", b"Levant Wire | Mon, Jan. 30, 2018 10:00 GMT"],
        "names": [b"article", b"2018-01-30", b"caf\xe9", b"[a]*"],
    }


def _archive_manifest() -> bytes:
    part = {"part": "part-00000.jsonl", "sha256": "0" * 64, "documents": 1, "annotations": 0, "rejects": 0}
    rows = [{"format": 1, "inputs": {"files": 1}}, part | {"rejects_end": 0, "file": 1, "record": 0}]
    return _jsonl(rows) + b'\n{"complete": true}\n'
