"""Settings of the U-Net. Free of torch."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from pydantic import Field, model_validator

from gambol.nn.backbones.config import BackboneConfig, doubling
from gambol.nn.backbones.receptive_field import Interpolated, Pyramid, Step, Transposed, Window

if TYPE_CHECKING:
    from gambol.nn.backbones.unet.network import UNet

Stride = Literal[1, 2, 4, 8, 16, 32, 64, 128]


class UNetConfig(BackboneConfig):
    """A U-Net: fine detail through skip connections, wide context through depth.

    With a `conv` stem the layers are those of SLEAP's UNet of the same parameters, one for one.
    """

    kind: Literal["unet"] = "unet"
    filters: int = Field(16, gt=0, description="Channels of the first level.")
    filters_rate: float = Field(2.0, ge=1, le=4, description="Each level has this many times the channels of the last.")
    max_stride: Stride = Field(16, description="Input pixels per cell of the deepest level: sets how far it can see.")
    output_stride: Stride = Field(4, description="Input pixels per cell of the finest map that a head can ask for.")
    stem_stride: Stride = Field(1, description="Input pixels per cell after the stem; 1 means no stem.")
    stem: Literal["conv", "patch"] = Field(
        "conv",
        description="How the stem shrinks the image: `conv` by 7x7 convolutions and pooling, as SLEAP's; "
        "`patch` by folding each square of pixels into channels, which costs almost nothing.",
    )
    middle_block: bool = Field(True, description="Whether the deepest level has convolutions of its own.")
    convs_per_block: int = Field(2, ge=1, le=8, description="Convolutions in each block.")
    up_interpolate: bool = Field(True, description="Enlarge by bilinear interpolation; if not, by learned convolution.")

    @model_validator(mode="after")
    def _strides_in_order(self) -> "UNetConfig":
        if not self.stem_stride < self.max_stride or not self.output_stride <= self.max_stride:
            raise ValueError("stem_stride must be below max_stride, and output_stride at most max_stride")
        return self

    def width(self, level: int) -> int:
        """Channels of the level whose stride is 2**level."""
        return int(self.filters * self.filters_rate**level)

    @property
    def channels(self) -> dict[int, int]:
        """Channels by stride; without a middle block the deepest level is as wide as the one before."""
        deepest = self.max_stride.bit_length() - (1 if self.middle_block else 2)
        strides = doubling(self.output_stride, self.max_stride)
        return {s: self.width(s.bit_length() - 1) for s in strides} | {self.max_stride: self.width(deepest)}

    @property
    def steps(self) -> Sequence[Step]:
        """The layers that look beyond a single cell."""
        convolutions: list[Step] = [Window(3)] * self.convs_per_block
        first: list[Step] = [Window(self.stem_stride, self.stem_stride)]
        if self.stem == "conv":
            shrink: list[Step] = [*[Window(7)] * self.convs_per_block, Window(2, 2)]
            first = shrink * (self.stem_stride.bit_length() - 1)
        inner = doubling(self.stem_stride, self.max_stride)[1:-1]
        down = {self.stem_stride: first + convolutions} | {stride: [Window(2, 2), *convolutions] for stride in inner}
        down[self.max_stride] = [Window(2, 2), *(convolutions if self.middle_block else [])]
        grow: Step = Interpolated() if self.up_interpolate else Transposed(3)
        up = {stride: (grow, convolutions) for stride in self.strides[:-1]}
        return [Pyramid(down, up, frozenset(up) & frozenset(down))]

    @property
    def values_per_pixel(self) -> float:
        """About how many numbers the network holds at a time for each pixel of its input: one block of each level."""
        first = 0 if self.stem == "conv" else self.stem_stride.bit_length() - 1
        return sum(self.width(level) / float(4**level) for level in range(first, self.max_stride.bit_length()))

    def build(self, in_channels: int) -> "UNet":
        """The network, with fresh weights."""
        from gambol.nn.backbones.unet.network import UNet

        return UNet(self, in_channels)
