"""Majority keeps every disagreement, and agreement is what the literature computes."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import zip_longest

import pytest

from stance.codebook import load as load_codebook
from stance.labeling.agreement import against, agreement, alpha, answers, as_judgment, decide, join, latest
from stance.labeling.review import Judgment
from stance.records import LABELS, Annotation, Label
from tests.conftest import ROOT

# Krippendorff (2011), section C: four observers, twelve units, "." for a missing value.
OBSERVERS = ("123321412...", "1233224125.3", ".3332342251.", "12332441251.")


def judged(annotator: str, answer: Label, actor: str = "Russia", mention: str = "Moscow") -> Judgment:
    return Judgment("d", 0, 30, mention, actor, "sochi", True, True, answer, annotator)


def test_alpha_of_the_published_example() -> None:
    units = [[v for v in unit if v != "."] for unit in zip(*OBSERVERS, strict=True)]
    assert alpha(units) == pytest.approx(0.743, abs=5e-4)


@pytest.mark.parametrize(
    ("units", "value"),
    [([], None), ([["a"], ["b"]], None), ([["a", "a"], ["a", "a"]], None), ([["a", "a"], ["b", "b"]], 1.0)],
)
def test_alpha_where_it_is_certain_or_undefined(units: list[list[str]], value: float | None) -> None:
    assert alpha(units) == value


def test_alpha_agrees_with_the_reference_package() -> None:
    reference = pytest.importorskip("krippendorff")
    chance = random.Random(7)
    for _ in range(50):
        rows = [[chance.choice(["a", "b", "c", ""]) for _ in range(12)] for _ in range(3)]
        codes = [[float("abc".index(v)) if v else float("nan") for v in row] for row in rows]
        ours = alpha([v for v in unit if v] for unit in zip_longest(*rows))
        if ours is not None:
            assert ours == pytest.approx(reference.alpha(reliability_data=codes, level_of_measurement="nominal"))


# Two annotators, four units: values a a a b b b a b, so 4 of each and n = 8. Units (a, b) and (a, b) disagree, each
# with 2 ordered pairs: observed 4 / 8. Expected 2 * 4 * 4 / (8 * 7) = 4 / 7. Alpha = 1 - 0.5 * 7 / 4 = 0.125.
HALF = ["aa", "ab", "bb", "ab"]
WORKED = [
    (HALF, 0.125),
    (["aab"], 0.0),  # its 6 ordered pairs weigh 1 / 2 each, 4 differ: 2 of n = 3; expected (9 - 5) / 2 = 2
    (["aa", "aa", "ab"], 0.0),  # 2 differing of n = 6, values 5 a and 1 b: expected (36 - 26) / 5 = 2
    (["ab", "ab"], -0.5),  # 4 differing of n = 4; expected (16 - 8) / 3 = 8 / 3
    ([*HALF, "a", ""], 0.125),  # a unit with fewer than two values does not count
]


@pytest.mark.parametrize(("units", "expected"), WORKED)
def test_alpha_worked_by_hand(units: list[str], expected: float) -> None:
    assert alpha(units) == pytest.approx(expected)


def test_equal_names_are_joined_before_equal_words() -> None:
    first = [judged("a", "supportive", "Russia", "the three"), judged("a", "supportive", "Iran", "the three")]
    second = [judged("b", "skeptical", "Iran", "the three"), judged("b", "supportive", "Russia", "the three")]
    units = join([*first, *second])
    assert sorted((u["a"].actor, u["a"].answer, u["b"].answer) for u in units) == [
        ("Iran", "supportive", "skeptical"),
        ("Russia", "supportive", "supportive"),
    ]


def test_words_within_words_join_and_other_sentences_do_not() -> None:
    one, two = judged("a", "none", "Some Bloc", "the main bloc"), judged("b", "none", "The bloc", "main bloc")
    assert join([one, two]) == [{"a": one, "b": two}]
    assert len(join([one, replace(two, start=60, end=90)])) == 2
    assert len(join([one, replace(two, process="astana")])) == 2


def test_an_official_is_joined_to_his_principal() -> None:
    codebook = load_codebook(ROOT / "configs" / "codebook.yaml")
    lavrov = Annotation("d", 0, 30, "Lavrov", "Sergei Lavrov", "sochi", "supportive")
    found = as_judgment(lavrov, "b", codebook)
    assert (found.actor, found.answer, found.annotator) == ("Russia", "supportive", "b")
    assert len(join([judged("a", "supportive"), found])) == 1


def test_who_read_the_document_said_none_and_who_did_not_said_nothing() -> None:
    units = join([judged("rules", "supportive"), judged("anna", "skeptical", "Iran", "Tehran")])
    assert answers(units, ["rules", "idle"], {"d"}) == {
        "rules": {0: "supportive", 1: "none"},
        "idle": {0: "none", 1: "none"},
        "anna": {1: "skeptical"},
    }
    assert answers(units, ["rules", "idle"], set()) == {
        "rules": {0: "supportive"},
        "idle": {},
        "anna": {1: "skeptical"},
    }


def test_f1_against_gold_counts_what_both_judged() -> None:
    gold: dict[int, Label] = {0: "supportive", 1: "supportive", 2: "skeptical", 9: "boycotting"}
    said: dict[int, Label] = {0: "supportive", 1: "none", 2: "skeptical", 3: "boycotting"}
    counts = against(said, gold)
    assert {stance: (c.hits, c.predicted, c.gold) for stance, c in counts.items()} == {
        "supportive": (1, 1, 2),
        "skeptical": (1, 1, 1),
        "boycotting": (0, 0, 0),
    }
    assert against(said, {7: "none"}) == {}


def test_f1_on_pairs_and_triples() -> None:
    answers: list[tuple[Label, Label]] = [
        ("supportive", "supportive"),
        ("skeptical", "boycotting"),
        ("none", "supportive"),
        ("none", "none"),
    ]
    found = agreement([judged(name, pair[n], actor=f"actor {i}") for i, pair in enumerate(answers) for n, name in enumerate("ab")])  # fmt: skip
    assert (found.annotators, found.shared) == (2, 4)
    assert found.pairs.f1 == pytest.approx(4 / 5)
    assert found.triples.f1 == pytest.approx(2 / 5)
    assert "pairs F1 0.800, triples F1 0.400, Krippendorff's alpha 0.364" in str(found)


def test_agreement_of_one_annotator_says_so() -> None:
    assert str(agreement([judged("a", "none")])) == "agreement: no pair was judged by two annotators (1 in all)"


def test_majority_decides_and_a_tie_does_not() -> None:
    (decision,) = decide(
        [judged("a", "none"), judged("b", "skeptical"), judged("c", "skeptical", mention="the Kremlin")]
    )
    assert decision.disputed
    assert decision.answer == "skeptical"
    assert decision.record is not None
    assert decision.record.mention == "Moscow"
    (tie,) = decide([judged("a", "none"), judged("b", "skeptical")])
    assert tie.disputed
    assert tie.answer is None
    assert tie.record is None
    (three,) = decide([judged(name, label) for name, label in zip("abcd", LABELS, strict=True)])
    assert three.answer is None


def test_a_changed_mind_counts_once() -> None:
    assert latest([judged("a", "none"), judged("b", "none"), judged("a", "skeptical")]) == [
        judged("a", "skeptical"),
        judged("b", "none"),
    ]
