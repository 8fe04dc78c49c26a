"""Mirroring left and right."""

import numpy as np
from pydantic import Field

from gambol.data.augment.base import Geometric
from gambol.geometry.affine import Affine


class FlipConfig(Geometric):
    """Exchange left and right, of the image and of the animal: symmetric nodes change places.

    Off unless asked for: labels of left and right are seldom each other's mirror image. With rotations all around,
    this covers the vertical mirror too.
    """

    probability: float = Field(default=0.0, ge=0, le=1, description="How often it happens: the share of examples.")

    def draw(self, rng: np.random.Generator, size: tuple[int, int]) -> Affine:
        """The mirror image within the width of the input; an affine of negative determinant."""
        return Affine.flip(size[1])


def swap_symmetric(points: np.ndarray, mirrored: tuple[int, ...]) -> np.ndarray:
    """Points (animal, node, 2) of mirrored animals under their right names: a left paw has become a right one.

    `mirrored` gives for each node the one that takes its place (`Skeleton.mirrored`).
    """
    return points[:, list(mirrored)]
