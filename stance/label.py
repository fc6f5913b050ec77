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
from stance.labeling.votes import COUNTS, count, label, vote, write_counts
from stance.records import STANCES

EXAMPLES = """  python -m stance.label article.txt                 annotations as JSON Lines
  python -m stance.label data/raw --output silver.jsonl --all
  python -m stance.label --analyze                   what every rule and every combination of rules is worth
  python -m stance.label --calibrate                 after a change to the rules: count their right votes again
  python -m stance.label --agreement                 rules, models and annotators as coders, side by side
  python -m stance.label review --help               people in the loop: pairs out, answers back"""
log = logging.getLogger(__name__)


def silver(pipeline: Pipeline) -> int:
    """Label the raw documents, if there are any, into the silver file; returns the number of rows.

    A candidate on which no rule votes is left out: its `none` comes from no evidence, and is wrong too often to train.
    """
    raw = Path(pipeline.paths.raw)
    documents = read([raw]) if raw.is_dir() and any(p for p in raw.rglob("*") if p.suffix in SUFFIXES) else []
    codebook = load_codebook(Path(pipeline.paths.codebook))
    generator = Generator(codebook)
    candidates = [c for document in documents for c in generator.candidates(document)]
    rows = [row for row in label(candidates, codebook) if row["rules"]]
    write_jsonl(Path(pipeline.paths.silver), rows)
    return len(rows)


def _gold_rows(pipeline: Pipeline) -> list[dict[str, Any]]:
    """The gold candidates of the training documents: rules are mended and counted on these, never on held-out ones."""
    from stance import dataset

    return [r for r in dataset.load(Path(pipeline.paths.dataset), "train").to_list() if r["source"] == "gold"]


def _calibrate(pipeline: Pipeline) -> int:
    rows = _gold_rows(pipeline)
    write_counts(count([vote(r["marked"]) for r in rows], [r["label"] for r in rows]))
    log.info("%d gold candidates of the training documents counted -> %s", len(rows), COUNTS)
    return cli.DONE


def _figures(*values: float) -> list[str]:
    return [f"{v:.3f}" for v in values]


def _analyze(pipeline: Pipeline) -> int:
    from stance.labeling.analysis import analyze

    report = analyze(_gold_rows(pipeline))
    cli.table(
        f"{len(report.rules)} rules on {report.candidates} gold candidates of the training documents",
        ("rule", "label", "coverage", "overlap", "conflict", "votes", "accuracy"),
        [
            (r.name, r.label, *_figures(r.coverage, r.overlap, r.conflict), str(r.votes), f"{r.accuracy:.2f}")
            for r in report.rules
        ],
    )
    # Where every rule abstains, all combinations say the same: the last two columns leave those candidates out.
    figures = ("macro F1", *(f"F1 {s}" for s in STANCES), "log loss", "Brier", "ECE", "log loss voted", "ECE voted")
    cli.table(
        "combinations of the votes, cross-validated by document",
        ("combination", *figures),
        [(name, *_figures(*values)) for name, values in report.methods.items()],
    )
    cli.table(
        "`average`: how sure it is and how often right, where a rule votes",
        ("confidence", "candidates", "mean", "right"),
        [(f"{b.low:.1f} to {b.high:.1f}", str(b.candidates), *_figures(b.confidence, b.right)) for b in report.bands],
    )
    return cli.DONE


def _body(args: argparse.Namespace) -> int:
    pipeline = load_pipeline(args.settings)
    if args.analyze:
        return _analyze(pipeline)
    if args.calibrate:
        return _calibrate(pipeline)
    if args.agreement:
        # Imported by name, as the review is: the DVC stage `label` depends on what this module imports.
        return int(importlib.import_module("stance.label_agreement").show(pipeline))
    if args.silver:
        log.info("%d silver rows -> %s", silver(pipeline), pipeline.paths.silver)
        return cli.DONE
    codebook = load_codebook(Path(pipeline.paths.codebook))
    generator = Generator(codebook)
    candidates = [c for document in read(args.inputs) for c in generator.candidates(document)]
    rows: list[dict[str, Any]] = [r for r in label(candidates, codebook) if args.all or r["label"] != "none"]
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
    parser.add_argument("--calibrate", action="store_true", help=f"count what the rules' votes are worth into {COUNTS}")
    parser.add_argument(
        "--agreement", action="store_true", help="compare rules, models and annotators as coders of the test documents"
    )
    args = parser.parse_args(given)
    if not (args.inputs or args.analyze or args.silver or args.calibrate or args.agreement):
        parser.error("give a FILE, --silver, --analyze, --calibrate or --agreement")
    return cli.run("label", _body, args)


if __name__ == "__main__":
    sys.exit(main())
