"""Text to Predictions: the one way that evaluation, prediction and the served model share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from stance import cache, models, registry
from stance.candidates import Generator, as_row
from stance.errors import ConfigError
from stance.io import found
from stance.models.base import Predictor, Probabilities
from stance.models.calibration import Calibrated, Confidence
from stance.records import LABELS, Candidate, Document, Prediction

RULES = "rules"
BATCH_DOCUMENTS, BATCH_CANDIDATES = 64, 4096  # judged at a time, whichever is reached first


@dataclass(frozen=True)
class Judge:
    """A codebook's candidates, judged by one model."""

    generator: Generator
    model: Predictor
    version: str

    @property
    def confidence(self) -> Confidence:
        """What the model's confidence is worth.

        Raises:
            ConfigError: the rules judge, whose confidence nobody has measured on held-out documents.
        """
        if not isinstance(self.model, Calibrated):
            raise ConfigError(f"'{self.version}' promises no precision: choose a trained model", "--model")
        return self.model.confidence

    def predict(self, documents: Iterable[Document]) -> Iterator[Prediction]:
        """Yield a prediction for every candidate, document by document, in order."""
        batch: list[Candidate] = []
        for n, document in enumerate(documents, 1):
            for candidate in self.generator.candidates(document):
                batch.append(candidate)
                if len(batch) == BATCH_CANDIDATES:
                    yield from self.judge(batch)
                    batch = []
            if n % BATCH_DOCUMENTS == 0:
                yield from self.judge(batch)
                batch = []
        yield from self.judge(batch)

    def judge(self, candidates: Sequence[Candidate]) -> Iterator[Prediction]:
        """Yield a prediction for each of some candidates, in order."""
        if not candidates:
            return
        rows = [as_row(c, self.generator.codebook) for c in candidates]
        for candidate, p in zip(candidates, self.model.predict_proba(rows), strict=True):
            yield Prediction(candidate, tuple(map(float, p)), self.version)


class RulesModel:
    """The labeling rules alone, behind the same verb as the trained models."""

    def predict_proba(self, rows: Iterable[object]) -> Probabilities:
        """The combined votes' probabilities, of shape (rows, LABELS)."""
        import numpy as np

        # Here, since the rules' patterns are compiled on import, and a trained model does without them.
        from stance.labeling.votes import combine, vote

        combined = combine([vote(row["marked"]) for row in rows])  # type: ignore[index]
        return np.array([c.probabilities for c in combined]).reshape(-1, len(LABELS))


def open_judge(
    codebook_path: Path, models_folder: Path, name: str | None, threads: int, foreign: bool = False
) -> Judge:
    """The judge that a user asks for: a model's name, "rules", or None for the champion, else the released model.

    With `foreign`, a model trained under another codebook is warned of instead of refused.
    """
    if name == RULES:
        return Judge(Generator(cache.load(found(codebook_path))), RulesModel(), RULES)
    folder = registry.locate(models_folder, name)
    generator = Generator(cache.load(found(codebook_path)))
    manifest = registry.read(folder)
    registry.check_codebook(manifest, generator.codebook, folder, foreign)
    return Judge(generator, models.load(folder, manifest.kind, threads), manifest.version)
