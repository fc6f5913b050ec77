"""Each labeling rule votes on its cue and abstains beside it."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from stance.labeling.rules import RULES
from stance.labeling.votes import combine, vote

CASES: dict[str, dict[str, list[str]]] = yaml.safe_load(
    (Path(__file__).parent.parent / "cases" / "rules.yaml").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("rule", RULES, ids=lambda r: r.name)
def test_rule(rule: object) -> None:
    cases = CASES[rule.name]  # type: ignore[attr-defined]
    assert len(cases["votes"]) + len(cases["abstains"]) >= 3
    assert cases["abstains"]
    for text in cases["votes"]:
        assert rule(text) == rule.label, text  # type: ignore[operator, attr-defined]
    for text in cases["abstains"]:
        assert rule(text) is None, text  # type: ignore[operator]


def test_every_case_belongs_to_a_rule() -> None:
    assert set(CASES) == {rule.name for rule in RULES}


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("[ACTOR] said it would not attend [PROCESS].", "boycotting"),
        ("[ACTOR] did not rule out attending [PROCESS].", "none"),
        ("[ACTOR] threatened to boycott [PROCESS].", "skeptical"),
        ("[OTHER] accused [ACTOR] of undermining [PROCESS].", "none"),
        ("[ACTOR] hopes that [PROCESS] will succeed.", "supportive"),
        ("[ACTOR] hosted [PROCESS] and later walked out.", "boycotting"),
        ("Aid reached the town.", "none"),
    ],
)
def test_what_the_rules_say_together(text: str, label: str) -> None:
    (combined,) = combine([vote(text)])
    assert combined.label == label
