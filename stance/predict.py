"""Who holds which stance toward which process, in your text: `python -m stance.predict file.txt`."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from stance import cli
from stance.errors import ConfigError, InputError
from stance.records import LABELS, STANCES, Prediction

if TYPE_CHECKING:
    from stance.config import Pipeline
    from stance.explain import Finding
    from stance.pipeline import Judge

EXAMPLES = """  python -m stance.predict article.txt                   a table on a terminal, JSON Lines in a pipe
  python -m stance.predict 'news/**/*.txt' -o stances.csv
  cat article.txt | python -m stance.predict - | jq .actor
  python -m stance.predict news/ --summary               actors by processes
  python -m stance.predict article.txt --explain         the words that decided, and the rules that fire
  python -m stance.predict article.txt --precision 0.8   as many as 80% right allows (docs/confidence.md)
  python -m stance.predict article.txt --model tfidf --all"""
FORMATS = ("table", "jsonl", "csv", "parquet", "html")
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


def _is_folder(output: str | None) -> bool:
    return output is not None and (output.endswith("/") or Path(output).is_dir())


def _format(args: argparse.Namespace) -> str:
    """The format that was asked for, by name or by the output's ending; else what suits standard output."""
    ending = Path(args.output or "").suffix.lower().removeprefix(".")
    if ending and ending not in FORMATS and not args.format and not _is_folder(args.output):
        problem = f"no format is called '{ending}': end it in .jsonl, .csv, .parquet or .html, or say --format"
        raise InputError(problem, "--output")
    usual = "table" if args.output is None and sys.stdout.isatty() else "jsonl"
    form = str(args.format or (ending if ending in FORMATS else usual))
    if args.output and form == "table":
        raise InputError("a table is for the screen: choose jsonl, csv, parquet or html", "--format")
    if form == "parquet" and not args.output:
        raise InputError("Parquet is for a file: say which with --output FILE", "--format")
    if args.summary and args.explain:
        raise ConfigError("a summary has no sentences to explain: leave out one of --summary and --explain")
    return form


def _silent(args: argparse.Namespace, bytes_: int) -> bool:
    """Whether progress would be no help, or get between the lines that are printed."""
    printing = sys.stdout.isatty() and not args.output and not args.summary
    return bool(args.quiet or bytes_ < cli.LONG or printing)


def _write(findings: Iterable[Finding], form: str, args: argparse.Namespace, judge: Judge) -> None:
    """Write findings, or their summary, in a format."""
    from stance import output, summary

    target = Path(args.output) if args.output else None
    cells = summary.summarise(f.prediction for f in findings) if args.summary else None
    if form in ("table", "html"):
        from stance import display

        console = display.terminal() if form == "table" else display.recorder()
        if cells is None:
            display.show(findings, console)
        else:
            display.show_matrix(cells, list(judge.generator.codebook.process), console)
        if form == "html":
            output.write_text(display.page(console), target)
        return
    rows = (c.row() for c in cells) if cells is not None else (f.row() for f in findings)
    columns = output.SUMMARY if args.summary else output.PREDICTION | (output.EXPLANATION if args.explain else {})
    output.write(form, rows, columns, target)


def _body(args: argparse.Namespace) -> int:
    # Here, so that --help and a mistyped option answer at once.
    from stance.config import load_pipeline
    from stance.documents import find_files, read, size, watched
    from stance.explain import Finding, explain
    from stance.pipeline import open_judge

    form = _format(args)
    if args.engine and not _is_folder(args.output):
        raise ConfigError("is for an archive: give its folder with --output FOLDER/", "--engine")
    if args.address and not args.engine:
        raise ConfigError("of which engine? Say --engine ray", "--address")
    pipeline = load_pipeline(args.settings)
    paths = pipeline.paths
    archive = _is_folder(args.output)
    files = [] if archive else list(find_files(args.inputs))
    codebook = Path(args.codebook or paths.codebook)
    judge = open_judge(codebook, Path(paths.models), args.model, pipeline.threads, args.codebook is not None)
    least = _least(args, judge)
    if archive:
        return _archive(args, form, pipeline, judge, least)
    seen: Counter[str] = Counter()
    with cli.progress(_silent(args, size(files))) as report:
        named = (path or "-" for path in files)
        documents = watched(read(named, pipeline.columns.model_dump()), files, report)
        chosen = _chosen(judge.predict(documents), least, args.all, seen)
        findings = (Finding(p, explain(p, judge) if args.explain else None) for p in chosen)
        _write(findings, form, args, judge)
    counts = ", ".join(f"{seen[label]} {label}" for label in LABELS if seen[label])
    log.info("%d pairs of actor and process read by %s: %s", seen["pairs"], judge.version, counts or "no stance found")
    if args.precision is not None:
        log.info("%s", _promise(args.precision, least, seen))
    return cli.DONE


