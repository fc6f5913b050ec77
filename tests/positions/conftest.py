"""Statements made by hand."""

from __future__ import annotations

import datetime
from itertools import count

from stance.records import LABELS, Stance
from stance.statements import Statement

_NUMBERS = count()


def statement(
    stance: Stance = "supportive",
    day: str | None = "2018-01-30",
    *,
    actor: str = "Turkey",
    process: str = "sochi",
    doc: str | None = None,
    outlet: str | None = None,
    text: str | None = None,
    confidence: float = 0.8,
    model: str = "m@1",
) -> Statement:
    """A statement of its own document and with words of its own, unless they are given."""
    number = next(_NUMBERS)
    text = text or f"Sentence number {number}."
    probabilities = tuple(confidence if label == stance else (1 - confidence) / 3 for label in LABELS)
    return Statement(
        doc=doc or f"doc-{number:05}",
        date=datetime.date.fromisoformat(day) if day else None,
        outlet=outlet,
        start=0,
        end=len(text),
        text=text,
        mention=actor,
        mention_start=None,
        mention_end=None,
        actor=actor,
        process=process,
        stance=stance,
        confidence=confidence,
        probabilities=probabilities,
        model=model,
    )
