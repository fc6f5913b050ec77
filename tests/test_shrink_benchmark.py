"""A smaller copy of an encoder: its lower layers as they were, words that are left out spelt from what is kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AutoModel, AutoTokenizer

from tests.conftest import benchmark, tiny_encoder

shrink = benchmark("shrink")
TEXT = "the opposition delegation refused"


def states(folder: Path, text: str) -> tuple[list[str], torch.Tensor]:
    tokenizer, encoder = AutoTokenizer.from_pretrained(folder), AutoModel.from_pretrained(folder).eval()
    encoded: Any = tokenizer(text, return_tensors="pt")
    with torch.no_grad():
        hidden = encoder(**encoded, output_hidden_states=True).hidden_states[1]
    words: Any = tokenizer.convert_ids_to_tokens(encoded["input_ids"][0])
    return words, hidden


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    whole, small = tmp_path_factory.mktemp("whole"), tmp_path_factory.mktemp("small")
    tiny_encoder(whole)
    shrink.shrink(str(whole), small, [TEXT], layers=1, pieces=2000)
    return whole, small


def test_the_first_layer_says_of_known_words_what_it_said(folders: tuple[Path, Path]) -> None:
    (words, before), (same, after) = (states(folder, TEXT) for folder in folders)
    assert same == words == ["[CLS]", "the", "opposition", "delegation", "refused", "[SEP]"]
    torch.testing.assert_close(after, before)
    config = AutoModel.from_pretrained(folders[1]).config
    assert config.num_hidden_layers == 1
    assert config.vocab_size == len(AutoTokenizer.from_pretrained(folders[1])) < 3500


def test_a_word_that_is_left_out_is_spelt(folders: tuple[Path, Path]) -> None:
    (words, _), (spelt, _) = (states(folder, "quixotic") for folder in folders)
    assert "[UNK]" not in spelt
    assert len(spelt) > len(words)
    assert "".join(s.removeprefix("##") for s in spelt[1:-1]) == "quixotic"
