"""Who holds which stance toward which process, in your text: `python -m stance.predict file.txt`."""

from __future__ import annotations

import argparse
import csv
import json
import logging
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO

from stance import cli
from stance.config import load_pipeline
from stance.documents import read
from stance.errors import InputError
from stance.io import atomic_write
from stance.pipeline import open_judge
from stance.records import LABELS, Prediction

EXAMPLES = """  python -m stance.predict article.txt                         a table on a terminal, JSON Lines in a pipe
  python -m stance.predict news/ --format csv -o stances.csv
  cat article.txt | python -m stance.predict -
  python -m stance.predict article.txt --model tfidf --all      the baseline; pairs without a stance too"""
FIELDS = ("doc", "sent", "start", "end", "actor", "process", "stance", "confidence", "mention", "text", "model")
COLOURS = {"supportive": "green", "skeptical": "yellow", "boycotting": "red", "none": "dim"}
log = logging.getLogger(__name__)


def _chosen(
    predictions: Iterable[Prediction], least: float, everything: bool, seen: Counter[str]
) -> Iterator[Prediction]:
    for p in predictions:
        seen["pairs"] += 1
        if (everything or p.label != "none") and p.confidence >= least:
            seen[p.label] += 1
            yield p


def _safe(cell: object) -> object:
    """A spreadsheet cell that cannot run as a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in "=+-@\t\r" else cell


def _write_jsonl(predictions: Iterable[Prediction], out: IO[str]) -> None:
    for p in predictions:
        out.write(json.dumps(p.row(), ensure_ascii=False) + "\n")


def _write_csv(predictions: Iterable[Prediction], out: IO[str]) -> None:
    writer = csv.DictWriter(out, FIELDS, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    for p in predictions:
        writer.writerow({key: _safe(value) for key, value in p.row().items()})


def _write_table(predictions: Iterable[Prediction], out: IO[str]) -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console(file=out, highlight=False, soft_wrap=False)
    sentence = None
    for p in predictions:
        c = p.candidate
        if sentence != (c.doc, c.sentence.index):
            sentence = (c.doc, c.sentence.index)
            console.print(
                Text(f"\n{c.doc}:{c.sentence.index}  ", style="dim").append(
                    " ".join(c.sentence.text.split()), style="default"
                )
            )
        line = Text("   ")
        line.append(f"{p.label:11}", style=COLOURS[p.label]).append(f"{p.confidence:4.0%}  ", style="dim")
        line.append(c.actor.name, style="bold").append(" → ").append(c.process.target, style="bold")
        if c.actor.text and c.actor.text.casefold() != c.actor.name.casefold():
            line.append(f"  “{c.actor.text}”", style="dim")
        console.print(line)


WRITERS = {"table": _write_table, "jsonl": _write_jsonl, "csv": _write_csv}


def _body(args: argparse.Namespace) -> int:
    pipeline = load_pipeline(args.settings)
    paths = pipeline.paths
    codebook = Path(args.codebook or paths.codebook)
    foreign = args.codebook is not None
    judge = open_judge(codebook, Path(paths.models), args.model, pipeline.threads, foreign)
    seen: Counter[str] = Counter()
    chosen = _chosen(judge.predict(read(args.inputs)), args.min_confidence, args.all, seen)
    form = args.format or ("table" if args.output is None and sys.stdout.isatty() else "jsonl")
    if args.output:
        if form == "table":
            raise InputError("a table is for the screen: choose jsonl or csv", "--format")
        with atomic_write(Path(args.output)) as out:
            WRITERS[form](chosen, out)
    else:
        WRITERS[form](chosen, sys.stdout)
        sys.stdout.flush()
    counts = ", ".join(f"{seen[label]} {label}" for label in LABELS if seen[label])
    log.info("%d pairs of actor and process read by %s: %s", seen["pairs"], judge.version, counts or "no stance found")
    return cli.DONE


def _share(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError("a number from 0 to 1 was expected")
    return value


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point."""
    parser = cli.parser("predict", "Find who holds which stance toward which peace process.", EXAMPLES)
    parser.add_argument(
        "inputs",
        nargs="+",
        metavar="FILE",
        help="text, HTML, JSON Lines, CSV, Parquet, a folder, or - for standard input",
    )
    parser.add_argument("--format", choices=sorted(WRITERS), help="default: table on a terminal, else jsonl")
    parser.add_argument("--output", "-o", metavar="FILE", help="write here, atomically, instead of printing")
    parser.add_argument("--model", metavar="NAME", help="a model's name, or rules (default: the current champion)")
    parser.add_argument(
        "--codebook", metavar="FILE", help="another codebook than the model was trained under (docs/new-process.md)"
    )
    parser.add_argument("--all", action="store_true", help="also pairs without a stance")
    parser.add_argument(
        "--min-confidence", type=_share, default=0.0, metavar="P", help="leave out what is less certain"
    )
    return cli.run("predict", _body, parser.parse_args(argv))


if __name__ == "__main__":
    sys.exit(main())
