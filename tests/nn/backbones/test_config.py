"""What the settings of every backbone say of it."""

import pytest

from gambol.nn.backbones import HourglassConfig, ResNetConfig, UNetConfig
from gambol.nn.backbones.config import doubling, require_order


class TestStrides:
    def test_they_double_from_the_finest_to_the_deepest(self):
        assert UNetConfig(output_stride=2, max_stride=16).strides == (2, 4, 8, 16)
        assert doubling(1, 1) == [1]

    def test_one_that_it_has_is_accepted(self):
        ResNetConfig().require_stride(8)

    @pytest.mark.parametrize("stride", [1, 2, 3, 64])
    def test_one_that_it_has_not_is_refused_with_those_it_has(self, stride):
        told = f"this 'resnet' has features at the strides 4, 8, 16, 32, none at {stride}"
        with pytest.raises(ValueError, match=told):
            ResNetConfig().require_stride(stride)

    @pytest.mark.parametrize(("output", "deepest", "finest"), [(32, 16, 1), (2, 16, 4)])
    def test_an_output_outside_of_them_is_refused(self, output, deepest, finest):
        with pytest.raises(ValueError, match=f"from {finest} to {deepest}"):
            require_order(output, deepest, finest)


class TestRequireWeights:
    def test_fresh_weights_are_always_there(self):
        for config in (UNetConfig(), HourglassConfig()):
            config.require_weights()
