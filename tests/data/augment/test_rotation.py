"""Rotation."""

import numpy as np

from gambol.data.augment.rotation import RotationConfig


class TestRotation:
    def test_the_middle_of_the_input_stays(self, rng):
        for _ in range(20):
            assert np.allclose(RotationConfig().draw(rng, (64, 49))(np.array([24.0, 31.5])), [24.0, 31.5])

    def test_angles_keep_to_their_range_and_use_all_of_it(self, rng):
        turns = [RotationConfig(degrees=(-30, 60)).draw(rng, (64, 64)).matrix for _ in range(500)]
        angles = [np.rad2deg(np.arctan2(turn[1, 0], turn[0, 0])) for turn in turns]
        assert -30 <= min(angles) < -28 and 58 < max(angles) <= 60

    def test_nothing_grows(self, rng):
        assert np.isclose(RotationConfig().draw(rng, (64, 64)).scale, 1)
