"""Erasing: patches that hide part of the animal."""

import numpy as np
from jaxtyping import UInt8
from pydantic import Field

from gambol.data.augment.base import Photometric, Range


class ErasingConfig(Photometric):
    """Cover rectangles with one grey level each, so that a node is also found from what surrounds it.

    Points under a patch stay labelled. Source: Zhong et al. 2017, arXiv:1708.04896.
    """

    probability: float = Field(default=0.1, ge=0, le=1, description="How often it happens: the share of examples.")
    patches: int = Field(default=2, ge=1, le=100, description="Most patches in one example; at least one is drawn.")
    fraction: Range = Field(
        default=(0.04, 0.15),
        description="Smallest and largest side of a patch, as a fraction of the input's width or height.")

    def apply(
        self, image: UInt8[np.ndarray, "height width channel"], rng: np.random.Generator
    ) -> UInt8[np.ndarray, "height width channel"]:
        """A copy of the image with patches on it."""
        image = image.copy()
        size = np.array(image.shape[:2])
        for _ in range(rng.integers(1, self.patches, endpoint=True)):
            sides = np.maximum(1, np.rint(size * rng.uniform(*self.fraction, size=2))).astype(int)
            top, left = np.floor(rng.random(2) * np.maximum(1, size - sides + 1)).astype(int)
            image[top : top + sides[0], left : left + sides[1]] = rng.integers(0, 256)
        return image
