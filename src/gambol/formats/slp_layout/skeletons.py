"""Skeletons as SLEAP stores them: a networkx graph as jsonpickle wrote it, nodes numbered in one list for all.

A link's type is an edge (1) or a symmetry (2). The first link of a type spells it out (`py/reduce`); later ones only
name it (`py/id`), counting spelled-out types from 1 in the order of appearance.
"""

from collections.abc import Mapping
from typing import Any

from gambol.labels.skeleton import Skeleton

EDGE, SYMMETRY = 1, 2


def decode(stored: Mapping[str, Any], node_names: list[str]) -> Skeleton:
    """One skeleton of a project's metadata; `node_names` are those of the project's common list of nodes.

    A symmetry has no direction: its lower node comes first, and one stored both ways counts once.
    Raises KeyError if a link names an unknown node.
    """
    graph: Mapping[str, Any] = stored.get("nx_graph", stored)  # SLEAP >= 1.3.2 wraps it
    order = {int(node["id"]): place for place, node in enumerate(graph["nodes"])}  # number in the list -> our number
    spelled: list[int] = []
    edges: list[tuple[int, int]] = []
    symmetries: dict[tuple[int, int], None] = {}  # in the order of appearance
    for link in graph.get("links", ()):
        kind = _kind(link.get("type") or {}, spelled)
        pair = order[int(link["source"])], order[int(link["target"])]
        if kind == SYMMETRY:
            symmetries[min(pair), max(pair)] = None
        else:
            edges.append(pair)
    name = graph.get("graph", {}).get("name")
    return Skeleton(tuple(node_names[number] for number in order), tuple(edges), tuple(symmetries), name or "")


def encode(skeleton: Skeleton) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The skeleton's graph and its list of nodes, as a project's metadata holds them."""
    pairs = [(pair, EDGE) for pair in skeleton.edges] + [(pair, SYMMETRY) for pair in skeleton.symmetries]
    links: list[dict[str, Any]] = []
    spelled: list[int] = []
    for number, ((source, target), kind) in enumerate(pairs):
        link = {"key": 0, "source": source, "target": target, "type": _spell(kind, spelled)}
        links.append({"edge_insert_idx": number, **link} if kind == EDGE else link)
    graph = {
        "directed": True, "graph": {"name": skeleton.name, "num_edges_inserted": len(skeleton.edges)},
        "links": links, "multigraph": True, "nodes": [{"id": node} for node in range(len(skeleton))]}
    return graph, [{"name": name, "weight": 1.0} for name in skeleton.nodes]


def _kind(stored: Mapping[str, Any], spelled: list[int]) -> int:
    if "py/reduce" in stored:
        spelled.append(int(stored["py/reduce"][1]["py/tuple"][0]))
        return spelled[-1]
    reference = int(stored.get("py/id", EDGE))
    return spelled[reference - 1] if reference <= len(spelled) else reference


def _spell(kind: int, spelled: list[int]) -> dict[str, Any]:
    if kind in spelled:
        return {"py/id": spelled.index(kind) + 1}
    spelled.append(kind)
    return {"py/reduce": [{"py/type": "sleap.skeleton.EdgeType"}, {"py/tuple": [kind]}]}
