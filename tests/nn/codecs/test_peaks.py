"""Candidate cells and what lies around them."""

import numpy as np
import pytest
import torch

from gambol.nn.codecs.peaks import highest, local


@pytest.fixture(params=["numpy", "torch"])
def steps(request: pytest.FixtureRequest) -> np.ndarray | torch.Tensor:
    """Two maps of 3 x 4 cells in one image.

    0 1 2 3      9 0 0 0
    4 5 6 7      0 0 5 5
    8 9 9 8      0 0 5 0
    """
    maps = np.array([[[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 9, 8]],
                     [[9, 0, 0, 0], [0, 0, 5, 5], [0, 0, 5, 0]]], np.float32)[None]
    return maps if request.param == "numpy" else torch.from_numpy(maps)


class TestHighest:
    def test_of_equal_cells_the_first_is_taken(self, steps):
        found = highest(steps, radius=1)
        assert found.cells.tolist() == [[1, 2], [0, 0]]
        assert found.values.tolist() == [9, 9]
        assert found.image.tolist() == [0, 0] and found.map.tolist() == [0, 1]

    def test_cells_beyond_the_border_are_zero(self, steps):
        first, second = highest(steps, radius=1).patches
        assert first.tolist() == [[4, 5, 6], [8, 9, 9], [0, 0, 0]]
        assert second.tolist() == [[0, 0, 0], [0, 9, 0], [0, 0, 0]]


class TestLocal:
    def test_every_cell_that_no_neighbour_exceeds_and_one_of_equal_ones(self, steps):
        found = local(steps, radius=1, threshold=1)
        assert list(zip(found.map.tolist(), found.cells.tolist(), strict=True)) == [
            (0, [1, 2]), (1, [0, 0]), (1, [2, 1])]

    def test_only_those_above_the_threshold(self, steps):
        assert local(steps, radius=1, threshold=5).values.tolist() == [9, 9]

    def test_none_is_an_answer(self, steps):
        found = local(steps, radius=2, threshold=9)
        assert found.cells.shape == (0, 2) and found.patches.shape == (0, 5, 5)
