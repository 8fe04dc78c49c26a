"""Noise."""

import numpy as np
from scipy import stats

from gambol.data.augment.noise import NORMAL, NoiseConfig


class TestNoise:
    def test_its_deviation_is_what_was_asked_for_in_each_channel_by_itself(self, rng):
        image = np.full((200, 200, 3), 128, np.uint8)
        added = NoiseConfig(deviation=(6, 6)).apply(image, rng).astype(float) - 128
        assert np.allclose(added.std((0, 1)), 6, rtol=0.03)
        assert np.abs(added.mean((0, 1))).max() < 0.2
        assert np.abs(np.corrcoef(added.reshape(-1, 3).T) - np.eye(3)).max() < 0.03

    def test_pixels_do_not_depend_on_their_neighbours(self, rng):
        added = NoiseConfig(deviation=(9, 9)).apply(np.full((200, 200, 1), 128, np.uint8), rng)[..., 0].astype(float)
        assert abs(np.corrcoef(added[:, 1:].ravel(), added[:, :-1].ravel())[0, 1]) < 0.03

    def test_levels_saturate_at_black_and_white(self, texture, rng):
        for level in (0, 255):
            noisy = NoiseConfig(deviation=(9, 9)).apply(np.full_like(texture, level), rng)
            assert noisy.shape == texture.shape
            assert np.abs(noisy.astype(int) - level).max() < 40

    def test_its_quantiles_are_those_of_the_normal_distribution(self):
        assert NORMAL.std() == np.float32(1)
        assert stats.kstest(NORMAL, "norm").statistic < 0.01
