"""What every head promises, and the losses that bump-drawing heads share."""

from abc import abstractmethod
from contextlib import nullcontext

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from gambol.nn.heads.config import CentroidsConfig, ConfidenceMapsConfig, HardNodesConfig, PartAffinityFieldsConfig


class Head(nn.Module):
    """The last layer of a network: features to maps, and what those maps ought to be."""

    def __init__(
        self, config: ConfidenceMapsConfig | CentroidsConfig | PartAffinityFieldsConfig, channels: int, maps: int
    ) -> None:
        super().__init__()
        self.config = config
        self.maps = nn.Conv2d(channels, maps, kernel_size=1)

    def start(self) -> None:
        """Begin near zero, as maps are nearly empty."""
        nn.init.normal_(self.maps.weight, std=1e-3)

    def forward(self, features: Tensor) -> Tensor:
        """Features (batch, channel, h, w) to maps (batch, map, h, w), in float32 whatever the precision before it."""
        kind = features.device.type
        mixed = torch.amp.is_autocast_available(kind)  # not on every device: `meta` has none to switch off
        with torch.autocast(kind, enabled=False) if mixed else nullcontext():
            maps: Tensor = self.maps(features.float())
        return maps

    @abstractmethod
    def loss(
        self, maps: Float[Tensor, "batch map h w"], points: Float[Tensor, "batch animal node 2"]
    ) -> Float[Tensor, ""]:
        """How far the maps are from what the labelled points ask for; points in input pixels."""


def weighted_square_error(
    maps: Float[Tensor, "batch map h w"],
    target: Float[Tensor, "batch map h w"],
    taught: Bool[Tensor, "batch map"],
    peak_weight: float,
) -> Float[Tensor, ""]:
    """Mean square error in which peaks count more than empty ground, and maps that nobody labelled not at all."""
    weight = (1 + peak_weight * target) * taught[..., None, None]  # (batch, map, h, w)
    cells = taught.sum().clamp(min=1) * maps.shape[-1] * maps.shape[-2]
    return (weight * (maps - target) ** 2).sum() / cells


def of_hard_nodes(
    errors: Float[Tensor, "batch node"], taught: Bool[Tensor, "batch node"], config: HardNodesConfig
) -> Float[Tensor, ""]:
    """What the hardest nodes add to the loss, as `HardNodesConfig` defines it; nothing leaves the device on the way.

    errors: the mean weighted square error of each map. Those of nodes that nobody labelled in an image do not count,
    and a node that nobody labelled in the whole batch is neither hard nor the easiest.
    """
    errors = errors.masked_fill(~taught, 0)
    images = taught.sum(0)  # (node,): that show it
    own = errors.sum(0) / images.clamp(min=1)  # (node,)
    known = images > 0
    easiest = own.masked_fill(~known, torch.inf).amin()
    hard = (known & (own >= config.ratio * easiest)).sum()
    count = hard.clamp(config.least, config.most).clamp(max=known.sum())
    hardest = own.masked_fill(~known, -torch.inf).sort(descending=True).values  # (node,)
    mined = torch.arange(len(own), device=own.device) < count
    return config.weight * hardest.masked_fill(~mined, 0).sum() / count.clamp(min=1)
