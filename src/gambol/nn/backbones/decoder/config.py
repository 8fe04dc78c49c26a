"""Settings of the shared decoder. Free of torch."""

from collections.abc import Mapping, Sequence
from typing import Literal

from pydantic import Field

from gambol.config import Config
from gambol.nn.backbones.config import doubling
from gambol.nn.backbones.receptive_field import Interpolated, Pyramid, Step, Transposed, Window


class DecoderConfig(Config):
    """How coarse features become fine maps again, with the parameters of SLEAP's up-sampling."""

    up: Literal["interpolation", "transposed"] = Field(
        "interpolation", description="Enlarge by bilinear interpolation, or by learned (transposed) convolution."
    )
    skip: Literal["none", "add", "concat"] = Field(
        "add", description="How the encoder's features of the same size join: not at all, added, or beside the others."
    )
    filters: int = Field(64, gt=0, description="Channels of each level.")
    refine: int = Field(2, ge=1, le=8, description="Convolutions at each level.")

    def strides(self, max_stride: int, output_stride: int) -> list[int]:
        """The strides of the decoder's levels, the finest first; the deepest level is the encoder's."""
        return doubling(output_stride, max_stride)[:-1]

    def channels(self, encoder: Mapping[int, int], output_stride: int) -> dict[int, int]:
        """Channels by stride of encoder and decoder together; encoder: those of the encoder by stride."""
        deepest = max(encoder)
        return {stride: self.filters for stride in self.strides(deepest, output_stride)} | {deepest: encoder[deepest]}

    def pyramid(self, down: Mapping[int, Sequence[Step]], output_stride: int) -> Pyramid:
        """Which cells are seen through an encoder, whose steps to each stride are given, and the decoder."""
        grow: Step = Interpolated() if self.up == "interpolation" else Transposed(4, before=1)
        strides = self.strides(max(down), output_stride)
        return Pyramid(
            down, {stride: (grow, [Window(3)] * self.refine) for stride in strides},
            frozenset() if self.skip == "none" else frozenset(strides) & frozenset(down),
        )

    def values_per_pixel(self, encoder: Mapping[int, int], output_stride: int) -> float:
        """Numbers that are held for each input pixel: what waits to be joined, and a level that is being refined."""
        waiting = 0.0 if self.skip == "none" else sum(width / stride**2 for stride, width in encoder.items())
        beside = encoder.get(output_stride, 0) if self.skip == "concat" else 0
        return waiting + (2 * self.filters + beside) / output_stride**2
