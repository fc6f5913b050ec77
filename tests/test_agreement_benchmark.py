"""The agreement benchmark's figures, with values worked by hand."""

from __future__ import annotations

import pytest

from stance.codebook import Codebook
from stance.codebook import load as load_codebook
from stance.labeling.agreement import as_judgment, join
from stance.records import Annotation, Stance
from tests.conftest import ROOT, benchmark

agreement = benchmark("agreement")


@pytest.fixture(scope="module")
def codebook() -> Codebook:
    return load_codebook(ROOT / "configs" / "codebook.yaml")


def annotation(mention: str, actor: str, stance: Stance = "supportive") -> Annotation:
    return Annotation("d", 0, 50, mention, actor, "geneva", stance)


def test_a_row_of_the_table(codebook: Codebook) -> None:
    first = [annotation("Moscow", "Russia"), annotation("Ankara", "Turkey")]
    second = [annotation("Moscow", "Russia", "skeptical"), annotation("Ankara", "Turkey")]
    sides = (agreement.FIRST, first), (agreement.SECOND, second)
    units = join(as_judgment(a, name, codebook) for name, given in sides for a in given)
    # Values s k s s: observed 2 / 4, expected 2 * 3 * 1 / 12, alpha 0. With two silent pairs, values s3 k1 n4 of 8:
    # observed 2 / 8, expected (64 - 26) / 56, alpha 1 - 0.25 * 56 / 38 = 0.632.
    row = agreement._figures(units, ["geneva"] * 2)
    assert row == ["2", "2", "2", "1.000", "0.500", "0.500", "0.000", "0.632"]
