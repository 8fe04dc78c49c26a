"""Erasing."""

import numpy as np

from gambol.data.augment.erasing import ErasingConfig


class TestErasing:
    def test_a_patch_has_one_level_and_the_size_asked_for(self, texture, rng):
        once = ErasingConfig(patches=1, fraction=(0.25, 0.25))
        for _ in range(20):
            erased = once.apply(texture, rng)
            changed = np.argwhere((erased != texture).any(-1))
            height, width = changed.max(0) - changed.min(0) + 1
            assert height <= 16 and width <= 12 and len(changed) > 0.9 * 16 * 12
            assert len(np.unique(erased[tuple(changed.T)])) == 1

    def test_patches_reach_every_corner(self, rng):
        image = np.full((10, 10, 1), 1, np.uint8)
        changed = sum((ErasingConfig(patches=3).apply(image, rng) != image).astype(int) for _ in range(2000))
        assert (changed > 0).all()

    def test_a_patch_as_large_as_the_image_fits(self, texture, rng):
        assert len(np.unique(ErasingConfig(patches=1, fraction=(1, 1)).apply(texture, rng))) == 1

    def test_the_image_given_is_left_as_it_is(self, texture, rng):
        before = texture.copy()
        ErasingConfig(patches=5).apply(texture, rng)
        assert (texture == before).all()
