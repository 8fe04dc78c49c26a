"""All augmentations together."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gambol.data.augment import AugmentConfig

NEVER = AugmentConfig.model_validate({name: {"probability": 0.0} for name in AugmentConfig.model_fields})
ALWAYS = AugmentConfig.model_validate({name: {"probability": 1.0} for name in AugmentConfig.model_fields})


class TestDraw:
    def test_without_any_augmentation_everything_stays(self):
        image = np.random.default_rng(0).integers(0, 256, (20, 30, 1), dtype=np.uint8)
        rng = np.random.default_rng(0)
        assert (NEVER.draw(rng, (20, 30)).matrix == np.eye(2, 3)).all()
        assert NEVER.apply(image, rng) is image

    @given(seed=st.integers(0, 10**6))
    def test_the_middle_moves_no_further_than_the_translation_allows(self, seed: int):
        middle = np.array([99.5, 49.5])
        moved = ALWAYS.draw(np.random.default_rng(seed), (100, 200))(middle)
        assert (np.abs(moved - middle) <= [20 + 1e-9, 10 + 1e-9]).all()

    def test_whole_frames_move_less(self):
        frames, crops = AugmentConfig.for_frames(), AugmentConfig()
        assert frames.translation.fraction[1] < crops.translation.fraction[1]
        assert frames.scale.factor[1] < crops.scale.factor[1]


class TestApply:
    @given(seed=st.integers(0, 10**6), channels=st.sampled_from([1, 3]))
    def test_size_and_type_stay_and_the_image_given_is_not_touched(self, seed: int, channels: int):
        image = np.random.default_rng(0).integers(0, 256, (20, 30, channels), dtype=np.uint8)
        image.setflags(write=False)
        varied = ALWAYS.apply(image, np.random.default_rng(seed))
        assert varied.shape == image.shape and varied.dtype == np.uint8
        assert (varied != image).any()

    @pytest.mark.parametrize("name", ["blur", "brightness", "contrast"])
    def test_grey_levels_change_and_nothing_moves(self, name, draw_dot, find_dot):
        only = NEVER.model_copy(update={name: getattr(ALWAYS, name)})
        image = draw_dot((20.3, 25.8), (50, 44))
        for seed in range(20):
            varied = only.apply(image, np.random.default_rng(seed))
            assert (varied != image).any()
            assert np.abs(find_dot(varied) - [20.3, 25.8]).max() < 0.1


def test_settings_are_read_and_shown_without_torch():
    code = "import sys, gambol.data.augment, gambol.data.crops; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
