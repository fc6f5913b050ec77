"""Where the network's nodes stand: an actor the nearer to a process, the more it supports it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import permutations

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from stance.positions.ledger import Entry
from stance.records import STANCES

MOST = 30  # actors, the busiest: more make a tangle
NEAR, FAR = 1.0, 3.0  # the distance of an actor that supports a process, and of one that boycotts it
APART = 4.0  # the distance of two processes, so that they do not crowd in the middle
Node = tuple[str, str]  # "actor" or "process", and its name
Place = tuple[float, float]


def _distance(entry: Entry) -> float:
    weights = {stance: NEAR + (FAR - NEAR) * n / (len(STANCES) - 1) for n, stance in enumerate(STANCES)}
    return sum(weights[stance] * share.mean for stance, share in entry.shares.items())


def layout(positions: Sequence[Entry]) -> tuple[dict[str, Place], dict[str, Place]]:
    """Places of actors and of processes, both axes from -1 to 1, from the ledger of the whole time.

    A path between two nodes is as long as the stances along it are unfriendly; the places keep those distances as far
    as a plane allows (Kamada and Kawai, Information Processing Letters 31, 1989).
    """
    counts: Counter[str] = Counter()
    for entry in positions:
        counts[entry.actor] += entry.sentences
    busiest = {actor for actor, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:MOST]}
    graph = nx.Graph()
    for entry in positions:
        if entry.actor in busiest:
            graph.add_edge(("actor", entry.actor), ("process", entry.process), weight=_distance(entry))
    # One that is joined to no other would be infinitely far away.
    far = FAR * len(graph)
    lengths = dict(nx.all_pairs_dijkstra_path_length(graph))
    distances = {a: {b: lengths[a].get(b, far) for b in graph} for a in graph}
    for a, b in permutations((node for node in graph if node[0] == "process"), 2):
        distances[a][b] = APART
    places = _spread(nx.kamada_kawai_layout(graph, dist=distances)) if graph else {}
    actors, processes = ({name: p for (kind, name), p in places.items() if kind == k} for k in ("actor", "process"))
    return actors, processes


def _spread(places: Mapping[Node, NDArray[np.float64]]) -> dict[Node, Place]:
    """Places drawn out from the crowded middle, and over the whole plane."""
    plane = np.array(list(places.values()))
    plane *= np.maximum(np.linalg.norm(plane, axis=1, keepdims=True), 1e-9) ** -0.3
    plane *= 0.88 / np.maximum(np.abs(plane).max(0), 1e-9)
    return {node: (round(float(x), 3), round(float(y), 3)) for node, (x, y) in zip(places, plane, strict=True)}
