"""Translation of the input."""

import numpy as np
from pydantic import Field

from gambol.data.augment.base import Geometric, Range
from gambol.geometry.affine import Affine


class TranslationConfig(Geometric):
    """Move the input: for a crop, this is how far off its centre the animal may be when predictions are imperfect."""

    fraction: Range = Field(
        default=(-0.1, 0.1),
        description="Smallest and largest move along each axis, as a fraction of the input's width or height.")

    def draw(self, rng: np.random.Generator, size: tuple[int, int]) -> Affine:
        """A translation, drawn for each axis by itself."""
        height, width = size
        dx, dy = rng.uniform(*self.fraction, size=2)
        return Affine.translation(dx * width, dy * height)
