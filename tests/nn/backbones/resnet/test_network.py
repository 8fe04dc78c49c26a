"""The layers of residual networks."""

import pytest
import torch
from torch import nn

from gambol.nn.backbones import ResNetConfig


class TestResNet:
    @pytest.mark.parametrize(("version", "parameters"), [(50, 23_508_032), (101, 42_500_160), (152, 58_143_808)])
    def test_the_encoder_has_as_many_parameters_as_published(self, version, parameters):
        """Those published are for classifying: without the 2,049,000 of the last layer."""
        with torch.device("meta"):
            network = ResNetConfig(version=version).build(in_channels=3)
        assert sum(weight.numel() for weight in network.encoder.parameters()) == parameters

    def test_at_first_blocks_pass_on_what_they_get(self):
        network = ResNetConfig(filters=4, max_stride=4).build(in_channels=1)
        network.start()
        second = network.encoder[1][2]
        features = torch.rand(1, 16, 4, 4)
        assert torch.equal(second(features), features)

    def test_every_convolution_of_the_encoder_is_normalised_and_has_no_bias(self):
        network = ResNetConfig(filters=2).build(in_channels=1)
        convolutions = [layer for layer in network.encoder.modules() if isinstance(layer, nn.Conv2d)]
        norms = [layer for layer in network.encoder.modules() if isinstance(layer, nn.BatchNorm2d)]
        assert len(convolutions) == len(norms) == 53
        assert not any(layer.bias is not None for layer in convolutions)
