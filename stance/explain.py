"""Why a label: the words without which it is less probable, and the labeling rules that fire.

Words are weighed by occlusion (representation erasure: Li, Monroe and Jurafsky 2016): each is left out of the marked
sentence in turn and the rest is judged again. That asks nothing of a model but `predict_proba`, so all are explained
alike.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from stance.candidates import as_row
from stance.pipeline import Judge
from stance.records import LABELS, Prediction

MOST, LEAST = 5, 0.05  # words that are told, and the drop in probability from which one is worth telling
BATCH = 512  # variants of a sentence that are held at once
_WORD = re.compile(r"\[[A-Z]+\]|\w+(?:['’-]\w+)*")


@dataclass(frozen=True, slots=True)
class Explanation:
    """The deciding words with the drop in the label's probability without each, the largest first; rules by name."""

    words: tuple[tuple[str, float], ...]
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """A prediction that is to be shown, with its explanation where one was asked for."""

    prediction: Prediction
    explanation: Explanation | None = None

    def row(self) -> dict[str, object]:
        """The prediction as the contract's JSON object, with `words` and `rules` if it is explained."""
        if self.explanation is None:
            return self.prediction.row()
        words = [{"word": word, "drop": round(drop, 4)} for word, drop in self.explanation.words]
        return {**self.prediction.row(), "words": words, "rules": list(self.explanation.rules)}


def explain(prediction: Prediction, judge: Judge) -> Explanation:
    """Say which words of its sentence and which rules speak for a prediction, as the judge that made it sees them."""
    from stance.labeling.votes import vote  # compiles the rules, which nobody else needs

    candidate = prediction.candidate
    marked = candidate.marked
    words = [m for m in _WORD.finditer(marked) if not m.group().startswith("[")]  # the pair itself stays
    row = as_row(candidate, judge.generator.codebook)
    rest = [{**row, "marked": _without(marked, *word.span())} for word in words]
    label = LABELS.index(prediction.label)
    kept = [p[label] for n in range(0, len(rest), BATCH) for p in judge.model.predict_proba(rest[n : n + BATCH])]
    drops = [(word.group(), prediction.confidence - float(p)) for word, p in zip(words, kept, strict=True)]
    telling = sorted((drop for drop in drops if drop[1] >= LEAST), key=lambda drop: -drop[1])
    return Explanation(tuple(telling[:MOST]), tuple(vote(marked).by_rule))


def _without(text: str, start: int, end: int) -> str:
    return f"{text[:start].rstrip()}{text[end:]}".lstrip()
