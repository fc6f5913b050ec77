"""Networks are what discourse network analysis says they are: values worked out by hand, read back by networkx."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import networkx as nx
import pytest

from stance.exports.network import RELATIONS, Relation, network, write_network
from stance.statements import Statement

TURKEY, IRAN, REBELS, QATAR = "actor:Turkey", "actor:Iran", "actor:Syrian rebels", "actor:Qatar"


def edges(graph: nx.Graph, *names: str) -> dict[frozenset[str], tuple[Any, ...]]:
    return {frozenset((a, b)): tuple(about[n] for n in names) for a, b, about in graph.edges(data=True)}


def test_actors_and_processes_are_joined_by_signed_edges(debate: list[Statement]) -> None:
    found = edges(
        network(debate, "actor-process"),
        *("weight", "supportive", "skeptical", "boycotting", "net", "sign", "stance"),
    )
    assert found == {
        frozenset((TURKEY, "process:astana")): (3, 2, 1, 0, 1, 1, "supportive"),
        frozenset((TURKEY, "process:geneva")): (1, 0, 1, 0, -1, -1, "skeptical"),
        frozenset((IRAN, "process:astana")): (1, 1, 0, 0, 1, 1, "supportive"),
        frozenset((REBELS, "process:astana")): (2, 0, 0, 2, -2, -1, "boycotting"),
        frozenset((REBELS, "process:geneva")): (1, 1, 0, 0, 1, 1, "supportive"),
        frozenset((QATAR, "process:sochi")): (1, 0, 1, 0, -1, -1, "skeptical"),
    }


def test_nodes_say_what_they_are(debate: list[Statement]) -> None:
    nodes = network(debate, "actor-process").nodes
    assert nodes[TURKEY] == {"type": "actor", "label": "Turkey", "statements": 4}
    assert nodes["process:astana"] == {"type": "process", "label": "astana", "statements": 6}
    assert sorted(network(debate, "congruence").nodes) == [IRAN, QATAR, REBELS, TURKEY]


# Activities: Turkey 3 (astana for and against, geneva against), Iran 1, the rebels 2, Qatar 1.
TI, TR, IR = frozenset((TURKEY, IRAN)), frozenset((TURKEY, REBELS)), frozenset((IRAN, REBELS))
BY_HAND: dict[Relation, dict[frozenset[str], tuple[float, ...]]] = {
    # (value, activities' mean, pairs of statements)
    "congruence": {TI: (1, 2, 2), TR: (1, 2.5, 2)},
    "conflict": {TI: (1, 2, 1), TR: (2, 2.5, 5), IR: (1, 1.5, 2)},
    "subtract": {TR: (-1, 2.5, -3), IR: (-1, 1.5, -2)},  # Turkey and Iran agree as much as they disagree: no edge
}


@pytest.mark.parametrize("relation", ["congruence", "conflict", "subtract"])
def test_actors_are_joined_as_worked_out_by_hand(debate: list[Statement], relation: Relation) -> None:
    found = edges(network(debate, relation), "value", "normalised", "weight", "pairs", "sign")
    parts = edges(network(debate, relation), "congruence", "conflict")
    assert parts == {
        p: tuple(BY_HAND[r].get(p, (0,))[0] for r in ("congruence", "conflict")) for p in BY_HAND[relation]
    }
    assert found == {
        pair: (
            value,
            pytest.approx(value / mean),
            pytest.approx(abs(value) / mean),
            pairs,
            -1 if relation == "conflict" or value < 0 else 1,
        )
        for pair, (value, mean, pairs) in BY_HAND[relation].items()
    }


def test_subtract_is_congruence_less_conflict(debate: list[Statement]) -> None:
    values = {r: edges(network(debate, r), "value", "pairs") for r in RELATIONS[1:]}
    for pair in values["congruence"].keys() | values["conflict"].keys():
        both, neither = values["congruence"].get(pair, (0, 0)), values["conflict"].get(pair, (0, 0))
        assert both[0] - neither[0] == values["subtract"].get(pair, (0,))[0]


@pytest.mark.parametrize("relation", RELATIONS)
@pytest.mark.parametrize(("suffix", "reader"), [(".graphml", nx.read_graphml), (".gexf", nx.read_gexf)])
def test_networkx_reads_back_what_was_written(
    debate: list[Statement], relation: Relation, suffix: str, reader: Any, tmp_path: Path
) -> None:
    graph, path = network(debate, relation), tmp_path / f"net{suffix}"
    write_network(graph, path)
    back = reader(path)
    assert not back.is_directed()
    for _, about in back.nodes(data=True):
        about.pop("viz", None)
    for _, _, about in back.edges(data=True):
        for name in ("viz", "id"):
            about.pop(name, None)
    assert dict(back.nodes(data=True)) == dict(graph.nodes(data=True))
    names = next(iter(graph.edges(data=True)))[2]
    assert edges(back, *names) == edges(graph, *names)


def test_gephi_finds_colours_by_type_and_sign(debate: list[Statement], tmp_path: Path) -> None:
    write_network(network(debate, "actor-process"), tmp_path / "net.gexf")
    space = {"g": "http://www.gexf.net/1.2draft", "viz": "http://www.gexf.net/1.2draft/viz"}
    tree = ElementTree.parse(tmp_path / "net.gexf")

    def colour(of: str) -> tuple[str, ...]:
        element = tree.find(f".//g:{of}/viz:color", space)
        assert element is not None
        return tuple(element.attrib[c] for c in "rgb")

    (size,) = tree.findall(".//g:node[@label='Turkey']/viz:size", space)
    assert size.attrib["value"] == "6.0"  # of 4 statements
    assert colour("node[@label='Turkey']") == ("0", "114", "178")
    assert colour("node[@label='astana']") == ("230", "159", "0")
    assert colour(f"edge[@source='{TURKEY}'][@target='process:astana']") == ("0", "158", "115")
    assert colour(f"edge[@source='{REBELS}'][@target='process:astana']") == ("213", "94", "0")


def test_a_debate_without_statements_is_an_empty_network(tmp_path: Path) -> None:
    for relation in RELATIONS:
        write_network(network([], relation), tmp_path / "net.graphml")
        assert len(nx.read_graphml(tmp_path / "net.graphml")) == 0
