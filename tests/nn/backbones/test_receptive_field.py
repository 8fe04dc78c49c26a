"""Spans of cells, followed backwards. Numbers are small enough to be found with a pencil."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional

from gambol.nn.backbones.receptive_field import Interpolated, Pyramid, Transposed, Window, through, widest


class TestWindow:
    @pytest.mark.parametrize(("window", "seen"), [
        (Window(3), (3, 6)), (Window(1), (4, 5)), (Window(2, 2), (8, 11)), (Window(3, 2), (8, 12)),
        (Window(3, 2, before=1), (7, 11)), (Window(7, 2, before=3), (5, 13)), (Window(4, 4), (16, 23))])
    def test_two_cells_see_what_their_windows_hold(self, window, seen):
        assert window.back((4, 5)) == seen

    @given(kernel=st.integers(1, 7), stride=st.integers(1, 4), cell=st.integers(4, 8))
    def test_it_is_what_a_convolution_sees(self, kernel, stride, cell):
        padding = (kernel - stride) // 2 if kernel > stride else 0
        image = torch.zeros(1, 1, 1, 60, requires_grad=True)
        row = functional.conv2d(image, torch.ones(1, 1, 1, kernel), stride=(1, stride), padding=(0, padding))
        assert Window(kernel, stride, before=padding).back((cell, cell)) == seen(image, row[0, 0, 0, cell])


class TestGrowing:
    @given(cell=st.integers(4, 20))
    def test_interpolation_sees_the_cells_between_which_a_cell_lies(self, cell):
        image = torch.zeros(1, 1, 1, 20, requires_grad=True)
        row = functional.interpolate(image, scale_factor=(1, 2), mode="bilinear", align_corners=False)[0, 0, 0]
        assert Interpolated().back((cell, cell)) == seen(image, row[cell])

    @given(cell=st.integers(8, 20), kernel=st.integers(2, 5), before=st.integers(0, 2))
    def test_transposed_convolution_sees_the_cells_that_are_spread_onto_it(self, cell, kernel, before):
        image = torch.zeros(1, 1, 1, 20, requires_grad=True)
        row = functional.conv_transpose2d(image, torch.ones(1, 1, 1, kernel), stride=(1, 2))[0, 0, 0, before:]
        assert Transposed(kernel, before).back((cell, cell)) == seen(image, row[cell])


class TestPyramid:
    def test_without_a_decoder_it_is_its_layers(self):
        layers = [Window(3)], [Window(2, 2), Window(3)]
        assert Pyramid({1: layers[0], 2: layers[1]}).back((4, 4)) == through([*layers[0], *layers[1]], (4, 4))

    def test_what_is_joined_counts_where_it_sees_farther(self):
        """The wide window of the first level is seen only if its features are joined."""
        down = {1: [], 2: [Window(2, 2)]}
        up = {1: (Transposed(2), [Window(9)])}
        assert Pyramid(down, up).back((4, 4)) == (0, 9)
        assert Pyramid(down, up, frozenset({1})).back((5, 5)) == (0, 9)
        assert Pyramid(down, {1: (Transposed(2), [])}, frozenset({1})).back((5, 5)) == (4, 5)


class TestWidest:
    def test_it_is_that_of_the_cell_that_sees_most(self):
        assert [widest([Window(4, 4), Transposed(3)], cells) for cells in (1, 2)] == [8, 8]
        assert widest([Transposed(3)], 1) == 2  # even cells get from two, odd ones from one
        assert [through([Transposed(3)], (cell, cell)) for cell in (0, 1)] == [(-1, 0), (0, 0)]


def seen(image: torch.Tensor, value: torch.Tensor) -> tuple[int, int]:
    """The first and last column on which a value depends."""
    columns = torch.autograd.grad(value, image)[0][0, 0, 0].nonzero()[:, 0]
    return int(columns[0]), int(columns[-1])
