"""Convolutions in a row."""

import torch
from torch import nn

from gambol.nn.backbones.convolutions import block


class TestBlock:
    def test_each_convolution_is_followed_by_a_relu_and_keeps_the_size(self):
        layers = block(3, 5, convolutions=2, kernel=7)
        assert [type(layer) for layer in layers] == [nn.Conv2d, nn.ReLU] * 2
        assert layers(torch.rand(1, 3, 8, 6)).shape == (1, 5, 8, 6)
