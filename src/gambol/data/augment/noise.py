"""Noise of the sensor."""

import cv2
import numpy as np
from jaxtyping import UInt8
from pydantic import Field

from gambol.data.augment.base import Photometric, Range


class NoiseConfig(Photometric):
    """Add Gaussian noise, each pixel and channel by itself."""

    probability: float = Field(default=0.3, ge=0, le=1, description="How often it happens: the share of examples.")
    deviation: Range = Field(
        default=(0.0, 8.0), description="Smallest and largest standard deviation, in grey levels of 255.")

    def apply(
        self, image: UInt8[np.ndarray, "height width channel"], rng: np.random.Generator
    ) -> UInt8[np.ndarray, "height width channel"]:
        """The image with noise; levels stay within 0 .. 255."""
        deviation = rng.uniform(*self.deviation)
        noise = rng.standard_normal(image.shape, dtype=np.float32) * np.float32(deviation)
        return cv2.add(image, noise, dtype=cv2.CV_8U).reshape(image.shape)
