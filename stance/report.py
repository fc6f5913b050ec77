"""Where actors stand, as a page to read: `python -m stance.report INPUT... --output report.html`."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from stance import cli
from stance.config import load_pipeline
from stance.documents import HTML, find_files, size
from stance.errors import ConfigError
from stance.pipeline import open_judge
from stance.statements import statements

EXAMPLES = """  python -m stance.report news/ --output report.html
  python -m stance.report stances.jsonl -o report.html       from predictions already made
  python -m stance.predict news/ | python -m stance.report - -o report.html"""
log = logging.getLogger(__name__)


def _body(args: argparse.Namespace) -> int:
    output = Path(args.output)
    if output.suffix.lower() not in HTML:
        raise ConfigError(f"the report is HTML: name it {output.stem}.html", "--output", output)
    try:
        # Here, since none of it is needed for --help, and all of it is optional.
        from stance.page import html
    except ModuleNotFoundError as error:
        raise ConfigError(f"needs {error.name}: pip install 'stance[report]'", "report") from None
    pipeline = load_pipeline(args.settings)
    paths = pipeline.paths
    models, codebook = Path(paths.models), Path(paths.codebook)
    judge = partial(open_judge, codebook, models, args.model, pipeline.threads)
    with cli.progress(args.quiet or size(find_files(args.inputs)) < cli.LONG) as report:
        found = list(statements(args.inputs, judge, pipeline.columns.model_dump(), report))
        html.write(found, output, models, Path(paths.metrics) / "evaluation.json", report)
    log.info("%d statements -> %s (%.1f MB)", len(found), output, output.stat().st_size / 1e6)
    return cli.DONE


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point."""
    parser = cli.parser("report", "Show where each actor stands, with the evidence, as one HTML file.", EXAMPLES)
    parser.add_argument("inputs", nargs="+", metavar="INPUT", help="documents, or predictions of stance.predict")
    parser.add_argument("--output", "-o", metavar="FILE", required=True, help="the page to write")
    parser.add_argument("--model", metavar="NAME", help="the model that reads documents (default: as stance.predict)")
    return cli.run("report", _body, parser.parse_args(argv))


if __name__ == "__main__":
    sys.exit(main())
