"""Build the data set from gold and silver labels: `python -m stance.build`."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

from stance import cli, dataset, registry
from stance.codebook import load as load_codebook
from stance.config import load_pipeline

EXAMPLES = """  python -m stance.build
  python -m stance.build --set pipeline.split.test=0.3"""
log = logging.getLogger(__name__)


def _body(args: argparse.Namespace) -> int:
    pipeline = load_pipeline(args.settings)
    with registry.writing(Path(pipeline.paths.models)), cli.progress(args.quiet) as bars:  # training reads the data set
        report = dataset.build(pipeline, load_codebook(Path(pipeline.paths.codebook)), bars)
    log.info("%s", dataset.summary(report))
    return cli.DONE


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point."""
    return cli.run("build", _body, cli.parser("build", "Build the data set from labels.", EXAMPLES).parse_args(argv))


if __name__ == "__main__":
    sys.exit(main())
