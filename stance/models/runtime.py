"""Fast inference without torch: the exported network in ONNX Runtime, one single-threaded session a core."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from stance.errors import ModelError
from stance.io import read_json
from stance.models.base import Probabilities, Row, softmax
from stance.models.encoding import Encoder, by_length
from stance.records import LABELS

NETWORK, TOKENIZER, SETTINGS = "model.onnx", "tokenizer.json", "inference.json"
BATCH = 8


class Runtime:
    """A trained transformer, ready to judge."""

    def __init__(self, sessions: Sequence[Any], encoder: Encoder) -> None:
        self._sessions = sessions
        self._encoder = encoder

    @classmethod
    def load(cls, folder: Path, threads: int = 0) -> Runtime:
        """Open the exported network and its tokenizer."""
        import onnxruntime as ort

        settings = read_json(folder / SETTINGS)
        options = ort.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        try:
            sessions = [
                ort.InferenceSession(str(folder / NETWORK), options, providers=["CPUExecutionProvider"])
                for _ in range(threads or os.cpu_count() or 1)
            ]
            encoder = Encoder.from_file(folder / TOKENIZER, settings["max_tokens"], settings["context_tokens"])
            return cls(sessions, encoder)
        except KeyError as error:
            raise ModelError(f"missing key {error}", folder / SETTINGS) from None
        except ModelError:
            raise
        except Exception as error:  # onnxruntime raises its own unexported kinds
            raise ModelError(f"cannot be opened: {str(error)[:120]}", folder / NETWORK) from None

    def predict_proba(self, rows: Sequence[Row]) -> Probabilities:
        """Probabilities of shape (rows, LABELS)."""
        out = np.zeros((len(rows), len(LABELS)))
        if not rows:
            return out
        encoded = [self._encoder.encode(row) for row in rows]
        batches = list(by_length(encoded, BATCH))

        def judge(job: tuple[int, list[int]]) -> None:
            worker, batch = job
            feeds = self._encoder.batch([encoded[i] for i in batch])
            session = self._sessions[worker]
            wanted = {i.name for i in session.get_inputs()}
            logits = session.run(None, {k: v for k, v in feeds.items() if k in wanted})[0]
            out[batch] = softmax(logits)

        def work(worker: int) -> None:
            for batch in batches[worker :: len(self._sessions)]:
                judge((worker, batch))

        with ThreadPoolExecutor(len(self._sessions)) as pool:
            list(pool.map(work, range(len(self._sessions))))
        return out
