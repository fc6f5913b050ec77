"""What must hold for any bytes, reader by reader: a StanceError or a reject, or exact offsets and rows that come back.

Each target takes bytes and raises anything but StanceError only where the program is wrong. `benchmarks/fuzz.py` feeds
them by coverage; `test_findings.py` replays what it found.
"""

from __future__ import annotations

import contextlib
import csv
import io
import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from unittest import mock

from stance import codebook, corpus, dates, registry, reviews
from stance.archive import parts, sources
from stance.archive.language import foreign
from stance.candidates import ACTOR, PROCESS, Generator
from stance.config import load_pipeline
from stance.documents import COLUMNS, decode, find_files, read, read_file
from stance.errors import StanceError
from stance.io import csv_line, inert, restored
from stance.labeling.exchange import read_label_studio, read_sheet, read_tasks
from stance.labeling.review import Batch
from stance.labeling.rules import readings
from stance.labeling.votes import vote
from stance.output import PREDICTION, write
from stance.pipeline import RULES, Judge, RulesModel
from stance.records import Document, Prediction
from stance.sentences import MAX_SENTENCE
from stance.statements import from_row, statements
from tests.conftest import ROOT
from tests.hostile.seeds import CODEBOOK, TEXT, batch_folder

Target = Callable[[bytes], None]
LANGUAGE = {**COLUMNS, "language": ("language",)}


@cache
def judge() -> Judge:
    """The rules under the project's codebook."""
    return Judge(Generator(codebook.load(ROOT / "configs/codebook.yaml")), RulesModel(), RULES)


@contextlib.contextmanager
def placed(name: str, data: bytes) -> Iterator[Path]:
    """A file of that name with these bytes, alone in a folder."""
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        yield path


def whole_path(data: bytes) -> None:
    """Bytes to document to sentences to mentions to candidates to rows, and the rows back."""
    with contextlib.suppress(StanceError):
        read_whole(decode(data, "fuzzed"))


def read_whole(text: str) -> None:
    """Check all that is said of a document's reading, and that its rows come back from each format."""
    document = Document("d", text, dates.from_head(text), "o")
    last = 0
    for sentence in judge().generator.sentences(document):
        assert text[sentence.start : sentence.end] == sentence.text == sentence.text.strip()
        assert last <= sentence.start
        assert len(sentence.text) <= MAX_SENTENCE
        last = sentence.end
    for reading in judge().generator.read(document):
        assert all(a[1] <= b[0] for (a, _), (b, _) in pairwise(reading.masks))
        for mention in (*reading.actors, *reading.processes):
            if mention.span:
                assert text[slice(*mention.span)] == mention.text
    predictions = list(judge().predict([document]))
    assert all(ACTOR in p.candidate.marked and PROCESS in p.candidate.marked for p in predictions)
    foreign(text, None)
    come_back(predictions)


def come_back(predictions: list[Prediction]) -> None:
    """Rows are read again as they were: from JSON Lines, and cell by cell from CSV."""
    rows = [p.row() for p in predictions]
    with contextlib.redirect_stdout(io.StringIO()) as out:
        write("jsonl", rows, PREDICTION, None)
    assert [json.loads(line) for line in out.getvalue().split("\n")[:-1]] == rows
    for row in rows:
        found = from_row(row)
        assert (found is None) == (row["stance"] == "none")
        assert found is None or found.row().items() <= row.items()
        texts = [str(value) for value in row.values()]
        (cells,) = csv.reader(io.StringIO(csv_line(map(inert, texts)), newline=""), strict=True)
        assert [restored(cell) for cell in cells] == texts


def _document(suffix: str) -> Target:
    def target(data: bytes) -> None:
        with placed(f"2018-01-30{suffix}", data) as path:
            whole: list[Document] | None = None
            with contextlib.suppress(StanceError):
                whole = list(read_file(path))
            streamed = _streamed(path)
            assert all(d.text.strip() for d in (*(whole or ()), *streamed))
            # What reading it whole accepts, the archive reads as well, and in the same way.
            assert whole is None or whole == streamed

    return target


def _streamed(path: Path) -> list[Document]:
    out = []
    for file in sources.walk([str(path)]):
        for record in sources.records(file):
            if isinstance(record, sources.Record):
                with contextlib.suppress(StanceError):
                    out.append(sources.document(record, LANGUAGE)[0])
    return out


def _packed(suffix: str) -> Target:
    def target(data: bytes) -> None:
        with placed(f"x{suffix}", data) as path:
            _streamed(path)

    return target


def _predictions(suffix: str) -> Target:
    def target(data: bytes) -> None:
        def no_judge() -> Judge:
            raise StanceError("documents")

        with placed(f"x{suffix}", data) as path, contextlib.suppress(StanceError):
            for found in statements([path], no_judge):
                assert from_row(found.row()) == found

    return target


def standard_input(data: bytes) -> None:
    """Documents or predictions from a pipe."""
    with mock.patch.object(sys, "stdin", io.TextIOWrapper(io.BytesIO(data))), contextlib.suppress(StanceError):
        list(statements(["-"], judge))


def codebook_yaml(data: bytes) -> None:
    """A codebook that is accepted can be read under."""
    with placed("codebook.yaml", data) as path, contextlib.suppress(StanceError):
        generator = Generator(codebook.load(path))
        list(generator.candidates(Document("d", TEXT)))


