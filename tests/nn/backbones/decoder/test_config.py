"""Settings of the shared decoder."""

import pytest

from gambol.nn.backbones.decoder.config import DecoderConfig
from gambol.nn.backbones.receptive_field import Window

ENCODER = {2: 8, 4: 16, 8: 32}


class TestDecoderConfig:
    def test_its_levels_lie_between_the_finest_map_and_the_encoders_deepest(self):
        assert DecoderConfig().strides(max_stride=16, output_stride=2) == [2, 4, 8]
        assert DecoderConfig().strides(max_stride=16, output_stride=16) == []

    def test_all_of_its_levels_are_as_wide_and_the_deepest_is_the_encoders(self):
        assert DecoderConfig(filters=5).channels(ENCODER, output_stride=1) == {1: 5, 2: 5, 4: 5, 8: 32}

    @pytest.mark.parametrize(("skip", "joined"), [("none", set()), ("add", {2, 4}), ("concat", {2, 4})])
    def test_the_encoder_is_joined_where_it_has_features_and_it_is_asked_for(self, skip, joined):
        down = {stride: [Window(3)] for stride in ENCODER}
        assert DecoderConfig(skip=skip).pyramid(down, output_stride=1).joined == joined

    def test_what_waits_to_be_joined_is_held(self):
        without, beside = (DecoderConfig(skip=skip).values_per_pixel(ENCODER, 4) for skip in ("none", "concat"))
        assert without == 2 * 64 / 16
        assert beside == without + 16 / 16 + (8 / 4 + 16 / 16 + 32 / 64)
