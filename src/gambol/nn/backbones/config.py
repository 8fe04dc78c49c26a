"""What the settings of every backbone say of it, before there is a network. Free of torch."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence

from gambol.config import Config
from gambol.nn.backbones.receptive_field import Step, widest


class BackboneConfig(Config):
    """Settings of a backbone.

    Each kind also has `max_stride`, of which the height and width of what goes in must be multiples, and
    `output_stride`, that of its finest maps; both in input pixels.
    """

    @property
    @abstractmethod
    def channels(self) -> Mapping[int, int]:
        """For each stride (in input pixels) that a head may ask for, the number of feature channels there."""

    @property
    @abstractmethod
    def values_per_pixel(self) -> float:
        """About how many numbers the network holds at a time for each pixel of its input when it infers."""

    @property
    @abstractmethod
    def steps(self) -> Sequence[Step]:
        """The layers that look beyond a single cell, from the image to the finest map."""

    @property
    def strides(self) -> tuple[int, ...]:
        """Input pixels per cell of the maps that heads can ask for, finest first."""
        return tuple(sorted(self.channels))

    @property
    def receptive_field(self) -> int:
        """Side of the square of input pixels that a cell of the finest map can see, of the cell that sees most."""
        strides = self.strides
        return widest(self.steps, cells=strides[-1] // strides[0])

    def require_stride(self, stride: int) -> None:
        """Raise `ValueError` if no head can ask for maps of this stride."""
        if stride not in self.channels:
            kind = type(self).model_fields["kind"].default
            have = ", ".join(map(str, self.strides))
            raise ValueError(f"this '{kind}' has features at the strides {have}, none at {stride}")

    def require_weights(self) -> None:
        """Raise `JobError` if training is to begin from weights that are not there."""


def require_order(output_stride: int, max_stride: int, finest: int = 1) -> None:
    """Raise `ValueError` unless the finest map's stride lies between those of the first level and of the deepest."""
    if not finest <= output_stride <= max_stride:
        raise ValueError(f"output_stride must be from {finest} to {max_stride}, the stride of the deepest level")


def doubling(first: int, last: int) -> list[int]:
    """Strides from the first to the last, each twice the one before."""
    return [2**power for power in range(first.bit_length() - 1, last.bit_length())]
