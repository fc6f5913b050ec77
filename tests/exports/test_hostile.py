"""Whatever a document says, every reader opens every file, finds the text there, and runs nothing."""

from __future__ import annotations

import json
import string
from pathlib import Path

import networkx as nx
import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from stance.codebook import load
from stance.exports.cells import clean, cleaned
from stance.exports.counts import count, flat_matrix
from stance.exports.network import network, write_network
from stance.exports.statement_table import statement_table
from stance.exports.tables import write
from stance.io import inert
from stance.statements import Statement
from tests.conftest import ROOT
from tests.exports.conftest import say

CODEBOOK = load(ROOT / "configs/codebook.yaml")
HOSTILE = st.one_of(
    st.text(st.characters(), min_size=1),  # control characters, and below surrogates too
    st.text("=+-@\t\r\n'\"<>&;,\0\ud800\u202e\ufeff\uffff" + string.ascii_letters, min_size=1),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("hostile")


def lines(text: object) -> str:
    """A text whose line ends are all the same, as XML and spreadsheets make them."""
    return str(text).replace("\r\n", "\n").replace("\r", "\n")


def in_networks(found: list[Statement], folder: Path) -> list[tuple[str, str]]:
    """The actor and the process as each network format gives them back."""
    out = []
    for suffix, reader in (("graphml", nx.read_graphml), ("gexf", nx.read_gexf)):
        write_network(network(found, "actor-process"), folder / f"n.{suffix}")
        labels = {about["type"]: about["label"] for _, about in reader(folder / f"n.{suffix}").nodes(data=True)}
        out.append((labels["actor"], labels["process"]))
    return out


@settings(max_examples=60, deadline=None)
@given(actor=HOSTILE, process=HOSTILE, text=HOSTILE)
@example(actor="<script>alert(1)</script>", process="]]>", text='=HYPERLINK("x")')
@example(actor="=cmd|' /C calc'!A0", process="'=1+1", text="@SUM(1)")
@example(actor="a\0b", process="\ud83d", text="\x1b[31m\u202ekcab")
@example(actor="\r", process="\n", text="\t=1")
@example(actor="_x003D_1", process="#N/A", text="\ufffe")
def test_text_comes_back_clean_and_inert(actor: str, process: str, text: str, folder: Path) -> None:
    found = [cleaned(say(actor, process, "supportive", text=text))]
    for a, p in in_networks(found, folder):
        assert (lines(a), lines(p)) == (lines(clean(actor)), lines(clean(process)))
    table = statement_table(found, CODEBOOK)
    named = {"organization": actor, "concept": process, "text": text}
    for suffix in ("csv", "xlsx", "parquet", "json"):
        write(table, folder / f"s.{suffix}")
    frame = pd.read_csv(folder / "s.csv", keep_default_na=False, na_filter=False, dtype=str)
    sheet = openpyxl.load_workbook(folder / "s.xlsx").active
    assert sheet is not None
    header, cells = sheet.iter_rows()
    assert all(cell.data_type != "f" for cell in (*header, *cells))
    in_sheet = dict(zip(table.header, (cell.value for cell in cells), strict=True))
    exact = pq.read_table(folder / "s.parquet").to_pylist(), json.loads((folder / "s.json").read_text("utf-8"))
    for column, value in named.items():
        assert lines(frame[column][0]) == lines(in_sheet[column]) == lines(inert(clean(value)))
        assert exact[0][0][column] == exact[1][0][column] == clean(value)
    write(flat_matrix(count(found)), folder / "m.csv")
    assert pd.read_csv(folder / "m.csv", na_filter=False, dtype=str).iloc[0, 1:].tolist() == ["1", "0", "0"]


@given(HOSTILE)
def test_an_inert_cell_starts_no_formula_and_gives_its_text_back(text: str) -> None:
    cell = str(inert(text))
    assert cell[:1] not in ("=", "+", "-", "@", "\t", "\r", "\n")
    assert cell in (text, "'" + text)
    if cell != text:
        assert inert(cell) == "'" + cell  # so that taking one off each time is safe


def test_numbers_stay_numbers() -> None:
    assert [inert(v) for v in (-1, 0.5, None)] == [-1, 0.5, None]


def test_cleaning_keeps_offsets_and_what_is_readable() -> None:
    dirty = "عربي\t\u202e \0\x85\ud83d\U0001f600\n"
    assert clean(dirty) == "عربي\t\u202e \ufffd\x85\ufffd\U0001f600\n"
    assert len(clean(dirty)) == len(dirty)
