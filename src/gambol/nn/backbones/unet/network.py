"""The layers of the U-Net. Source: Ronneberger 2015, arXiv:1505.04597, with SLEAP's parameters (Pereira 2022)."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from gambol.nn.backbones.base import Backbone
from gambol.nn.backbones.convolutions import block
from gambol.nn.backbones.unet.config import UNetConfig


class UNet(Backbone):
    """An encoder that halves the image level by level, and a decoder that joins each level on its way back."""

    def __init__(self, config: UNetConfig, in_channels: int) -> None:
        super().__init__()
        self.config = config
        self.max_stride = config.max_stride
        stem, deepest, finest = (
            stride.bit_length() - 1 for stride in (config.stem_stride, config.max_stride, config.output_stride)
        )
        self.stem, channels = _stem(config, in_channels)
        self.encoder = nn.ModuleList()
        for level in range(stem, deepest):
            self.encoder.append(block(channels, config.width(level), config.convs_per_block))
            channels = config.width(level)
        self.middle = nn.Sequential()
        if config.middle_block:
            self.middle = block(channels, config.width(deepest), config.convs_per_block)
            channels = config.width(deepest)
        self.channels = {config.max_stride: channels}
        self.decoder = nn.ModuleList()
        for level in reversed(range(finest, deepest)):
            skipped = config.width(level) if level >= stem else 0
            self.decoder.append(_UpBlock(channels, skipped, config.width(level), config))
            channels = config.width(level)
            self.channels[2**level] = channels

    def forward(self, images: Tensor) -> dict[int, Tensor]:
        """Images (batch, channel, height, width), values 0..1, to stride → (batch, channels[stride], h, w)."""
        features, skips = self.stem(images), []
        for level in self.encoder:
            features = level(features)
            skips.append(features)
            features = functional.max_pool2d(features, 2)
        features, stride = self.middle(features), self.max_stride
        levels = {stride: features}
        for level in self.decoder:
            features, stride = level(features, skips.pop() if skips else None), stride // 2
            levels[stride] = features
        return levels


class _UpBlock(nn.Module):
    """Doubles the size, joins what the encoder saw at that size, and refines."""

    def __init__(self, channels: int, skipped: int, width: int, config: UNetConfig) -> None:
        super().__init__()
        self.grow: nn.Module | None = None
        if not config.up_interpolate:
            self.grow = nn.ConvTranspose2d(channels, width, kernel_size=3, stride=2)
            channels = width
        self.refine = block(skipped + channels, width, config.convs_per_block)

    def forward(self, features: Tensor, skip: Tensor | None) -> Tensor:
        if self.grow is None:
            features = functional.interpolate(features, scale_factor=2.0, mode="bilinear", align_corners=False)
        else:
            features = functional.relu(self.grow(features)[..., :-1, :-1])  # cut at the end: where "same" padding cuts
        refined: Tensor = self.refine(features if skip is None else torch.cat([skip, features], dim=1))
        return refined


def _stem(config: UNetConfig, in_channels: int) -> tuple[nn.Sequential, int]:
    """The layers before the first level, and the channels they give."""
    levels = config.stem_stride.bit_length() - 1
    if levels == 0:
        return nn.Sequential(), in_channels
    if config.stem == "patch":
        return nn.Sequential(nn.PixelUnshuffle(config.stem_stride)), in_channels * config.stem_stride**2
    layers: list[nn.Module] = []
    for level in range(levels):
        layers += [block(in_channels, config.width(level), config.convs_per_block, kernel=7), nn.MaxPool2d(2)]
        in_channels = config.width(level)
    return nn.Sequential(*layers), in_channels
