"""Noise of the sensor."""

from statistics import NormalDist

import cv2
import numpy as np
from jaxtyping import UInt8
from pydantic import Field

from gambol.data.augment.base import Photometric, Range

# A random byte picks one of 256 quantiles of the normal distribution: as good as an exact draw once rounded to
# grey levels, and ten times as fast.
_QUANTILES = np.array([NormalDist().inv_cdf((byte + 0.5) / 256) for byte in range(256)])
NORMAL = (_QUANTILES / _QUANTILES.std()).astype(np.float32)  # (256,) mean 0, deviation 1


class NoiseConfig(Photometric):
    """Add Gaussian noise, each pixel and channel by itself."""

    probability: float = Field(default=0.3, ge=0, le=1, description="How often it happens: the share of examples.")
    deviation: Range = Field(
        default=(0.0, 8.0), description="Smallest and largest standard deviation, in grey levels of 255.")

    def apply(
        self, image: UInt8[np.ndarray, "height width channel"], rng: np.random.Generator
    ) -> UInt8[np.ndarray, "height width channel"]:
        """The image with noise; levels stay within 0 .. 255."""
        levels = NORMAL * np.float32(rng.uniform(*self.deviation))
        picked = np.frombuffer(rng.bytes(image.size), np.uint8).reshape(image.shape)
        return cv2.add(image, cv2.LUT(picked, levels).reshape(image.shape), dtype=cv2.CV_8U).reshape(image.shape)
