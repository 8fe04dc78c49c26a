"""Settings of the heads. Free of torch."""

from typing import TYPE_CHECKING, Literal

from pydantic import Field, model_validator

from gambol.config import Config

if TYPE_CHECKING:
    from gambol.nn.heads.centroids import Centroids
    from gambol.nn.heads.confidence_maps import ConfidenceMaps
    from gambol.nn.heads.part_affinity_fields import PartAffinityFields


class _BumpsConfig(Config):
    """What heads that draw one Gaussian bump for each point have in common."""

    sigma: float = Field(4.0, gt=0, description="Spread of a bump, in input pixels.")
    stride: int = Field(4, ge=1, description="Input pixels per cell of the map.")
    peak_weight: float = Field(
        20.0, ge=0,
        description="How much more a bump's peak counts in the loss than empty ground: maps are nearly empty.",
    )


class HardNodesConfig(Config):
    """Online hard-node mining: the nodes that are learnt worst in a batch count once more in the loss.

    The loss of the maps L becomes L + weight * (mean of l over the k hardest nodes), where l is a node's own loss over
    the images of the batch that show it. A node is hard if l is at least `ratio` times that of the easiest node; k is
    the number of hard nodes, at least `least` and at most `most`. (Shrivastava 2016, arXiv:1604.03540; by node, with
    these defaults, as in SLEAP, Pereira 2022.)
    """

    ratio: float = Field(2.0, ge=1, description="A node is hard if its loss is this many times that of the easiest.")
    least: int = Field(2, ge=1, description="Nodes that are mined in any case: the hardest.")
    most: int | None = Field(None, ge=1, description="Nodes that are mined at most; empty: all that are hard.")
    weight: float = Field(5.0, gt=0, description="How much the hard nodes' mean loss counts beside that of all.")

    @model_validator(mode="after")
    def _in_order(self) -> "HardNodesConfig":
        if self.most is not None and self.most < self.least:
            raise ValueError(f"most ({self.most}) must not be below least ({self.least})")
        return self


class ConfidenceMapsConfig(_BumpsConfig):
    """One map for each node."""

    kind: Literal["confidence_maps"] = "confidence_maps"
    nodes: int = Field(ge=1, description="Nodes of the skeleton, one map each.")
    hard_nodes: HardNodesConfig | None = Field(
        None, description="Let the nodes that are learnt worst count once more in the loss; empty: all count alike."
    )

    def build(self, channels: int) -> "ConfidenceMaps":
        """The head, on features of that many channels."""
        from gambol.nn.heads.confidence_maps import ConfidenceMaps

        return ConfidenceMaps(self, channels)


class CentroidsConfig(_BumpsConfig):
    """One map with a bump on each animal."""

    kind: Literal["centroids"] = "centroids"
    anchor: int | None = Field(
        None, ge=0, description="Number of the node that stands for the animal; none: its middle."
    )
    fallback: Literal["box", "mean"] = Field(
        "box",
        description="What stands for the animal when the anchor is not visible: the middle of the box around its "
        "visible nodes, or their mean.",
    )

    def build(self, channels: int) -> "Centroids":
        """The head, on features of that many channels."""
        from gambol.nn.heads.centroids import Centroids

        return Centroids(self, channels)


class PartAffinityFieldsConfig(Config):
    """Two maps for each edge: the direction from its source to its destination, along the line between them."""

    kind: Literal["part_affinity_fields"] = "part_affinity_fields"
    edges: tuple[tuple[int, int], ...] = Field(description="Source and destination of each edge, as node numbers.")
    lengths: tuple[float, ...] = Field(
        (), description="Longest that each edge was labelled, in input pixels: longer ones are doubted. Empty: none."
    )
    sigma: float = Field(4.0, gt=0, description="How far the field reaches to both sides of the line, in input pixels.")
    stride: int = Field(4, ge=1, description="Input pixels per cell of the map.")
    peak_weight: float = Field(
        20.0, ge=0, description="How much more the line itself counts in the loss than empty ground."
    )
    weight: float = Field(1.0, gt=0, description="How much this head counts in the loss beside others.")

    def build(self, channels: int) -> "PartAffinityFields":
        """The head, on features of that many channels."""
        from gambol.nn.heads.part_affinity_fields import PartAffinityFields

        return PartAffinityFields(self, channels)
