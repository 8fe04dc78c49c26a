import numpy as np
import pytest

from gambol.geometry.similarity import oks

NAN = np.nan
SQUARE = np.array([[[0, 0], [20, 20], [0, 20]]], float)  # its box: 20 x 20 px, area 400


class TestOks:
    def test_a_perfect_prediction_is_one(self):
        assert oks(SQUARE, SQUARE).tolist() == [[1]]

    def test_one_node_a_pixel_off(self):
        # 2 * (2 * 0.025)^2 * 400 = 2 px²: a node 1 px off scores exp(-1/2), the other two 1
        predicted = SQUARE + np.array([[1, 0], [0, 0], [0, 0]])
        assert oks(SQUARE, predicted)[0, 0] == pytest.approx((np.exp(-0.5) + 2) / 3)

    def test_a_node_that_the_prediction_misses_scores_nothing(self):
        predicted = SQUARE.copy()
        predicted[0, 0] = NAN
        assert oks(SQUARE, predicted)[0, 0] == pytest.approx(2 / 3)

    def test_a_node_that_the_truth_misses_does_not_count(self):
        truth = SQUARE.copy()
        truth[0, 2] = NAN  # the box of the other two is the same
        assert oks(truth, SQUARE + np.array([[0, 0], [0, 0], [99, 99]]))[0, 0] == 1

    def test_larger_animals_are_given_more_room(self):
        assert oks(2 * SQUARE, 2 * SQUARE + 1) > oks(SQUARE, SQUARE + 1)

    def test_a_truth_without_area_is_judged_by_pixels(self):
        truth = np.array([[[10, 10], [NAN, NAN]]], float)
        predicted = np.array([[[20, 10], [5, 5]], [[70, 10], [5, 5]], [[NAN, NAN], [5, 5]]], float)
        assert np.allclose(oks(truth, predicted), [[0.8, 0, 0]])  # 1 - 10/50; 60 px is out of reach; missing

    def test_a_truth_without_points_is_like_nothing(self):
        assert oks(np.full((1, 3, 2), NAN), SQUARE).tolist() == [[0]]

    def test_none_against_some(self):
        assert oks(SQUARE, np.empty((0, 3, 2))).shape == (1, 0)
        assert oks(np.empty((0, 3, 2)), SQUARE).shape == (0, 1)
