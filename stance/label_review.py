"""The review round trip with people: `python -m stance.label review export`, then `... review import`."""

from __future__ import annotations

import argparse
import logging
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from stance import cli, registry
from stance.codebook import load as load_codebook
from stance.config import load_pipeline
from stance.documents import read
from stance.errors import InputError
from stance.io import read_jsonl, write_json, write_jsonl, write_text
from stance.labeling.agreement import Decision, agreement, decide, latest
from stance.labeling.exchange import labeling_config, read_label_studio, read_sheet, read_tasks, sheet, tasks
from stance.labeling.review import Batch, Judgment, as_pair, choose, pair_id
from stance.pipeline import RULES, open_judge
from stance.records import Document

EXAMPLES = """  python -m stance.label review export                     the 100 pairs most worth a look, into review/
  python -m stance.label review export news/ --number 50 -o batch2
  python -m stance.label review import project-1.json      what Label Studio exported as JSON
  python -m stance.label review import anna.csv ben.csv --batch batch2"""
TASKS, CONFIG, SHEET, DOCUMENTS = "tasks.json", "labeling-config.xml", "review.csv", "documents.jsonl"
JUDGMENTS, CONFLICTS, GOLD = "judgments.jsonl", "conflicts.jsonl", "annotations.jsonl"
INTO = "data/review"
Row = dict[str, Any]
log = logging.getLogger(__name__)


def _judgments(path: Path) -> list[Judgment]:
    """The judgments of earlier imports."""
    out = []
    for n, row in read_jsonl(path) if path.exists() else ():
        try:
            out.append(Judgment(**row))
        except TypeError as error:
            raise InputError(f"not a judgment: {error}", path, n) from None
    return out


def _document_row(d: Document) -> Row:
    return {"doc": d.id, "date": d.date and d.date.isoformat(), "outlet": d.outlet, "kind": d.kind, "text": d.text}


def _export(args: argparse.Namespace) -> int:
    pipeline, out = load_pipeline(args.settings), Path(args.output)
    if (out / TASKS).exists():
        raise InputError("holds a batch that people may be working on: choose another folder with --output", out)
    paths = pipeline.paths
    trained = (Path(paths.models) / registry.CURRENT).exists()
    name = args.model or (None if trained else RULES)
    judge = open_judge(Path(paths.codebook), Path(paths.models), name, pipeline.threads, pipeline.labeling.combine)
    documents = {d.id: d for d in read(args.inputs or [paths.raw])}
    predictions = list(judge.predict(documents.values()))
    chosen = choose(predictions, args.number, {j.pair for j in _judgments(Path(args.into) / JUDGMENTS)})
    if not chosen:
        raise InputError("no pair of an actor and a process is left to judge in these documents")
    codebook = judge.generator.codebook
    sentences = {doc: judge.generator.sentences(documents[doc]) for doc in {p.candidate.doc for _, p in chosen}}
    batch = Batch(codebook.digest, tuple(as_pair(p, why, sentences[p.candidate.doc]) for why, p in chosen))
    pairs = Counter(p.candidate.doc for p in predictions)
    rows = ({**_document_row(d), "candidates": pairs[d.id]} for d in documents.values() if d.id in sentences)
    write_jsonl(out / DOCUMENTS, rows)
    write_text(out / CONFIG, labeling_config(codebook))
    write_text(out / SHEET, sheet(batch))
    write_json(out / TASKS, list(tasks(batch, documents, codebook, judge.version)))  # last: with it the batch is whole
    said = (
        f"{len(batch.pairs)} of {len(predictions)} pairs in {len(batch.by_sentence)} sentences, read by {judge.version}"
    )
    log.info("%s -> %s", said, out)
    return cli.DONE


def _answers(path: Path, batch: Batch, args: argparse.Namespace, codebook_path: Path) -> list[Judgment]:
    if path.suffix.lower() == ".json":
        return read_label_studio(path, batch, load_codebook(codebook_path))
    if path.suffix.lower() in (".csv", ".tsv"):
        return read_sheet(path, batch, args.annotator)
    raise InputError("neither Label Studio's .json nor a spreadsheet's .csv", path)


def _merged_gold(path: Path, decisions: Iterable[Decision]) -> list[Row]:
    """The gold file with what was decided: a judged pair's record in its old place, new ones behind."""
    decided = {d.judgments[0].pair: d.record for d in decisions}
    out: list[Row] = []
    seen: set[str] = set()
    for n, row in read_jsonl(path) if path.exists() else ():
        try:
            key = pair_id(*(row[name] for name in ("doc", "start", "end", "actor", "process")))
        except (KeyError, AttributeError) as error:
            raise InputError(f"not an annotation: {error}", path, n) from None
        if key not in decided:
            out.append(row)
        elif key not in seen and (record := decided[key]):
            out.append({**row, **asdict(record)})
        seen.add(key)
    return [*out, *(asdict(record) for key, record in decided.items() if record and key not in seen)]


