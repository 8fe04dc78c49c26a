"""The layers of EfficientNet-Lite0, fresh and with ImageNet's weights."""

import numpy as np
import pytest
import torch

from gambol.nn.backbones import EfficientNetLite0Config
from gambol.nn.backbones.efficientnet_lite0.config import FILE, PACKAGE
from gambol.nn.backbones.normalisation import BatchNorm
from gambol.nn.backbones.pretrained import installed


def started(in_channels: int, **settings):
    network = EfficientNetLite0Config(**settings).build(in_channels)
    network.start()
    return network


class TestLayers:
    def test_there_are_sixteen_blocks_of_the_published_shapes(self, weights):
        """Of 4,652,008 parameters published 409,600 + 2,560 + 1,281,000 belong to the classifier."""
        network = EfficientNetLite0Config().build(in_channels=3)
        assert len({name.split(".")[1] for name in weights if name.startswith("_blocks.")}) == 16
        assert sum(weight.numel() for weight in network.encoder.parameters()) == 4_652_008 - 1_693_160

    def test_sizes_are_halved_as_tensorflow_halves_them(self):
        """A row of pixels, of which each cell sees two and the next one, at the end of the row a zero."""
        layer = EfficientNetLite0Config(width=0.1).build(in_channels=1).encoder[0][0]
        torch.nn.init.zeros_(layer.convolution.weight)
        layer.convolution.weight.data[:, :, 0] = 1
        rows = torch.arange(8.0).expand(1, 1, 2, 8)
        padded = torch.nn.functional.pad(rows, layer.beside)
        assert layer.convolution(padded)[0, 0, 0].tolist() == [0 + 1 + 2, 2 + 3 + 4, 4 + 5 + 6, 6 + 7]


class TestPretrained:
    def test_the_encoder_begins_with_the_published_weights_and_the_decoder_afresh(self, weights):
        torch.manual_seed(0)
        network = started(3, weights="tunable")
        state = network.state_dict()
        for ours, theirs in network.published_names().items():
            for name in [name for name in state if name.startswith(f"{ours}.")]:
                assert torch.equal(state[name], weights[theirs + name.removeprefix(ours)])
        assert len(network.published_names()) == 2 + 16 * 6 - 2  # the first block does not widen
        torch.manual_seed(0)
        fresh = started(3)
        assert torch.equal(fresh.decoder.levels[0].narrow.weight, network.decoder.levels[0].narrow.weight)

    def test_a_grey_image_is_seen_as_the_same_in_colours(self, weights):
        grey = torch.rand(1, 1, 64, 64)
        network = started(1, weights="tunable").eval()
        torch.manual_seed(0)
        coloured = started(3, weights="tunable").eval()
        coloured.load_state_dict(network.state_dict())
        torch.testing.assert_close(network(grey)[8], coloured(grey.expand(-1, 3, -1, -1))[8])

    def test_images_come_in_the_range_that_the_weights_expect(self, weights):
        network = started(1, weights="tunable")
        seen = network.prepare(torch.tensor([0.0, 127 / 255, 1.0]).reshape(3, 1, 1, 1))
        assert seen[:, 0, 0, 0].tolist() == pytest.approx([-127 / 128, 0, 1])
        images = torch.rand(1, 1, 2, 2)
        assert torch.equal(started(1).prepare(images), images)

    def test_the_encoders_statistics_stay_as_published_and_the_decoders_are_learnt(self, weights):
        network = started(1, weights="tunable")
        before = {name: tensor.clone() for name, tensor in network.named_buffers()}
        network(torch.rand(2, 1, 64, 64))
        changed = [name for name, tensor in network.named_buffers() if not torch.equal(tensor, before[name])]
        assert {name.split(".")[0] for name in changed} == {"decoder"}

    @pytest.mark.parametrize(("how", "learns"), [("random", True), ("tunable", True), ("frozen", False)])
    def test_the_encoder_learns_unless_it_is_frozen(self, weights, how, learns):
        network = started(1, weights=how)
        network(torch.rand(2, 1, 64, 64))[4].sum().backward()
        assert (network.encoder[0][0].convolution.weight.grad is not None) == learns
        assert network.decoder.levels[-1].refine[0].weight.grad is not None

    def test_it_is_built_without_them_where_others_will_be_loaded(self, monkeypatch):
        monkeypatch.setattr("gambol.nn.backbones.pretrained.find_spec", lambda package: None)
        EfficientNetLite0Config(weights="tunable").build(in_channels=1)


class TestImageNet:
    """The package itself, which the development extra brings."""

    def test_its_weights_fit_and_their_statistics_are_those_of_images_of_this_range(self):
        """What the first layer makes of natural images on the average is what it makes of their mean colour.

        ImageNet's is (124, 116, 104) of 255; in the network's range that is a little below zero, in each channel more.
        """
        file = installed(PACKAGE, FILE)
        network = started(3, weights="tunable")
        layer = network.encoder[0][0]
        colour = torch.linalg.lstsq(layer.convolution.weight.sum((2, 3)), layer.norm.running_mean[:, None]).solution
        mean = network.prepare(torch.tensor([123.7, 116.3, 103.5]).reshape(1, 3, 1, 1) / 255)
        torch.testing.assert_close(colour.ravel(), mean.ravel(), rtol=0, atol=0.08)
        assert file.stat().st_size > 1e7

    def test_features_of_noise_are_of_the_size_that_it_learnt(self):
        torch.manual_seed(0)
        network = started(1, weights="tunable").eval()
        ratios = []
        for module in network.encoder.modules():
            if isinstance(module, BatchNorm):
                module.register_forward_hook(lambda norm, given, _: ratios.append(
                    float((given[0].std((0, 2, 3)) / (norm.running_var + norm.eps).sqrt()).median())))
        with torch.no_grad():
            network(torch.nn.functional.interpolate(torch.rand(2, 1, 16, 16), scale_factor=8, mode="bicubic"))
        assert len(ratios) == 48
        assert 0.4 < np.median(ratios) < 1.5
        assert max(ratios) < 2  # deep layers, which know animals and things, may find nothing in it
