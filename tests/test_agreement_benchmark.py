"""The agreement benchmark's alpha and pairing, with values worked by hand."""

from __future__ import annotations

import importlib.util
import math
import random
import sys
from types import ModuleType
from typing import Any

import pytest

from stance.codebook import Codebook
from stance.codebook import load as load_codebook
from stance.records import Annotation, Stance
from tests.conftest import ROOT


def _benchmark() -> ModuleType:
    spec = importlib.util.spec_from_file_location("agreement_benchmark", ROOT / "benchmarks" / "agreement.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


agreement = _benchmark()


@pytest.fixture(scope="module")
def codebook() -> Codebook:
    return load_codebook(ROOT / "configs" / "codebook.yaml")


def annotation(mention: str, actor: str, stance: Stance = "supportive", start: int = 0) -> Annotation:
    return Annotation("d", start, start + 50, mention, actor, "geneva", stance)


# Two annotators, four units: values a a a b b b a b, so 4 of each and n = 8. Units (a, b) and (a, b) disagree, each
# with 2 ordered pairs: observed 4 / 8. Expected 2 * 4 * 4 / (8 * 7) = 4 / 7. Alpha = 1 - 0.5 * 7 / 4 = 0.125.
HALF = ["aa", "ab", "bb", "ab"]
# All agree on two values: nothing observed. One unit aab of three annotators: its 6 ordered pairs weigh 1 / 2 each,
# 4 of them differ: disagreement 2 of n = 3; expected (9 - 5) / 2 = 2. Alpha = 0.
# ("aa", "aa", "ab"): 2 disagreeing of n = 6, values 5 a and 1 b: expected (36 - 26) / 5 = 2. Alpha = 0.
WORKED = [
    (HALF, 0.125),
    (["aa", "bb"], 1.0),
    (["aab"], 0.0),
    (["aa", "aa", "ab"], 0.0),
    (["ab", "ab"], -0.5),  # 4 disagreeing of n = 4; expected (16 - 8) / 3 = 8 / 3
    (["aa", "aa"], 1.0),
    ([*HALF, "a", ""], 0.125),  # a unit with fewer than two values does not count
]


@pytest.mark.parametrize(("units", "expected"), WORKED)
def test_alpha_worked_by_hand(units: list[str], expected: float) -> None:
    assert agreement.alpha(units) == pytest.approx(expected)


def test_alpha_of_krippendorffs_own_example() -> None:
    # Krippendorff 2011, section C: four observers, twelve units, values missing; alpha is 0.743.
    observers = ("123321412...", "1233224125.3", ".3332342251.", "12332441251.")
    units = [[value for value in unit if value != "."] for unit in zip(*observers, strict=True)]
    assert agreement.alpha(units) == pytest.approx(0.743, abs=5e-4)


def test_alpha_of_nothing() -> None:
    assert math.isnan(agreement.alpha([]))
    assert math.isnan(agreement.alpha(["a"]))


def test_alpha_as_the_package_computes_it() -> None:
    krippendorff: Any = pytest.importorskip("krippendorff")
    rng = random.Random(5)
    units = [[rng.choice("abc"), rng.choice("aabc")] for _ in range(200)]
    data = [["abc".index(unit[side]) for unit in units] for side in (0, 1)]
    expected = krippendorff.alpha(reliability_data=data, level_of_measurement="nominal")
    assert agreement.alpha(units) == pytest.approx(expected)


def test_pairs_by_name_before_words(codebook: Codebook) -> None:
    first = [annotation("the three", "Russia"), annotation("the three", "Iran")]
    second = [annotation("the three", "Iran", "skeptical"), annotation("the three", "Russia")]
    units = list(agreement.pair_up(first, second, codebook))
    assert sorted(u.values for u in units) == [("supportive", "skeptical"), ("supportive", "supportive")]


def test_pairs_by_words_and_principal(codebook: Codebook) -> None:
    first = [annotation("Lavrov", "Sergei Lavrov"), annotation("the main opposition", "Syrian opposition", start=60)]
    second = [annotation("Moscow", "Russia"), annotation("the main opposition bloc", "Some Bloc", start=60)]
    units = list(agreement.pair_up(first, second, codebook))
    assert [u.values for u in units] == [("supportive", "supportive")] * 2


def test_what_one_annotator_left_out_is_none(codebook: Codebook) -> None:
    first, second = [annotation("Moscow", "Russia")], [annotation("Ankara", "Turkey", "boycotting")]
    units = list(agreement.pair_up(first, second, codebook))
    assert [u.values for u in units] == [("supportive", "none"), ("none", "boycotting")]


def test_a_row_of_the_table(codebook: Codebook) -> None:
    first = [annotation("Moscow", "Russia"), annotation("Ankara", "Turkey")]
    second = [annotation("Moscow", "Russia", "skeptical"), annotation("Ankara", "Turkey")]
    units = list(agreement.pair_up(first, second, codebook))
    # Values s k s s: observed 2 / 4, expected 2 * 3 * 1 / 12, alpha 0. With two silent pairs, values s3 k1 n4 of 8:
    # observed 2 / 8, expected (64 - 26) / 56, alpha 1 - 0.25 * 56 / 38 = 0.632.
    row = agreement._figures(units, [agreement.Unit("geneva")] * 2)
    assert row == ["2", "2", "2", "1.000", "0.500", "0.500", "0.000", "0.632"]
