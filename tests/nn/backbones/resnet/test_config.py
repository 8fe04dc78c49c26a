"""Settings of residual networks."""

import pytest
from pydantic import ValidationError

from gambol.nn.backbones import ResNetConfig


class TestResNetConfig:
    @pytest.mark.parametrize(("version", "blocks"), [(50, 16), (101, 33), (152, 50)])
    def test_each_version_has_the_blocks_of_its_name(self, version, blocks):
        assert sum(ResNetConfig(version=version).blocks.values()) == blocks
        assert 3 * blocks + 2 == version  # convolutions, and the classifier that is left out here

    def test_deeper_stages_are_left_out(self):
        assert ResNetConfig(max_stride=8).encoder_channels == {2: 64, 4: 256, 8: 512}

    def test_what_is_no_residual_network_is_refused(self):
        for wrong in ({"version": 34}, {"max_stride": 64}, {"max_stride": 8, "output_stride": 16}):
            with pytest.raises(ValidationError):
                ResNetConfig(**wrong)
