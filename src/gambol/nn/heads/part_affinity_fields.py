"""Two maps for each edge that say which peaks belong to the same animal (Cao 2017, arXiv:1611.08050)."""

import torch
from jaxtyping import Float
from torch import Tensor

from gambol.nn.codecs import part_affinity_fields as codec
from gambol.nn.heads.base import Head
from gambol.nn.heads.config import PartAffinityFieldsConfig


class PartAffinityFields(Head):
    """Part affinity fields of all edges."""

    config: PartAffinityFieldsConfig

    def __init__(self, config: PartAffinityFieldsConfig, channels: int) -> None:
        super().__init__(config, channels, maps=2 * len(config.edges))

    def target(
        self, points: Float[Tensor, "batch animal node 2"], size: tuple[int, int]
    ) -> Float[Tensor, "batch field h w"]:
        """The fields that the labelled animals ask for, edge by edge, x before y; size is the map's (height, width)."""
        return codec.encode(points, self.config.edges, size, self.config.sigma, self.config.stride)

    def loss(
        self, maps: Float[Tensor, "batch field h w"], points: Float[Tensor, "batch animal node 2"]
    ) -> Float[Tensor, ""]:
        """Weighted square error over the edges of which somebody labelled both ends in each image."""
        batch, _, height, width = maps.shape
        vectors = batch, len(self.config.edges), 2, height, width
        target = self.target(points, (height, width)).reshape(vectors)
        error = ((maps.reshape(vectors) - target) ** 2).sum(2)  # (batch, edge, h, w)
        seen = ~points.isnan().any(-1)  # (batch, animal, node)
        ends = torch.tensor(self.config.edges, device=points.device).reshape(-1, 2)
        taught = (seen[:, :, ends[:, 0]] & seen[:, :, ends[:, 1]]).any(1)  # (batch, edge)
        weight = (1 + self.config.peak_weight * target.norm(dim=2)) * taught[..., None, None]
        loss: Tensor = (weight * error).sum() / (taught.sum().clamp(min=1) * height * width)
        return self.config.weight * loss
