"""Between the cells: one bump has one top, wherever the search begins."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gambol.nn.codecs.refine import patch_radius, refine, within

CELLS = 24


def _from(maps: np.ndarray, cell: tuple[int, int], sigma: float) -> np.ndarray:
    """The refined place (x, y) when the search begins at a cell (column, row)."""
    radius = patch_radius(sigma)
    column, row = cell
    patch = np.pad(maps, radius)[row : row + 2 * radius + 1, column : column + 2 * radius + 1]
    return refine(patch[None], sigma)[0] + cell


class TestRefine:
    @settings(max_examples=80, deadline=None, derandomize=True)
    @given(
        sigma=st.floats(0.5, 3), width=st.floats(0.7, 1.5), stretch=st.floats(1, 2.25), turn=st.floats(0, 3.2),
        at=st.tuples(st.floats(0, CELLS - 1), st.floats(0, CELLS - 1)), cut=st.floats(1, 1.6),
        noise=st.sampled_from([0, 0.003, 0.01, 0.03]), seed=st.integers(0, 9999),
    )
    def test_beginning_at_any_of_nearly_equal_neighbours_it_ends_at_the_same_place(
        self, bump, sigma, width, stretch, turn, at, cut, noise, seed
    ):
        long, short = sigma * width, sigma * max(width / stretch, 0.5)
        maps = np.minimum(1, cut * bump(at, (CELLS, CELLS), (long, short), turn))
        maps = maps + noise * np.random.default_rng(seed).normal(size=maps.shape)
        row, column = np.unravel_index(maps.argmax(), maps.shape)
        around = [(x, y) for x in range(column - 1, column + 2) for y in range(row - 1, row + 2)
                  if 0 <= x < CELLS and 0 <= y < CELLS and maps[y, x] > 0.99 * maps.max()]
        places = np.array([_from(maps, cell, sigma) for cell in around])
        assert np.ptp(places, axis=0).max() < 0.025  # cells: a tenth of a pixel at stride 4

    def test_a_long_bump_that_lies_aslant_is_met_exactly(self, bump):
        maps = bump((11.3, 10.8), (CELLS, CELLS), (4.0, 1.5), 0.6)
        assert _from(maps, (11, 11), 2.0) == pytest.approx([11.3, 10.8], abs=1e-3)

    @pytest.mark.parametrize("cell", [(9, 10), (11, 12), (13, 9)])
    def test_it_climbs_from_cells_that_are_not_the_highest(self, bump, cell):
        assert _from(bump((11.4, 10.2), (CELLS, CELLS), (2, 2)), cell, 2.0) == pytest.approx([11.4, 10.2], abs=1e-3)

    def test_the_height_of_the_bump_does_not_matter(self, bump):
        maps = bump((11.4, 10.2), (CELLS, CELLS), (2, 2))
        for height in (1e-6, 1e6):
            assert _from(height * maps, (11, 10), 2.0) == pytest.approx([11.4, 10.2], abs=1e-6)

    def test_a_single_cell_stays_where_it_is_and_nothing_at_all_too(self):
        alone = np.zeros((2, 7, 7))
        alone[0, 3, 3] = 1
        assert np.abs(refine(alone, 0.5)).max() < 1e-6
        assert refine(np.zeros((0, 7, 7)), 0.5).shape == (0, 2)

    def test_no_answer_lies_outside_the_patch(self):
        ramps = np.arange(81, dtype=float).reshape(1, 9, 9) ** 3
        assert np.abs(refine(ramps, 1.0)).max() <= 4

    @settings(max_examples=40, deadline=None, derandomize=True)
    @given(sigma=st.floats(0.5, 3), wide=st.floats(0.5, 2), at=st.tuples(st.floats(8, 15), st.floats(8, 15)))
    def test_away_from_the_border_a_bump_of_any_width_is_met_exactly(self, bump, sigma, wide, at):
        assume(sigma * wide > 0.35)  # cells: a narrower one is next to nothing but a cell
        maps = bump(at, (CELLS, CELLS), (sigma * wide, sigma * wide))
        row, column = np.unravel_index(maps.argmax(), maps.shape)
        assert _from(maps, (column, row), sigma) == pytest.approx(at, abs=0.0025)  # cells: 0.01 px at stride 4

    def test_how_many_are_refined_together_does_not_matter(self):
        patches = np.random.default_rng(0).random((20, 13, 13))
        together = refine(patches, 1.5)
        np.testing.assert_array_equal(together, np.concatenate([refine(one[None], 1.5) for one in patches]))


class TestWithin:
    def test_places_in_the_map_stay_and_no_other_lies_farther_out_than_half_a_sigma(self):
        places = np.array([(0.0, 7.0), (9.4, -0.9), (-5.0, 3.0), (20.0, 30.0)])
        assert within(places, (8, 10), sigma=4.0).tolist() == [[0, 7], [9.4, -0.9], [-2, 3], [11, 9]]

    def test_but_the_image_ends_after_its_last_cell(self):
        assert within(np.array([(12.0, -5.0)]), (8, 10), sigma=0.5).tolist() == [[9.75, -0.75]]
