"""Accuracy on validation frames, by hand."""

import numpy as np
import pytest

from gambol.poses import Poses
from gambol.training.accuracy import measure

NAN = (np.nan, np.nan)


def poses(*animals: list[tuple[float, float]]) -> Poses:
    return Poses.of(np.array(animals, float).reshape(-1, 2, 2))


class TestMeasure:
    def test_distances_shares_and_extras_are_those_counted_by_hand(self):
        first = poses([(3, 0), (10, 4)], [(100, 100), (110, 100)]), poses([(0, 0), (10, 0)])  # 3 and 4 px; one too many
        second = poses(), poses([(0, 0), NAN])  # missed, with its one node
        assert measure([first, second]) == pytest.approx(
            {"found": 2 / 3, "extra": 1 / 2, "median": 3.5, "mean": 3.5, "p95": 3.95})

    def test_animals_are_matched_so_that_they_lie_nearest_all_together(self):
        found, true = poses([(11, 0), (11, 0)], [(1, 0), (1, 0)]), poses([(0, 0), (0, 0)], [(10, 0), (10, 0)])
        assert measure([(found, true)])["mean"] == pytest.approx(1)

    def test_nodes_found_on_one_side_only_have_no_distance(self):
        figures = measure([(poses([(0, 0), NAN]), poses([(2, 0), (5, 5)]))])
        assert (figures["found"], figures["mean"]) == (0.5, 2)

    def test_an_animal_that_shares_no_node_with_the_true_one_is_extra(self):
        figures = measure([(poses([(0, 0), NAN]), poses([NAN, (5, 5)]))])
        assert figures == {"found": 0, "extra": 1}

    def test_where_nothing_is_found_there_are_no_distances(self):
        assert measure([(poses(), poses([(0, 0), (1, 1)]))]) == {"found": 0, "extra": 0}
        assert measure([]) == {"found": 0, "extra": 0}
