"""One map with a bump on each animal: what a top-down pipeline finds animals with."""

import torch
from jaxtyping import Float
from torch import Tensor

from gambol.nn.codecs import confidence_maps as codec
from gambol.nn.heads.base import Head, weighted_square_error
from gambol.nn.heads.config import CentroidsConfig


class Centroids(Head):
    """A single confidence map of the animals' anchor points."""

    config: CentroidsConfig

    def __init__(self, config: CentroidsConfig, channels: int) -> None:
        super().__init__(config, channels, maps=1)

    def loss(
        self, maps: Float[Tensor, "batch 1 h w"], points: Float[Tensor, "batch animal node 2"]
    ) -> Float[Tensor, ""]:
        """Weighted square error everywhere: a frame without animals teaches that there are none."""
        target = self.target(points, (maps.shape[-2], maps.shape[-1]))
        taught = torch.ones(maps.shape[:2], dtype=torch.bool, device=maps.device)
        return weighted_square_error(maps, target, taught, self.config.peak_weight)

    def target(
        self, points: Float[Tensor, "batch animal node 2"], size: tuple[int, int]
    ) -> Float[Tensor, "batch 1 h w"]:
        """The map that the labelled animals ask for; size is the map's (height, width)."""
        centres = anchor_points(points, self.config)[:, :, None]  # (batch, animal, 1, 2)
        return codec.brightest(centres, size, self.config.sigma, self.config.stride)


def anchor_points(
    points: Float[Tensor, "batch animal node 2"], config: CentroidsConfig
) -> Float[Tensor, "batch animal 2"]:
    """Where each animal is: its anchor node, else the fallback; NaN for an animal without any visible node.

    The tensor form of `geometry.anchors`, which crops are cut by.
    """
    seen = ~points.isnan().any(-1, keepdim=True)  # (batch, animal, node, 1)
    if config.fallback == "box":
        low = points.masked_fill(~seen, torch.inf).amin(2)
        high = points.masked_fill(~seen, -torch.inf).amax(2)
        middle = (low + high) / 2  # NaN where nothing is visible: inf - inf
    else:
        middle = points.masked_fill(~seen, 0).sum(2) / seen.sum(2)
    if config.anchor is None:
        return middle
    return torch.where(seen[:, :, config.anchor], points[:, :, config.anchor], middle)
