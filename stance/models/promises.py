"""From which confidence on a precision can be promised: "of the stances printed, at least 80% are right".

Learn then Test (Angelopoulos, Bates, Candès, Jordan and Lei 2021): thresholds are tested from the strictest to the
loosest, each against the hypothesis that precision there is lower than promised, and the last one before a test fails
is kept. With the chosen assurance, so is the promise. Pairs of one document are not independent, so the exact
binomial test runs on their effective number (Korn and Graubard 1998, Survey Methodology 24).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

ASSURANCE = 0.9  # how sure a promise is: the share of calibrations whose threshold keeps it
PROMISES = tuple(f"{percent / 100:.2f}" for percent in range(50, 100))
Counts = NDArray[np.number[Any]]
SHARES = np.arange(10, 101) / 100  # of the stances printed, at the thresholds tested; fewer than 10% prove nothing


def p_values(right: Counts, printed: Counts, precision: NDArray[np.float64]) -> NDArray[np.float64]:
    """How likely so many right ones are if the true precision is lower than each `precision`; counts are per document.

    The number of pairs is divided by the design effect, which says how much more precision varies between documents
    than it would if pairs were independent. Where all are right nothing varies, and pairs of one document count as one.
    """
    from scipy.special import betaincc  # of the beta distribution that carries the binomial one to fractions

    n, documents = printed.sum(), len(printed)
    share = right.sum() / n
    if share == 0:
        return np.ones(len(precision))
    if share == 1:
        effect = (printed**2).sum() / n
    else:
        spread = documents / max(documents - 1, 1) * ((right - share * printed) ** 2).sum()
        effect = max(1.0, spread / (n * share * (1 - share)))
    wrong = n * (1 - share) / effect
    out: NDArray[np.float64] = betaincc(wrong + 1, n / effect - wrong, 1 - precision)
    return out


def thresholds(
    confidence: NDArray[np.float64], right: NDArray[np.bool_], docs: Sequence[str]
) -> dict[str, float | None]:
    """The least confidence that keeps each of PROMISES, or None, from held-out stances that the model predicted.

    `confidence` and `right` have shape (stances,); `docs` is each one's document. Each promise holds by itself.
    """
    if not len(confidence):
        return dict.fromkeys(PROMISES)
    ranked = np.sort(confidence)[::-1]
    tested = [float(ranked[max(1, round(share * len(ranked))) - 1]) for share in SHARES]
    _, document = np.unique(np.asarray(docs), return_inverse=True)
    promised = np.array(PROMISES, dtype=np.float64)
    passed = []
    for least in tested:
        kept = confidence >= least
        p = p_values(np.bincount(document[kept], right[kept]), np.bincount(document[kept]), promised)
        passed.append(p <= 1 - ASSURANCE)
    last = np.logical_and.accumulate(passed).sum(0)  # how many tests each promise passed before it failed one
    return {promise: tested[n - 1] if n else None for promise, n in zip(PROMISES, last, strict=True)}
