"""Blur: out of focus, or moving."""

import cv2
import numpy as np
from jaxtyping import UInt8
from pydantic import Field

from gambol.data.augment.base import Photometric, PositiveRange


class BlurConfig(Photometric):
    """Smooth the image by a Gaussian."""

    probability: float = Field(default=0.2, ge=0, le=1, description="How often it happens: the share of examples.")
    sigma: PositiveRange = Field(default=(0.3, 1.2), description="Smallest and largest sigma, in input pixels.")

    def apply(
        self, image: UInt8[np.ndarray, "height width channel"], rng: np.random.Generator
    ) -> UInt8[np.ndarray, "height width channel"]:
        """The image, smoothed about each pixel, so that nothing moves."""
        sigma = rng.uniform(*self.sigma)
        return cv2.GaussianBlur(image, (0, 0), sigma).reshape(image.shape)
