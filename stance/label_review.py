"""The review round trip with people: `python -m stance.label review export`, then `... review import`."""

from __future__ import annotations

import argparse
import logging
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from stance import cli, models, registry, reviews
from stance.candidates import Generator, as_row
from stance.codebook import Codebook
from stance.codebook import load as load_codebook
from stance.config import Pipeline, load_model_config, load_pipeline
from stance.dataset import People
from stance.documents import read, read_file
from stance.errors import InputError
from stance.io import write_json, write_jsonl, write_text
from stance.labeling.agreement import Decision, agreement, decide, latest
from stance.labeling.exchange import labeling_config, read_label_studio, read_sheet, read_tasks, sheet, tasks
from stance.labeling.review import Batch, Judgment, Question, as_pair, choose, rank
from stance.labeling.suspects import out_of_fold, suspects
from stance.models.base import Progress
from stance.pipeline import RULES, open_judge
from stance.records import Document, Prediction

EXAMPLES = """  python -m stance.label review export                     the 100 pairs most worth a look, into review/
  python -m stance.label review export news/ --number 50 -o batch2
  python -m stance.label review export --label-errors      the 100 gold labels most likely wrong
  python -m stance.label review import project-1.json      what Label Studio exported as JSON
  python -m stance.label review import anna.csv ben.csv --batch batch2"""
TASKS, CONFIG, SHEET = "tasks.json", "labeling-config.xml", "review.csv"
CONFLICTS, GOLD = "conflicts.jsonl", "annotations.jsonl"
CHECKER = "tfidf"  # tells label errors: the only model that trains five times over in half a minute
Row = dict[str, Any]
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Pool:
    """What a batch is drawn from: documents by id, questions with the best first, pairs not to ask again, who read."""

    documents: Mapping[str, Document]
    questions: Sequence[Question]
    settled: set[str]
    reader: str


def _unsure(pipeline: Pipeline, args: argparse.Namespace, judgments: Sequence[Judgment]) -> Pool:
    """The pairs of raw documents; what anybody judged is settled."""
    paths = pipeline.paths
    trained = (Path(paths.models) / registry.CURRENT).exists()
    name = args.model or (None if trained else RULES)
    judge = open_judge(Path(paths.codebook), Path(paths.models), name, pipeline.threads)
    documents = {d.id: d for d in read(args.inputs or [paths.raw])}
    questions = rank(list(judge.predict(documents.values())))
    return Pool(documents, questions, {j.pair for j in judgments}, judge.version)


def _doubtful(
    pipeline: Pipeline, settings: Sequence[str], judgments: Sequence[Judgment], codebook: Codebook, report: Progress
) -> Pool:
    """The gold labels that are most likely wrong, shown as they are; what two people looked at is settled."""
    generator, people = Generator(codebook), People.read(pipeline.paths, codebook)
    documents = {d.id: d for d in (*people.documents, *people.partly)}
    labelled = [
        pair
        for d in documents.values()
        for pair in people.labelled(d, list(generator.candidates(d)), codebook, Counter())[0]
    ]
    rows = [{**as_row(candidate, codebook), "label": label, "weight": 1.0} for candidate, label in labelled]
    model = models.build(load_model_config(CHECKER, settings))
    probabilities = out_of_fold(rows, model, pipeline.seed, report)
    questions = []
    for i in suspects(rows, probabilities):
        candidate, label = labelled[i]
        p = Prediction(candidate, tuple(map(float, probabilities[i])), CHECKER)
        questions.append(Question(p, f"gold says {label}, model {p.label} ({p.confidence:.2f})", label))
    looks = Counter(j.pair for j in judgments)
    settled = {j.pair for j in judgments if looks[j.pair] + (j.doc in people.gold) >= 2}
    return Pool(documents, questions, settled, CHECKER)


def _export(args: argparse.Namespace) -> int:
    pipeline, out = load_pipeline(args.settings), Path(args.output)
    if (out / TASKS).exists():
        raise InputError("holds a batch that people may be working on: choose another folder with --output", out)
    if args.label_errors and (args.inputs or args.model):
        raise InputError(
            "reads what is annotated, with a model of its own: give no FILE and no --model", "--label-errors"
        )
    codebook = load_codebook(Path(pipeline.paths.codebook))
    judgments = reviews.load(Path(pipeline.paths.review)).judgments
    if args.label_errors:
        with cli.progress(args.quiet) as bars:
            pool = _doubtful(pipeline, args.settings, judgments, codebook, bars)
    else:
        pool = _unsure(pipeline, args, judgments)
    chosen = choose(pool.questions, args.number, pool.settled)
    if not chosen:
        raise InputError("no pair of an actor and a process is left to judge in these documents")
    names = dict.fromkeys(q.prediction.candidate.doc for q in chosen)
    documents, generator = {name: pool.documents[name] for name in names}, Generator(codebook)
    sentences = {name: generator.sentences(document) for name, document in documents.items()}
    batch = Batch(codebook.digest, tuple(as_pair(q, sentences[q.prediction.candidate.doc]) for q in chosen))
    write_jsonl(out / reviews.DOCUMENTS, map(_document_row, documents.values()))
    write_text(out / CONFIG, labeling_config(codebook))
    write_text(out / SHEET, sheet(batch))
    write_json(out / TASKS, list(tasks(batch, documents, codebook, pool.reader)))  # last: with it the batch is whole
    said = f"{len(chosen)} of {len(pool.questions)} pairs in {len(batch.by_sentence)} sentences, read by {pool.reader}"
    log.info("%s -> %s", said, out)
    return cli.DONE


