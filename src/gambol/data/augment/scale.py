"""Scaling about the centre of the input."""

import numpy as np
from pydantic import Field

from gambol.data.augment.base import Geometric, PositiveRange
from gambol.geometry.affine import Affine


class ScaleConfig(Geometric):
    """Make everything larger or smaller: animals grow, and cameras hang at different heights."""

    factor: PositiveRange = Field(default=(0.85, 1.15), description="Smallest and largest factor (1 = as it is).")

    def draw(self, rng: np.random.Generator, size: tuple[int, int]) -> Affine:
        """A scaling that keeps the middle of the input where it is."""
        height, width = size
        aside, back = Affine.translation(-width / 2, -height / 2), Affine.translation(width / 2, height / 2)
        return aside.then(Affine.scaling(rng.uniform(*self.factor))).then(back)  # `scaling` keeps (-0.5, -0.5)
