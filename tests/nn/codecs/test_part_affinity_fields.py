"""Part affinity fields: drawn along edges, read along lines."""

import math
import subprocess
import sys

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from gambol.nn.codecs.part_affinity_fields import along_lines, encode

SIZE = (40, 50)  # cells


def fields_of(*animals, edges=((0, 1),), sigma=4.0, stride=2) -> np.ndarray:
    return encode(torch.tensor([animals], dtype=torch.float64), edges, SIZE, sigma, stride).numpy()


def read(fields, start, end, edge=0, stride=2) -> float:
    points = (np.array([point], float) for point in (start, end))
    return float(along_lines(fields, np.array([0]), np.array([edge]), *points, stride)[0])


class TestEncode:
    def test_on_the_line_the_field_is_the_direction_from_source_to_destination(self):
        field = fields_of([(10, 10), (40, 50)])[0]  # (2, h, w)
        assert field[:, 15, 12] == pytest.approx([0.6, 0.8], rel=0.03)  # input (24, 30), 0.8 px off the line

    def test_across_the_line_it_fades_as_a_gaussian(self):
        field = fields_of([(10, 20), (80, 20)], sigma=4.0)[0, 0]
        assert field[10:16, 20] == pytest.approx([math.exp(-((2 * row) ** 2) / 32) for row in range(6)])

    def test_beyond_the_ends_it_fades_as_well(self):
        field = fields_of([(40, 20), (60, 20)], sigma=4.0)[0, 0]
        assert field[10, 30:33] == pytest.approx([1, math.exp(-4 / 32), math.exp(-16 / 32)])

    def test_where_animals_cross_their_fields_add_up(self):
        one, other = [(10, 20), (80, 20)], [(40, 5), (40, 60)]
        assert fields_of(one, other) == pytest.approx(fields_of(one) + fields_of(other))

    def test_each_edge_has_two_maps_of_its_own_x_before_y(self):
        fields = fields_of([(10, 20), (80, 20), (80, 60)], edges=((0, 1), (2, 1)))[0]
        assert fields.shape == (4, *SIZE)
        assert fields[0].max() == pytest.approx(1) and not fields[1].any()
        assert not fields[2].any() and fields[3].min() == pytest.approx(-1)

    @pytest.mark.parametrize("animal", [
        [(10, 20), (math.nan, math.nan)], [(math.nan, math.nan)] * 2, [(33, 21), (33, 21)], [(-90, 20), (-70, 20)],
    ], ids=["an end that is missing", "no end", "ends that coincide", "outside"])
    def test_a_line_that_has_no_direction_or_is_not_in_the_picture_has_no_field(self, animal):
        assert not fields_of(animal).any()

    def test_no_animals_have_no_field(self):
        assert not encode(torch.empty(2, 0, 3, 2), ((0, 1), (1, 2)), SIZE, 4.0, 2).any()


class TestAlongLines:
    coordinate = st.tuples(st.floats(0, 98), st.floats(0, 78))

    @settings(max_examples=60, deadline=None, derandomize=True)
    @given(start=coordinate, end=coordinate)
    def test_an_edge_scores_one_its_reverse_minus_one_and_another_edge_nothing(self, start, end):
        if math.dist(start, end) < 2:
            return
        fields = fields_of([start, end, start], edges=((0, 1), (0, 2)))
        assert read(fields, start, end) == pytest.approx(1, abs=0.07)  # between cells a Gaussian is a little lower
        assert read(fields, end, start) == pytest.approx(-1, abs=0.07)
        assert read(fields, start, end, edge=1) == 0

    def test_a_line_from_one_animal_to_another_scores_low(self):
        fields = fields_of([(10, 20), (80, 20)], [(10, 60), (80, 60)])
        assert read(fields, (10, 20), (80, 60)) < 0.35 < 0.9 < read(fields, (10, 20), (80, 20))

    def test_a_line_of_no_length_scores_nothing(self):
        assert read(fields_of([(10, 20), (80, 20)]), (30, 20), (30, 20)) == 0

    def test_beyond_the_border_the_field_at_the_border_is_read(self):
        assert read(fields_of([(2, 78), (96, 78)]), (2, 95), (96, 95)) == pytest.approx(1, abs=0.07)

    @pytest.mark.parametrize("size", [(1, 30), (30, 1), (1, 1)])
    def test_maps_of_a_single_row_or_column_can_be_read(self, size):
        fields = np.ones((1, 2, *size))
        assert read(fields, (0, 0), (3, 4)) == pytest.approx(1.4)

    def test_lines_of_several_images_are_each_read_in_their_own(self):
        points = torch.tensor([[[(10.0, 20.0), (80.0, 20.0)]], [[(10.0, 60.0), (80.0, 60.0)]]])
        fields = encode(points, ((0, 1),), SIZE, 4.0, 2).numpy()
        starts, ends = np.array([[10.0, 20.0]] * 2), np.array([[80.0, 20.0]] * 2)
        first, second = along_lines(fields, np.array([0, 1]), np.zeros(2, int), starts, ends, 2)
        assert first == pytest.approx(1, abs=1e-3) and second == pytest.approx(0, abs=1e-3)

    def test_numpy_maps_and_tensors_give_the_same(self):
        fields = torch.rand(2, 6, 20, 24, generator=torch.Generator().manual_seed(1))
        rng = np.random.default_rng(0)
        lines = rng.integers(0, 2, 50), rng.integers(0, 3, 50), rng.uniform(0, 50, (50, 2)), rng.uniform(0, 50, (50, 2))
        np.testing.assert_array_equal(along_lines(fields, *lines, 2), along_lines(fields.numpy(), *lines, 2))

    def test_numpy_maps_need_no_torch(self):
        code = """
import sys, numpy as np
from gambol.nn.codecs.part_affinity_fields import along_lines
zero = np.zeros(1, int)
assert along_lines(np.ones((1, 2, 9, 9)), zero, zero, np.zeros((1, 2)), np.array([[3.0, 4.0]]), 1) > 1.3
assert "torch" not in sys.modules
"""
        subprocess.run([sys.executable, "-c", code], check=True)
