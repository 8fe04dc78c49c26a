"""Settings of the U-Net."""

import subprocess
import sys

import pytest
from pydantic import ValidationError

from gambol.nn.backbones import UNetConfig


class TestUNetConfig:
    @pytest.mark.parametrize("strides", [
        {"stem_stride": 16, "max_stride": 16},
        {"output_stride": 32, "max_stride": 16},
        {"max_stride": 12},
        {"output_stride": 0},
    ])
    def test_strides_that_make_no_network_are_refused(self, strides):
        with pytest.raises(ValidationError):
            UNetConfig(**strides)

    def test_a_level_is_as_wide_as_in_sleap_fractions_cut_off(self):
        config = UNetConfig(filters=8, filters_rate=1.5)
        assert [config.width(level) for level in range(5)] == [8, 12, 18, 27, 40]

    def test_settings_are_read_without_torch(self):
        code = "import sys; from gambol.nn.backbones import UNetConfig; UNetConfig(); assert 'torch' not in sys.modules"
        subprocess.run([sys.executable, "-c", code], check=True)