def _merged_documents(path: Path, judged: Iterable[Row]) -> list[Row]:
    """The documents file with the judged documents behind what it has; a document is never changed."""
    rows = {row.get("doc"): (n, row) for n, row in read_jsonl(path)} if path.exists() else {}
    for document in judged:
        n, known = rows.setdefault(document["doc"], (0, {k: v for k, v in document.items() if k != "candidates"}))
        if known.get("text") != document["text"]:
            raise InputError(f"{document['doc']!r} has another text there than in the batch", path, n, "text")
    return [row for _, row in rows.values()]


def _conflict(decision: Decision) -> Row:
    first = decision.judgments[0]
    shared = {name: getattr(first, name) for name in ("doc", "start", "end", "mention", "actor", "process")}
    answers = {j.annotator: j.answer for j in decision.judgments}
    comments = {j.annotator: j.comment for j in decision.judgments if j.comment}
    return {"id": first.pair, **shared, "answers": answers, "comments": comments, "decision": decision.answer}


def _import(args: argparse.Namespace) -> int:
    paths, folder, into = load_pipeline(args.settings).paths, Path(args.batch), Path(args.into)
    codebook_path = Path(paths.codebook)
    batch = Batch.of(read_tasks(folder / TASKS), load_codebook(codebook_path).digest, folder / TASKS)
    new = [j for name in args.inputs for j in _answers(Path(name), batch, args, codebook_path)]
    before = {(j.pair, j.annotator): j for j in _judgments(into / JUDGMENTS)}
    judgments = latest([*before.values(), *new])
    decisions = decide(judgments)
    gold_path, documents_path = Path(args.gold or into / GOLD), Path(args.documents or into / DOCUMENTS)
    touched = Counter(d.judgments[0].doc for d in decisions)
    texts = [row for _, row in read_jsonl(folder / DOCUMENTS) if row["doc"] in touched]
    documents, gold = _merged_documents(documents_path, texts), _merged_gold(gold_path, decisions)
    conflicts = [_conflict(d) for d in decisions if d.disputed]
    # Nothing is written until everything has been read and checked; a repeated import mends an interrupted one.
    for path, rows in ((documents_path, documents), (gold_path, gold), (into / CONFLICTS, conflicts)):
        write_jsonl(path, rows)
    write_jsonl(into / JUDGMENTS, map(asdict, judgments))
    changed = sum(before.get((j.pair, j.annotator), j) != j for j in judgments)
    ties = sum(d.answer is None for d in decisions)
    log.info("%d answers read: %d new, %d changed", len(new), len(judgments) - len(before), changed)
    log.info("%d pairs judged, %d disputed (%d ties) -> %s", len(decisions), len(conflicts), ties, into / CONFLICTS)
    log.info("%d records in %s, %d documents in %s", len(gold), gold_path, len(documents), documents_path)
    partly = sum(row["candidates"] > touched[row["doc"]] for row in texts)
    if partly:
        log.info("note: %d of %d documents hold pairs that nobody judged; a data set takes those for none", partly, len(texts))  # fmt: skip # noqa: E501
    sys.stdout.write(f"{agreement(judgments)}\n")
    return cli.DONE


def _number(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError("a number above 0 was expected")
    return int(text)


def main(argv: Sequence[str]) -> int:
    """Entry point of `python -m stance.label review`."""
    title = "People in the loop: what is most worth a look goes out, answers come back as gold."
    parser = argparse.ArgumentParser(
        prog="python -m stance.label review",
        description=title,
        epilog=f"examples:\n{EXAMPLES}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="export|import")
    shared = cli.parser("label review", "", "")
    shared.add_argument("--into", default=INTO, metavar="DIR", help=f"where imports go (default: {INTO})")
    options: dict[str, Any] = {"parents": [shared], "conflict_handler": "resolve"}
    export = commands.add_parser("export", help="write the pairs most worth a look, as tasks and sheet", **options)
    export.add_argument("inputs", nargs="*", metavar="FILE", help="documents or folders (default: the raw folder)")
    export.add_argument("--number", "-n", type=_number, default=100, metavar="N", help="pairs (default: 100)")
    export.add_argument("--output", "-o", default="review", metavar="DIR", help="folder to write (default: review)")
    export.add_argument("--model", metavar="NAME", help="a model's name, or rules (default: the champion, if any)")
    back = commands.add_parser("import", help="check and merge what annotators answered", **options)
    back.add_argument("inputs", nargs="+", metavar="FILE", help="Label Studio exports (.json), filled sheets (.csv)")
    back.add_argument("--batch", default="review", metavar="DIR", help="the exported folder (default: review)")
    back.add_argument("--annotator", metavar="NAME", help="who answered, where a sheet does not say")
    back.add_argument("--gold", metavar="FILE", help=f"gold annotations to add to (default: {GOLD} in --into)")
    back.add_argument("--documents", metavar="FILE", help=f"documents to add to (default: {DOCUMENTS} in --into)")
    args = parser.parse_args(argv)
    return cli.run("label review", _export if args.command == "export" else _import, args)
