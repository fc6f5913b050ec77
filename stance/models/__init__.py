"""Models behind one protocol: `build` makes an untrained one from its configuration, `load` opens a saved one.

Training libraries are imported only where a model is trained.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from stance.errors import ModelError

if TYPE_CHECKING:
    from stance.config import ModelConfig
    from stance.models.base import Predictor, StanceModel
    from stance.models.calibration import Calibrated


def build(config: ModelConfig) -> StanceModel:
    """An untrained model of the configured kind."""
    if config.kind == "tfidf":
        from stance.models.tfidf import TfidfModel

        return TfidfModel(config)
    from stance.models.transformer import TransformerModel

    return TransformerModel(config)


def load(folder: Path, kind: str, threads: int = 0) -> Calibrated:
    """A saved model with its calibration, ready to predict."""
    from stance.models.calibration import Calibrated, read

    return Calibrated(load_uncalibrated(folder, kind, threads), read(folder))


def load_uncalibrated(folder: Path, kind: str, threads: int = 0) -> Predictor:
    """A saved model as it was trained: the transformer through ONNX Runtime, without torch."""
    if kind == "tfidf":
        from stance.models.tfidf import TfidfModel

        return TfidfModel.load(folder)
    if kind == "transformer":
        from stance.models.runtime import Runtime

        return Runtime.load(folder, threads)
    raise ModelError(f"unknown kind of model '{kind}'", folder)
