"""Peaks to animals: which peaks belong together, found edge by edge along the skeleton's tree.

Along each edge, peaks of its two nodes are paired one to one so that the sum of their scores is greatest. On a tree
no two ways lead from one node to another, so the pairs alone say what an animal is: all peaks that they connect.
No animal can then have two peaks of one node, and no order of the edges matters.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations

import numpy as np
from jaxtyping import Float, Int

Edges = Sequence[tuple[int, int]]
MOST_WAYS = 120  # in which peaks can be paired: if there are no more, all are tried


@dataclass(frozen=True)
class Candidates:
    """Lines that might be an edge of an animal, ordered by (image, edge, source, destination).

    image, edge, source, destination (line,): the last two are peak numbers · starts (group + 1,): where the lines of
    each group begin, a group being one edge in one image · shapes (group, 2): its sources and destinations.
    """

    image: Int[np.ndarray, " line"]
    edge: Int[np.ndarray, " line"]
    source: Int[np.ndarray, " line"]
    destination: Int[np.ndarray, " line"]
    starts: Int[np.ndarray, " group+1"]
    shapes: Int[np.ndarray, "group 2"]


def candidates(
    image: Int[np.ndarray, " peak"], node: Int[np.ndarray, " peak"], images: int, nodes: int, edges: Edges
) -> Candidates:
    """Every pair of peaks of one image that an edge could connect; peaks are ordered by (image, node)."""
    first = np.searchsorted(image * nodes + node, np.arange(images * nodes + 1))  # (image * node + 1,)
    ends = np.asarray(edges, int).reshape(-1, 2)
    cell = (np.arange(images)[:, None, None] * nodes + ends).reshape(-1, 2)  # (group, 2): (image, node) of both ends
    shapes = first[cell + 1] - first[cell]  # (group, 2)
    counts = shapes.prod(1)
    starts = np.concatenate([[0], np.cumsum(counts)])
    group = np.repeat(np.arange(len(counts)), counts)
    within = np.arange(starts[-1]) - starts[group]
    source, destination = np.divmod(within, np.maximum(shapes[group, 1], 1))
    return Candidates(
        group // max(len(ends), 1), group % max(len(ends), 1),
        first[cell[group, 0]] + source, first[cell[group, 1]] + destination, starts, shapes,
    )


def pair(lines: Candidates, scores: Float[np.ndarray, " line"], least: float) -> Int[np.ndarray, " pair"]:
    """The lines that are edges: in each group one to one, the sum of scores above `least` being greatest."""
    gains = np.maximum(scores - least, 0)
    gaining = np.flatnonzero(gains)
    edge = lines.edge[gaining]
    rivals = _times(edge, lines.source[gaining]) + _times(edge, lines.destination[gaining])
    chosen = [gaining[rivals == 2]]  # nothing to decide: nobody else wants either end
    contested = gaining[rivals > 2]
    groups = np.split(contested, np.searchsorted(contested, lines.starts[1:-1]))
    for own in (group for group in groups if len(group)):
        sources, rows = np.unique(lines.source[own], return_inverse=True)
        ends, columns = np.unique(lines.destination[own], return_inverse=True)
        table = np.zeros((len(sources), len(ends)))
        table[rows, columns] = gains[own]
        line = np.full(table.shape, -1)
        line[rows, columns] = own
        found = line[_one_to_one(table)]
        chosen.append(found[found >= 0])
    return np.asarray(np.sort(np.concatenate(chosen)))


def _times(edge: Int[np.ndarray, " line"], peak: Int[np.ndarray, " line"]) -> Int[np.ndarray, " line"]:
    """For each line, how many lines of its edge have the same peak at this end."""
    key = edge * (peak.max(initial=0) + 1) + peak
    return np.asarray(np.bincount(key)[key])


def _one_to_one(
    gains: Float[np.ndarray, "source destination"],
) -> tuple[Int[np.ndarray, " pair"], Int[np.ndarray, " pair"]]:
    """Which source goes with which destination, so that the sum of gains (none below 0) is greatest."""
    sources, ends = gains.shape
    if sources > ends:
        return _one_to_one(gains.T)[::-1]
    if math.perm(ends, sources) > MOST_WAYS:
        from scipy.optimize import linear_sum_assignment  # takes as long to load as all else; few films need it

        chosen, found = linear_sum_assignment(gains, maximize=True)
        return np.asarray(chosen), np.asarray(found)
    lines = gains.tolist()
    every = permutations(range(ends), sources)
    best = max(every, key=lambda way: sum(line[end] for line, end in zip(lines, way, strict=True)))
    return np.arange(sources), np.array(best)


def connect(
    peaks: int, source: Int[np.ndarray, " pair"], destination: Int[np.ndarray, " pair"]
) -> Int[np.ndarray, " peak"]:
    """The animal of each peak: peaks that pairs connect, directly or by way of others, have the same number."""
    parent = list(range(peaks))

    def root(peak: int) -> int:
        while parent[peak] != peak:
            parent[peak] = peak = parent[parent[peak]]
        return peak

    for one, other in zip(source.tolist(), destination.tolist(), strict=True):
        parent[root(other)] = root(one)
    return np.unique([root(peak) for peak in range(peaks)], return_inverse=True)[1].astype(int)


def fault_of_tree(nodes: Sequence[str], edges: Edges) -> str | None:
    """What keeps the skeleton from being a tree, in words that name nodes; None if it is one."""
    names = {number: name for number, name in enumerate(nodes)}
    joined = {number: {number} for number in names}
    for source, destination in edges:
        if joined[source] is joined[destination]:
            return f"the edge {names[source]} – {names[destination]} closes a ring"
        joined[source] |= joined[destination]
        for member in joined[destination]:
            joined[member] = joined[source]
    apart = [names[number] for number in names if number not in joined[0]]
    if apart:
        return f"no edge connects {', '.join(apart)} with {names[0]}"
    return None
