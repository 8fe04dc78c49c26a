"""Settings of ConvNeXt. Free of torch."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from pydantic import Field, model_validator

from gambol.nn.backbones.config import BackboneConfig, doubling, require_order
from gambol.nn.backbones.decoder.config import DecoderConfig
from gambol.nn.backbones.receptive_field import Step, Window

if TYPE_CHECKING:
    from gambol.nn.backbones.convnext.network import ConvNeXt

BLOCKS = {"tiny": (3, 3, 9, 3), "small": (3, 3, 27, 3), "base": (3, 3, 27, 3)}  # of each level (Liu 2022)
FILTERS = {"tiny": 96, "small": 96, "base": 128}  # of the first level
KERNEL, EXPANSION = 7, 4


class ConvNeXtConfig(BackboneConfig):
    """ConvNeXt: few, wide steps down and kernels of 7 x 7, which see far. From fresh weights it wants many labels."""

    kind: Literal["convnext"] = "convnext"
    size: Literal["tiny", "small", "base"] = Field("tiny", description="How deep and how wide.")
    filters: int | None = Field(
        None, gt=0, description="Channels of the first level, twice as many at each further one; empty: as published."
    )
    stem_stride: Literal[2, 4] = Field(4, description="Input pixels per cell after the stem, which looks at 4 x 4.")
    max_stride: Literal[4, 8, 16, 32] = Field(
        32, description="Input pixels per cell of the deepest level; of the encoder what is deeper is left out."
    )
    output_stride: Literal[1, 2, 4, 8, 16, 32] = Field(
        4, description="Input pixels per cell of the finest map that a head can ask for."
    )
    decoder: DecoderConfig = Field(DecoderConfig(), description="How coarse features become fine maps again.")

    @model_validator(mode="after")
    def _strides_in_order(self) -> "ConvNeXtConfig":
        require_order(self.output_stride, self.max_stride)
        if self.max_stride > 8 * self.stem_stride:
            raise ValueError(f"with stem_stride {self.stem_stride} max_stride is at most {8 * self.stem_stride}")
        return self

    @property
    def blocks(self) -> dict[int, int]:
        """Blocks by stride, of the levels that are not left out."""
        return dict(zip(doubling(self.stem_stride, self.max_stride), BLOCKS[self.size], strict=False))

    @property
    def encoder_channels(self) -> dict[int, int]:
        """Channels of the encoder by stride."""
        first = self.filters or FILTERS[self.size]
        return {stride: first * stride // self.stem_stride for stride in self.blocks}

    @property
    def channels(self) -> dict[int, int]:
        """Channels by stride."""
        return self.decoder.channels(self.encoder_channels, self.output_stride)

    @property
    def steps(self) -> Sequence[Step]:
        """The layers that look beyond a single cell."""
        down: dict[int, Sequence[Step]] = {}
        for stride, count in self.blocks.items():
            shrink = Window(4, self.stem_stride) if stride == self.stem_stride else Window(2, 2)
            down[stride] = [shrink, *[Window(KERNEL)] * count]
        return [self.decoder.pyramid(down, self.output_stride)]

    @property
    def values_per_pixel(self) -> float:
        """About how many numbers are held for each input pixel: most inside the first level's blocks."""
        encoder = self.encoder_channels
        inside = (2 * EXPANSION + 1) * encoder[self.stem_stride] / self.stem_stride**2
        return max(inside, self.decoder.values_per_pixel(encoder, self.output_stride))

    def build(self, in_channels: int) -> "ConvNeXt":
        """The network, its weights not started."""
        from gambol.nn.backbones.convnext.network import ConvNeXt

        return ConvNeXt(self, in_channels)