def _archive(args: argparse.Namespace, form: str, pipeline: Pipeline, judge: Judge, least: float) -> int:
    """All of an archive, into a folder (docs/scale.md)."""
    from stance.archive import runner
    from stance.archive.pool import Pool, Processes
    from stance.archive.worker import Identity, Opening

    if args.summary or args.explain or form not in ("jsonl", "csv", "parquet"):
        raise ConfigError("a folder is for rows in jsonl, csv or parquet, without --summary and --explain", "--output")
    codebook = Path(args.codebook or pipeline.paths.codebook)
    columns = pipeline.columns.model_dump()
    opening = Opening(codebook, Path(pipeline.paths.models), args.model, args.codebook is not None, columns)
    identity = Identity.of(judge)
    cores = pipeline.threads or os.cpu_count() or 1

    def pool() -> Pool:
        if args.engine is None:
            return Processes(opening, cores)
        from stance.archive.engine import Ray

        return Ray(opening, identity, cores, args.address)

    job = runner.Job(
        inputs=args.inputs,
        folder=Path(args.output),
        columns=columns,
        archive=pipeline.archive,
        judged_by=identity,
        pool=pool,
        form=form,
        everything=args.all,
        least=least,
        strict=args.strict,
    )
    runner.run(job)
    return cli.DONE


def _parser() -> argparse.ArgumentParser:
    parser = cli.parser("predict", "Find who holds which stance toward which peace process.", EXAMPLES)
    parser.add_argument(
        "inputs",
        nargs="+",
        metavar="FILE",
        help="text, HTML, JSON Lines, CSV or Parquet; a folder of these, a quoted pattern, or - for standard input",
    )
    what = parser.add_argument_group("what to print")
    what.add_argument("--all", action="store_true", help="also pairs without a stance")
    what.add_argument("--min-confidence", type=cli.share, metavar="P", help="leave out what is less certain")
    what.add_argument(
        "--precision", type=cli.share, metavar="P", help="leave out so much that this share of the rest is right"
    )
    what.add_argument("--summary", action="store_true", help="actors by processes: counts, and the commonest stance")
    what.add_argument(
        "--explain", action="store_true", help="with each stance the words that decided and the rules that fire"
    )
    how = parser.add_argument_group("how to print it")
    how.add_argument("--format", choices=FORMATS, help="default: by FILE's ending; table on a terminal, else jsonl")
    how.add_argument(
        "--output",
        "-o",
        metavar="FILE",
        help="write here, whole or not at all, instead of printing; to FOLDER/, an archive in parts (docs/scale.md)",
    )
    how.add_argument("--strict", action="store_true", help="in an archive, stop at what cannot be read")
    where = parser.add_argument_group("where an archive is read (docs/scale.md)")
    where.add_argument("--engine", choices=("ray",), help="on a Ray cluster instead of this machine's cores alone")
    where.add_argument(
        "--address", help="of the cluster, as ray.init takes it, e.g. 10.0.0.1:6379 or auto (default: start one here)"
    )
    judge = parser.add_argument_group("who judges")
    judge.add_argument(
        "--model",
        metavar="NAME",
        help="a model's name, or rules (default: your champion, else the one that ships: release)",
    )
    judge.add_argument(
        "--codebook", metavar="FILE", help="another codebook than the model was trained under (docs/new-process.md)"
    )
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point."""
    return cli.run("predict", _body, _parser().parse_args(argv))


if __name__ == "__main__":
    sys.exit(main())
