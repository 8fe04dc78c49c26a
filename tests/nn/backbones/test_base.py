"""How weights start where nothing else is said."""

import torch
from torch import nn

from gambol.nn.backbones import UNetConfig
from gambol.nn.backbones.base import start_kaiming
from gambol.nn.heads import ConfidenceMapsConfig
from gambol.nn.model import Model


class TestStart:
    def test_weights_are_as_wide_as_their_inputs_allow_and_biases_zero(self):
        layer = nn.Conv2d(64, 128, 3)
        start_kaiming(layer)
        assert abs(layer.weight.std() - (2 / (64 * 9)) ** 0.5) < 1e-3
        assert not layer.bias.any()

    def test_other_layers_are_left_alone(self):
        layer = nn.Linear(3, 3)
        before = layer.weight.clone()
        start_kaiming(layer)
        assert torch.equal(layer.weight, before)

    def test_a_unet_draws_its_weights_layer_by_layer_the_backbone_first(self):
        """Runs that were trained with a seed can be trained again: the order of the draws is part of the promise."""
        heads = {"nodes": ConfidenceMapsConfig(nodes=2, stride=4), "more": ConfidenceMapsConfig(nodes=3, stride=8)}
        config = UNetConfig(filters=4, max_stride=8, up_interpolate=False)
        torch.manual_seed(5)
        model = Model(config, heads, in_channels=1)
        torch.manual_seed(5)
        backbone = config.build(1)
        layers = [nn.Conv2d(16, 2, 1), nn.Conv2d(32, 3, 1)]
        for module in (*backbone.modules(), *layers):
            start_kaiming(module)
        for layer in layers:
            nn.init.normal_(layer.weight, std=1e-3)
        expected = [*backbone.parameters(), *(weight for layer in layers for weight in layer.parameters())]
        assert all(torch.equal(*pair) for pair in zip(model.parameters(), expected, strict=True))
