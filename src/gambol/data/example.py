"""Example: one thing to learn from, as the network sees it."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, UInt8

from gambol.geometry.affine import Affine


class Key(NamedTuple):
    """Where an example comes from: numbers of the video, the frame, and the animal in it (-1 = the whole frame)."""

    video: int
    frame: int
    animal: int = -1


@dataclass(frozen=True)
class Example:
    """An image and the points in it, both in input pixels, and the affine that leads there from the image.

    points: NaN where not visible; a point may lie outside the image, where a crop cuts its animal.
    `example.affine.inverse(points)` are the points in pixels of the original image.
    """

    image: UInt8[np.ndarray, "height width channel"]
    points: Float[np.ndarray, "animal node 2"]
    affine: Affine
    key: Key
