"""The layers of ConvNeXt."""

import pytest
import torch
from torch import nn

from gambol.nn.backbones import ConvNeXtConfig


class TestConvNeXt:
    @pytest.mark.parametrize(("size", "parameters"), [("tiny", 27.82e6), ("small", 49.45e6), ("base", 87.56e6)])
    def test_the_encoder_has_about_as_many_parameters_as_published(self, size, parameters):
        """28.6, 50.2 and 88.6 million, less the classifier of 1000 classes."""
        with torch.device("meta"):
            network = ConvNeXtConfig(size=size).build(in_channels=3)
        assert sum(weight.numel() for weight in network.encoder.parameters()) == pytest.approx(parameters, rel=1e-3)

    def test_weights_of_the_encoder_start_narrow_and_those_of_the_decoder_as_deep_relus_need(self):
        network = ConvNeXtConfig(filters=32, max_stride=8).build(in_channels=1)
        network.start()
        wide, refining = network.encoder[0][1].widen, network.decoder.levels[0].refine[0]
        assert wide.weight.std().item() == pytest.approx(0.02, rel=0.1)
        assert refining.weight.std().item() == pytest.approx((2 / (64 * 9)) ** 0.5, rel=0.1)

    def test_no_statistics_of_batches_are_kept(self):
        network = ConvNeXtConfig(filters=4).build(in_channels=1)
        assert not [layer for layer in network.modules() if isinstance(layer, nn.BatchNorm2d)]
        assert not list(network.buffers())