def config_yaml(data: bytes) -> None:
    """`pipeline.yaml`, and the first line as an override of the project's."""
    with contextlib.suppress(StanceError):
        load_pipeline([f"pipeline.{data.partition(b'n')[0].decode('utf-8', 'replace')}"], ROOT / "configs")
    with placed("pipeline.yaml", data) as path, contextlib.suppress(StanceError):
        load_pipeline(folder=path.parent)


def gold(data: bytes) -> None:
    """The corpus: documents, and after a line of `=` its annotations."""
    documents, _, rows = data.partition(b"\n=\n")
    with placed("documents.jsonl", documents) as path, contextlib.suppress(StanceError):
        (path.parent / "annotations.jsonl").write_bytes(rows)
        texts, found = corpus.load(path, path.parent / "annotations.jsonl", judge().generator.codebook)
        text = {d.id: d.text for d in texts}
        assert all(a.mention in text[a.doc][a.start : a.end] for a in found)


def judgments(data: bytes) -> None:
    """What `review import` keeps: documents, and after a line of `=` the judgments."""
    documents, _, rows = data.partition(b"\n=\n")
    with placed("documents.jsonl", documents) as path, contextlib.suppress(StanceError):
        (path.parent / "judgments.jsonl").write_bytes(rows)
        reviews.load(path.parent).decisions()


def sheet(data: bytes) -> None:
    """A filled spreadsheet of the batch in `seeds`."""
    batch, _ = _batch()
    with placed("sheet.csv", data) as path, contextlib.suppress(StanceError):
        for judgment in read_sheet(path, batch, "anna"):
            assert judgment.mention in next(p.text for p in batch.pairs if p.start == judgment.start)


def label_studio(data: bytes) -> None:
    """Label Studio's export of the batch in `seeds`; the same bytes as the batch itself."""
    batch, book = _batch()
    with placed("export.json", data) as path:
        with contextlib.suppress(StanceError):
            read_label_studio(path, batch, book)
        with contextlib.suppress(StanceError):
            tasks = Batch.of(read_tasks(path), book.digest, path)
            read_label_studio(path, tasks, book)


@cache
def _batch() -> tuple[Batch, codebook.Codebook]:
    with placed("codebook.yaml", CODEBOOK.encode()) as path:
        book = codebook.load(path)
        tasks = batch_folder(path.parent, book) / "tasks.json"
        return Batch.of(read_tasks(tasks), book.digest, tasks), book


def model_manifest(data: bytes) -> None:
    """A model's manifest, and the file that names the champion."""
    with placed("manifest.json", data) as path:
        (path.parent / "current.json").write_bytes(data)
        with contextlib.suppress(StanceError):
            registry.read(path.parent)
        with contextlib.suppress(StanceError):
            assert (path.parent / registry.current(path.parent)).resolve().is_relative_to(path.parent.resolve())


def archive_manifest(data: bytes) -> None:
    """The manifest of an output folder that a run is to go on with."""
    identity = {"format": 1, "inputs": {"files": 1}}
    with (
        placed("manifest.jsonl", data) as path,
        contextlib.suppress(StanceError),
        parts.opened(path.parent, identity, "jsonl") as output,
    ):
        output.write([], [], 0, (1, 0))


def marked(data: bytes) -> None:
    """The labeling rules over any marked sentence that a codebook and a text can make."""
    text = data.decode("utf-8", "replace")[:MAX_SENTENCE]
    readings.cache_clear()
    for label in vote(text).labels:
        assert label in ("supportive", "skeptical", "boycotting")


def day(data: bytes) -> None:
    """Dates in a head, in a column, in a name."""
    text = data.decode("utf-8", "replace")
    for found in (dates.from_head(text), dates.whole(text), dates.from_name(text)):
        assert found is None or 1900 <= found.year <= 2099


def names(data: bytes) -> None:
    """Files of any name: they are found, read and written down."""
    name = data.replace(b"/", b"").replace(b"\0", b"")[:250] or b"x"
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        path = Path(folder) / f"{name.decode('utf-8', 'surrogateescape')}.txt"
        with contextlib.suppress(OSError):
            path.write_text(TEXT)
        with contextlib.suppress(StanceError):
            list(find_files([path.name, str(path), f"{folder}/**/{path.name}"]))
        found = list(read([folder])) if path.exists() else []
        assert all(d.id and json.dumps(d.source, ensure_ascii=False).encode() for d in found)
        assert _streamed(Path(folder)) == found if found else True


TARGETS: dict[str, Target] = {
    "whole-path": whole_path,
    "txt": _document(".txt"),
    "html": _document(".html"),
    "csv": _document(".csv"),
    "jsonl": _document(".jsonl"),
    "parquet": _document(".parquet"),
    "jsonl.gz": _packed(".jsonl.gz"),
    "csv.zst": _packed(".csv.zst"),
    "warc": _packed(".warc"),
    "warc.gz": _packed(".warc.gz"),
    "predictions-jsonl": _predictions(".jsonl"),
    "predictions-csv": _predictions(".csv"),
    "standard-input": standard_input,
    "codebook": codebook_yaml,
    "config": config_yaml,
    "annotations": gold,
    "judgments": judgments,
    "sheet": sheet,
    "label-studio": label_studio,
    "model-manifest": model_manifest,
    "archive-manifest": archive_manifest,
    "marked": marked,
    "dates": day,
    "names": names,
}
