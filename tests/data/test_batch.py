"""Batches: examples side by side."""

from collections.abc import Callable

import numpy as np
import pytest

from gambol.data.batch import collate
from gambol.data.example import Example, Key
from gambol.geometry.affine import Affine


@pytest.fixture
def example() -> Callable[[int, tuple[int, int]], Example]:
    """An example with some animals of two nodes, as bright as its height."""

    def make(animals: int, size: tuple[int, int] = (16, 16)) -> Example:
        points = np.arange(animals * 4, dtype=float).reshape(animals, 2, 2)
        return Example(np.full((*size, 1), size[0], np.uint8), points, Affine.crop(animals, 0), Key(0, animals))

    return make


class TestCollate:
    def test_animals_that_an_example_lacks_are_nan(self, example):
        batch = collate([example(1), example(3), example(0)])
        assert batch.points.shape == (3, 3, 2, 2) and batch.points.dtype == np.float32
        assert (~np.isnan(batch.points).any((-1, -2))).sum(1).tolist() == [1, 3, 0]
        assert (batch.points[1] == example(3).points).all()

    def test_without_any_animal_there_is_room_for_one(self, example):
        batch = collate([example(0), example(0)])
        assert batch.points.shape == (2, 1, 2, 2) and np.isnan(batch.points).all()

    def test_smaller_images_get_zeros_at_the_bottom_and_right(self, example):
        batch = collate([example(1, (16, 32)), example(1, (48, 16))])
        assert batch.images.shape == (2, 48, 32, 1)
        assert (batch.images[0, :16] == 16).all() and not batch.images[0, 16:].any()
        assert (batch.images[1, :, :16] == 48).all() and not batch.images[1, :, 16:].any()

    def test_it_remembers_where_each_came_from(self, example):
        batch = collate([example(2), example(1)])
        assert len(batch) == 2
        assert [key.frame for key in batch.keys] == [2, 1]
        assert [affine(np.zeros(2))[0] for affine in batch.affines] == [-2, -1]
