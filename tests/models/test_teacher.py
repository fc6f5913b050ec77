"""Soft labels of a larger encoder: written, read back by what a model reads of a pair, and learnt from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from stance.errors import InputError
from stance.models.teacher import read, write

ROWS = [{"marked": "[ACTOR] backs the [PROCESS]."}, {"marked": "[ACTOR] skips the [PROCESS]."}]


def test_a_pair_is_known_by_what_a_model_reads_of_it(tmp_path: Path) -> None:
    path = tmp_path / "teacher.jsonl"
    write(path, ROWS, np.array([[0.9, 0.05, 0.0, 0.05], [0.0, 0.1, 0.8, 0.1]]))
    asked = [ROWS[1], {"marked": "[ACTOR] met [OTHER]."}, {**ROWS[0], "doc": "another"}]
    found = read(path, asked)
    assert found[0].tolist() == pytest.approx([0.0, 0.1, 0.8, 0.1])
    assert np.isnan(found[1]).all()
    assert found[2].tolist() == pytest.approx([0.9, 0.05, 0.0, 0.05])


@pytest.mark.parametrize(
    "line", ['{"pair": "ab", "p": [0.5, 0.5]}', '{"pair": "ab", "p": [0.9, 0.9, 0, 0]}', '{"p": 1}']
)
def test_what_is_no_soft_label_is_named_with_its_line(tmp_path: Path, line: str) -> None:
    path = tmp_path / "teacher.jsonl"
    path.write_text('{"pair": "cd", "p": [1, 0, 0, 0]}\n' + line + "\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"teacher.jsonl:2:p: not probabilities over 4 labels"):
        read(path, ROWS)


def test_rows_without_a_teacher_keep_their_own_loss() -> None:
    torch = pytest.importorskip("torch")
    from stance.config import TransformerConfig, load_model_config
    from stance.models.transformer import TransformerModel

    model = TransformerModel.__new__(TransformerModel)
    config = load_model_config("transformer")
    assert isinstance(config, TransformerConfig)
    model._config = config.model_copy(update={"teacher_share": 0.5})
    logits = torch.tensor([[2.0, 0.0, 0.0, 0.0], [2.0, 0.0, 0.0, 0.0]], requires_grad=True)
    taught = torch.tensor([[float("nan")] * 4, [0.0001, 0.9997, 0.0001, 0.0001]])
    mixed = model._with_teacher(torch.tensor([3.0, 3.0]), logits, taught)
    assert mixed[0].item() == 3.0
    assert mixed[1].item() == pytest.approx(
        0.5 * 3.0 + 0.5 * 6.936, abs=0.001
    )  # cross entropy at temperature 2, times 4
    mixed.sum().backward()  # type: ignore[no-untyped-call]
    assert bool(torch.isfinite(logits.grad).all())
