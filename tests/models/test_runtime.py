"""The exported network: compact, as good as the trained one, the same in any batch, and refused where it is damaged."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import numpy_helper
from tokenizers import Tokenizer

from stance.errors import ModelError
from stance.models import runtime
from stance.models.encoding import Encoder
from stance.models.runtime import NETWORK, SETTINGS, TOKENIZER, Runtime
from tests.models.test_models import ROWS


@pytest.fixture
def folder(project: Path) -> Path:
    return project / "models" / "transformer"


def test_matrices_and_the_embedding_table_are_stored_in_8_bits(folder: Path) -> None:
    model = onnx.load(folder / NETWORK)
    arrays = [numpy_helper.to_array(i) for i in model.graph.initializer]
    tokens = Tokenizer.from_file(str(folder / TOKENIZER)).get_vocab_size()
    (table,) = (a for a in arrays if a.shape[:1] == (tokens,) and a.shape[1] > 1)
    assert table.dtype == np.int8
    assert not [
        n for n in model.graph.node if n.op_type == "MatMul" and n.input[1] in {i.name for i in model.graph.initializer}
    ]
    assert sum(n.op_type == "MatMulIntegerToFloat" for n in model.graph.node) == 2 * 6  # of two layers
    assert (folder / NETWORK).stat().st_size < 0.4 * (folder / "model.safetensors").stat().st_size


def test_a_row_is_judged_the_same_in_any_batch(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = Runtime.load(folder, threads=2)
    together = model.predict_proba(ROWS)
    order = np.random.default_rng(0).permutation(len(ROWS))
    np.testing.assert_allclose(model.predict_proba([ROWS[i] for i in order]), together[order], atol=1e-6)
    for size in (1, 32):
        monkeypatch.setattr(runtime, "BATCH", size)
        np.testing.assert_allclose(model.predict_proba(ROWS), together, atol=1e-6)
    assert model.predict_proba([]).shape == (0, 4)


def no_marker(folder: Path) -> None:
    path = folder / TOKENIZER
    path.write_text(path.read_text(encoding="utf-8").replace("[PROCESS]", "[SOMETHING]"), encoding="utf-8")


def larger_vocabulary(folder: Path) -> None:
    tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
    tokenizer.add_tokens(["Sochi-2018"])
    tokenizer.save(str(folder / TOKENIZER))


def pickled(folder: Path) -> None:
    (folder / NETWORK).write_bytes(pickle.dumps({"weights": [1.0, 2.0]}))


def not_finite(folder: Path) -> None:
    model = onnx.load(folder / NETWORK)
    (head,) = (n for n in model.graph.node if n.op_type == "Gemm")
    (bias,) = (i for i in model.graph.initializer if i.name == head.input[2])
    bias.CopyFrom(numpy_helper.from_array(np.full(4, np.nan, np.float32), bias.name))
    onnx.save(model, folder / NETWORK)


def no_settings(folder: Path) -> None:
    (folder / SETTINGS).write_text("{}")


@pytest.mark.parametrize(
    ("damage", "expected"),
    [
        (no_marker, r"tokenizer\.json: the tokenizer has no token \[PROCESS\]"),
        (larger_vocabulary, r"model\.onnx: does not fit its tokenizer"),
        (pickled, r"model\.onnx: cannot be opened"),
        (not_finite, r"model\.onnx: gives no numbers for the labels"),
        (no_settings, r"inference\.json: missing key 'max_tokens'"),
    ],
)
def test_a_damaged_model_is_refused_when_it_is_opened(
    folder: Path, damage: Callable[[Path], None], expected: str
) -> None:
    damage(folder)
    with pytest.raises(ModelError, match=expected):
        Runtime.load(folder)


def shown(encoder: Encoder, folder: Path, marked: str) -> tuple[Any, str]:
    encoded = encoder.encode({"marked": marked, "context": ""})
    return encoded, Tokenizer.from_file(str(folder / TOKENIZER)).decode(encoded.ids, skip_special_tokens=False)


def test_of_a_sentence_of_thousands_of_words_the_pair_and_what_is_around_it_is_read(folder: Path) -> None:
    encoder = Encoder.from_file(folder / TOKENIZER, 64, 0)
    far = "[ACTOR] " + "hill " * 2500 + "[ACTOR] will shun [PROCESS] today" + " vale" * 2500
    encoded, text = shown(encoder, folder, far)
    assert len(encoded.ids) <= 64
    assert "hill [ACTOR] will shun [PROCESS] today vale" in text
    (row,) = Runtime.load(folder).predict_proba([{"marked": far, "context": ""}])
    assert row.sum() == pytest.approx(1)


def test_of_a_pair_that_is_far_apart_both_ends_are_read(folder: Path) -> None:
    encoder = Encoder.from_file(folder / TOKENIZER, 64, 0)
    encoded, text = shown(encoder, folder, "[ACTOR] doubts that " + "hill " * 1000 + "helps [PROCESS] at last.")
    assert len(encoded.ids) <= 64
    assert "[ACTOR] doubts that hill" in text
    assert "hill helps [PROCESS] at last" in text
    assert [encoded.ids[i] for i in (*encoded.actor, *encoded.process)] == [
        encoder._tokenizer.token_to_id("[ACTOR]"),
        encoder._tokenizer.token_to_id("[PROCESS]"),
    ]
