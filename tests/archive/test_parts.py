"""The output folder: whatever stops a run, going on gives the bytes of a run that nothing stopped."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from stance.archive.ids import Ids
from stance.archive.parts import MANIFEST, REJECTS, Output, opened
from stance.archive.sources import Reject
from stance.errors import InputError
from stance.records import Candidate, Mention, Prediction, Sentence

IDENTITY = {"format": 1, "inputs": {"files": 4, "digest": "a"}, "model": "rules"}
PARTS = 4


class Killed(BaseException):
    """A stop that no code catches."""


def work(output: Output) -> list[int]:
    """Write what is left of the parts; the numbers of those that were written."""
    written = []
    for number in range(output.next[0], PARTS):
        key = f"doc-{number // 2}"  # every second document has the id of the one before
        doc = key if output.first(key) else f"{key}-again"
        rejects = [Reject("x.jsonl", number, "no text")] * (number % 3)
        output.write([{"doc": doc, "text": "é"}] * number, rejects, number, (number + 1, 0))
        written.append(number)
    output.finish()
    return written


def run(folder: Path, identity: dict[str, Any] = IDENTITY) -> list[int]:
    with opened(folder, identity, "jsonl") as output:
        return [] if output.complete else work(output)


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@pytest.fixture
def whole(tmp_path: Path) -> dict[str, bytes]:
    assert run(tmp_path / "whole") == [0, 1, 2, 3]
    return content(tmp_path / "whole")


def test_a_folder_holds_parts_rejects_and_the_manifest(whole: dict[str, bytes]) -> None:
    assert list(whole) == [MANIFEST, *(f"part-0000{n}.jsonl" for n in range(4)), REJECTS]
    assert [json.loads(line)["doc"] for line in whole["part-00003.jsonl"].splitlines()] == ["doc-1-again"] * 3
    assert whole[REJECTS].count(b"\n") == 3
    head, *done, last = map(json.loads, whole[MANIFEST].splitlines())
    assert head == IDENTITY
    assert [(line["documents"], line["annotations"], line["rejects"]) for line in done] == [(0, 0, 0), (1, 1, 1), (2, 2, 2), (3, 3, 0)]  # fmt: skip
    assert last == {"complete": True, "documents": 6, "annotations": 6, "rejects": 3}


@pytest.mark.parametrize("error", [Killed, lambda: OSError(errno.ENOSPC, "No space left on device")], ids=["killed", "disk full"])  # fmt: skip
@pytest.mark.parametrize("where", ["fsync", "replace", "commit"])
def test_a_run_that_was_stopped_anywhere_goes_on(
    tmp_path: Path,
    whole: dict[str, bytes],
    monkeypatch: pytest.MonkeyPatch,
    where: str,
    error: Callable[[], BaseException],
) -> None:
    """The n-th call of what makes something last fails, for every n; at most the part in work is done again."""
    owner = {"fsync": os, "replace": Path, "commit": Ids}[where]
    real = getattr(owner, where)
    for stop in range(1, 100):
        folder = tmp_path / str(stop)
        calls = 0

        def fails(*args: Any, stop: int = stop) -> Any:
            nonlocal calls
            calls += 1
            if calls == stop:
                raise error()
            return real(*args)

        monkeypatch.setattr(owner, where, fails)
        with suppress(Killed, InputError):
            run(folder)
        monkeypatch.setattr(owner, where, real)
        if calls < stop:
            break
        done = sum(b'"part"' in line for line in content(folder)[MANIFEST].splitlines())
        complete = b'"complete"' in content(folder)[MANIFEST]
        assert run(folder) == ([] if complete else list(range(done, PARTS)))
        assert content(folder) == whole
    assert stop >= 5


def test_a_line_that_was_cut_off_is_written_again(
    tmp_path: Path, whole: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(self: Output) -> None:
        raise Killed

    for cut in (1, 50, 150, 600, -80, -5):
        folder = tmp_path / str(cut)
        with monkeypatch.context() as patch:
            patch.setattr(Output, "finish", killed)
            with pytest.raises(Killed):
                run(folder)
        (folder / MANIFEST).write_bytes(content(folder)[MANIFEST][:cut])
        assert run(folder)
        assert content(folder) == whole


def test_a_finished_folder_is_left_as_it_is(tmp_path: Path, whole: dict[str, bytes]) -> None:
    assert run(tmp_path / "whole") == []
    assert content(tmp_path / "whole") == whole


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"model": "tfidf"}, "was begun with other model (rules, now tfidf)"),
        ({"inputs": {"files": 5, "digest": "b"}}, "was begun with other inputs (files 4, now 5; digest a, now b)"),
    ],
)
def test_something_else_under_a_half_done_folder_is_refused(
    tmp_path: Path, changed: dict[str, Any], expected: str
) -> None:
    with opened(tmp_path, IDENTITY, "jsonl") as output:
        output.write([], [], 0, (1, 0))
    before = content(tmp_path)
    with pytest.raises(InputError) as caught:
        run(tmp_path, IDENTITY | changed)
    assert expected in str(caught.value)
    assert content(tmp_path) == before


def test_a_part_that_was_changed_or_lost_is_named(tmp_path: Path, whole: dict[str, bytes]) -> None:
    path = tmp_path / "whole" / "part-00002.jsonl"
    path.write_bytes(whole[path.name].replace("é".encode(), b"e"))
    with pytest.raises(InputError, match=r"part-00002.jsonl: missing or changed since it was written"):
        run(tmp_path / "whole")
    path.unlink()
    with pytest.raises(InputError, match=r"part-00002.jsonl: missing or changed since it was written"):
        run(tmp_path / "whole")


def test_two_runs_do_not_share_a_folder(tmp_path: Path) -> None:
    with opened(tmp_path, IDENTITY, "jsonl"), pytest.raises(InputError, match="another run is writing there"):
        run(tmp_path)
    assert run(tmp_path) == [0, 1, 2, 3]


def test_a_folder_of_other_things_is_not_written_to(tmp_path: Path) -> None:
    (tmp_path / "thesis.doc").touch()
    with pytest.raises(InputError, match="holds other files"):
        run(tmp_path)
    assert list(tmp_path.iterdir()) == [tmp_path / "thesis.doc"]


def test_parquet_has_the_same_rows(tmp_path: Path) -> None:
    sentence = Sentence(0, 0, 20, "We skip Geneva talks")
    process = Mention("geneva", "Geneva process", "process", "Geneva talks", 8, 20)
    pairs = [
        Candidate("d", sentence, Mention("iran", "Iran", "state", text, *span), process, "", "")
        for text, span in (("We", (0, 2)), ("", (None, None)))
    ]
    rows = [Prediction(pair, (0.1, 0.2, 0.3, 0.4), "rules").row() for pair in pairs]
    for number, some in enumerate((rows, [])):
        with opened(tmp_path / str(number), IDENTITY, "parquet") as output:
            output.write(some, [], 2, (1, 0))
        table = pq.read_table(tmp_path / str(number) / "part-00000.parquet")
        assert table.to_pylist() == some
        assert set(table.column_names) == set(rows[0])
