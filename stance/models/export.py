"""A trained network as compact ONNX, for inference without torch."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
import torch
from numpy.typing import NDArray
from torch import nn

from stance.errors import ModelError
from stance.models.base import softmax
from stance.models.compress import compress
from stance.models.encoding import Encoded, Encoder

Feeds = dict[str, NDArray[Any]]
EXACT = 1e-3  # on logits, between the trained and the exported network, the largest difference on sample rows
log = logging.getLogger(__name__)
CLOSE = 0.01  # on probabilities, between the trained and the compressed network, the mean difference


def _exported(network: nn.Module, feeds: Feeds) -> onnx.ModelProto:
    """The network as ONNX with dynamic shapes.

    The dynamo exporter: the older one exports wrong attention masks for this kind of network.
    """
    tensors = {k: torch.from_numpy(v) for k, v in feeds.items()}
    rows, tokens = torch.export.Dim("rows", min=1, max=4096), torch.export.Dim("tokens", min=4, max=4096)
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter's own deprecations
        program = torch.onnx.export(
            network,
            kwargs=tensors,
            dynamo=True,
            verbose=False,
            optimize=True,
            dynamic_shapes={k: {0: rows, 1: tokens} for k in tensors},
            input_names=list(tensors),
            output_names=["logits"],
        )
    assert program is not None
    return program.model_proto


@torch.no_grad()
def _trained(network: nn.Module, feeds: Feeds) -> NDArray[np.float32]:
    out: NDArray[np.float32] = network(**{k: torch.from_numpy(v) for k, v in feeds.items()}).numpy()
    return out


def _logits(model: onnx.ModelProto, feeds: Feeds) -> NDArray[np.float32]:
    session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    wanted = {i.name for i in session.get_inputs()}
    out: NDArray[np.float32] = session.run(None, {k: v for k, v in feeds.items() if k in wanted})[0]
    return out


def export(network: nn.Module, encoder: Encoder, sample: Sequence[Encoded], path: Path) -> None:
    """Write the network with compact weights (compress.py), calibrated and checked on sample rows (at least two).

    A network whose probabilities would move too far keeps its 32 bits.

    Raises:
        ModelError: the exported network gives other logits than the trained one.
    """
    feeds = encoder.batch(sample)
    model = _exported(network, feeds)
    compact = compress(model, feeds)
    for batch in (feeds, encoder.batch(sample[:1])):
        if np.abs(_trained(network, batch) - _logits(model, batch)).max() > EXACT:
            raise ModelError("the exported network gives other numbers than the trained one", path)
    if np.abs(softmax(_trained(network, feeds)) - softmax(_logits(compact, feeds))).mean() > CLOSE:
        log.warning(
            "warning: the network loses too much when compressed and is kept in 32 bits: larger, and half as fast"
        )
        compact = model
    path.write_bytes(compact.SerializeToString())
