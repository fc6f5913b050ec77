"""What a larger encoder thinks of the training pairs: soft labels that a small one learns from beside the gold.

Knowledge distillation after Hinton, Vinyals and Dean (2015), "Distilling the Knowledge in a Neural Network". The
teacher has judged each pair without having trained on its document (`benchmarks/teacher.py` makes the file). It may
have judged further text, a transfer set, which nobody has labelled and of which the teacher alone is learnt.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from stance.errors import InputError
from stance.io import digest, read_jsonl, write_jsonl
from stance.models.base import Probabilities, Row
from stance.records import LABELS

TRANSFER = "transfer"  # the source of a pair that only the teacher has judged
TEMPERATURE = 2.0  # by which teacher and student are softened when they are compared


def write(path: Path, rows: Iterable[Row], probabilities: Probabilities) -> None:
    """Write each pair's name, the digest of what a model reads of it, and the teacher's probabilities over LABELS."""
    pairs = {digest(row["marked"]): [round(float(x), 3) for x in p] for row, p in zip(rows, probabilities, strict=True)}
    write_jsonl(path, ({"pair": pair, "p": p} for pair, p in pairs.items()))


def write_transfer(path: Path, marked: Sequence[str], probabilities: Probabilities) -> None:
    """Add pairs without gold, which bring their marked sentence, to a teacher's file; those it has are replaced."""
    lines = {line["pair"]: line for _, line in read_jsonl(path)}
    for text, p in zip(marked, probabilities, strict=True):
        pair = digest(text)
        lines[pair] = {"pair": pair, "p": [round(float(x), 3) for x in p], "marked": text}
    write_jsonl(path, lines.values())


def transfer(path: Path) -> list[Row]:
    """The pairs that bring their own sentence, as rows labelled with what the teacher finds most probable."""
    return [
        {
            "doc": TRANSFER,
            "source": TRANSFER,
            "marked": line["marked"],
            "context": "",
            "label": LABELS[int(np.argmax(line["p"]))],
            "weight": 1.0,
        }
        for _, line in read_jsonl(path)
        if "marked" in line
    ]


def read(path: Path, rows: Sequence[Row]) -> NDArray[np.float32]:
    """The teacher's probabilities for rows, of shape (rows, LABELS); NaN for a row that it has not judged.

    Raises:
        InputError: a line that holds no probabilities over LABELS.
    """
    known: dict[str, list[float]] = {}
    for n, line in read_jsonl(path):
        p = line.get("p")
        if "pair" not in line or not isinstance(p, list) or len(p) != len(LABELS) or abs(sum(p) - 1) > 0.01:
            raise InputError(f"not probabilities over {len(LABELS)} labels", path, n, "p")
        known[line["pair"]] = p
    unknown = [float("nan")] * len(LABELS)
    return np.array([known.get(digest(row["marked"]), unknown) for row in rows], dtype=np.float32).reshape(
        -1, len(LABELS)
    )
