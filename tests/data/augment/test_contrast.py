"""Contrast."""

import numpy as np

from gambol.data.augment.contrast import ContrastConfig


class TestContrast:
    def test_levels_are_pulled_apart_about_the_mean_which_stays(self, texture, rng):
        stronger = ContrastConfig(factor=(1.2, 1.2)).apply(texture, rng)
        mean = texture.mean()
        assert stronger.shape == texture.shape
        assert np.abs(stronger - (mean + 1.2 * (texture - mean))).max() <= 0.51
        assert abs(stronger.mean() - mean) < 0.5

    def test_colours_share_one_mean(self, rng):
        image = np.zeros((4, 4, 3), np.uint8) + np.array([50, 100, 150], np.uint8)
        flat = ContrastConfig(factor=(0.5, 0.5)).apply(image, rng)
        assert flat[0, 0].tolist() == [75, 100, 125]
