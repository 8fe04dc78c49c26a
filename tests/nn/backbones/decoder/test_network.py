"""The shared decoder."""

import pytest
import torch
from torch import nn

from gambol.nn.backbones.decoder.config import DecoderConfig
from gambol.nn.backbones.decoder.network import Decoder, EncoderDecoder

ENCODER = {2: 3, 4: 5, 8: 7}


def features() -> dict[int, torch.Tensor]:
    """What an encoder makes of an image of 16 x 32 pixels."""
    return {stride: torch.rand(1, width, 16 // stride, 32 // stride) for stride, width in ENCODER.items()}


class TestDecoder:
    @pytest.mark.parametrize("up", ["interpolation", "transposed"])
    @pytest.mark.parametrize("skip", ["none", "add", "concat"])
    @pytest.mark.parametrize("output", [1, 2, 8])
    def test_it_gives_what_its_settings_say(self, up, skip, output):
        config = DecoderConfig(up=up, skip=skip, filters=4, refine=1)
        levels = Decoder(config, ENCODER, output, nn.BatchNorm2d)(features())
        widths = config.channels(ENCODER, output)
        assert {stride: tuple(level.shape) for stride, level in levels.items()} == {
            stride: (1, width, 16 // stride, 32 // stride) for stride, width in widths.items()}

    @pytest.mark.parametrize(("skip", "changes"), [("none", False), ("add", True), ("concat", True)])
    def test_the_encoders_fine_features_count_if_they_are_joined(self, skip, changes):
        decoder = Decoder(DecoderConfig(skip=skip, filters=4), ENCODER, 2, nn.BatchNorm2d).eval()
        seen = features()
        before = decoder(seen)[2]
        seen[2] = seen[2] + 1
        assert torch.equal(decoder(seen)[2], before) != changes

    def test_each_level_has_as_many_convolutions_as_asked(self):
        decoder = Decoder(DecoderConfig(refine=3, skip="none"), {2: 64, 4: 64}, 1, nn.BatchNorm2d)
        shapes = [tuple(layer.weight.shape) for layer in decoder.modules() if isinstance(layer, nn.Conv2d)]
        assert shapes == [(64, 64, 3, 3)] * 6

    @pytest.mark.parametrize("up", ["interpolation", "transposed"])
    def test_growing_moves_nothing(self, up):
        """A single bright cell becomes a patch around the middle of the pixels that it covers."""
        config = DecoderConfig(up=up, skip="none", filters=1, refine=1)
        decoder = Decoder(config, {4: 1}, 1, lambda width: nn.Identity())
        for weight in decoder.parameters():
            nn.init.ones_(weight) if weight.ndim > 1 else nn.init.zeros_(weight)
        cell = torch.zeros(1, 1, 8, 8)
        cell[..., 3, 3] = 1
        light = decoder({4: cell})[1][0, 0]
        across = (light.sum(0) * torch.arange(32)).sum() / light.sum()
        assert across.item() == pytest.approx(4 * 3 + 1.5)


class TestEncoderDecoder:
    def test_stages_run_in_the_order_of_their_strides(self):
        stages = {4: nn.AvgPool2d(2), 2: nn.AvgPool2d(2)}
        decoder = Decoder(DecoderConfig(), {2: 3, 4: 3}, 4, nn.BatchNorm2d)
        network = EncoderDecoder(stages, decoder, {4: 3})
        assert (network.max_stride, [*network(torch.rand(1, 3, 8, 8))]) == (4, [4])
