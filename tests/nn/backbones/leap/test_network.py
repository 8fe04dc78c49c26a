"""The layers of LEAP."""

import torch
from torch import nn

from gambol.nn.backbones import LEAPConfig


class TestLEAP:
    def test_three_convolutions_a_block_down_and_two_up_after_one_that_grows(self):
        network = LEAPConfig(filters=2).build(in_channels=1)
        widths = [layer.out_channels for layer in network.modules() if isinstance(layer, nn.Conv2d)]
        grown = [layer.out_channels for layer in network.modules() if isinstance(layer, nn.ConvTranspose2d)]
        assert widths == [2] * 3 + [4] * 3 + [8] * 3 + [16] * 3 + [8] * 2 + [4] * 2 + [2] * 2
        assert grown == [8, 4, 2]

    def test_nothing_passes_but_through_the_deepest_level(self):
        network = LEAPConfig(filters=4).build(in_channels=1)
        images = torch.rand(1, 1, 16, 16)
        nn.init.zeros_(network.encoder[-1][-2].weight)
        nn.init.zeros_(network.encoder[-1][-2].bias)
        assert torch.equal(network(images)[1], network(torch.rand(1, 1, 16, 16))[1])

    def test_without_transposed_convolutions_it_interpolates(self):
        network = LEAPConfig(filters=2, up_interpolate=True).build(in_channels=1)
        assert not [layer for layer in network.modules() if isinstance(layer, nn.ConvTranspose2d)]
