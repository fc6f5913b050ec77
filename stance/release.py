"""Make the model that ships with the program out of the trained one: `python -m stance.release`."""

from __future__ import annotations

import argparse
import logging
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from stance import card, cli, registry
from stance.codebook import load as load_codebook
from stance.config import load_pipeline
from stance.errors import ModelError
from stance.io import read_json, write_text
from stance.models import calibration, runtime

NAME = "transformer"  # the baseline is larger, slower and worse
FILES = (runtime.NETWORK, runtime.TOKENIZER, runtime.SETTINGS, calibration.FILE)
NOTED = ("macro_f1", "confusion", "reliability")  # figures of the held-out documents that the report draws
EXAMPLES = """  python -m stance.release          after a training whose figures are in metrics/evaluation.json"""
log = logging.getLogger(__name__)


def release(models: Path, evaluation: Path) -> registry.Manifest:
    """Copy what prediction needs of the trained transformer into the release, with a card of its figures.

    Raises:
        ModelError: no trained transformer, a damaged one, or one whose own figures are not there.
    """
    trained = registry.read(models / NAME)
    try:
        figures = read_json(evaluation)["systems"][NAME]
    except KeyError:
        raise ModelError(f"has no figures of {NAME}: run `python -m stance.evaluate`", evaluation) from None
    if figures.get("version") != trained.version:
        problem = f"has figures of {figures.get('version')}, not of {trained.version}: run `python -m stance.evaluate`"
        raise ModelError(problem, evaluation)

    def write(folder: Path) -> None:
        for file in FILES:
            shutil.copyfile(models / NAME / file, folder / file)
        write_text(folder / "README.md", card.render(NAME, trained, figures))

    return registry.save(
        models / registry.RELEASE,
        write,
        name=registry.RELEASE,
        kind=trained.kind,
        codebook=trained.codebook,
        data=trained.data,
        config=trained.config,
        notes={"trained": trained.version} | {name: figures[name] for name in NOTED if name in figures},
    )


def _body(args: argparse.Namespace) -> int:
    paths = load_pipeline(args.settings).paths
    models = Path(paths.models)
    registry.check_codebook(registry.read(models / NAME), load_codebook(Path(paths.codebook)), models / NAME)
    with registry.writing(models):
        manifest = release(models, Path(paths.metrics) / "evaluation.json")
    size = sum(file.stat().st_size for file in (models / registry.RELEASE).iterdir())
    log.info("%s from %s, %.1f MB", manifest.version, manifest.notes["trained"], size / 1e6)
    return cli.DONE


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point."""
    parser = cli.parser("release", "Make the model that ships with the program out of the trained one.", EXAMPLES)
    return cli.run("release", _body, parser.parse_args(argv))


if __name__ == "__main__":
    sys.exit(main())
