"""Soft labels of a larger encoder: written, read back by what a model reads of a pair, and learnt from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from stance.errors import InputError
from stance.models.teacher import read, write, write_transfer
from tests.conftest import tiny_encoder

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


def test_the_distance_from_the_teacher() -> None:
    torch = pytest.importorskip("torch")
    from stance.models.transformer import distance

    logits = torch.tensor([[2.0, 0.0, 0.0, 0.0], [2.0, 0.0, 0.0, 0.0]], requires_grad=True)
    taught = torch.tensor([[float("nan")] * 4, [0.0001, 0.9997, 0.0001, 0.0001]])
    distances = distance(logits, taught)
    assert distances[1].item() == pytest.approx(6.936, abs=0.001)  # cross entropy at temperature 2, times 4
    distances.sum().backward()  # type: ignore[no-untyped-call]
    assert bool(torch.isfinite(logits.grad).all())


def test_a_transfer_set_is_learnt_from_the_teacher_alone(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    from stance.config import TransformerConfig, load_model_config
    from stance.models.lesson import Lesson
    from stance.models.transformer import TransformerModel

    path, encoder = tmp_path / "teacher.jsonl", tmp_path / "encoder"
    tiny_encoder(encoder)
    write(path, ROWS[:1], np.array([[0.9, 0.05, 0.0, 0.05]]))
    judged = np.array([[0.8, 0.0, 0.0, 0.2], [0.0, 0.0, 0.0, 1.0]])
    write_transfer(path, ["[ACTOR] hails [PROCESS].", "[ACTOR] saw [PROCESS]."], judged)
    settings = [f"transformer.encoder={encoder}", f"transformer.teacher={path}", "transformer.teacher_share=0.25"]
    config = load_model_config("transformer", settings)
    assert isinstance(config, TransformerConfig)
    own = {"source": "corpus", "context": "", "weight": 0.5}
    rows = [{**ROWS[0], **own, "label": "supportive"}, {**ROWS[1], **own, "label": "none"}]
    lesson = Lesson.of(rows, TransformerModel(config)._encoder, config)
    assert [r["label"] for r in lesson.rows] == ["supportive", "none", "supportive", "none"]
    assert lesson.share.tolist() == [0.25, 0.0, 1.0, 1.0]
    assert lesson.weights.tolist() == [0.5, 0.5, 1.0, 1.0]
    assert lesson.kept(0.0, np.random.default_rng(0)) == [0, 2, 3]  # its rows without a stance stay
