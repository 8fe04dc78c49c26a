"""Peaks to animals: pairs along edges, and all that pairs connect."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.optimize import linear_sum_assignment

from gambol.nn.codecs.grouping import candidates, connect, fault_of_tree, pair

CHAIN = ((0, 1), (1, 2))


@st.composite
def herds(draw):
    """Animals on a random tree, some nodes missing: (nodes, edges, seen (animal, node))."""
    nodes = draw(st.integers(1, 8))
    flipped = [draw(st.booleans()) for _ in range(nodes)]
    parents = [draw(st.integers(0, node - 1)) for node in range(1, nodes)]
    edges = [(node, parent) if flip else (parent, node)
             for node, (parent, flip) in enumerate(zip(parents, flipped[1:], strict=True), start=1)]
    animals = draw(st.integers(0, 5))
    seen = np.array(draw(st.lists(st.lists(st.booleans(), min_size=nodes, max_size=nodes),
                                  min_size=animals, max_size=animals)), bool).reshape(animals, nodes)
    return nodes, draw(st.permutations(edges)), seen


class TestCandidates:
    def test_every_source_is_paired_with_every_destination_of_its_image(self):
        image, node = np.array([0, 0, 0, 1, 1, 1]), np.array([0, 0, 1, 0, 1, 2])
        lines = candidates(image, node, images=2, nodes=3, edges=CHAIN)
        found = list(zip(lines.image.tolist(), lines.edge.tolist(), lines.source.tolist(), lines.destination.tolist(),
                         strict=True))
        assert found == [(0, 0, 0, 2), (0, 0, 1, 2), (1, 0, 3, 4), (1, 1, 4, 5)]

    @pytest.mark.parametrize("edges", [(), CHAIN])
    def test_without_peaks_there_are_no_lines(self, edges):
        nobody = np.empty(0, int)
        assert len(candidates(nobody, nobody, images=3, nodes=3, edges=edges).source) == 0


class TestPair:
    def pairs(self, scores: np.ndarray, least: float = 0.25) -> list[tuple[int, int]]:
        """Sources are the rows of the scores, destinations the columns."""
        sources, destinations = scores.shape
        node = np.repeat([0, 1], [sources, destinations])
        lines = candidates(np.zeros_like(node), node, images=1, nodes=2, edges=((0, 1),))
        chosen = pair(lines, scores.ravel(), least)
        return [(int(lines.source[line]), int(lines.destination[line]) - sources) for line in chosen]

    def test_the_sum_of_scores_counts_not_the_best_line(self):
        assert self.pairs(np.array([[1.0, 0.9], [0.9, 0.3]])) == [(0, 1), (1, 0)]

    def test_peaks_without_a_good_line_stay_alone(self):
        assert self.pairs(np.array([[0.9, 0.1], [0.1, 0.2]])) == [(0, 0)]
        assert self.pairs(np.array([[0.2]])) == []

    @given(hnp.arrays(float, st.tuples(st.integers(1, 5), st.integers(1, 5)), elements=st.sampled_from(
        [0.0, 0.1, 0.3, 0.35, 0.5, 0.7, 0.71, 0.9, 1.0])))
    def test_however_many_there_are_no_other_pairs_have_a_greater_sum(self, scores):
        gains = np.maximum(scores - 0.25, 0)
        pairs = self.pairs(scores)
        assert len({row for row, _ in pairs}) == len({column for _, column in pairs}) == len(pairs)
        assert np.isclose(sum(gains[pair] for pair in pairs), gains[linear_sum_assignment(gains, maximize=True)].sum())

    def test_a_poor_line_never_takes_the_place_of_a_good_one(self):
        """Two poor lines together score more than the good one, but poor ones are none."""
        assert self.pairs(np.array([[0.4, 0.24], [0.24, -1.0]])) == [(0, 0)]

    def test_more_sources_than_destinations_leave_some_alone(self):
        assert self.pairs(np.array([[0.5], [0.9], [0.7]])) == [(1, 0)]


class TestConnect:
    @settings(max_examples=150, deadline=None, derandomize=True)
    @given(herd=herds())
    def test_animals_are_grouped_as_they_are_wherever_their_nodes_connect(self, herd):
        """The truth by another way: within each animal, walk along edges whose ends are both seen."""
        nodes, edges, seen = herd
        animal, node = np.nonzero(seen)
        order = np.argsort(node, kind="stable")
        animal, node = animal[order], node[order]
        lines = candidates(np.zeros(len(node), int), node, 1, nodes, edges)
        scores = np.where(animal[lines.source] == animal[lines.destination], 0.9, 0.1)
        chosen = pair(lines, scores, 0.25)
        groups = connect(len(node), lines.source[chosen], lines.destination[chosen])
        assert partition(groups) == {
            frozenset(index for index in range(len(node)) if animal[index] == one and node[index] in part)
            for one in range(len(seen)) for part in parts(np.flatnonzero(seen[one]).tolist(), edges)
        }

    def test_the_order_of_the_pairs_does_not_matter(self):
        source, destination = np.array([0, 5, 2, 3]), np.array([1, 4, 0, 5])
        groups = connect(6, source, destination)
        assert partition(groups) == {frozenset({0, 1, 2}), frozenset({3, 4, 5})}
        assert partition(connect(6, source[::-1], destination[::-1])) == partition(groups)

    def test_peaks_that_nothing_connects_are_groups_of_one(self):
        assert connect(3, np.empty(0, int), np.empty(0, int)).tolist() == [0, 1, 2]
        assert len(connect(0, np.empty(0, int), np.empty(0, int))) == 0


def partition(groups: np.ndarray) -> set[frozenset[int]]:
    return {frozenset(np.flatnonzero(groups == group).tolist()) for group in np.unique(groups)}


def parts(nodes: list[int], edges: list[tuple[int, int]]) -> list[set[int]]:
    """Nodes that edges between them connect."""
    left, found = set(nodes), []
    while left:
        part, border = set(), {min(left)}
        while border:
            part |= border
            border = {b for edge in edges for a, b in (edge, edge[::-1]) if a in part and b in left - part}
        found.append(part)
        left -= part
    return found


class TestFaultOfTree:
    def test_a_tree_has_none(self):
        assert fault_of_tree(["nose", "neck", "ear"], [(0, 1), (2, 1)]) is None
        assert fault_of_tree(["nose"], []) is None

    @pytest.mark.parametrize("edges", [((0, 1), (1, 2), (2, 0)), ((0, 1), (1, 2), (1, 0)), ((0, 1), (1, 2), (2, 2))])
    def test_a_ring_is_named_by_the_edge_that_closes_it(self, edges):
        fault = fault_of_tree(["nose", "neck", "ear"], edges)
        source, destination = edges[-1]
        names = ["nose", "neck", "ear"]
        assert fault == f"the edge {names[source]} – {names[destination]} closes a ring"

    def test_nodes_that_no_edge_reaches_are_named(self):
        assert fault_of_tree(["nose", "neck", "ear", "tail"], [(0, 2)]) == "no edge connects neck, tail with nose"
