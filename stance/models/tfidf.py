"""The baseline: TF-IDF of word and character n-grams of the marked sentence, logistic regression; saved with skops."""

from __future__ import annotations

import io
import re
import time
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from stance.config import TfidfConfig
from stance.errors import ModelError
from stance.models.base import Fit, Probabilities, Progress, Row, targets
from stance.records import LABELS

FILE = "model.skops"
# Markers count as words, and so do "n't", "not" and "no": no stop words are removed.
WORD = r"\[[A-Z]+\]|\w+(?:['’]\w+)?|[?!]"
_ADDRESS = re.compile(r'("__id__": |"file": ")(\d+)')  # of an object that skops saved


def _numbered(saved: bytes) -> bytes:
    """What skops saved, with its objects numbered in their order and not by their addresses, and without the time."""
    with zipfile.ZipFile(io.BytesIO(saved)) as file:
        files = {name: file.read(name) for name in file.namelist()}
    numbers: dict[str, str] = {}

    def number(match: re.Match[str]) -> str:
        return match[1] + numbers.setdefault(match[2], str(len(numbers)))

    schema = _ADDRESS.sub(number, files.pop("schema.json").decode())
    arrays = {numbers[name.removesuffix(".npy")] + ".npy": data for name, data in files.items()}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        for name, data in sorted({"schema.json": schema.encode(), **arrays}.items()):
            file.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


class TfidfModel:
    """TF-IDF and logistic regression behind the four verbs."""

    def __init__(self, config: TfidfConfig, pipeline: Any = None) -> None:
        self._config = config
        self._pipeline = pipeline

    def _new(self, seed: int) -> Any:
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import FeatureUnion, Pipeline

        c = self._config
        chars = (c.char_ngrams_min, c.char_ngrams_max)
        common: dict[str, Any] = {"min_df": c.min_df, "sublinear_tf": True, "lowercase": False}
        words = TfidfVectorizer(token_pattern=WORD, ngram_range=(1, c.word_ngrams), **common)
        characters = TfidfVectorizer(analyzer="char_wb", ngram_range=chars, **common)
        weight = "balanced" if c.class_weight == "balanced" else None
        return Pipeline(
            [
                ("features", FeatureUnion([("words", words), ("characters", characters)])),
                ("classifier", LogisticRegression(C=c.C, class_weight=weight, max_iter=2000, random_state=seed)),
            ]
        )

    def fit(self, train: Sequence[Row], validation: Sequence[Row], seed: int, work: Path, progress: Progress) -> Fit:
        """Fit on the marked sentences; validation and `work` are not needed."""
        from threadpoolctl import threadpool_limits

        start = time.perf_counter()
        progress("tfidf", 0.0)
        self._pipeline = self._new(seed)
        weights = np.array([row["weight"] for row in train])
        with threadpool_limits(1):  # one BLAS thread fits twice as fast as two on matrices this thin
            self._pipeline.fit([r["marked"] for r in train], targets(train), classifier__sample_weight=weights)
        progress("tfidf", 1.0)
        return Fit(seconds=time.perf_counter() - start)

    def predict_proba(self, rows: Sequence[Row]) -> Probabilities:
        """Probabilities of shape (rows, LABELS); a label that training never saw gets 0."""
        out = np.zeros((len(rows), len(LABELS)))
        if rows:
            out[:, self._pipeline.classes_] = self._pipeline.predict_proba([r["marked"] for r in rows])
        return out

    def save(self, folder: Path) -> None:
        """Write `model.skops`; the same model makes the same bytes."""
        import skops.io

        for _, vectorizer in self._pipeline["features"].transformer_list:
            vars(vectorizer).pop("_stop_words_id", None)  # an address, by which scikit-learn spares itself a check
        (folder / FILE).write_bytes(_numbered(skops.io.dumps(self._pipeline)))

    @classmethod
    def load(cls, folder: Path) -> TfidfModel:
        """Open a saved model; only scikit-learn's own types are accepted from the file."""
        import skops.io

        path = folder / FILE
        try:
            unknown = skops.io.get_untrusted_types(file=path)
            if unknown:
                raise ModelError(f"holds types that are not trusted: {', '.join(unknown)}", path)
            return cls.__new__(cls)._with(skops.io.load(path, trusted=[]))
        except ModelError:
            raise
        except Exception as error:  # skops and zipfile raise many kinds for a damaged file
            raise ModelError(f"cannot be opened: {type(error).__name__}", path) from error

    def _with(self, pipeline: Any) -> TfidfModel:
        self._pipeline = pipeline
        return self
