"""Brightness: more or less light."""

import cv2
import numpy as np
from jaxtyping import UInt8
from pydantic import Field

from gambol.data.augment.base import Photometric, PositiveRange

LEVELS = np.arange(256, dtype=np.float64)


class BrightnessConfig(Photometric):
    """Multiply all grey levels, as a lamp does; black stays black."""

    probability: float = Field(default=0.5, ge=0, le=1, description="How often it happens: the share of examples.")
    factor: PositiveRange = Field(default=(0.75, 1.25), description="Smallest and largest factor (1 = as it is).")

    def apply(
        self, image: UInt8[np.ndarray, "height width channel"], rng: np.random.Generator
    ) -> UInt8[np.ndarray, "height width channel"]:
        """The image under another light; levels above 255 become 255."""
        return map_levels(image, LEVELS * rng.uniform(*self.factor))


def map_levels(
    image: UInt8[np.ndarray, "height width channel"], levels: np.ndarray
) -> UInt8[np.ndarray, "height width channel"]:
    """Replace every grey level by `levels[level]` (256,), rounded and kept within 0 .. 255."""
    table = np.clip(np.rint(levels), 0, 255).astype(np.uint8)
    return cv2.LUT(image, table).reshape(image.shape)
