"""One map for each node, bright wherever any animal has that node (Tompson 2014, arXiv:1406.2984)."""

from jaxtyping import Float
from torch import Tensor

from gambol.nn.codecs import confidence_maps as codec
from gambol.nn.heads.base import Head, of_hard_nodes, weighted_square_error
from gambol.nn.heads.config import ConfidenceMapsConfig


class ConfidenceMaps(Head):
    """Confidence maps of all nodes."""

    config: ConfidenceMapsConfig

    def __init__(self, config: ConfidenceMapsConfig, channels: int) -> None:
        super().__init__(config, channels, maps=config.nodes)

    def target(
        self, points: Float[Tensor, "batch animal node 2"], size: tuple[int, int]
    ) -> Float[Tensor, "batch node h w"]:
        """The maps that the labelled points ask for; size is the map's (height, width)."""
        return codec.brightest(points, size, self.config.sigma, self.config.stride)

    def loss(
        self, maps: Float[Tensor, "batch node h w"], points: Float[Tensor, "batch animal node 2"]
    ) -> Float[Tensor, ""]:
        """Weighted square error over the nodes that somebody labelled in each image; hard nodes may count more."""
        target = self.target(points, (maps.shape[-2], maps.shape[-1]))
        labelled = (~points.isnan().any(-1)).any(1)  # (batch, node)
        usual = weighted_square_error(maps, target, labelled, self.config.peak_weight)
        if self.config.hard_nodes is None:
            return usual
        errors = ((1 + self.config.peak_weight * target) * (maps - target) ** 2).mean((-1, -2))  # (batch, node)
        return usual + of_hard_nodes(errors, labelled, self.config.hard_nodes)
