import numpy as np

from gambol.geometry.distances import pairwise


class TestPairwise:
    def test_each_with_each_node_by_node(self):
        a = np.array([[[0, 0], [1, 1]]], float)
        b = np.array([[[3, 4], [1, 1]], [[0, 0], [1, 3]]], float)
        assert pairwise(a, b).tolist() == [[[5, 0], [0, 2]]]

    def test_missing_on_either_side_is_nan(self):
        a = np.array([[[0, 0], [np.nan, 1]]], float)
        b = np.array([[[np.nan, np.nan], [1, 1]]], float)
        assert np.isnan(pairwise(a, b)).all()

    def test_none_against_some(self):
        assert pairwise(np.empty((0, 3, 2)), np.zeros((2, 3, 2))).shape == (0, 2, 3)
