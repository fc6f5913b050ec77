"""Compare the trained models on the held-out documents and make the winner current: `python -m stance.evaluate`."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

from stance import cli, registry
from stance.codebook import load as load_codebook
from stance.comparison import Comparison, compare
from stance.config import Pipeline, load_pipeline
from stance.io import write_json
from stance.records import STANCES

EXAMPLES = """  python -m stance.evaluate
  python -m stance.evaluate --set pipeline.tracking.enabled=false"""
log = logging.getLogger(__name__)


def show(pipeline: Pipeline, comparison: Comparison) -> None:
    """Print the table of all systems, and in words which model is champion and why."""
    columns = (
        "system",
        "macro F1",
        "95% interval",
        *(f"F1 {s[:5]}." for s in STANCES),
        "pairs F1",
        "triples F1",
        "train s",
    )
    rows = []
    for name, result in comparison.results.items():
        f = result.figures
        ends = [f"{f['end_to_end'][k]['f1']:.3f}" if "end_to_end" in f else "" for k in ("pairs", "triples")]
        seconds = ""
        if name in pipeline.models:
            seconds = f"{registry.read(Path(pipeline.paths.models) / name).notes.get('seconds', 0):.0f}"
        interval = f"{f['macro_f1_low']:.3f} to {f['macro_f1_high']:.3f}"
        shown = f"{name} *" if name == comparison.champion else name
        rows.append(
            (
                shown,
                f"{f['macro_f1']:.3f}",
                interval,
                *(f"{f['classes'][s]['f1']:.3f}" for s in STANCES),
                *ends,
                seconds,
            )
        )
    docs = len({r["doc"] for r in comparison.rows})
    cli.table(
        f"{len(comparison.rows)} pairs in {docs} held-out documents; pairs and triples: end to end from raw text",
        columns,
        rows,
    )
    for name in pipeline.models:
        for other, test in comparison.results[name].figures.get("against", {}).items():
            verdict = "is champion" if name == comparison.champion else f"is not champion: {comparison.champion} is"
            figures = f"{test['difference']:+.3f} macro F1, p = {test['p']:.4f} (paired, by document)"
            print(f"{name} against {other}: {figures}; {name} {verdict}.")


def evaluate(pipeline: Pipeline, command: Sequence[str]) -> Comparison:
    """Compare, write the figures, set the current model, log to MLflow and print the table."""
    comparison = compare(pipeline, load_codebook(Path(pipeline.paths.codebook)))
    write_json(Path(pipeline.paths.metrics) / "evaluation.json", comparison.report())
    registry.set_current(Path(pipeline.paths.models), comparison.champion)
    address = None
    if pipeline.tracking.enabled:
        from stance import tracking

        address = tracking.log(pipeline, comparison, command)
    show(pipeline, comparison)
    print("\nNext:")
    print("  python -m stance.predict article.txt      who holds which stance, in a text of yours")
    print(
        "  make ui                                   the runs in MLflow" + (f", at\n      {address}" if address else "")
    )
    print("  python -m stance.label --analyze          what each labeling rule is worth")
    return comparison


def _body(args: argparse.Namespace) -> int:
    evaluate(load_pipeline(args.settings), ["stance.evaluate", *(f"--set={s}" for s in args.settings)])
    return cli.DONE


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point."""
    parser = cli.parser("evaluate", "Compare the trained models and make the winner current.", EXAMPLES)
    return cli.run("evaluate", _body, parser.parse_args(argv))


if __name__ == "__main__":
    sys.exit(main())
