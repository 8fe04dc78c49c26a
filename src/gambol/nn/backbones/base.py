"""What every backbone promises."""

from abc import abstractmethod
from collections.abc import Mapping

from torch import Tensor, nn


class Backbone(nn.Module):
    """Turns images into features at several strides; says beforehand which, and how wide they are.

    `channels`: for each stride (in input pixels) that a head may ask for, the number of feature channels there.
    `max_stride`: height and width of what goes in must be multiples of it.
    """

    channels: Mapping[int, int]
    max_stride: int

    @abstractmethod
    def forward(self, images: Tensor) -> dict[int, Tensor]:
        """Images (batch, channel, height, width), values 0..1, to stride → (batch, channels[stride], h, w)."""
