"""Statement tables and matrices, read back with pandas, openpyxl and pyarrow; no cell runs, no text is lost."""

from __future__ import annotations

import csv
import datetime
import json
from itertools import combinations
from pathlib import Path

import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pytest

from stance.codebook import load
from stance.errors import InputError
from stance.exports import tables
from stance.exports.counts import count, flat_matrix, matrices
from stance.exports.network import network
from stance.exports.statement_table import statement_table
from stance.exports.tables import Table, write
from stance.statements import Statement
from stance.summary import dominant
from tests.conftest import ROOT
from tests.exports.conftest import say

CODEBOOK = load(ROOT / "configs/codebook.yaml")
DNA = "id,time,docId,docTitle,docAuthor,docSource,docSection,docType,person,organization,concept,agreement".split(",")


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_the_statement_table_is_an_event_list(debate: list[Statement], suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"statements{suffix}"
    write(statement_table(debate, CODEBOOK), path)
    frame = pd.read_csv(path) if suffix == ".csv" else pd.read_excel(path)
    assert list(frame.columns[:12]) == DNA
    assert list(frame.id) == list(range(1, 10))
    assert list(frame.agreement) == [1, 1, 0, 0, 1, 0, 0, 1, 0]
    assert list(frame.stance[[0, 3, 5]]) == ["supportive", "skeptical", "boycotting"]
    assert list(frame.docId) == [1, 2, 3, 1, 1, 1, 2, 1, 1]
    assert list(frame.docTitle[:3]) == ["a", "b", "c"]
    times = pd.to_datetime(frame.time)
    assert (times[0], times[3]) == (pd.Timestamp("2018-01-24"), pd.Timestamp("2018-02-03"))
    assert frame.time[0] == "2018-01-24 00:00:00"
    assert frame.loc[2, ["time", "docSource"]].isna().all()
    assert frame.organization[5] == "Syrian rebels"
    assert frame.concept[8] == "sochi"
    assert frame.confidence[4] == 0.6
    assert (frame.stop - frame.start == frame.text.str.len()).all()


def test_the_networks_follow_from_the_statement_table(debate: list[Statement], tmp_path: Path) -> None:
    """As docs/exports.md has it for R: actors by (process, agreement), times its transpose."""
    write(statement_table(debate, CODEBOOK), tmp_path / "s.csv")
    frame = pd.read_csv(tmp_path / "s.csv")
    n = pd.crosstab(frame.organization, [frame.concept, frame.agreement])
    graph = network(debate, "congruence")
    for counted, name in ((n.clip(upper=1), "value"), (n, "pairs")):
        by_table = counted @ counted.T
        for a, b in combinations(n.index, 2):
            edge = graph.get_edge_data(f"actor:{a}", f"actor:{b}", {})
            assert edge.get(name, 0) == by_table.loc[a, b]


def test_a_person_is_named_where_the_mention_names_one() -> None:
    during, after = datetime.date(2018, 1, 24), datetime.date(2022, 1, 1)
    found = [
        say("Russia", "sochi", "supportive", mention="Sergei Lavrov", date=during),
        say("Russia", "sochi", "supportive", mention="Moscow", date=during),
        say("Mary Major", "sochi", "skeptical", mention="she", date=after),
    ]
    rows = [dict(zip(t.header, row, strict=True)) for t in [statement_table(found, CODEBOOK)] for row in t.rows]
    assert [(r["person"], r["organization"]) for r in rows] == [
        ("Sergei Lavrov", "Russia"),
        (None, "Russia"),
        ("Mary Major", "Mary Major"),
    ]


def test_the_matrix_as_csv_has_a_column_for_each_stance(debate: list[Statement], tmp_path: Path) -> None:
    write(flat_matrix(count(debate)), tmp_path / "matrix.csv")
    frame = pd.read_csv(tmp_path / "matrix.csv", index_col="actor")
    assert list(frame.index) == ["Iran", "Qatar", "Syrian rebels", "Turkey"]
    assert list(frame.columns[:3]) == ["astana.supportive", "astana.skeptical", "astana.boycotting"]
    assert frame.loc["Turkey"].to_dict() == {
        "astana.supportive": 2,
        "astana.skeptical": 1,
        "astana.boycotting": 0,
        "geneva.supportive": 0,
        "geneva.skeptical": 1,
        "geneva.boycotting": 0,
        "sochi.supportive": 0,
        "sochi.skeptical": 0,
        "sochi.boycotting": 0,
    }
    assert frame.to_numpy().sum() == len(debate)


def test_the_matrix_as_xlsx_has_a_sheet_for_each_stance(debate: list[Statement], tmp_path: Path) -> None:
    tables.write_xlsx(matrices(count(debate)), tmp_path / "matrix.xlsx")
    book = openpyxl.load_workbook(tmp_path / "matrix.xlsx")
    assert book.sheetnames == ["statements", "supportive", "skeptical", "boycotting", "dominant"]
    assert list(book["statements"].values) == [
        ("actor", "astana", "geneva", "sochi"),
        ("Iran", 1, 0, 0),
        ("Qatar", 0, 0, 1),
        ("Syrian rebels", 2, 1, 0),
        ("Turkey", 3, 1, 0),
    ]
    assert list(book["boycotting"].values)[3] == ("Syrian rebels", 2, 0, 0)
    assert list(book["dominant"].values)[3:] == [
        ("Syrian rebels", "boycotting", "supportive", None),
        ("Turkey", "supportive", "skeptical", None),
    ]


def test_of_equally_frequent_stances_the_graver_is_dominant() -> None:
    assert dominant({"supportive": 2, "skeptical": 2}) == "skeptical"
    assert dominant({"supportive": 2, "skeptical": 1, "boycotting": 2}) == "boycotting"
    assert dominant({"supportive": 2, "skeptical": 1}) == "supportive"


MIXED = Table(
    (("actor", str), ("start", datetime.date), ("share", float), ("documents", int), ("outlets", list)),
    [("Turkey", datetime.date(2018, 1, 1), 0.25, 2, ["A", "B"]), ("=1+1", None, None, 0, [])],
)


def test_a_table_as_json_is_objects(tmp_path: Path) -> None:
    write(MIXED, tmp_path / "t.json")
    assert json.loads((tmp_path / "t.json").read_text()) == [
        {"actor": "Turkey", "start": "2018-01-01", "share": 0.25, "documents": 2, "outlets": ["A", "B"]},
        {"actor": "=1+1", "start": None, "share": None, "documents": 0, "outlets": []},
    ]


def test_a_table_as_parquet_keeps_its_types_even_without_rows(tmp_path: Path) -> None:
    write(MIXED, tmp_path / "t.parquet")
    back = pq.read_table(tmp_path / "t.parquet")
    assert back.to_pylist()[0] == {"actor": "Turkey", "start": datetime.date(2018, 1, 1), "share": 0.25, "documents": 2, "outlets": ["A", "B"]}  # fmt: skip
    assert back.to_pylist()[1]["actor"] == "=1+1"  # no spreadsheet opens it
    write(Table(MIXED.columns, []), tmp_path / "t.parquet")
    assert pq.read_schema(tmp_path / "t.parquet").equals(back.schema)


def test_a_table_as_csv_joins_lists_and_disarms_formulas(tmp_path: Path) -> None:
    write(MIXED, tmp_path / "t.csv")
    rows = list(csv.reader((tmp_path / "t.csv").open(newline="")))
    assert rows[1:] == [["Turkey", "2018-01-01", "0.25", "2", "A; B"], ["'=1+1", "", "", "0", ""]]


def test_a_sheet_that_is_too_long_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tables, "SHEET_ROWS", 2)
    with pytest.raises(InputError, match=r"2 rows, and an XLSX sheet holds 1: write \.csv"):
        write(MIXED, tmp_path / "t.xlsx")
    assert list(tmp_path.iterdir()) == []
