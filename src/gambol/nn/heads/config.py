"""Settings of the heads. Free of torch."""

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from gambol.config import Config

if TYPE_CHECKING:
    from gambol.nn.heads.centroids import Centroids
    from gambol.nn.heads.confidence_maps import ConfidenceMaps


class _BumpsConfig(Config):
    """What heads that draw one Gaussian bump for each point have in common."""

    sigma: float = Field(4.0, gt=0, description="Spread of a bump, in input pixels.")
    stride: int = Field(4, ge=1, description="Input pixels per cell of the map.")
    peak_weight: float = Field(
        20.0, ge=0,
        description="How much more a bump's peak counts in the loss than empty ground: maps are nearly empty.",
    )


class ConfidenceMapsConfig(_BumpsConfig):
    """One map for each node."""

    kind: Literal["confidence_maps"] = "confidence_maps"
    nodes: int = Field(ge=1, description="Nodes of the skeleton, one map each.")

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
