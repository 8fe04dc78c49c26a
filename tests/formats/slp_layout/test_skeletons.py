"""Skeletons in SLEAP's jsonpickle form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gambol.formats.slp_layout.skeletons import decode, encode
from gambol.labels.skeleton import Skeleton

NAMES = ["nose", "left ear", "right ear", "tail"]
PAIRS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)).filter(lambda pair: pair[0] < pair[1]),
                 unique=True, max_size=4).map(tuple)


def graph(links, nodes=(0, 1, 2, 3)):
    return {"graph": {"name": "mouse"}, "nodes": [{"id": node} for node in nodes],
            "links": [{"source": source, "target": target, "type": kind} for source, target, kind in links]}


def spelled(kind):
    return {"py/reduce": [{"py/type": "sleap.skeleton.EdgeType"}, {"py/tuple": [kind]}]}


class TestDecoding:
    @given(PAIRS, PAIRS)
    def test_undoes_encoding(self, edges, symmetries):
        skeleton = Skeleton(tuple(NAMES), edges, symmetries, "mouse")
        stored, nodes = encode(skeleton)
        assert decode(stored, [node["name"] for node in nodes]) == skeleton

    def test_a_reference_names_the_type_spelled_out_at_that_place(self):
        """Symmetry first, so that reference 1 means symmetry and 2 means edge."""
        links = [(1, 2, spelled(2)), (0, 1, spelled(1)), (0, 3, {"py/id": 2}), (0, 2, {"py/id": 1})]
        skeleton = decode(graph(links), NAMES)
        assert (skeleton.edges, skeleton.symmetries) == (((0, 1), (0, 3)), ((1, 2), (0, 2)))

    @pytest.mark.parametrize(("reference", "edges", "symmetries"), [(1, 1, 0), (2, 0, 1)])
    def test_a_reference_to_nothing_means_the_type_itself(self, reference, edges, symmetries):
        skeleton = decode(graph([(0, 1, {"py/id": reference})]), NAMES)
        assert (len(skeleton.edges), len(skeleton.symmetries)) == (edges, symmetries)

    def test_a_symmetry_stored_both_ways_counts_once(self):
        skeleton = decode(graph([(1, 2, spelled(2)), (2, 1, {"py/id": 1})]), NAMES)
        assert skeleton.symmetries == ((1, 2),)

    def test_nodes_are_numbered_in_the_skeletons_own_order(self):
        skeleton = decode(graph([(3, 0, spelled(1))], nodes=(3, 1, 0)), NAMES)
        assert (skeleton.nodes, skeleton.edges) == (("tail", "left ear", "nose"), ((0, 2),))

    def test_the_wrapped_form_of_newer_sleap_is_the_same(self):
        plain = graph([(0, 1, spelled(1))])
        assert decode({"nx_graph": plain, "description": "a mouse"}, NAMES) == decode(plain, NAMES)
