"""Grey and RGB: the two kinds of image that readers give, and how each is made from the other."""

from functools import lru_cache

import cv2
import numpy as np
from jaxtyping import UInt8

Image = UInt8[np.ndarray, "height width channel"]


def as_channels(image: UInt8[np.ndarray, "height width *channel"], channels: int | None) -> Image:
    """The image with 1 (grey) or 3 (RGB) channels; `None` keeps what it has.

    Grey becomes RGB by repeating; RGB becomes grey by the weights of ITU-R BT.601. Raises `ValueError`
    for any other number of channels.
    """
    if image.ndim == 2:
        image = image[..., None]                                            # (height, width, 1)
    have = image.shape[2]
    if channels is None or channels == have:
        return np.ascontiguousarray(image)
    if (have, channels) == (1, 3):
        return np.repeat(image, 3, axis=2)                                  # (height, width, 3)
    if (have, channels) == (3, 1):
        return np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY))[..., None]  # (height, width, 1)
    raise ValueError(f"an image has 1 (grey) or 3 (RGB) channels: {have} cannot become {channels}")


def looks_grey(image: Image, tolerance: int = 2) -> bool:
    """Whether an image has one channel, or three that nowhere differ by more than `tolerance` levels."""
    if image.shape[2] == 1:
        return True
    red, green, blue = cv2.split(image)
    return bool(cv2.norm(red, green, cv2.NORM_INF) <= tolerance and cv2.norm(green, blue, cv2.NORM_INF) <= tolerance)


@lru_cache
def luma_table(bits: int, full_range: bool) -> UInt8[np.ndarray, "level"]:
    """Grey (0-255) for each of the 2**bits levels of a luma plane.

    Limited ("TV") range holds black at 16 and white at 235, scaled by 2**(bits - 8); full ("PC") range
    uses every level. Source: ITU-R BT.601 and BT.2100.
    """
    levels = np.arange(2**bits, dtype=np.float64)                           # (level,)
    unit = 2 ** (bits - 8)
    black, white = (0, 2**bits - 1) if full_range else (16 * unit, 235 * unit)
    grey = (levels - black) * 255 / (white - black)                         # (level,)
    return np.asarray(np.clip(np.rint(grey), 0, 255), dtype=np.uint8)
