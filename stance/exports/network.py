"""Signed networks of actors and processes, as discourse network analysis defines them.

Leifeld, P. (2017): Discourse Network Analysis: Policy Debates as Dynamic Networks. In: Victor, Montgomery and Lubell
(eds.), The Oxford Handbook of Political Networks. A process stands where that chapter has a concept; a supportive
statement agrees (k = 1), a skeptical or boycotting one does not (k = 0).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

from stance.exports.counts import Counts, count
from stance.io import atomic_path
from stance.records import STANCES
from stance.statements import Statement
from stance.summary import dominant

if TYPE_CHECKING:
    import networkx as nx

Relation = Literal["actor-process", "congruence", "conflict", "subtract"]
RELATIONS: tuple[Relation, ...] = get_args(Relation)
# Of Okabe and Ito's colours, which colour-blind readers tell apart: nodes by type, edges by sign.
_NODE = {"actor": (0, 114, 178), "process": (230, 159, 0)}
_EDGE = {1: (0, 158, 115), -1: (213, 94, 0), 0: (153, 153, 153)}


def _sign(value: float) -> int:
    return (value > 0) - (value < 0)


def _actor(name: str) -> str:
    return f"actor:{name}"


def _process(name: str) -> str:
    return f"process:{name}"


def _agreement(counts: Counts) -> dict[str, dict[str, tuple[int, int]]]:
    """By process and actor: the number of statements against it (k = 0) and for it (k = 1)."""
    out: dict[str, dict[str, tuple[int, int]]] = defaultdict(dict)
    for (actor, process), c in counts.items():
        out[process][actor] = c["skeptical"] + c["boycotting"], c["supportive"]
    return out


def _two_mode(graph: nx.Graph, counts: Counts) -> None:
    """Add processes, and an edge from each actor to each process of which he speaks.

    `weight` is the number of statements, `net` that of supportive ones less the others (the two-mode subtract network),
    `sign` the sign of it.
    """
    totals: Counter[str] = Counter()
    for (_, process), c in counts.items():
        totals[process] += c.total()
    for process, statements in sorted(totals.items()):
        graph.add_node(_process(process), type="process", label=process, statements=statements)
    for (actor, process), c in counts.items():
        net = 2 * c["supportive"] - c.total()
        about = {s: c[s] for s in STANCES} | {"net": net, "sign": _sign(net), "stance": dominant(c)}
        graph.add_edge(_actor(actor), _process(process), weight=c.total(), **about)


def _one_mode(graph: nx.Graph, counts: Counts, relation: Relation) -> None:
    """Add an edge between each two actors whose value under the relation is not 0.

    Let n_ajk be the number of statements of actor a on process j with agreement k, and x_ajk be 1 if there is one.

        congruence(a, b) = sum over j and k of x_ajk x_bjk            on how many processes they agree
        conflict(a, b) = sum over j of x_aj1 x_bj0 + x_aj0 x_bj1      on how many they disagree
        subtract(a, b) = congruence(a, b) - conflict(a, b)
        activity(a) = sum over j and k of x_ajk
        normalised(a, b) = value(a, b) / ((activity(a) + activity(b)) / 2)      average activity normalisation

    An actor who has spoken for a process and against it agrees and disagrees on it with everybody who speaks of it.
    `pairs` is the value with n in place of x: pairs of statements, what the software counts where it is told to
    include duplicates. `weight` is |normalised|, since layouts take no negative one, and `sign` its sign.
    """
    activity: Counter[str] = Counter()
    agree, clash, pairs = Counter[tuple[str, str]](), Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for actors in _agreement(counts).values():
        for actor, n in actors.items():
            activity[actor] += sum(map(bool, n))
        for (a, (a0, a1)), (b, (b0, b1)) in combinations(actors.items(), 2):
            agree[a, b] += bool(a0 and b0) + bool(a1 and b1)
            clash[a, b] += bool(a0 and b1) + bool(a1 and b0)
            same, other = a0 * b0 + a1 * b1, a0 * b1 + a1 * b0
            pairs[a, b] += {"congruence": same, "conflict": other}.get(relation, same - other)
    for a, b in sorted(agree):
        value = {"congruence": agree[a, b], "conflict": clash[a, b]}.get(relation, agree[a, b] - clash[a, b])
        if not value:
            continue
        normalised = 2 * value / (activity[a] + activity[b])
        sign = -1 if relation == "conflict" else _sign(value)
        about = {"congruence": agree[a, b], "conflict": clash[a, b], "pairs": pairs[a, b]}
        graph.add_edge(
            _actor(a), _actor(b), weight=abs(normalised), sign=sign, value=value, normalised=normalised, **about
        )


def network(found: Iterable[Statement], relation: Relation) -> nx.Graph:
    """The undirected network of a relation between actors and processes, or between actors.

    Nodes have `type` (actor or process), `label` and `statements`, their number; edges are as `_two_mode` and
    `_one_mode` say. Only values that GraphML and GEXF can hold are in it.
    """
    import networkx as nx

    counts = count(found)
    spoken: Counter[str] = Counter()
    for (actor, _), c in counts.items():
        spoken[actor] += c.total()
    graph = nx.Graph()
    for actor, statements in sorted(spoken.items()):
        graph.add_node(_actor(actor), type="actor", label=actor, statements=statements)
    if relation == "actor-process":
        _two_mode(graph, counts)
    else:
        _one_mode(graph, counts, relation)
    return graph


def write_network(graph: nx.Graph, path: Path) -> None:
    """Write a network as GraphML or, with the colours and sizes that Gephi shows, as GEXF 1.2: its suffix chooses.

    Nodes are coloured by type and as large as the square root of their statements, edges coloured by sign.
    """
    import networkx as nx

    def colour(rgb: tuple[int, int, int]) -> dict[str, object]:
        return {"color": dict(zip("rgb", rgb, strict=True)) | {"a": 1.0}}

    shown = graph.copy()
    if path.suffix == ".gexf":
        for _, about in shown.nodes(data=True):
            about["viz"] = colour(_NODE[about["type"]]) | {"size": 4.0 + about["statements"] ** 0.5}
        for _, _, about in shown.edges(data=True):
            about["viz"] = colour(_EDGE[about["sign"]])
    with atomic_path(path) as part:
        (nx.write_gexf if path.suffix == ".gexf" else nx.write_graphml)(shown, part)
