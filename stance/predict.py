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
from typing import IO, TYPE_CHECKING

from stance import cli
from stance.errors import ConfigError, InputError
from stance.io import atomic_write
from stance.records import LABELS, STANCES, Prediction

if TYPE_CHECKING:
    from stance.config import Pipeline
    from stance.pipeline import Judge

EXAMPLES = """  python -m stance.predict article.txt                         a table on a terminal, JSON Lines in a pipe
  python -m stance.predict news/ --format csv -o stances.csv
  cat article.txt | python -m stance.predict -
  python -m stance.predict article.txt --model tfidf --all      the baseline; pairs without a stance too
  python -m stance.predict article.txt --precision 0.8          as many as 80% right allows (docs/confidence.md)"""
FIELDS = (
    "doc",
    "date",
    "outlet",
    "sent",
    "start",
    "end",
    "actor",
    "process",
    "stance",
    "confidence",
    "mention",
    "text",
    "model",
)
COLOURS = {"supportive": "green", "skeptical": "yellow", "boycotting": "red", "none": "dim"}
log = logging.getLogger(__name__)


def _chosen(
    predictions: Iterable[Prediction], least: float, everything: bool, seen: Counter[str]
) -> Iterator[Prediction]:
    for p in predictions:
        seen["pairs"] += 1
        seen["stances"] += p.label != "none"
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


def _least(args: argparse.Namespace, judge: Judge) -> float:
    """The least confidence that is printed: as given, or the one at which the asked precision is promised."""
    if args.precision is None:
        return float(args.min_confidence or 0)
    if args.all or args.min_confidence is not None:
        problem = "sets the least confidence itself, for stances: not to be had with --all or --min-confidence"
        raise ConfigError(problem, "--precision")
    confidence = judge.confidence  # a model without one says so itself
    try:
        return confidence.threshold(args.precision)
    except ConfigError as error:
        raise ConfigError(error.problem, "--precision") from None


def _promise(precision: float, least: float, seen: Counter[str]) -> str:
    answered = sum(seen[label] for label in STANCES)
    share = f" ({answered / seen['stances']:.0%})" if seen["stances"] else ""
    return (
        f"{answered} of {seen['stances']} annotations{share} have a confidence of {least:.3f} or more, "
        f"where a precision of {precision:g} is promised"
    )


def _body(args: argparse.Namespace) -> int:
    # Here, so that --help and a mistyped option answer at once.
    from stance.config import load_pipeline
    from stance.documents import read
    from stance.pipeline import open_judge

    pipeline = load_pipeline(args.settings)
    paths = pipeline.paths
    codebook = Path(args.codebook or paths.codebook)
    foreign = args.codebook is not None
    judge = open_judge(codebook, Path(paths.models), args.model, pipeline.threads, foreign)
    least = _least(args, judge)
    if args.output and (args.output.endswith("/") or Path(args.output).is_dir()):
        return _archive(args, pipeline, judge, codebook, least)
    seen: Counter[str] = Counter()
    chosen = _chosen(judge.predict(read(args.inputs, pipeline.columns.model_dump())), least, args.all, seen)
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
    if args.precision is not None:
        log.info("%s", _promise(args.precision, least, seen))
    return cli.DONE


def _archive(args: argparse.Namespace, pipeline: Pipeline, judge: Judge, codebook: Path, least: float) -> int:
    """The whole of an archive, into a folder (docs/scale.md)."""
    from stance.archive import runner
    from stance.archive.worker import Opening

    models, columns = Path(pipeline.paths.models), pipeline.columns.model_dump()
    runner.run(
        runner.Job(
            inputs=args.inputs,
            folder=Path(args.output),
            opening=Opening(codebook, models, args.model, args.codebook is not None, columns),
            model=judge.version,
            codebook=judge.generator.codebook.digest,
            archive=pipeline.archive,
            workers=pipeline.threads,
            form=args.format or "jsonl",
            everything=args.all,
            least=least,
            strict=args.strict,
        )
    )
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
    parser.add_argument("--strict", action="store_true", help="with a folder for --output: stop at what cannot be read")
    parser.add_argument(
        "--model",
        metavar="NAME",
        help="a model's name, or rules (default: your champion, else the one that ships: release)",
    )
    parser.add_argument(
        "--codebook", metavar="FILE", help="another codebook than the model was trained under (docs/new-process.md)"
    )
    parser.add_argument("--all", action="store_true", help="also pairs without a stance")
    parser.add_argument("--min-confidence", type=_share, metavar="P", help="leave out what is less certain")
    parser.add_argument(
        "--precision", type=_share, metavar="P", help="leave out so much that this share of the rest is right"
    )
    return cli.run("predict", _body, parser.parse_args(argv))


if __name__ == "__main__":
    sys.exit(main())
