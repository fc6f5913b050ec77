"""Fast inference without torch: the exported network in ONNX Runtime, shared by single-threaded workers, one a core."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stance.errors import ModelError
from stance.io import read_json
from stance.models.base import Probabilities, Row, softmax
from stance.models.encoding import Encoded, Encoder, by_length
from stance.records import LABELS

NETWORK, TOKENIZER, SETTINGS = "model.onnx", "tokenizer.json", "inference.json"
BATCH = 8


class Runtime:
    """A trained transformer, ready to judge."""

    def __init__(self, session: Any, encoder: Encoder, threads: int, path: Path) -> None:
        self._session = session
        self._encoder = encoder
        self._threads = threads
        self._path = path
        self._inputs = {i.name for i in session.get_inputs()}

    @classmethod
    def load(cls, folder: Path, threads: int = 0) -> Runtime:
        """Open the exported network and its tokenizer."""
        import onnxruntime as ort

        settings = read_json(folder / SETTINGS)
        options = ort.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 4
        try:
            session = ort.InferenceSession(str(folder / NETWORK), options, providers=["CPUExecutionProvider"])
            encoder = Encoder.from_file(folder / TOKENIZER, settings["max_tokens"], settings["context_tokens"])
            out = cls(session, encoder, threads or os.cpu_count() or 1, folder / NETWORK)
        except KeyError as error:
            raise ModelError(f"missing key {error}", folder / SETTINGS) from None
        except ModelError:
            raise
        except Exception as error:  # onnxruntime raises its own unexported kinds
            raise ModelError(f"cannot be opened: {str(error)[:120]}", folder / NETWORK) from None
        out._logits([encoder.last()])  # a tokenizer of another network would go beyond its table
        return out

    def _logits(self, rows: Sequence[Encoded]) -> NDArray[np.float32]:
        """Logits of shape (rows, LABELS)."""
        feeds = {k: v for k, v in self._encoder.batch(rows).items() if k in self._inputs}
        try:
            (logits,) = self._session.run(None, feeds)
        except Exception as error:
            raise ModelError(f"does not fit its tokenizer: {str(error)[-120:]}", self._path) from None
        if logits.shape != (len(rows), len(LABELS)) or not np.isfinite(logits).all():
            raise ModelError("gives no numbers for the labels: train again", self._path)
        return np.asarray(logits)

    def predict_proba(self, rows: Sequence[Row]) -> Probabilities:
        """Probabilities of shape (rows, LABELS)."""
        out = np.zeros((len(rows), len(LABELS)))
        encoded = [self._encoder.encode(row) for row in rows]
        batches = list(by_length(encoded, BATCH))
        with ThreadPoolExecutor(self._threads) as pool:
            found = pool.map(lambda batch: self._logits([encoded[i] for i in batch]), batches)
            for batch, logits in zip(batches, found, strict=True):
                out[batch] = softmax(logits)
        return out
