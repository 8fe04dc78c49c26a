"""The layers of EfficientNet-Lite0. Source: Tan 2019, arXiv:1905.11946; Lite: ReLU6, and no squeeze and excitation."""

from torch import Tensor, nn
from torch.nn import functional

from gambol.nn.backbones.base import start_kaiming
from gambol.nn.backbones.decoder.network import Decoder, EncoderDecoder
from gambol.nn.backbones.efficientnet_lite0.config import FILE, PACKAGE, STEM, EfficientNetLite0Config
from gambol.nn.backbones.normalisation import BatchNorm
from gambol.nn.backbones.pretrained import installed, load_published

MIDDLE, RANGE = 127 / 255, 128 / 255  # of an image's values 0..1, as the published weights learnt to expect them

PUBLISHED = {
    "widen": ("_expand_conv", "_bn0"), "look": ("_depthwise_conv", "_bn1"), "narrow": ("_project_conv", "_bn2")
}


class EfficientNetLite0(EncoderDecoder):
    """Stages of blocks that widen, look around channel by channel, and narrow; and the shared decoder.

    With ImageNet's weights images become coloured and of the range that these expect, here inside; and the running
    statistics of the encoder stay ImageNet's.
    """

    def __init__(self, config: EfficientNetLite0Config, in_channels: int) -> None:
        self.weights = config.weights
        stages: dict[int, nn.Module] = {}
        channels = config.scaled(STEM)
        for stride, parts in config.stages.items():
            layers = nn.Sequential()
            if not stages:
                layers.append(_Layer(in_channels if config.weights == "random" else 3, channels, kernel=3, shrink=2))
            for part in parts:
                for number in range(part.blocks):
                    shrink = part.shrink if number == 0 else 1
                    layers.append(_Block(channels, part.channels, part.kernel, shrink, part.expansion))
                    channels = part.channels
            stages[stride] = layers
        decoder = Decoder(config.decoder, config.encoder_channels, config.output_stride, BatchNorm)
        super().__init__(stages, decoder, config.channels)
        for module in self.encoder.modules():
            if isinstance(module, BatchNorm):
                module.frozen = config.weights != "random"
        self.encoder.requires_grad_(config.weights != "frozen")

    def start(self) -> None:
        """Fresh weights, and the encoder's from ImageNet if asked for. Raises `JobError` if they are not here."""
        self.apply(start_kaiming)
        if self.weights != "random":
            load_published(self, installed(PACKAGE, FILE), self.published_names())

    def prepare(self, images: Tensor) -> Tensor:
        """Images in three channels, grey ones three times the same, and about -1..1; fresh weights take them as is."""
        if self.weights == "random":
            return images
        return (images.expand(-1, 3, -1, -1) - MIDDLE) / RANGE

    def published_names(self) -> dict[str, str]:
        """The encoder's layers, and what they are called in the published file."""
        names = {"encoder.0.0.convolution": "_conv_stem", "encoder.0.0.norm": "_bn0"}
        blocks = [(name, module) for name, module in self.named_modules() if isinstance(module, _Block)]
        for number, (name, block) in enumerate(blocks):
            for own, _ in block.named_children():
                if isinstance(getattr(block, own), _Layer):  # the first block does not widen
                    convolution, norm = PUBLISHED[own]
                    names[f"{name}.{own}.convolution"] = f"_blocks.{number}.{convolution}"
                    names[f"{name}.{own}.norm"] = f"_blocks.{number}.{norm}"
        return names


class _Layer(nn.Module):
    """A convolution, normalised, perhaps with ReLU6; padded as TensorFlow, where published weights come from."""

    def __init__(
        self, channels: int, width: int, kernel: int = 1, shrink: int = 1, groups: int = 1, bend: bool = True
    ) -> None:
        super().__init__()
        before, after = (kernel - shrink) // 2, (kernel - shrink + 1) // 2
        self.beside = None if before == after else (before, after, before, after)
        self.convolution = nn.Conv2d(
            channels, width, kernel, shrink, padding=0 if self.beside else before, groups=groups, bias=False)
        self.norm = BatchNorm(width)
        self.bend = nn.ReLU6(inplace=True) if bend else nn.Identity()

    def forward(self, features: Tensor) -> Tensor:
        padded = functional.pad(features, self.beside) if self.beside else features
        bent: Tensor = self.bend(self.norm(self.convolution(padded)))
        return bent


class _Block(nn.Module):
    """Widen, look around channel by channel, narrow; and add what came in where it has the same shape."""

    def __init__(self, channels: int, width: int, kernel: int, shrink: int, expansion: int) -> None:
        super().__init__()
        inside = expansion * channels
        self.widen = _Layer(channels, inside) if expansion > 1 else nn.Identity()
        self.look = _Layer(inside, inside, kernel, shrink, groups=inside)
        self.narrow = _Layer(inside, width, bend=False)
        self.adds = shrink == 1 and channels == width

    def forward(self, features: Tensor) -> Tensor:
        inner: Tensor = self.narrow(self.look(self.widen(features)))
        return features + inner if self.adds else inner
