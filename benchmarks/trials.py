"""What the benchmarks that train share: predictions that are kept, so that an interrupted run goes on, and MLflow."""

from __future__ import annotations

import argparse
import logging
import os
import shlex
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from outside import reporter

from stance import models
from stance.config import ModelConfig, Pipeline, as_dict, load_pipeline
from stance.io import digest, file_digest
from stance.models.base import Probabilities, Row

FOLDER = Path("build/trials")
log = logging.getLogger(__name__)


def _read(rows: Sequence[Row]) -> list[tuple[object, ...]]:
    return [(r["marked"], r["context"], r["label"], r["weight"]) for r in rows]


def predictions(
    config: ModelConfig, train: Sequence[Row], validation: Sequence[Row], test: Sequence[Row], seed: int
) -> Probabilities:
    """What a model trained on some rows says of others, shape (test, LABELS).

    Kept in FOLDER under a digest of the settings and of all rows; what is there is not trained again, and a training
    that was cut off goes on from its last epoch.
    """
    taught = file_digest(Path(config.teacher)) if config.kind == "transformer" and config.teacher else None
    key = digest([as_dict(config), taught, seed, _read(train), _read(validation), _read(test)])
    path = FOLDER / f"{config.kind}-{seed}-{key}.npz"
    if not path.exists():
        model = models.build(config)
        fit = model.fit(train, validation, seed, path.with_suffix(""), reporter())
        log.info("%s, seed %d: %d rows, %.0f s, %s", config.kind, seed, len(train), fit.seconds, fit.history)
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        with part.open("wb") as file:
            np.savez(file, probabilities=model.predict_proba(test))
        part.replace(path)
    kept: Probabilities = np.load(path)["probabilities"]
    return kept


@contextmanager
def recorded(pipeline: Pipeline, name: str, kind: str, note: str) -> Iterator[str]:
    """An open run in the project's experiment, described by the command line; gives the experiment's id."""
    import mlflow

    from stance import tracking

    experiment = tracking.open_experiment(pipeline)
    said = "`python " + shlex.join(sys.argv) + "`"
    with mlflow.start_run(
        experiment_id=experiment, run_name=name, description=f"{said}\n\n{note}", tags={"kind": kind}
    ):
        yield experiment


def parser(doc: str | None) -> argparse.ArgumentParser:
    """A parser with the options that every benchmark of this kind has."""
    out = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    out.add_argument("--set", action="append", default=[], dest="settings", metavar="FILE.KEY=VALUE")
    out.add_argument("--quiet", action="store_true", help="only the tables")
    out.add_argument("--debug", action="store_true", help="show a traceback instead of one line")
    return out


def opened(settings: Sequence[str]) -> Pipeline:
    """The pipeline's configuration, its number of threads in force."""
    pipeline = load_pipeline(settings)
    if pipeline.threads:
        os.environ["OMP_NUM_THREADS"] = str(pipeline.threads)
    log.info("seed %d", pipeline.seed)
    return pipeline
