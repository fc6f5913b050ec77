"""Positions as a page to read: `python -m stance.report FILE... --output report.md`."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from stance import cli
from stance.config import load_pipeline
from stance.documents import read
from stance.io import read_jsonl, write_text
from stance.pipeline import open_judge
from stance.positions import Position, matrix, positions
from stance.records import STANCES

EXAMPLES = """  python -m stance.report news/ --output report.md
  python -m stance.report --predictions stances.jsonl        from predictions already made"""
log = logging.getLogger(__name__)


def _rows(args: argparse.Namespace) -> Iterable[dict[str, Any]]:
    if args.predictions:
        return (row for _, row in read_jsonl(Path(args.predictions)))
    pipeline = load_pipeline(args.settings)
    paths = pipeline.paths
    judge = open_judge(Path(paths.codebook), Path(paths.models), args.model, pipeline.threads)
    return (p.row() for p in judge.predict(read(args.inputs)))


def _cell(position: Position | None) -> str:
    return f"{position.stance} ({position.counts[position.stance]} of {position.sentences})" if position else ""


def _escape(text: str) -> str:
    """Text that Markdown shows as it is."""
    return "".join(f"\\{c}" if c in r"\`*_{}[]<>()#+-.!|" else c for c in " ".join(text.split()))


def render(found: Sequence[Position]) -> str:
    """The Markdown page: the matrix of positions, then the surest sentence for each stance."""
    table = matrix(found)
    processes = sorted({p.process for p in found})
    lines = ["# Positions", "", f"| actor | {' | '.join(processes)} |", "| --- " * (len(processes) + 1) + "|"]
    for actor, by_process in table.items():
        lines.append(f"| {_escape(actor)} | " + " | ".join(_cell(by_process.get(p)) for p in processes) + " |")
    lines += ["", "## Evidence"]
    for position in found:
        lines += ["", f"### {_escape(position.actor)} → {position.process}", ""]
        for stance in STANCES:
            if row := position.evidence.get(stance):
                where = f"{row['doc']}, characters {row['start']} to {row['end']}"
                said = f"{_escape(row['text'])} ({_escape(where)})"
                lines.append(f"- **{stance}** ×{position.counts[stance]}, {row['confidence']:.0%}: {said}")
    return "\n".join(lines) + "\n"


def _body(args: argparse.Namespace) -> int:
    found = positions(_rows(args))
    page = render(found)
    if args.output:
        write_text(Path(args.output), page)
        log.info("%d positions -> %s", len(found), args.output)
    else:
        sys.stdout.write(page)
    return cli.DONE


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point."""
    parser = cli.parser("report", "Summarise where each actor stands, with the evidence.", EXAMPLES)
    parser.add_argument("inputs", nargs="*", metavar="FILE", help="documents to read")
    parser.add_argument("--predictions", metavar="FILE", help="predictions in JSON Lines instead of documents")
    parser.add_argument("--output", "-o", metavar="FILE", help="write the page here instead of printing it")
    parser.add_argument("--model", metavar="NAME", help="a model's name (default: the current champion)")
    args = parser.parse_args(argv)
    if bool(args.inputs) == bool(args.predictions):
        parser.error("give either FILEs or --predictions")
    return cli.run("report", _body, args)


if __name__ == "__main__":
    sys.exit(main())
