"""The layers of LEAP. Source: Pereira 2019, doi:10.1038/s41592-018-0234-5, with SLEAP's parameters."""

from torch import Tensor, nn
from torch.nn import functional

from gambol.nn.backbones.base import Backbone
from gambol.nn.backbones.config import doubling
from gambol.nn.backbones.convolutions import block
from gambol.nn.backbones.leap.config import LEAPConfig


class LEAP(Backbone):
    """Blocks of convolutions down to a coarse level, and back up again; nothing is passed across."""

    def __init__(self, config: LEAPConfig, in_channels: int) -> None:
        super().__init__()
        self.max_stride, self.channels = config.max_stride, config.channels
        self.encoder, self.decoder = nn.ModuleList(), nn.ModuleList()
        for stride in doubling(1, config.max_stride):
            self.encoder.append(block(in_channels, config.width(stride), config.down_convs))
            in_channels = config.width(stride)
        for stride in reversed(config.strides[:-1]):
            self.decoder.append(_Level(in_channels, config.width(stride), config))
            in_channels = config.width(stride)

    def forward(self, images: Tensor) -> dict[int, Tensor]:
        """Images (batch, channel, height, width), values 0..1, to stride → (batch, channels[stride], h, w)."""
        features, stride = self.encoder[0](images), self.max_stride
        for level in self.encoder[1:]:
            features = level(functional.max_pool2d(features, 2))
        levels = {stride: features}
        for level in self.decoder:
            features, stride = level(features), stride // 2
            levels[stride] = features
        return levels


class _Level(nn.Module):
    """Doubles the size and refines."""

    def __init__(self, channels: int, width: int, config: LEAPConfig) -> None:
        super().__init__()
        self.grow: nn.Module | None = None
        if not config.up_interpolate:
            self.grow = nn.ConvTranspose2d(channels, width, kernel_size=3, stride=2)
            channels = width
        self.refine = block(channels, width, config.up_convs)

    def forward(self, features: Tensor) -> Tensor:
        if self.grow is None:
            features = functional.interpolate(features, scale_factor=2.0, mode="bilinear", align_corners=False)
        else:
            features = functional.relu(self.grow(features)[..., :-1, :-1])  # cut at the end: where "same" padding cuts
        refined: Tensor = self.refine(features)
        return refined
