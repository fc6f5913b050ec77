"""A trained network as ONNX, for inference without torch."""

from __future__ import annotations

import logging
import warnings
from pathlib import Path

import numpy as np
import onnxruntime as ort
import torch
from torch import nn

from stance.errors import ModelError
from stance.models.encoding import Encoder

TOLERANCE = 1e-3  # on logits, between the trained and the exported network


def export(network: nn.Module, encoder: Encoder, path: Path) -> None:
    """Write the network as ONNX with dynamic shapes, and check that it gives the same logits.

    The dynamo exporter: the older one exports wrong attention masks for this kind of network.
    """
    sample = [
        encoder.encode({"marked": "[ACTOR] will not attend [PROCESS] .", "context": "A first sentence ."}),
        encoder.encode({"marked": "[OTHER] told [ACTOR] about [PROCESS] and what it might bring .", "context": ""}),
    ]
    feeds = encoder.batch(sample)
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
    program.save(str(path), external_data=False)
    session = ort.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    wanted = {i.name for i in session.get_inputs()}
    with torch.no_grad():
        for batch in (sample, sample[:1]):
            arrays = encoder.batch(batch)
            expected = network(**{k: torch.from_numpy(v) for k, v in arrays.items()}).numpy()
            got = session.run(None, {k: v for k, v in arrays.items() if k in wanted})[0]
            if np.abs(expected - got).max() > TOLERANCE:
                raise ModelError("the exported network gives other numbers than the trained one", path)
