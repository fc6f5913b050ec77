"""What a network is trained on: rows with their labels and teacher, which of them an epoch takes, in which batches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from stance.config import TransformerConfig
from stance.models import teacher
from stance.models.base import Row, targets
from stance.models.encoding import Encoded, Encoder
from stance.records import LABELS

BUCKETS = 16  # batches that are sorted by length together: short padding, still shuffled


@dataclass(frozen=True)
class Lesson:
    """Encoded rows, their labels and weights, the teacher's labels (rows, LABELS) and its share of each row's loss."""

    rows: Sequence[Row]
    encoded: Sequence[Encoded]
    gold: NDArray[np.int64]
    weights: NDArray[np.float32]
    taught: NDArray[np.float32]
    share: NDArray[np.float32]

    @classmethod
    def of(cls, train: Sequence[Row], encoder: Encoder, config: TransformerConfig) -> Lesson:
        """The training rows and the teacher's transfer set."""
        path = Path(config.teacher) if config.teacher else None
        rows = [*train, *(teacher.transfer(path) if path else ())]
        taught = teacher.read(path, rows) if path else np.full((len(rows), len(LABELS)), np.nan, dtype=np.float32)
        share = np.array([1.0 if _transferred(r) else config.teacher_share for r in rows])
        return cls(
            rows=rows,
            encoded=[encoder.encode(r) for r in rows],
            gold=targets(rows),
            weights=np.array([r["weight"] for r in rows], dtype=np.float32),
            taught=taught,
            share=np.where(np.isnan(taught).any(1), 0.0, share).astype(np.float32),
        )

    def kept(self, none_per_stance: float, generator: np.random.Generator) -> list[int]:
        """The rows of one epoch: all with a stance, so many times as many without, and the whole transfer set."""
        extra = [i for i, r in enumerate(self.rows) if _transferred(r)]
        own = [i for i, r in enumerate(self.rows) if not _transferred(r)]
        none = [i for i in own if self.rows[i]["label"] == "none"]
        some = [i for i in own if self.rows[i]["label"] != "none"]
        size = min(len(none), round(none_per_stance * len(some)))
        drawn = generator.choice(none, size=size, replace=False).tolist() if none else []
        return sorted([*some, *drawn, *extra])

    def batches(self, kept: Sequence[int], size: int, generator: np.random.Generator) -> Iterator[list[int]]:
        """Shuffled batches of similar length: rows are sorted inside buckets of BUCKETS batches."""
        order = generator.permutation(np.asarray(kept)).tolist()
        batches = []
        for at in range(0, len(order), size * BUCKETS):
            bucket = sorted(order[at : at + size * BUCKETS], key=lambda i: len(self.encoded[i].ids))
            batches += [bucket[i : i + size] for i in range(0, len(bucket), size)]
        for n in generator.permutation(len(batches)):
            yield batches[n]


def _transferred(row: Row) -> bool:
    return bool(row.get("source") == teacher.TRANSFER)
