"""Settings of LEAP."""

import pytest
from pydantic import ValidationError

from gambol.nn.backbones import LEAPConfig


class TestLEAPConfig:
    def test_its_defaults_are_sleaps(self):
        assert dict(LEAPConfig().channels) == {1: 64, 2: 128, 4: 256, 8: 512}

    def test_an_output_coarser_than_the_deepest_level_is_refused(self):
        with pytest.raises(ValidationError, match="output_stride must be from 1 to 8"):
            LEAPConfig(output_stride=16)
