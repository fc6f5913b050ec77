"""The same four verbs for both models; the exported network judges as the trained one; training resumes."""

from __future__ import annotations

import itertools
import re
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from stance import models
from stance.config import TransformerConfig, load_model_config
from stance.errors import ModelError
from stance.models.base import targets
from stance.models.encoding import Encoder
from stance.models.runtime import Runtime
from stance.models.transformer import TransformerModel, encoder_path
from tests.conftest import ROOT, SMALL, tiny_encoder

VERBS = {
    "supportive": ["welcomed", "hosted", "praised", "backed"],
    "skeptical": ["doubted", "feared", "criticised", "mistrusted"],
    "boycotting": ["boycotted", "shunned", "quit", "refused"],
    "none": ["saw", "mentioned", "passed", "heard of"],
}
ROWS: list[dict[str, Any]] = [
    {"marked": f"{opening}[ACTOR] {verb} [PROCESS] {end}.", "context": "Earlier talk.", "label": label, "weight": 1.0}
    for label, verbs in VERBS.items()
    for verb, opening, end in itertools.product(verbs, ("", "On Monday "), ("today", "in May", "again", "at last"))
]


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("encoder")
    tiny_encoder(folder)
    return folder


def config(encoder: Path, **change: Any) -> TransformerConfig:
    settings = [s.removeprefix("--set=") for s in SMALL if s.startswith("--set=transformer")]
    out = load_model_config("transformer", settings, ROOT / "configs")
    assert isinstance(out, TransformerConfig)
    return out.model_copy(update={"encoder": str(encoder), "epochs": 3, "batch_size": 8} | change)


def silent(name: str, share: float) -> None:
    assert 0 <= share <= 1


def test_tfidf_learns_saves_and_loads(tmp_path: Path) -> None:
    model = models.build(load_model_config("tfidf", folder=ROOT / "configs"))
    model.fit(ROWS, ROWS, 13, tmp_path, silent)
    before = model.predict_proba(ROWS)
    assert (before.argmax(1) == targets(ROWS)).mean() > 0.95
    np.testing.assert_allclose(before.sum(1), 1)
    model.save(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["model.skops"]
    np.testing.assert_array_equal(models.load_uncalibrated(tmp_path, "tfidf").predict_proba(ROWS), before)
    again = models.build(load_model_config("tfidf", folder=ROOT / "configs"))
    again.fit(ROWS, ROWS, 13, tmp_path, silent)
    saved = (tmp_path / "model.skops").read_bytes()
    again.save(tmp_path)
    assert (tmp_path / "model.skops").read_bytes() == saved  # so a model's version says whether it is the same
    with zipfile.ZipFile(tmp_path / "model.skops") as file:
        assert not re.search(r'"\d{12,}"', file.read("schema.json").decode())  # an address, another in each process


def test_a_pickle_in_place_of_a_model_is_refused(tmp_path: Path) -> None:
    import pickle

    (tmp_path / "model.skops").write_bytes(pickle.dumps({"a": 1}))
    with pytest.raises(ModelError, match="cannot be opened"):
        models.load_uncalibrated(tmp_path, "tfidf")


@pytest.fixture(scope="module")
def fitted(encoder: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[TransformerModel, Path]:
    model = TransformerModel(config(encoder))
    fit = model.fit(ROWS, ROWS, 13, tmp_path_factory.mktemp("work") / "checkpoint", silent)
    assert [h["epoch"] for h in fit.history] == [1, 2, 3]
    assert fit.history[-1]["train_loss"] < fit.history[0]["train_loss"]
    folder = tmp_path_factory.mktemp("model")
    model.save(folder)
    return model, folder


def test_the_runtime_judges_as_the_trained_network(fitted: tuple[TransformerModel, Path]) -> None:
    model, folder = fitted
    runtime = Runtime.load(folder, threads=2)
    np.testing.assert_allclose(runtime.predict_proba(ROWS), model.predict_proba(ROWS), atol=0.01)


def test_an_interrupted_run_ends_as_an_undisturbed_one(encoder: Path, tmp_path: Path) -> None:
    class Cut(Exception):
        pass

    def cut(name: str, share: float) -> None:
        if share > 0.7:
            raise Cut

    whole = TransformerModel(config(encoder))
    whole.fit(ROWS, ROWS, 13, tmp_path / "whole", silent)
    with pytest.raises(Cut):
        TransformerModel(config(encoder)).fit(ROWS, ROWS, 13, tmp_path / "work", cut)
    assert (tmp_path / "work" / "epoch-2.json").exists()
    resumed = TransformerModel(config(encoder))
    fit = resumed.fit(ROWS, ROWS, 13, tmp_path / "work", silent)
    assert [h["epoch"] for h in fit.history] == [1, 2, 3]
    for (name, a), b in zip(whole._network.state_dict().items(), resumed._network.state_dict().values(), strict=True):
        assert torch.equal(a, b), name
    assert not (tmp_path / "work").exists()


def test_a_loss_that_explodes_is_an_error(encoder: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"lower transformer\.learning_rate"):
        TransformerModel(config(encoder, learning_rate=1e30)).fit(ROWS, ROWS, 13, tmp_path / "w", silent)


def test_a_hub_name_without_network_is_one_clear_line(encoder: Path) -> None:
    with pytest.raises(ModelError, match="encoder 'no-such/encoder' cannot be opened"):
        TransformerModel(config(Path("no-such/encoder")))


def test_a_long_sentence_is_shown_through_a_window_around_the_pair(encoder: Path) -> None:
    model = TransformerModel(config(encoder))
    enc: Encoder = model._encoder
    row = {"marked": "word " * 5000 + "[ACTOR] will not attend [PROCESS] " + "word " * 5000, "context": "Before."}
    encoded = enc.encode(row)
    assert len(encoded.ids) <= 64
    assert encoded.actor != [0]
    assert encoded.process != [0]


@pytest.mark.parametrize("words", [4, 5])
def test_rows_are_padded_to_an_even_number_of_tokens_that_say_nothing(encoder: Path, words: int) -> None:
    model = TransformerModel(config(encoder))
    enc: Encoder = model._encoder
    encoded = enc.encode({"marked": "[ACTOR] left [PROCESS]" + " now" * words, "context": ""})
    batch = enc.batch([encoded])
    size = len(encoded.ids)
    assert batch["input_ids"].shape == (1, size + size % 2)
    assert batch["attention_mask"].tolist() == [[1] * size + [0] * (size % 2)]


def test_the_embedded_encoder_is_in_its_package() -> None:
    assert (Path(encoder_path("embedded")) / "model.safetensors").exists()
