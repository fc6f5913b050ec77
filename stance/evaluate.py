"""Compare the trained models on the held-out documents and make the winner current: `python -m stance.evaluate`."""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from stance import cli, registry
from stance.audit import audit, verdict, write
from stance.codebook import load as load_codebook
from stance.comparison import Comparison, compare
from stance.config import Pipeline, load_pipeline
from stance.exports import tables
from stance.exports.position_tables import ledger_table
from stance.io import write_json
from stance.models.base import Progress
from stance.positions.ledger import ledger
from stance.records import STANCES
from stance.statements import stated

EXAMPLES = """  python -m stance.evaluate
  python -m stance.evaluate --set pipeline.tracking.enabled=false"""
EVALUATION = "evaluation.json"
log = logging.getLogger(__name__)


def _row(pipeline: Pipeline, comparison: Comparison, name: str) -> tuple[str, ...]:
    figures = comparison.results[name].figures
    ends = [f"{figures['end_to_end'][k]['f1']:.3f}" if "end_to_end" in figures else "" for k in ("pairs", "triples")]
    own = [f"{figures['review']['macro_f1']:.3f}"] if comparison.reviewed else []
    seconds = ""
    if name in pipeline.models:
        seconds = f"{registry.read(Path(pipeline.paths.models) / name).notes.get('seconds', 0):.0f}"
    return (
        f"{name} *" if name == comparison.champion else name,
        f"{figures['macro_f1']:.3f}",
        f"{figures['macro_f1_low']:.3f} to {figures['macro_f1_high']:.3f}",
        *(f"{figures['classes'][s]['f1']:.3f}" for s in STANCES),
        *ends,
        *own,
        seconds,
    )


def show(pipeline: Pipeline, comparison: Comparison, address: str | None) -> None:
    """Print the table of all systems, which model is champion and why, and what to do next."""
    own = ("review",) if comparison.reviewed else ()
    columns = ("system", "macro F1", "95% interval", *STANCES, "pairs F1", "triples F1", *own, "train s")
    docs, yours = (len({r["doc"] for r in rows}) for rows in (comparison.rows, comparison.reviewed))
    title = f"{len(comparison.rows)} pairs in {docs} held-out documents, F1 per stance; then end to end from raw text"
    if own:
        title += f"; review: macro F1 on {len(comparison.reviewed)} pairs in {yours} of your own"
    cli.table(title, columns, [_row(pipeline, comparison, name) for name in comparison.results])
    for name in pipeline.models:
        print(verdict(name, comparison.audits[name]))
    for name in pipeline.models:
        for other, test in comparison.results[name].figures.get("against", {}).items():
            place = "is champion" if name == comparison.champion else f"is not champion: {comparison.champion} is"
            figures = f"{test['difference']:+.3f} macro F1, p = {test['p']:.4f} (paired, by document)"
            print(f"{name} against {other}: {figures}; {name} {place}.")
    print("\nNext:")
    print("  python -m stance.predict article.txt      who holds which stance, in a text of yours")
    print(
        "  make ui                                   the runs in MLflow" + (f", at\n      {address}" if address else "")
    )
    print("  python -m stance.label --analyze          what each labeling rule is worth")


def positions(pipeline: Pipeline, comparison: Comparison, folder: Path) -> None:
    """Write what the champion finds in the held-out documents as a user would see it: the ledger and the report."""
    said = list(stated(comparison.predictions, {d.id: d for d in comparison.documents}))
    tables.write(ledger_table(ledger(said)), folder / "ledger.csv")
    try:
        from stance.page import html
    except ModuleNotFoundError as error:  # what it draws with is optional
        log.warning("no report in MLflow: it needs %s: pip install 'stance[report]'", error.name)
        return
    html.write(said, folder / "report.html", Path(pipeline.paths.models), Path(pipeline.paths.metrics) / EVALUATION)


def evaluate(pipeline: Pipeline, report: Progress, command: Sequence[str]) -> tuple[Comparison, str | None]:
    """Audit, compare, write the figures, set the current model and log to MLflow; the address is MLflow's.

    Raises:
        GateError: no model passes the audit, whose figures are then all that is written.
    """
    audits = audit(pipeline, report=report)
    write(pipeline, audits)
    comparison = compare(pipeline, load_codebook(Path(pipeline.paths.codebook)), audits, report)
    write_json(Path(pipeline.paths.metrics) / EVALUATION, comparison.report())
    registry.set_current(Path(pipeline.paths.models), comparison.champion)
    if not pipeline.tracking.enabled:
        return comparison, None
    from stance import tracking

    report("MLflow", 0.0)
    with tempfile.TemporaryDirectory() as folder:
        positions(pipeline, comparison, Path(folder))
        address = tracking.log(pipeline, comparison, Path(folder), command)
    report("MLflow", 1.0)
    return comparison, address


def _body(args: argparse.Namespace) -> int:
    pipeline = load_pipeline(args.settings)
    with cli.progress(args.quiet) as bars:
        result = evaluate(pipeline, bars, ["stance.evaluate", *(f"--set={s}" for s in args.settings)])
    show(pipeline, *result)
    return cli.DONE


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point."""
    parser = cli.parser("evaluate", "Compare the trained models and make the winner current.", EXAMPLES)
    return cli.run("evaluate", _body, parser.parse_args(argv))


if __name__ == "__main__":
    sys.exit(main())
