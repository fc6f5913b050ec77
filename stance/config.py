"""Every configuration schema, and how a configuration is found, read and overridden.

Values live in `configs/`, each key in exactly one file: `pipeline.yaml` for the job, one file per model.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from stance.errors import ConfigError
from stance.io import found
from stance.schema import Strict, load_yaml, read_yaml

FOLDER = Path("configs")
PositiveInt = Annotated[int, Field(gt=0)]
Share = Annotated[float, Field(ge=0, le=1)]


class Split(Strict):
    """Shares of the documents, decided by a stable hash of the document's id; the rest trains."""

    validation: Share
    test: Share


class Paths(Strict):
    """Where the job reads and writes, relative to the working folder."""

    codebook: str
    corpus: str
    gold: str
    raw: str
    review: str
    behaviour: str
    silver: str
    dataset: str
    models: str
    metrics: str


class Labeling(Strict):
    """How the rules' votes become labels, and which of them train."""

    min_confidence: Share
    weight: Share


class Evaluation(Strict):
    """Resampling for intervals and tests."""

    bootstrap: PositiveInt
    permutations: PositiveInt


class Audit(Strict):
    """What a model must show to be champion; `pairs` is about how many each probe swaps.

    `max_flips` is of the labels that change with an actor's name, `max_gap` how far accuracy may fall where an actor
    does not take its usual stance.
    """

    pairs: PositiveInt
    max_flips: Share
    max_gap: Share


class Tracking(Strict):
    """The MLflow experiment and store."""

    enabled: bool
    experiment: str
    store: str
    artifacts: str


class Columns(Strict):
    """Where a table has what a document is made of: names of columns, the first that a table knows is taken."""

    text: list[str] = Field(min_length=1)
    id: list[str]
    date: list[str]
    outlet: list[str]
    kind: list[str]
    language: list[str]


class Archive(Strict):
    """How prediction cuts an archive: a part is full with so many documents or so many bytes of them."""

    part_documents: PositiveInt
    part_bytes: PositiveInt


class Pipeline(Strict):
    """`pipeline.yaml`: everything that no single model owns."""

    seed: int
    threads: Annotated[int, Field(ge=0)]
    paths: Paths
    columns: Columns
    archive: Archive
    split: Split
    near_duplicate: Share
    labeling: Labeling
    evaluation: Evaluation
    audit: Audit
    must_beat: str
    models: list[str] = Field(min_length=1)
    tracking: Tracking


class TfidfConfig(Strict):
    """`tfidf.yaml`: the baseline."""

    kind: Literal["tfidf"]
    word_ngrams: Annotated[int, Field(ge=1, le=5)]
    char_ngrams_min: PositiveInt
    char_ngrams_max: PositiveInt
    min_df: PositiveInt
    C: Annotated[float, Field(gt=0)]
    class_weight: Literal["balanced", "none"]


class TransformerConfig(Strict):
    """`transformer.yaml`: the fine-tuned encoder; `encoder` is "embedded", a hub name or a local folder.

    `teacher` is a file of a larger model's soft labels (stance/models/teacher.py) or null, and `teacher_share` its part
    of the loss, beside the gold's. `weight_bits` is what a weight takes in the network that predicts.
    """

    kind: Literal["transformer"]
    encoder: str
    max_tokens: Annotated[int, Field(ge=16, le=4096)]
    context_tokens: Annotated[int, Field(ge=0, le=4096)]
    epochs: PositiveInt
    patience: PositiveInt
    batch_size: PositiveInt
    learning_rate: Annotated[float, Field(gt=0)]
    head_learning_rate: Annotated[float, Field(gt=0)]
    weight_decay: Annotated[float, Field(ge=0)]
    warmup: Share
    dropout: Share
    label_smoothing: Share
    none_per_stance: Annotated[float, Field(gt=0)]
    teacher: str | None
    teacher_share: Share
    precision: Literal["fp32", "bf16"]
    weight_bits: Literal[4, 8]


ModelConfig = TfidfConfig | TransformerConfig
_KINDS: dict[str, type[TfidfConfig] | type[TransformerConfig]] = {
    "tfidf": TfidfConfig,
    "transformer": TransformerConfig,
}


def _settings_for(prefix: str, settings: Sequence[str]) -> list[str]:
    return [s.removeprefix(f"{prefix}.") for s in settings if s.startswith(f"{prefix}.")]


def load_pipeline(settings: Sequence[str] = (), folder: Path = FOLDER) -> Pipeline:
    """Read `pipeline.yaml`, or the shipped one where none is here, with the overrides that start with `pipeline.`."""
    folder = found(folder / "pipeline.yaml").parent
    _check_prefixes(settings, folder)
    return load_yaml(Pipeline, folder / "pipeline.yaml", _settings_for("pipeline", settings))


def load_model_config(name: str, settings: Sequence[str] = (), folder: Path = FOLDER) -> ModelConfig:
    """Read a model's file by its name, with the overrides that start with its name applied."""
    kind = name if name in _KINDS else _peek_kind(folder / f"{name}.yaml")
    return load_yaml(_KINDS[kind], folder / f"{name}.yaml", _settings_for(name, settings))


def _peek_kind(path: Path) -> str:
    value, lines = read_yaml(path)
    kind = value.get("kind") if isinstance(value, dict) else None
    if kind not in _KINDS:
        raise ConfigError(f"kind: one of {', '.join(_KINDS)} was expected, not {kind!r}", path, lines.get(("kind",), 1))
    return str(kind)


def _check_prefixes(settings: Sequence[str], folder: Path) -> None:
    files = sorted(p.stem for p in folder.glob("*.yaml") if p.stem != "codebook")
    for setting in settings:
        prefix = setting.partition(".")[0].partition("=")[0]
        if prefix not in files:
            raise ConfigError(f"'{setting}' starts with no configuration's name ({', '.join(files)})", "--set")


def as_dict(config: Strict) -> dict[str, Any]:
    """A configuration as plain values."""
    return config.model_dump(mode="json")
