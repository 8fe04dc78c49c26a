"""The layers of stacked hourglasses. Source: Newell 2016, arXiv:1603.06937, with SLEAP's parameters."""

from collections.abc import Mapping

from torch import Tensor, nn
from torch.nn import functional

from gambol.nn.backbones.base import Backbone, start_kaiming
from gambol.nn.backbones.hourglass.config import HourglassConfig
from gambol.nn.backbones.normalisation import BatchNorm


class Hourglass(Backbone):
    """A stem, then encoders with decoders one after the other; heads read the last of them."""

    def __init__(self, config: HourglassConfig, in_channels: int) -> None:
        super().__init__()
        self.max_stride, self.channels = config.max_stride, config.channels
        stem, width = config.stem_filters, config.filters
        pool = [nn.MaxPool2d(2)] if config.stem_stride == 4 else []
        first = _layer(in_channels, stem, kernel=7, shrink=2)
        self.stem = nn.Sequential(first, _layer(stem, stem), *pool, _layer(stem, width))
        self.stacks = nn.ModuleList(_Glass(config.levels, config.stem_stride) for _ in range(config.stacks - 1))
        self.stacks.append(_Glass(config.levels, config.output_stride))
        self.between = nn.ModuleList(nn.Conv2d(width, width, kernel_size=1) for _ in range(config.stacks - 1))

    def forward(self, images: Tensor) -> dict[int, Tensor]:
        """Images (batch, channel, height, width), values 0..1, to stride → (batch, channels[stride], h, w)."""
        features: Tensor = self.stem(images)
        for stack, change in zip(self.stacks, self.between, strict=False):
            levels = stack(features)
            features = features + change(levels[min(levels)])
        last: dict[int, Tensor] = self.stacks[-1](features)
        return last

    def start(self) -> None:
        """Fresh weights; what a stack changes is nothing at first, so that depth does no harm."""
        self.apply(start_kaiming)
        for change in self.between.parameters():
            nn.init.zeros_(change)


class _Glass(nn.Module):
    """Down to the deepest level and back up to the finest, adding at each what was there on the way down."""

    def __init__(self, widths: Mapping[int, int], finest: int) -> None:
        super().__init__()
        self.strides = list(widths)
        self.down, self.narrow, self.refine = nn.ModuleList(), nn.ModuleDict(), nn.ModuleDict()
        for stride in self.strides[:-1]:
            fine, coarse = widths[stride], widths[2 * stride]
            self.down.append(_layer(fine, coarse))
            if stride >= finest:
                self.narrow[str(stride)] = nn.Conv2d(coarse, fine, kernel_size=1)
                self.refine[str(stride)] = _layer(fine, fine)
        self.middle = _layer(widths[self.strides[-1]], widths[self.strides[-1]])

    def forward(self, features: Tensor) -> dict[int, Tensor]:
        seen = [features]
        for layer in self.down:
            seen.append(layer(functional.max_pool2d(seen[-1], 2)))
        stride = self.strides[-1]
        features = self.middle(seen.pop())
        levels = {stride: features}
        while str(stride // 2) in self.refine:
            stride //= 2
            narrow = self.narrow[str(stride)](features)
            grown = functional.interpolate(narrow, scale_factor=2.0, mode="bilinear", align_corners=False)
            features = levels[stride] = self.refine[str(stride)](grown + seen.pop())
        return levels


def _layer(channels: int, width: int, kernel: int = 3, shrink: int = 1) -> nn.Sequential:
    convolution = nn.Conv2d(channels, width, kernel, shrink, padding=kernel // 2, bias=False)
    return nn.Sequential(convolution, BatchNorm(width), nn.ReLU(inplace=True))
