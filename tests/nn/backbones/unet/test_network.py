"""The layers of the U-Net, beside those of SLEAP's networks where such files are at hand."""

import pytest
import torch
from torch import nn

from gambol.nn.backbones import UNetConfig
from gambol.nn.heads import CentroidsConfig, ConfidenceMapsConfig
from gambol.nn.model import Model


def _convolutions(network: nn.Module) -> list[nn.Conv2d | nn.ConvTranspose2d]:
    return [module for module in network.modules() if isinstance(module, nn.Conv2d | nn.ConvTranspose2d)]


class TestBesideSleap:
    def test_every_convolution_has_the_shape_and_the_place_of_sleaps(self, sleap_model):
        ours = _convolutions(sleap_model.config.build(sleap_model.in_channels))
        theirs = [kernel.shape for _, (kernel, _) in sleap_model.convolutions]
        # a transposed kernel is (in, out, height, width) in torch, and so is Keras' (height, width, out, in) turned
        assert [layer.weight.shape for layer in ours] == theirs

    def test_with_sleaps_weights_it_computes_what_sleaps_graph_does(self, sleap_model):
        network = sleap_model.config.build(sleap_model.in_channels).double()
        for layer, (_, (kernel, bias)) in zip(_convolutions(network), sleap_model.convolutions, strict=True):
            layer.load_state_dict({"weight": kernel, "bias": bias})
        images = torch.rand(2, sleap_model.in_channels, 48, 32, dtype=torch.float64)
        expected = sleap_model.features(images)
        with torch.no_grad():
            levels = network(images)
        assert set(levels) <= set(expected)
        for stride, features in levels.items():
            torch.testing.assert_close(features, expected[stride], rtol=0, atol=1e-9)

    @pytest.mark.parametrize("backbone, head, millions", [
        (UNetConfig(filters=24, max_stride=16, output_stride=4), ConfidenceMapsConfig(nodes=24, stride=4), 4.3125),
        (UNetConfig(filters=16, max_stride=16, output_stride=2), CentroidsConfig(stride=2), 1.9531),
    ])
    def test_it_has_as_many_parameters(self, backbone, head, millions):
        parameters = sum(weight.numel() for weight in Model(backbone, {"maps": head}, in_channels=1).parameters())
        assert round(parameters / 1e6, 4) == millions


class TestStructure:
    @pytest.mark.parametrize("config", [
        UNetConfig(filters=4, output_stride=1),
        UNetConfig(filters=5, filters_rate=1.5, max_stride=8, output_stride=2, up_interpolate=False),
        UNetConfig(filters=4, stem_stride=4, output_stride=4),
        UNetConfig(filters=4, stem_stride=4, output_stride=1),
        UNetConfig(filters=4, stem_stride=4, stem="patch", output_stride=2, up_interpolate=False),
        UNetConfig(filters=4, middle_block=False, convs_per_block=3),
        UNetConfig(filters=4, max_stride=8, output_stride=8, convs_per_block=1),
    ])
    def test_it_says_beforehand_how_wide_and_how_fine_its_features_are(self, config):
        network = config.build(in_channels=3)
        levels = network(torch.rand(1, 3, 32, 48))
        assert {stride: tuple(features.shape) for stride, features in levels.items()} == {
            stride: (1, channels, 32 // stride, 48 // stride) for stride, channels in network.channels.items()
        }
        assert min(levels) == config.output_stride and max(levels) == config.max_stride == network.max_stride

    def test_a_conv_stem_is_wide_kernels_and_pooling_as_sleaps(self):
        network = UNetConfig(filters=4, stem_stride=4, max_stride=8).build(in_channels=1)
        shapes = [tuple(layer.weight.shape) for layer in _convolutions(network.stem)]
        assert shapes == [(4, 1, 7, 7), (4, 4, 7, 7), (8, 4, 7, 7), (8, 8, 7, 7)]
        assert sum(isinstance(layer, nn.MaxPool2d) for layer in network.stem.modules()) == 2
        assert _convolutions(network.encoder)[0].weight.shape == (16, 8, 3, 3)

    def test_a_patch_stem_loses_no_pixel_and_has_nothing_to_learn(self):
        network = UNetConfig(filters=4, stem_stride=4, stem="patch").build(in_channels=1)
        images = torch.rand(1, 1, 16, 16)
        assert torch.equal(network.stem(images).flatten().sort().values, images.flatten().sort().values)
        assert not list(network.stem.parameters())

    def test_without_a_middle_block_the_deepest_level_only_pools(self):
        config = UNetConfig(filters=4, max_stride=8, middle_block=False)
        network = config.build(in_channels=1)
        assert not list(network.middle.parameters())
        assert network.channels[8] == config.width(2)

    @pytest.mark.parametrize("convolutions", [1, 3])
    def test_blocks_have_as_many_convolutions_as_asked(self, convolutions):
        network = UNetConfig(filters=4, max_stride=4, output_stride=2, convs_per_block=convolutions).build(1)
        assert len(_convolutions(network)) == 4 * convolutions  # two levels, the middle, one level up

    def test_transposed_convolution_moves_nothing(self):
        block = UNetConfig(filters=1, max_stride=2, output_stride=1, up_interpolate=False).build(1).decoder[0]
        nn.init.zeros_(block.grow.weight)
        nn.init.zeros_(block.grow.bias)
        block.grow.weight.data[:, :, 0, 0] = 1  # each cell goes to the first of the four pixels that it covers
        block.refine = nn.Identity()
        deep = torch.rand(1, 2, 4, 4)
        grown = block(deep, None)
        assert grown.shape == (1, 1, 8, 8)
        assert torch.equal(grown[0, 0, ::2, ::2], deep.sum(1)[0])