def _document_row(d: Document) -> Row:
    return {"doc": d.id, "date": d.date and d.date.isoformat(), "outlet": d.outlet, "kind": d.kind, "text": d.text}


def _answers(path: Path, batch: Batch, args: argparse.Namespace, codebook_path: Path) -> list[Judgment]:
    if path.suffix.lower() == ".json":
        return read_label_studio(path, batch, load_codebook(codebook_path))
    if path.suffix.lower() in (".csv", ".tsv"):
        return read_sheet(path, batch, args.annotator)
    raise InputError("neither Label Studio's .json nor a spreadsheet's .csv", path)


def _with_new(known: Mapping[str, Document], batch: Path, judged: set[str], path: Path) -> list[Document]:
    """The documents that were reviewed before and those that are now; a document is never changed."""
    out = dict(known)
    for document in read_file(batch):
        if document.id in judged and out.setdefault(document.id, document).text != document.text:
            raise InputError(f"{document.id!r} has another text there than in the batch", path)
    return list(out.values())


def _conflict(decision: Decision) -> Row:
    first = decision.judgments[0]
    shared = {name: getattr(first, name) for name in ("doc", "start", "end", "mention", "actor", "process")}
    answers = {j.annotator: j.answer for j in decision.judgments}
    comments = {j.annotator: j.comment for j in decision.judgments if j.comment}
    return {"id": first.pair, **shared, "answers": answers, "comments": comments, "decision": decision.answer}


def _import(args: argparse.Namespace) -> int:
    paths, folder = load_pipeline(args.settings).paths, Path(args.batch)
    into, codebook_path = Path(paths.review), Path(paths.codebook)
    batch = Batch.of(read_tasks(folder / TASKS), load_codebook(codebook_path).digest, folder / TASKS)
    new = [j for name in args.inputs for j in _answers(Path(name), batch, args, codebook_path)]
    earlier = reviews.load(into)
    before = {(j.pair, j.annotator): j for j in earlier.judgments}
    judgments = latest([*before.values(), *new])
    documents = _with_new(earlier.documents, folder / reviews.DOCUMENTS, {j.doc for j in new}, into / reviews.DOCUMENTS)
    decisions = decide(judgments)
    conflicts = [_conflict(d) for d in decisions if d.disputed]
    # Nothing is written until everything has been read and checked; a repeated import mends an interrupted one.
    write_jsonl(into / reviews.DOCUMENTS, map(_document_row, documents))
    write_jsonl(into / GOLD, (asdict(d.record) for d in decisions if d.record))
    write_jsonl(into / CONFLICTS, conflicts)
    write_jsonl(into / reviews.JUDGMENTS, map(asdict, judgments))
    changed = sum(before.get((j.pair, j.annotator), j) != j for j in judgments)
    ties = sum(d.answer is None for d in decisions)
    log.info("%d answers read: %d new, %d changed", len(new), len(judgments) - len(before), changed)
    log.info("%d pairs of %d documents judged -> %s", len(decisions), len(documents), into)
    log.info("%d disputed (%d ties) -> %s", len(conflicts), ties, into / CONFLICTS)
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
    options: dict[str, Any] = {"parents": [shared], "conflict_handler": "resolve"}
    export = commands.add_parser("export", help="write the pairs most worth a look, as tasks and sheet", **options)
    export.add_argument("inputs", nargs="*", metavar="FILE", help="documents or folders (default: the raw folder)")
    export.add_argument("--number", "-n", type=_number, default=100, metavar="N", help="pairs (default: 100)")
    export.add_argument("--output", "-o", default="review", metavar="DIR", help="folder to write (default: review)")
    export.add_argument("--model", metavar="NAME", help="a model's name, or rules (default: the champion, if any)")
    export.add_argument("--label-errors", action="store_true", help="instead: gold labels that are most likely wrong")
    back = commands.add_parser("import", help="check and merge what annotators answered", **options)
    back.add_argument("inputs", nargs="+", metavar="FILE", help="Label Studio exports (.json), filled sheets (.csv)")
    back.add_argument("--batch", default="review", metavar="DIR", help="the exported folder (default: review)")
    back.add_argument("--annotator", metavar="NAME", help="who answered, where a sheet does not say")
    args = parser.parse_args(argv)
    return cli.run("label review", _export if args.command == "export" else _import, args)
