"""Rows and texts built piece by piece to be nearly right: whatever they are, they are read or refused in one line."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stance.documents import from_row as document_from_row
from stance.errors import InputError, StanceError
from stance.io import jsonl_row
from stance.statements import from_row
from tests.hostile import seeds, targets

ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT
ANY = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ANY_TEXT, inner, max_size=3))
PIECES = st.one_of(
    st.sampled_from(seeds.TEXT.replace("“", "“ ").split()),
    st.sampled_from(seeds.WORDS),
    st.sampled_from(["\n", ". ", ", ", "\r\n", "\u2028", "\0", "\x1b[31m", "‘", "-", "/", "’s", ":", "he said "]),
    ANY_TEXT,
)
TEXTS = st.builds(lambda glue, parts: glue.join(parts), st.sampled_from(["", " ", "-", "\n"]), st.lists(PIECES))
REPEATED = st.builds(lambda head, part, n, tail: head + part * n + tail, TEXTS, TEXTS, st.integers(1, 60), TEXTS)


@given(st.dictionaries(st.sampled_from(["text", "body", "id", "doc", "date", "outlet", "kind", "x"]), ANY))
def test_any_row_is_a_document_or_is_refused(row: dict[str, Any]) -> None:
    with contextlib.suppress(InputError):
        made = document_from_row(row, "x-1", ("x", 1))
        assert made.text.strip()
        assert made.id
        assert isinstance(made.outlet, str | None)


@given(st.dictionaries(st.sampled_from(sorted(seeds.predictions()[0])), ANY), st.booleans())
def test_any_row_is_a_statement_or_is_refused(changed: dict[str, Any], dropped: bool) -> None:
    row = {k: v for k, v in seeds.predictions()[0].items() if not (dropped and k in changed)}
    with contextlib.suppress(InputError):
        made = from_row(row | ({} if dropped else changed), "x", 1)
        if made is not None:
            assert from_row(json.loads(json.dumps(made.row()))) == made


@settings(deadline=None)
@given(st.sampled_from(["annotations", "judgments"]), st.data())
def test_any_row_of_gold_is_taken_or_refused(target: str, data: st.DataObject) -> None:
    documents, _, rows = seeds.seeds(target)[0].partition(b"\n=\n")
    row = json.loads(rows.partition(b"\n")[0])
    row |= data.draw(st.dictionaries(st.sampled_from(sorted(row)), ANY))
    targets.TARGETS[target](documents + b"\n=\n" + json.dumps(row).encode())


@settings(deadline=None)
@given(st.sampled_from(["label-studio", "model-manifest", "archive-manifest"]), st.data())
def test_any_value_in_a_file_of_ours_is_taken_or_refused(target: str, data: st.DataObject) -> None:
    seed = seeds.seeds(target)[0]
    lines = [json.loads(part) for part in (seed.splitlines() if target == "archive-manifest" else [seed])]
    at: Any = lines
    key: Any = data.draw(st.integers(0, len(lines) - 1))
    while isinstance(at[key], (dict, list)) and at[key] and data.draw(st.booleans()):
        at = at[key]
        key = data.draw(st.sampled_from(sorted(at) if isinstance(at, dict) else range(len(at))))
    at[key] = data.draw(ANY)
    targets.TARGETS[target](b"".join(json.dumps(line).encode() + b"\n" for line in lines))


@settings(deadline=None)
@given(TEXTS | REPEATED)
def test_any_text_is_read_exactly(text: str) -> None:
    targets.read_whole(text)


@given(ANY)
def test_any_line_is_an_object_or_is_refused(value: object) -> None:
    line = json.dumps(value).encode()
    if isinstance(value, dict):
        assert json.dumps(jsonl_row(line, "x", 1)) == json.dumps(value)
    else:
        with pytest.raises(StanceError, match="an object was expected"):
            jsonl_row(line, "x", 1)
