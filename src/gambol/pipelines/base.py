"""What every pipeline promises, and what it is given."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
from jaxtyping import Float, UInt8
from pydantic import Field

from gambol.config import Config
from gambol.data.crops import Centre, cut
from gambol.geometry.affine import Affine
from gambol.pipelines.stage import StageConfig
from gambol.pipelines.timings import Timings
from gambol.poses import Poses
from gambol.video.colour import Image, as_channels

Network = Callable[[UInt8[np.ndarray, "batch h w channel"]], Mapping[str, Any]]
"""Inputs to maps (batch, map, h, w), by head; the maps are NumPy arrays or tensors, wherever they were made."""


class PredictOptions(Config):
    """What can be chosen when poses are predicted."""

    animals: int | None = Field(None, ge=1, description="Keep at most this many animals in a frame, the surest ones.")
    node_threshold: float = Field(0.2, ge=0, description="A node whose peak is lower than this was not found.")
    animal_threshold: float = Field(
        0.2, ge=0, description="An animal whose centroid (bottom-up: score, shared among all edges) is lower than this "
        "was not found."
    )
    edge_threshold: float = Field(
        0.25, ge=0, description="Bottom-up: two nodes whose edge scores lower do not belong to one animal."
    )
    batch: int = Field(4, ge=1, description="Inputs that go through a network at a time.")


class Pipeline(ABC):
    """Images to poses, with the networks of one run.

    `order` names the stages in the order in which they are trained.
    """

    order: ClassVar[tuple[str, ...]]

    def __init__(
        self, stages: Mapping[str, StageConfig], networks: Mapping[str, Network], options: PredictOptions
    ) -> None:
        self.stages = stages
        self.networks = networks
        self.options = options
        self.timings = Timings()

    @property
    def channels(self) -> int:
        """Channels that images need to have: 1 or 3."""
        return max(stage.channels for stage in self.stages.values())

    @abstractmethod
    def predict(self, images: Sequence[Image]) -> list[Poses]:
        """The animals in each image, in image pixels. What is found in one never depends on the others."""

    @abstractmethod
    def check(self, stage: str, images: Sequence[Image], truth: Sequence[Poses]) -> list[tuple[Poses, Poses]]:
        """What one stage finds when all before it were right, beside what it should have found, for each image."""

    def run(
        self, stage: str, images: Sequence[Image], centres: Sequence[Centre | None]
    ) -> Iterator[tuple[list[int], list[Affine], Mapping[str, Any]]]:
        """Send views of images through a stage's network in batches: (which of them, their affines, the maps).

        Only inputs of one size share a batch, so that none is padded for another's sake.
        """
        config, network = self.stages[stage], self.networks[stage]
        waiting: dict[tuple[int, ...], list[tuple[int, Image, Affine]]] = {}
        for index, (image, centre) in enumerate(zip(images, centres, strict=True)):
            with self.timings.of("cutting inputs"):
                seen, affine = cut(as_channels(image, config.channels), config.view, centre)
            group = waiting.setdefault(seen.shape, [])
            group.append((index, seen, affine))
            if len(group) == self.options.batch:
                yield _through(network, waiting.pop(seen.shape))
        for group in waiting.values():
            yield _through(network, group)


def _through(
    network: Network, group: list[tuple[int, Image, Affine]]
) -> tuple[list[int], list[Affine], Mapping[str, Any]]:
    indices, inputs, affines = zip(*group, strict=True)
    return list(indices), list(affines), network(np.stack(inputs))


def back_to_image(
    affines: Sequence[Affine], points: Float[np.ndarray, "batch node 2"]
) -> Float[np.ndarray, "batch node 2"]:
    """Points of each input, in input pixels, to pixels of the image it was cut from."""
    return np.stack([affine.inverse(own) for affine, own in zip(affines, points, strict=True)])
