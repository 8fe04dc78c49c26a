"""The layers of residual networks (He 2016, arXiv:1512.03385); a block shrinks in its middle, as is usual now."""

from torch import Tensor, nn
from torch.nn import functional

from gambol.nn.backbones.base import start_kaiming
from gambol.nn.backbones.decoder.network import Decoder, EncoderDecoder
from gambol.nn.backbones.normalisation import BatchNorm
from gambol.nn.backbones.resnet.config import EXPANSION, ResNetConfig


class ResNet(EncoderDecoder):
    """Stages of bottleneck blocks, each stage at half the size of the one before, and the shared decoder."""

    def __init__(self, config: ResNetConfig, in_channels: int) -> None:
        first = nn.Conv2d(in_channels, config.filters, kernel_size=7, stride=2, padding=3, bias=False)
        stages: dict[int, nn.Module] = {2: nn.Sequential(first, BatchNorm(config.filters), nn.ReLU(inplace=True))}
        channels = config.filters
        for stride, count in config.blocks.items():
            width, layers = config.filters * stride // 4, nn.Sequential()
            if stride == 4:
                layers.append(nn.MaxPool2d(kernel_size=3, stride=2, padding=1))
            for number in range(count):
                layers.append(_Bottleneck(channels, width, stride=2 if number == 0 and stride > 4 else 1))
                channels = EXPANSION * width
            stages[stride] = layers
        decoder = Decoder(config.decoder, config.encoder_channels, config.output_stride, BatchNorm)
        super().__init__(stages, decoder, config.channels)

    def start(self) -> None:
        """Begin with blocks that pass on what they get, so that depth does no harm (Goyal 2017, arXiv:1706.02677)."""
        self.apply(start_kaiming)
        for module in self.modules():
            if isinstance(module, _Bottleneck):
                nn.init.zeros_(module.last.weight)


class _Bottleneck(nn.Module):
    """Narrow, look around, widen; and add what came in."""

    def __init__(self, channels: int, width: int, stride: int) -> None:
        super().__init__()
        wide = EXPANSION * width
        self.narrow = _normalised(nn.Conv2d(channels, width, kernel_size=1, bias=False))
        self.look = _normalised(nn.Conv2d(width, width, kernel_size=3, stride=stride, padding=1, bias=False))
        self.widen = nn.Conv2d(width, wide, kernel_size=1, bias=False)
        self.last = BatchNorm(wide)
        self.past: nn.Module = nn.Identity()
        if stride > 1 or channels != wide:
            self.past = _normalised(nn.Conv2d(channels, wide, kernel_size=1, stride=stride, bias=False))

    def forward(self, features: Tensor) -> Tensor:
        inner = functional.relu(self.look(functional.relu(self.narrow(features), inplace=True)), inplace=True)
        return functional.relu(self.last(self.widen(inner)) + self.past(features), inplace=True)


def _normalised(convolution: nn.Conv2d) -> nn.Sequential:
    return nn.Sequential(convolution, BatchNorm(convolution.out_channels))
