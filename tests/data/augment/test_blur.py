"""Blur."""

import numpy as np

from gambol.data.augment.blur import BlurConfig


class TestBlur:
    def test_a_point_becomes_a_gaussian_of_the_sigma_asked_for(self, rng):
        image = np.zeros((41, 41, 1), np.uint8)
        image[20, 20] = 255
        seen = BlurConfig(sigma=(1.0, 1.0)).apply(image, rng)[20, :, 0].astype(float)
        expected = 255 / (2 * np.pi) * np.exp(-((np.arange(41) - 20) ** 2) / 2)
        assert np.abs(seen - expected).max() <= 1.5

    def test_nothing_moves(self, draw_dot, find_dot, rng):
        image = draw_dot((20.3, 25.8), (50, 44))
        assert np.abs(find_dot(BlurConfig(sigma=(1.5, 1.5)).apply(image, rng)) - [20.3, 25.8]).max() < 0.05

    def test_a_flat_image_stays_flat_up_to_its_border(self, texture, rng):
        flat = np.full_like(texture, 90)
        assert (BlurConfig().apply(flat, rng) == flat).all()
