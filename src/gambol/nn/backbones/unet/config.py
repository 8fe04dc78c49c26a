"""Settings of the U-Net. Free of torch."""

from typing import TYPE_CHECKING, Literal

from pydantic import Field, model_validator

from gambol.config import Config

if TYPE_CHECKING:
    from gambol.nn.backbones.unet.network import UNet

Stride = Literal[1, 2, 4, 8, 16, 32, 64, 128]


class UNetConfig(Config):
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
    def values_per_pixel(self) -> float:
        """About how many numbers the network holds at a time for each pixel of its input: one block of each level."""
        first = 0 if self.stem == "conv" else self.stem_stride.bit_length() - 1
        return sum(self.width(level) / float(4**level) for level in range(first, self.max_stride.bit_length()))

    def build(self, in_channels: int) -> "UNet":
        """The network, with fresh weights."""
        from gambol.nn.backbones.unet.network import UNet

        return UNet(self, in_channels)
