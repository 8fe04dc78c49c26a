"""Flip."""

import numpy as np

from gambol.data.augment.flip import FlipConfig, swap_symmetric


class TestFlip:
    def test_left_becomes_right(self, rng):
        flip = FlipConfig(probability=1).draw(rng, (64, 48))
        assert flip(np.array([[0.0, 5.0], [47.0, 9.0]])).tolist() == [[47.0, 5.0], [0.0, 9.0]]

    def test_it_is_off_unless_asked_for(self, rng):
        assert not any(FlipConfig().happens(rng) for _ in range(100))


class TestSwapSymmetric:
    def test_nodes_that_mirror_each_other_change_places_and_others_stay(self):
        points = np.array([[[1, 1], [2, 2], [np.nan, np.nan], [4, 4]]])
        swapped = swap_symmetric(points, mirrored=(0, 2, 1, 3))
        assert np.array_equal(swapped, [[[1, 1], [np.nan, np.nan], [2, 2], [4, 4]]], equal_nan=True)
