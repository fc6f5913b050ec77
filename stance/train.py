"""The main job: label, build the data set, train every model, compare, record: `python -m stance.train`."""

from __future__ import annotations

import argparse
import logging
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from stance import behaviour, cli, dataset, models, registry
from stance.codebook import load as load_codebook
from stance.config import Pipeline, as_dict, load_model_config, load_pipeline
from stance.errors import ConfigError
from stance.evaluate import evaluate, show
from stance.label import silver
from stance.models import calibration
from stance.models.base import Progress, targets

EXAMPLES = """  python -m stance.train                          the whole job
  python -m stance.train tfidf                    one model, on the data set as it is
  python -m stance.train --set transformer.epochs=2 --set pipeline.seed=7"""
log = logging.getLogger(__name__)


def train_model(pipeline: Pipeline, name: str, settings: Sequence[str], report: Progress) -> None:
    """Fit one model on the training split and save it as a described folder."""
    config = load_model_config(name, settings)
    data = Path(pipeline.paths.dataset)
    train, validation = dataset.load(data, "train").to_list(), dataset.load(data, "validation").to_list()
    codebook = load_codebook(Path(pipeline.paths.codebook))
    model = models.build(config)
    folder = Path(pipeline.paths.models) / name
    # What people reviewed was chosen because models were unsure of it: their confidence is lower there than elsewhere.
    usual = [row for row in validation if row["source"] != dataset.REVIEW]

    def write(part: Path) -> None:
        model.save(part)
        judged = models.load_uncalibrated(part, config.kind, pipeline.threads).predict_proba(usual)
        calibration.write(part, calibration.fit(judged, targets(usual), [row["doc"] for row in usual]))

    fit = model.fit(train, validation, pipeline.seed, folder.with_name(f".{name}.checkpoint"), report)
    manifest = registry.save(
        folder,
        write,
        name=name,
        kind=config.kind,
        codebook=codebook.digest,
        data=dataset.data_digest(data),
        config=as_dict(config),
        notes={"history": fit.history, "seconds": round(fit.seconds, 1), "seed": pipeline.seed, **fit.notes},
    )
    log.info("%-12s %6.1f s  %s", name, fit.seconds, manifest.version)


def _command(settings: Sequence[str]) -> list[str]:
    return ["stance.train", *(f"--set={s}" for s in settings)]


def _body(args: argparse.Namespace) -> int:
    pipeline = load_pipeline(args.settings)
    unknown = [m for m in args.models if m not in pipeline.models]
    if unknown:
        raise ConfigError(f"no model '{unknown[0]}' in pipeline.models ({', '.join(pipeline.models)})", "MODEL")
    if pipeline.threads:
        os.environ["OMP_NUM_THREADS"] = str(pipeline.threads)
    log.info("seed %d", pipeline.seed)
    start = time.perf_counter()
    with registry.writing(Path(pipeline.paths.models)), cli.progress(args.quiet) as bars:
        if not args.models:
            codebook = load_codebook(Path(pipeline.paths.codebook))
            behaviour.load(Path(pipeline.paths.behaviour), codebook)  # a mistake in it is told now, not after training
            log.info("silver: %d rows labelled by rules", silver(pipeline))
            log.info("%s", dataset.summary(dataset.build(pipeline, codebook, bars)))
        for name in args.models or pipeline.models:
            train_model(pipeline, name, args.settings, bars)
        result = None if args.models else evaluate(pipeline, bars, _command(args.settings))
    if result:
        show(pipeline, *result)
    log.info("%.0f seconds in all", time.perf_counter() - start)
    return cli.DONE


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point."""
    parser = cli.parser("train", "Label, build the data set, train, compare and record.", EXAMPLES)
    parser.add_argument("models", nargs="*", metavar="MODEL", help="train only these, on the data set as it is")
    return cli.run("train", _body, parser.parse_args(argv))


if __name__ == "__main__":
    sys.exit(main())
