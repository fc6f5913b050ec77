"""A small debate, counted by hand, that the tests of every export share."""

from __future__ import annotations

import datetime

import pytest

from stance.records import LABELS, Stance
from stance.statements import Statement


def say(actor: str, process: str, stance: Stance, **about: object) -> Statement:
    """A statement of an actor; `about` are the fields that matter to the test."""
    text = f"{actor} is {stance} toward {process}."
    rest = 0.1 / 3
    fields = {
        "doc": "a",
        "date": datetime.date(2018, 1, 24),
        "outlet": "Levant Wire",
        "start": 0,
        "end": len(text),
        "text": text,
        "mention": actor,
        "mention_start": 0,
        "mention_end": len(actor),
        "confidence": 0.9,
        "probabilities": tuple(0.9 if label == stance else rest for label in LABELS),
        "model": "rules",
    }
    return Statement(actor=actor, process=process, stance=stance, **{**fields, **about})  # type: ignore[arg-type]


@pytest.fixture
def debate() -> list[Statement]:
    """Turkey and Iran back Astana, the rebels shun it; Turkey has doubts of Geneva, which the others and itself back."""
    return [
        say("Turkey", "astana", "supportive"),
        say("Turkey", "astana", "supportive", doc="b", outlet="Daily Post"),
        say("Turkey", "astana", "skeptical", doc="c", date=None, outlet=None),
        say("Turkey", "geneva", "skeptical", date=datetime.date(2018, 2, 3)),
        say("Iran", "astana", "supportive", confidence=0.6),
        say("Syrian rebels", "astana", "boycotting"),
        say("Syrian rebels", "astana", "boycotting", doc="b"),
        say("Syrian rebels", "geneva", "supportive"),
        say("Qatar", "sochi", "skeptical"),
    ]
