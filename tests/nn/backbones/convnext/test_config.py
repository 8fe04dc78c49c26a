"""Settings of ConvNeXt."""

import pytest
from pydantic import ValidationError

from gambol.nn.backbones import ConvNeXtConfig


class TestConvNeXtConfig:
    @pytest.mark.parametrize(("size", "widths", "depth"), [
        ("tiny", [96, 192, 384, 768], 18), ("small", [96, 192, 384, 768], 36), ("base", [128, 256, 512, 1024], 36)])
    def test_each_size_is_as_deep_and_as_wide_as_published(self, size, widths, depth):
        config = ConvNeXtConfig(size=size)
        assert [*config.encoder_channels.values()] == widths
        assert sum(config.blocks.values()) == depth

    def test_a_finer_stem_makes_all_levels_finer(self):
        assert [*ConvNeXtConfig(stem_stride=2, max_stride=16).encoder_channels] == [2, 4, 8, 16]

    def test_deeper_levels_than_there_are_are_refused(self):
        with pytest.raises(ValidationError, match="with stem_stride 2 max_stride is at most 16"):
            ConvNeXtConfig(stem_stride=2, max_stride=32)
