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
from stance.positions.ledger import Entry, ledger
from stance.statements import from_row

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


def _cell(entry: Entry | None) -> str:
    return f"{entry.stance} ({entry.counts[entry.stance]} of {entry.sentences})" if entry else ""


def _escape(text: str) -> str:
    """Text that Markdown shows as it is."""
    return "".join(f"\\{c}" if c in r"\`*_{}[]<>()#+-.!|" else c for c in " ".join(text.split()))


def render(found: Sequence[Entry]) -> str:
    """The Markdown page: the matrix of positions, then the surest sentence for and against each."""
    processes = sorted({e.process for e in found})
    cells = {(e.actor, e.process): e for e in found}
    lines = ["# Positions", "", f"| actor | {' | '.join(processes)} |", "| --- " * (len(processes) + 1) + "|"]
    for actor in sorted({e.actor for e in found}):
        lines.append(f"| {_escape(actor)} | " + " | ".join(_cell(cells.get((actor, p))) for p in processes) + " |")
    lines += ["", "## Evidence"]
    for entry in found:
        lines += ["", f"### {_escape(entry.actor)} → {entry.process}", ""]
        for s in filter(None, (entry.evidence, entry.counter)):
            said = f"{_escape(s.text)} ({_escape(f'{s.doc}, characters {s.start} to {s.end}')})"
            lines.append(f"- **{s.stance}** ×{entry.counts[s.stance]}, {s.confidence:.0%}: {said}")
    return "\n".join(lines) + "\n"


def _body(args: argparse.Namespace) -> int:
    found = ledger(filter(None, map(from_row, _rows(args))), "all")
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
