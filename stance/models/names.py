"""What names alone can tell: baselines that never read the sentence.

In the audit they are the controls: they cheat by names, so a probe that they pass probes nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from stance.models.base import Probabilities, Row, one_hot, targets
from stance.records import LABELS

PRIOR, NAMES = "actor prior", "names only"


class ActorPrior:
    """Each actor's most frequent label in training, `none` included."""

    def __init__(self, train: Sequence[Row]) -> None:
        counts: dict[str, Counter[str]] = {}
        for row in train:
            counts.setdefault(row["actor"], Counter())[row["label"]] += 1
        self._label = {actor: labels.most_common(1)[0][0] for actor, labels in counts.items()}

    def predict_proba(self, rows: Sequence[Row]) -> Probabilities:
        """Probabilities of shape (rows, LABELS), all on one label; `none` for an unknown actor."""
        return one_hot([self._label.get(row["actor"], "none") for row in rows])


def _features(row: Row) -> dict[str, str]:
    actor, process = row["actor"], row["process"]
    return {"actor": actor, "process": process, "kind": row["actor_kind"], "pair": f"{actor} {process}"}


class NamesModel:
    """Logistic regression over actor, process and kind; classes are balanced, as in the TF-IDF baseline."""

    def __init__(self, train: Sequence[Row], seed: int) -> None:
        from sklearn.feature_extraction import DictVectorizer
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline

        classifier = LogisticRegression(class_weight="balanced", max_iter=2000, random_state=seed)
        self._pipeline: Any = make_pipeline(DictVectorizer(), classifier)
        weights = np.array([row["weight"] for row in train])
        features = [_features(row) for row in train]
        self._pipeline.fit(features, targets(train), logisticregression__sample_weight=weights)

    def predict_proba(self, rows: Sequence[Row]) -> Probabilities:
        """Probabilities of shape (rows, LABELS); a label that training never saw gets 0."""
        out = np.zeros((len(rows), len(LABELS)))
        if rows:
            classes = self._pipeline.named_steps["logisticregression"].classes_
            out[:, classes] = self._pipeline.predict_proba([_features(row) for row in rows])
        return out
