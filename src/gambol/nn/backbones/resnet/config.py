"""Settings of residual networks. Free of torch."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from pydantic import Field, model_validator

from gambol.nn.backbones.config import BackboneConfig, require_order
from gambol.nn.backbones.decoder.config import DecoderConfig
from gambol.nn.backbones.receptive_field import Step, Window

if TYPE_CHECKING:
    from gambol.nn.backbones.resnet.network import ResNet

BLOCKS = {50: (3, 4, 6, 3), 101: (3, 4, 23, 3), 152: (3, 8, 36, 3)}  # of each stage, from stride 4 on (He 2016)
EXPANSION = 4  # a stage puts out so many times the channels in which it computes


class ResNetConfig(BackboneConfig):
    """A residual network of 50, 101 or 152 layers: sees very far and wants many labels."""

    kind: Literal["resnet"] = "resnet"
    version: Literal[50, 101, 152] = Field(50, description="Layers of the encoder.")
    filters: int = Field(64, gt=0, description="Channels of the first level; 64 as published. Each level doubles them.")
    max_stride: Literal[4, 8, 16, 32] = Field(
        32, description="Input pixels per cell of the deepest level; of the encoder what is deeper is left out."
    )
    output_stride: Literal[1, 2, 4, 8, 16, 32] = Field(
        4, description="Input pixels per cell of the finest map that a head can ask for."
    )
    decoder: DecoderConfig = Field(DecoderConfig(), description="How coarse features become fine maps again.")

    @model_validator(mode="after")
    def _strides_in_order(self) -> "ResNetConfig":
        require_order(self.output_stride, self.max_stride)
        return self

    @property
    def blocks(self) -> dict[int, int]:
        """Residual blocks by stride, of the stages that are not left out."""
        stages = zip((4, 8, 16, 32), BLOCKS[self.version], strict=True)
        return {stride: count for stride, count in stages if stride <= self.max_stride}

    @property
    def encoder_channels(self) -> dict[int, int]:
        """Channels of the encoder by stride."""
        return {2: self.filters} | {stride: EXPANSION * self.filters * stride // 4 for stride in self.blocks}

    @property
    def channels(self) -> dict[int, int]:
        """Channels by stride."""
        return self.decoder.channels(self.encoder_channels, self.output_stride)

    @property
    def steps(self) -> Sequence[Step]:
        """The layers that look beyond a single cell."""
        down: dict[int, Sequence[Step]] = {2: [Window(7, 2, before=3)]}
        for stride, count in self.blocks.items():
            first = [Window(3, 2, before=1), *([Window(3)] if stride == 4 else [])]  # a pooling leads to stride 4
            down[stride] = [*first, *[Window(3)] * (count - 1)]
        return [self.decoder.pyramid(down, self.output_stride)]

    @property
    def values_per_pixel(self) -> float:
        """About how many numbers are held for each input pixel."""
        encoder = self.encoder_channels
        return self.decoder.values_per_pixel(encoder, self.output_stride) + 2 * encoder[4] / 4**2

    def build(self, in_channels: int) -> "ResNet":
        """The network, its weights not started."""
        from gambol.nn.backbones.resnet.network import ResNet

        return ResNet(self, in_channels)
