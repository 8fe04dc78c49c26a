"""Settings of LEAP. Free of torch."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from pydantic import Field, model_validator

from gambol.nn.backbones.config import BackboneConfig, doubling, require_order
from gambol.nn.backbones.receptive_field import Interpolated, Pyramid, Step, Transposed, Window

if TYPE_CHECKING:
    from gambol.nn.backbones.leap.network import LEAP


class LEAPConfig(BackboneConfig):
    """LEAP: wide blocks at full size and no skip connections. It sees little of the surroundings and computes much."""

    kind: Literal["leap"] = "leap"
    filters: int = Field(64, gt=0, description="Channels of the first level.")
    filters_rate: float = Field(2.0, ge=1, le=4, description="Each level has this many times the channels of the last.")
    max_stride: Literal[2, 4, 8, 16, 32] = Field(
        8, description="Input pixels per cell of the deepest level: sets how far it can see."
    )
    output_stride: Literal[1, 2, 4, 8, 16, 32] = Field(
        1, description="Input pixels per cell of the finest map that a head can ask for."
    )
    down_convs: int = Field(3, ge=1, le=8, description="Convolutions in each block on the way down.")
    up_convs: int = Field(2, ge=1, le=8, description="Convolutions in each block on the way up.")
    up_interpolate: bool = Field(
        False, description="Enlarge by bilinear interpolation; if not, by learned convolution."
    )

    @model_validator(mode="after")
    def _strides_in_order(self) -> "LEAPConfig":
        require_order(self.output_stride, self.max_stride)
        return self

    def width(self, stride: int) -> int:
        """Channels of the level with that stride."""
        return int(self.filters * self.filters_rate ** (stride.bit_length() - 1))

    @property
    def channels(self) -> dict[int, int]:
        """Channels by stride."""
        return {stride: self.width(stride) for stride in doubling(self.output_stride, self.max_stride)}

    @property
    def steps(self) -> Sequence[Step]:
        """The layers that look beyond a single cell."""
        convolutions: list[Step] = [Window(3)] * self.down_convs
        pooled: dict[int, Sequence[Step]] = {
            stride: [Window(2, 2), *convolutions] for stride in doubling(2, self.max_stride)
        }
        grow: Step = Interpolated() if self.up_interpolate else Transposed(3)
        up = {stride: (grow, [Window(3)] * self.up_convs) for stride in self.strides[:-1]}
        return [Pyramid({1: convolutions, **pooled}, up)]

    @property
    def values_per_pixel(self) -> float:
        """About how many numbers are held for each input pixel: what goes into a convolution, and what comes out."""
        return 2.0 * self.filters

    def build(self, in_channels: int) -> "LEAP":
        """The network, its weights not started."""
        from gambol.nn.backbones.leap.network import LEAP

        return LEAP(self, in_channels)
