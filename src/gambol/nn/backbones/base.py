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

    def start(self) -> None:
        """Give all weights the values from which training begins."""
        self.apply(start_kaiming)


def start_kaiming(module: nn.Module) -> None:
    """He 2015, arXiv:1502.01852: without normalisation layers a deep ReLU network needs it to begin learning."""
    if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
        nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
        if module.bias is not None:
            nn.init.zeros_(module.bias)
