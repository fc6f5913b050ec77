"""What fuzzing began with and what it found, given to the same targets again; see `targets` for what must hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.hostile.seeds import seeds
from tests.hostile.targets import TARGETS

FINDINGS = sorted((Path(__file__).parent / "findings").iterdir())


@pytest.mark.parametrize("target", TARGETS)
def test_a_target_holds_for_what_it_begins_with(target: str) -> None:
    for seed in seeds(target):
        TARGETS[target](seed)
        TARGETS[target](seed[: len(seed) // 2])
        TARGETS[target](seed.replace(b'"', b""))


@pytest.mark.parametrize("path", FINDINGS, ids=lambda path: path.name)
def test_a_finding_is_mended(path: Path) -> None:
    TARGETS[path.name.partition("@")[0]](path.read_bytes())
