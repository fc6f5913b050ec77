"""Label raw text with the rules: `python -m stance.label FILES`."""

from __future__ import annotations

import argparse
import importlib
import json
import logging
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from stance import cli
from stance.candidates import Generator
from stance.codebook import load as load_codebook
from stance.config import Pipeline, load_pipeline
from stance.documents import SUFFIXES, read
from stance.io import write_jsonl
from stance.labeling.votes import label
from stance.records import STANCES

EXAMPLES = """  python -m stance.label article.txt                 annotations as JSON Lines
  python -m stance.label data/raw --output silver.jsonl --all
  python -m stance.label --analyze                   coverage, overlap, conflict and accuracy of every rule
  python -m stance.label review --help               people in the loop: pairs out, answers back"""
log = logging.getLogger(__name__)


def silver(pipeline: Pipeline) -> int:
    """Label the raw documents, if there are any, into the silver file; returns the number of rows."""
    raw = Path(pipeline.paths.raw)
    documents = read([raw]) if raw.is_dir() and any(p for p in raw.rglob("*") if p.suffix in SUFFIXES) else []
    codebook = load_codebook(Path(pipeline.paths.codebook))
    generator = Generator(codebook)
    candidates = [c for document in documents for c in generator.candidates(document)]
    rows = label(candidates, codebook, pipeline.labeling.combine)
    write_jsonl(Path(pipeline.paths.silver), rows)
    return len(rows)


def _analyze(pipeline: Pipeline) -> int:
    from stance import dataset
    from stance.labeling.analysis import analyze

    # Rules are mended on the training documents, never on held-out ones.
    rows = [r for r in dataset.load(Path(pipeline.paths.dataset), "train").to_list() if r["source"] == "gold"]
    report = analyze(rows)
    columns = ("rule", "label", "coverage", "overlap", "conflict", "votes", "accuracy")
    shown = [
        (
            r.name,
            r.label,
            f"{r.coverage:.3f}",
            f"{r.overlap:.3f}",
            f"{r.conflict:.3f}",
            str(r.votes),
            f"{r.accuracy:.2f}",
        )
        for r in report.rules
    ]
    cli.table(
        f"{len(report.rules)} rules on {report.candidates} gold candidates of the training documents", columns, shown
    )
    methods = [(name, *(f"{v:.3f}" for v in figures)) for name, figures in report.methods.items()]
    cli.table(
        "combinations of the votes", ("combination", "macro F1", *(f"F1 {s}" for s in STANCES), "accuracy"), methods
    )
    return cli.DONE


def _body(args: argparse.Namespace) -> int:
    pipeline = load_pipeline(args.settings)
    if args.analyze:
        return _analyze(pipeline)
    if args.silver:
        log.info("%d silver rows -> %s", silver(pipeline), pipeline.paths.silver)
        return cli.DONE
    codebook = load_codebook(Path(pipeline.paths.codebook))
    generator = Generator(codebook)
    candidates = [c for document in read(args.inputs) for c in generator.candidates(document)]
    rows: list[dict[str, Any]] = [
        r for r in label(candidates, codebook, pipeline.labeling.combine) if args.all or r["label"] != "none"
    ]
    if args.output:
        write_jsonl(Path(args.output), rows)
    else:
        for row in rows:
            sys.stdout.write(json.dumps({k: v for k, v in row.items() if k != "context"}, ensure_ascii=False) + "\n")
    log.info("%d of %d candidates labelled", sum(r["label"] != "none" for r in rows), len(candidates))
    return cli.DONE


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point."""
    given = list(sys.argv[1:] if argv is None else argv)
    if given[:1] == ["review"]:
        # Imported by name: the DVC stage `label` depends on what this module imports, and the review is no part of it.
        return int(importlib.import_module("stance.label_review").main(given[1:]))
    parser = cli.parser("label", "Annotate raw text with the labeling rules.", EXAMPLES)
    parser.add_argument(
        "inputs", nargs="*", metavar="FILE", help="text, HTML, JSON Lines, CSV, Parquet, a folder, or -"
    )
    parser.add_argument("--output", "-o", help="write JSON Lines here instead of printing them")
    parser.add_argument("--all", action="store_true", help="also pairs without a stance")
    parser.add_argument(
        "--silver", action="store_true", help="label data/raw into the silver file (what the data set reads)"
    )
    parser.add_argument("--analyze", action="store_true", help="measure the rules against the gold annotations")
    args = parser.parse_args(given)
    if not (args.inputs or args.analyze or args.silver):
        parser.error("give a FILE, --silver or --analyze")
    return cli.run("label", _body, args)


if __name__ == "__main__":
    sys.exit(main())
