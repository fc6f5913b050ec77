"""Gold labels that are most likely wrong: confident learning on what a model says of documents that it has not seen.

After Northcutt, Jiang and Chuang (2021), "Confident Learning: Estimating Uncertainty in Dataset Labels", by cleanlab.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from stance.errors import InputError
from stance.models.base import Probabilities, Progress, Row, StanceModel, silent, targets
from stance.records import LABELS

FOLDS = 5


def out_of_fold(rows: Sequence[Row], model: StanceModel, seed: int, report: Progress = silent) -> Probabilities:
    """Each row judged by the model as the other folds' documents train it; a model that needs no validation rows.

    Raises:
        InputError: fewer documents than folds.
    """
    from sklearn.model_selection import GroupKFold

    docs = [row["doc"] for row in rows]
    if len(set(docs)) < FOLDS:
        raise InputError(f"label errors are told from at least {FOLDS} annotated documents; there are {len(set(docs))}")
    out = np.zeros((len(rows), len(LABELS)))
    for n, (train, held) in enumerate(GroupKFold(FOLDS).split(rows, groups=docs), 1):
        model.fit([rows[i] for i in train], [], seed, Path(), silent)
        out[held] = model.predict_proba([rows[i] for i in held])
        report("label errors", n / FOLDS)
    return out


def suspects(rows: Sequence[Row], probabilities: Probabilities) -> list[int]:
    """The rows whose label is most likely wrong, by index, the likeliest first; `probabilities` are out of fold.

    How many there are cleanlab estimates from how often each label is confidently taken for another; their order is
    that of the probability of the row's own label.
    """
    from cleanlab.filter import find_label_issues

    found = find_label_issues(targets(rows), probabilities, return_indices_ranked_by="self_confidence", n_jobs=1)
    return [int(i) for i in found]
