"""Settings of stacked hourglasses."""

import pytest
from pydantic import ValidationError

from gambol.nn.backbones import HourglassConfig


class TestHourglassConfig:
    def test_each_level_has_some_channels_more_than_the_one_before(self):
        assert HourglassConfig().channels == {4: 256, 8: 384, 16: 512, 32: 640, 64: 768}

    def test_maps_finer_than_the_stem_are_refused(self):
        with pytest.raises(ValidationError, match="output_stride must be from 4 to 64"):
            HourglassConfig(output_stride=2)
