"""Batch: examples side by side, as large as the largest of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, UInt8

from gambol.data.example import Example, Key
from gambol.geometry.affine import Affine


@dataclass(frozen=True)
class Batch:
    """Images and points of several examples, in input pixels; points are NaN where nothing is visible.

    There is always room for at least one animal, so that targets can be drawn of a batch without any.
    """

    images: UInt8[np.ndarray, "batch height width channel"]
    points: Float[np.ndarray, "batch animal node 2"]  # float32
    affines: tuple[Affine, ...]
    keys: tuple[Key, ...]

    def __len__(self) -> int:
        return len(self.images)


def collate(examples: Sequence[Example]) -> Batch:
    """Put examples into one batch: smaller images get zeros at the bottom and right, fewer animals get NaN."""
    shapes = [example.image.shape for example in examples]
    height, width = (max(shape[axis] for shape in shapes) for axis in (0, 1))
    images = np.zeros((len(examples), height, width, shapes[0][2]), np.uint8)
    animals = max(1, *(len(example.points) for example in examples))
    points = np.full((len(examples), animals, *examples[0].points.shape[1:]), np.nan, np.float32)
    for position, example in enumerate(examples):
        images[position, : example.image.shape[0], : example.image.shape[1]] = example.image
        points[position, : len(example.points)] = example.points
    return Batch(images, points, tuple(example.affine for example in examples),
                 tuple(example.key for example in examples))
