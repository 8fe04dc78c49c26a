"""Settings of stacked hourglasses. Free of torch."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from pydantic import Field, model_validator

from gambol.nn.backbones.config import BackboneConfig, doubling, require_order
from gambol.nn.backbones.receptive_field import Interpolated, Pyramid, Step, Window

if TYPE_CHECKING:
    from gambol.nn.backbones.hourglass.network import Hourglass


class HourglassConfig(BackboneConfig):
    """Hourglasses one after the other, each of which may correct the one before. The largest and slowest."""

    kind: Literal["hourglass"] = "hourglass"
    stem_stride: Literal[2, 4] = Field(4, description="Input pixels per cell after the stem.")
    max_stride: Literal[8, 16, 32, 64, 128] = Field(
        64, description="Input pixels per cell of the deepest level: sets how far it can see."
    )
    output_stride: Literal[2, 4, 8, 16, 32, 64, 128] = Field(
        4, description="Input pixels per cell of the finest map that a head can ask for; at least the stem's."
    )
    stem_filters: int = Field(128, gt=0, description="Channels of the stem.")
    filters: int = Field(256, gt=0, description="Channels of the first level.")
    filter_increase: int = Field(128, ge=0, description="Channels that each level has more than the one before.")
    stacks: int = Field(3, ge=1, le=8, description="Hourglasses one after the other.")

    @model_validator(mode="after")
    def _strides_in_order(self) -> "HourglassConfig":
        require_order(self.output_stride, self.max_stride, self.stem_stride)
        return self

    @property
    def levels(self) -> dict[int, int]:
        """Channels of each hourglass by stride."""
        strides = doubling(self.stem_stride, self.max_stride)
        return {stride: self.filters + level * self.filter_increase for level, stride in enumerate(strides)}

    @property
    def channels(self) -> dict[int, int]:
        """Channels by stride."""
        return {stride: width for stride, width in self.levels.items() if stride >= self.output_stride}

    @property
    def steps(self) -> Sequence[Step]:
        """The layers that look beyond a single cell."""
        stem = [Window(7, 2, before=3), Window(3), *([Window(2, 2)] if self.stem_stride == 4 else []), Window(3)]
        return [*stem, *[self._glass(self.stem_stride)] * (self.stacks - 1), self._glass(self.output_stride)]

    def _glass(self, finest: int) -> Pyramid:
        strides = list(self.levels)
        down: dict[int, Sequence[Step]] = {stride: [Window(2, 2), Window(3)] for stride in strides[1:]}
        down[strides[-1]] = [*down[strides[-1]], Window(3)]
        up: dict[int, tuple[Step, Sequence[Step]]] = {
            stride: (Interpolated(), [Window(3)]) for stride in strides[:-1] if stride >= finest
        }
        return Pyramid({strides[0]: [], **down}, up, frozenset(up))

    @property
    def values_per_pixel(self) -> float:
        """About how many numbers are held for each input pixel: what waits to be joined, and a level at work."""
        waiting = sum(width / stride**2 for stride, width in self.levels.items())
        return max(waiting + 2 * self.filters / self.stem_stride**2, 2 * self.stem_filters / 2**2)

    def build(self, in_channels: int) -> "Hourglass":
        """The network, its weights not started."""
        from gambol.nn.backbones.hourglass.network import Hourglass

        return Hourglass(self, in_channels)
