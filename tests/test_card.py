"""What a model's card puts first, and the table of all systems."""

from __future__ import annotations

from typing import Any

from stance import card


def figures(score: float, **slices: dict[str, dict[str, float]]) -> dict[str, Any]:
    classes = {s: {"f1": f1} for s, f1 in (("supportive", 0.7), ("skeptical", 0.5), ("boycotting", 0.6), ("none", 0.1))}
    empty: dict[str, Any] = {"by_process": {}, "by_actor_kind": {}, "by_explicitness": {}}
    return (
        {"macro_f1": score, "macro_f1_low": score - 0.1, "macro_f1_high": score + 0.1, "classes": classes}
        | empty
        | slices
    )


def test_weakest_names_the_worst_stance_and_the_worst_part_that_is_large_enough() -> None:
    f = figures(
        0.6,
        by_process={
            "geneva": {"examples": 900, "macro_f1": 0.7},
            "vienna": {"examples": 50, "macro_f1": 0.55},
            "moscow": {"examples": 49, "macro_f1": 0.1},
        },
        by_explicitness={"explicit": {"examples": 5, "macro_f1": 0.2}},
    )
    assert card.weakest(f) == "Weakest: skeptical (F1 0.500), process vienna (0.550)."


def test_the_overview_has_the_tests_first_and_the_champion_in_bold() -> None:
    systems = {"a": figures(0.6) | {"against": {"b": {"difference": 0.1, "p": 0.003}}}, "b": figures(0.5)}
    assert card.overview(systems, "a").splitlines() == [
        "a against b: +0.100 macro F1, p = 0.0030 (paired, by document).",
        "",
        "| system | macro F1 | 95% interval | supportive | skeptical | boycotting |",
        "| --- | ---: | --- | ---: | ---: | ---: |",
        "| **a** | 0.600 | 0.500 to 0.700 | 0.700 | 0.500 | 0.600 |",
        "| b | 0.500 | 0.400 to 0.600 | 0.700 | 0.500 | 0.600 |",
    ]
