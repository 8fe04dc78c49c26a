"""Rotation about the centre of the input."""

import numpy as np
from pydantic import Field

from gambol.data.augment.base import Geometric, Range
from gambol.geometry.affine import Affine


class RotationConfig(Geometric):
    """Turn the input: an animal seen from above may look in any direction."""

    degrees: Range = Field(default=(-180.0, 180.0), description="Smallest and largest angle, in degrees.")

    def draw(self, rng: np.random.Generator, size: tuple[int, int]) -> Affine:
        """A rotation about the centre of the middle, ((width - 1) / 2, (height - 1) / 2)."""
        height, width = size
        return Affine.rotation(rng.uniform(*self.degrees), centre=((width - 1) / 2, (height - 1) / 2))
