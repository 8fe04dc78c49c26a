"""The layers of ConvNeXt. Source: Liu 2022, arXiv:2201.03545."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from gambol.nn.backbones.base import start_kaiming
from gambol.nn.backbones.convnext.config import EXPANSION, KERNEL, ConvNeXtConfig
from gambol.nn.backbones.decoder.network import Decoder, EncoderDecoder
from gambol.nn.backbones.normalisation import ChannelNorm

SHARE = 0.1  # of what a block finds, at first: Touvron 2021, arXiv:2103.17239, for networks of this depth


class ConvNeXt(EncoderDecoder):
    """Levels of blocks that look at 7 x 7 cells channel by channel, and the shared decoder."""

    def __init__(self, config: ConvNeXtConfig, in_channels: int) -> None:
        stages: dict[int, nn.Module] = {}
        widths, channels = config.encoder_channels, in_channels
        for stride, count in config.blocks.items():
            width = widths[stride]
            blocks = [_Block(width) for _ in range(count)]
            shrink = _stem(channels, width, stride) if not stages else _shrink(channels, width)
            stages[stride] = nn.Sequential(shrink, *blocks, ChannelNorm(width))
            channels = width
        decoder = Decoder(config.decoder, widths, config.output_stride, ChannelNorm)
        super().__init__(stages, decoder, config.channels)

    def start(self) -> None:
        """The encoder as published, the decoder as decoders start."""
        self.encoder.apply(_start_narrow)
        self.decoder.apply(start_kaiming)


class _Block(nn.Module):
    """Look around in each channel, mix the channels of each cell, and add a share of it to what came in."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.look = nn.Conv2d(width, width, KERNEL, padding=KERNEL // 2, groups=width)
        self.norm = ChannelNorm(width)
        self.widen = nn.Conv2d(width, EXPANSION * width, kernel_size=1)
        self.narrow = nn.Conv2d(EXPANSION * width, width, kernel_size=1)
        self.share = nn.Parameter(torch.full((width, 1, 1), SHARE))

    def forward(self, features: Tensor) -> Tensor:
        mixed = self.narrow(functional.gelu(self.widen(self.norm(self.look(features)))))
        added: Tensor = features + self.share * mixed
        return added


def _stem(channels: int, width: int, stride: int) -> nn.Sequential:
    before = (4 - stride) // 2
    return nn.Sequential(nn.Conv2d(channels, width, 4, stride, padding=before), ChannelNorm(width))


def _shrink(channels: int, width: int) -> nn.Module:
    return nn.Conv2d(channels, width, kernel_size=2, stride=2)


def _start_narrow(module: nn.Module) -> None:
    if isinstance(module, nn.Conv2d):
        nn.init.trunc_normal_(module.weight, std=0.02)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
