"""Contrast: grey levels pulled apart or together."""

import cv2
import numpy as np
from jaxtyping import UInt8
from pydantic import Field

from gambol.data.augment.base import Photometric, PositiveRange
from gambol.data.augment.brightness import LEVELS, map_levels


class ContrastConfig(Photometric):
    """Pull grey levels apart or together about the mean of the image, which stays."""

    probability: float = Field(default=0.5, ge=0, le=1, description="How often it happens: the share of examples.")
    factor: PositiveRange = Field(default=(0.75, 1.25), description="Smallest and largest factor (1 = as it is).")

    def apply(
        self, image: UInt8[np.ndarray, "height width channel"], rng: np.random.Generator
    ) -> UInt8[np.ndarray, "height width channel"]:
        """The image with more or less contrast; all channels about one mean, so that colours stay what they are."""
        mean = float(np.mean(cv2.mean(image)[: image.shape[2]]))
        return map_levels(image, mean + (LEVELS - mean) * rng.uniform(*self.factor))
