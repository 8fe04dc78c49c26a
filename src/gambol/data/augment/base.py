"""What augmentations have in common: a chance to happen, and one of two ways of acting."""

from abc import ABC, abstractmethod
from typing import Annotated

import numpy as np
from jaxtyping import UInt8
from pydantic import AfterValidator, Field

from gambol.config import Config
from gambol.geometry.affine import Affine


def _ordered(bounds: tuple[float, float]) -> tuple[float, float]:
    if not bounds[0] <= bounds[1]:
        raise ValueError(f"a range goes from its smaller to its larger end, not from {bounds[0]} to {bounds[1]}")
    return bounds


def _above_zero(bounds: tuple[float, float]) -> tuple[float, float]:
    if bounds[0] <= 0:
        raise ValueError(f"this range must lie above 0, and {bounds[0]} does not")
    return bounds


Range = Annotated[tuple[float, float], AfterValidator(_ordered)]
PositiveRange = Annotated[Range, AfterValidator(_above_zero)]


class Augmentation(Config):
    """One way of varying an example."""

    probability: float = Field(default=1.0, ge=0, le=1, description="How often it happens: the share of examples.")

    def happens(self, rng: np.random.Generator) -> bool:
        """Whether it happens this time."""
        return bool(rng.random() < self.probability)


class Geometric(Augmentation, ABC):
    """Moves pixels and points alike: an affine in input pixels, composed with the view's into one warp."""

    @abstractmethod
    def draw(self, rng: np.random.Generator, size: tuple[int, int]) -> Affine:
        """A random affine for an input of that (height, width); points move with it."""


class Photometric(Augmentation, ABC):
    """Changes grey levels and leaves everything in its place."""

    @abstractmethod
    def apply(
        self, image: UInt8[np.ndarray, "height width channel"], rng: np.random.Generator
    ) -> UInt8[np.ndarray, "height width channel"]:
        """A randomly changed copy of the image (the image itself if nothing happens)."""
