"""Brightness."""

import numpy as np

from gambol.data.augment.brightness import BrightnessConfig, map_levels


class TestBrightness:
    def test_all_levels_are_multiplied_by_one_factor(self, texture, rng):
        brighter = BrightnessConfig(factor=(1.2, 1.2)).apply(texture, rng)
        assert brighter.shape == texture.shape
        assert np.abs(brighter - 1.2 * texture).max() <= 0.51

    def test_what_is_too_bright_stays_white_and_black_stays_black(self, rng):
        image = np.array([[[0], [200]]], np.uint8)
        assert BrightnessConfig(factor=(2, 2)).apply(image, rng).ravel().tolist() == [0, 255]

    def test_it_differs_from_draw_to_draw_within_its_range(self, rng):
        image = np.full((1, 1, 1), 100, np.uint8)
        levels = {int(BrightnessConfig(factor=(0.5, 1.5)).apply(image, rng)[0, 0, 0]) for _ in range(300)}
        assert 50 <= min(levels) < 55 and 145 < max(levels) <= 150


class TestMapLevels:
    def test_levels_are_rounded_and_kept_within_a_byte(self):
        image = np.array([[[0], [1], [2]]], np.uint8)
        levels = np.zeros(256)
        levels[:3] = [-7, 12.6, 300]
        assert map_levels(image, levels).ravel().tolist() == [0, 13, 255]
