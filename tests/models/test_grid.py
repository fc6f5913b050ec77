"""Weights of 4 bits: what is on the grid stays as it is, what is not goes to the next point, what was trained ships."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import load_file
from transformers import AutoTokenizer, BertConfig, BertModel

from stance.errors import ModelError
from stance.models import grid, runtime
from stance.models.runtime import NETWORK, Runtime
from stance.models.transformer import WEIGHTS, TransformerModel, encoder_path
from tests.conftest import tiny_encoder
from tests.models.test_models import ROWS, config, silent

MATRICES = ("query", "key", "value", "dense")


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A BERT of two layers as wide as a block."""
    folder = tmp_path_factory.mktemp("encoder")
    tokenizer = AutoTokenizer.from_pretrained(encoder_path("embedded"))
    torch.manual_seed(0)
    size = BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=grid.BLOCK,
        intermediate_size=2 * grid.BLOCK,
        num_hidden_layers=2,
        num_attention_heads=2,
    )
    BertModel(size).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@given(st.integers(0, 2**31), st.floats(1e-6, 1e6))
def test_a_weight_goes_to_the_next_of_sixteen_numbers_and_stays_there(seed: int, size: float) -> None:
    matrix = torch.randn(3, 2 * grid.BLOCK, generator=torch.Generator().manual_seed(seed)) * size
    once = grid.snapped(matrix)
    assert torch.equal(grid.snapped(once), once)
    for before, after in zip(matrix.reshape(-1, grid.BLOCK), once.reshape(-1, grid.BLOCK), strict=True):
        assert len(after.unique()) <= 2**grid.BITS
        furthest = before.abs().argmax()
        assert after[furthest] == before[furthest]
        step = before[furthest].abs() / 8
        opposite = before.sign() == -before[furthest].sign()  # one number fewer on that side
        assert ((before - after).abs() <= torch.where(opposite, 1.001, 0.501) * step).all()


def test_a_matrix_of_zeros_stays_one() -> None:
    assert torch.equal(grid.snapped(torch.zeros(2, grid.BLOCK)), torch.zeros(2, grid.BLOCK))


def test_the_gradient_passes_straight_through() -> None:
    layer = torch.nn.Linear(grid.BLOCK, 1, bias=False)
    before = layer.weight.detach().clone()
    grid.hold(layer)
    x = torch.arange(grid.BLOCK, dtype=torch.float32)
    assert layer(x).item() == pytest.approx((grid.snapped(before) @ x).item(), rel=1e-5)
    layer(x).backward()
    (kept,) = layer.parameters()
    assert torch.equal(kept, before)
    assert kept.grad is not None
    assert torch.equal(kept.grad, x[None])
    grid.settle(layer)
    assert torch.equal(layer.weight, grid.snapped(before))


def test_an_encoder_that_has_no_blocks_is_one_clear_line(tmp_path: Path) -> None:
    tiny_encoder(tmp_path / "narrow")
    model = TransformerModel(config(tmp_path / "narrow", weight_bits=4))
    with pytest.raises(ModelError, match=r"32 inputs, no multiple of 128: set transformer\.weight_bits=8"):
        model.fit(ROWS, ROWS, 13, tmp_path / "checkpoint", silent)


def test_what_is_trained_on_the_grid_is_stored_in_4_bits_and_judges_as_before_in_any_batch(
    encoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = TransformerModel(config(encoder, weight_bits=4))
    model.fit(ROWS, ROWS, 13, tmp_path / "checkpoint", silent)
    model.save(tmp_path)
    weights = {name: w for name, w in load_file(tmp_path / WEIGHTS).items() if name.endswith("weight")}
    matrices = [w for name, w in weights.items() if ".layer." in name and name.split(".")[-2] in MATRICES]
    assert len(matrices) == 2 * 6
    assert all(torch.equal(grid.snapped(w), w) for w in matrices)
    kinds = [node.op_type for node in onnx.load(tmp_path / NETWORK).graph.node]
    assert (kinds.count("MatMulNBits"), kinds.count("MatMulIntegerToFloat")) == (2 * 6, 0)
    shipped = Runtime.load(tmp_path, threads=2)
    together = shipped.predict_proba(ROWS)
    np.testing.assert_allclose(together, model.predict_proba(ROWS), atol=0.01)
    for size in (1, 3, 32):
        monkeypatch.setattr(runtime, "BATCH", size)
        np.testing.assert_allclose(shipped.predict_proba(ROWS), together, atol=1e-6)


def test_an_interrupted_run_on_the_grid_goes_on(encoder: Path, tmp_path: Path) -> None:
    def cut(name: str, share: float) -> None:
        if share > 0.7:
            raise KeyboardInterrupt

    settings = config(encoder, weight_bits=4)
    whole = TransformerModel(settings)
    whole.fit(ROWS, ROWS, 13, tmp_path / "whole", silent)
    with pytest.raises(KeyboardInterrupt):
        TransformerModel(settings).fit(ROWS, ROWS, 13, tmp_path / "work", cut)
    resumed = TransformerModel(settings)
    resumed.fit(ROWS, ROWS, 13, tmp_path / "work", silent)
    np.testing.assert_array_equal(resumed.predict_proba(ROWS), whole.predict_proba(ROWS))
