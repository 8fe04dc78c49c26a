"""An encoder of stages that halve the image, and the up-sampling that makes fine maps of what it saw."""

from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from gambol.nn.backbones.base import Backbone
from gambol.nn.backbones.decoder.config import DecoderConfig


class Decoder(nn.Module):
    """From the deepest level back to the finest, joining the encoder's features on the way."""

    def __init__(
        self, config: DecoderConfig, encoder: Mapping[int, int], output_stride: int, norm: Callable[[int], nn.Module]
    ) -> None:
        """encoder: channels by stride · norm: makes the normalisation of so many channels."""
        super().__init__()
        deepest = max(encoder)
        self.strides = config.strides(deepest, output_stride)[::-1]  # the coarsest first
        self.levels = nn.ModuleList()
        channels = encoder[deepest]
        for stride in self.strides:
            self.levels.append(_Level(config, channels, encoder.get(stride, 0), norm))
            channels = config.filters

    def forward(self, encoded: Mapping[int, Tensor]) -> dict[int, Tensor]:
        """The encoder's features by stride, to those that heads can ask for."""
        deepest = max(encoded)
        features = encoded[deepest]
        levels = {deepest: features}
        for stride, level in zip(self.strides, self.levels, strict=True):
            features = levels[stride] = level(features, encoded.get(stride))
        return levels


class _Level(nn.Module):
    """Doubles the size, joins what the encoder saw at that size, and refines."""

    def __init__(self, config: DecoderConfig, channels: int, skipped: int, norm: Callable[[int], nn.Module]) -> None:
        super().__init__()
        width, self.skip = config.filters, config.skip if skipped else "none"
        self.grow: nn.Module | None = None
        if config.up == "transposed":
            larger = nn.ConvTranspose2d(channels, width, kernel_size=4, stride=2, padding=1)
            self.grow = nn.Sequential(larger, norm(width), nn.ReLU(inplace=True))
        self.narrow = nn.Identity() if self.grow or channels == width else nn.Conv2d(channels, width, kernel_size=1)
        self.lateral = nn.Conv2d(skipped, width, kernel_size=1) if self.skip == "add" else nn.Identity()
        layers: list[nn.Module] = []
        before = width + (skipped if self.skip == "concat" else 0)
        for _ in range(config.refine):
            convolution = nn.Conv2d(before, width, kernel_size=3, padding=1, bias=False)
            layers += [convolution, norm(width), nn.ReLU(inplace=True)]
            before = width
        self.refine = nn.Sequential(*layers)

    def forward(self, features: Tensor, skip: Tensor | None) -> Tensor:
        if self.grow is None:  # fewer channels first: interpolation is the same for each, and costs for each
            narrow = self.narrow(features)
            features = functional.interpolate(narrow, scale_factor=2.0, mode="bilinear", align_corners=False)
        else:
            features = self.grow(features)
        if skip is not None and self.skip == "add":
            features = features + self.lateral(skip)
        elif skip is not None and self.skip == "concat":
            features = torch.cat([skip, features], dim=1)
        refined: Tensor = self.refine(features)
        return refined


class EncoderDecoder(Backbone):
    """A backbone made of an encoder's stages, one for each stride, and a `Decoder`."""

    def __init__(self, stages: Mapping[int, nn.Module], decoder: Decoder, channels: Mapping[int, int]) -> None:
        super().__init__()
        self.strides: Sequence[int] = sorted(stages)
        self.max_stride = self.strides[-1]
        self.channels = channels
        self.encoder = nn.ModuleList(stages[stride] for stride in self.strides)
        self.decoder = decoder

    def prepare(self, images: Tensor) -> Tensor:
        """Images as the encoder expects them; by default as they are."""
        return images

    def forward(self, images: Tensor) -> dict[int, Tensor]:
        """Images (batch, channel, height, width), values 0..1, to stride → (batch, channels[stride], h, w)."""
        features, encoded = self.prepare(images), {}
        for stride, stage in zip(self.strides, self.encoder, strict=True):
            features = encoded[stride] = stage(features)
        levels: dict[int, Tensor] = self.decoder(encoded)
        return levels
