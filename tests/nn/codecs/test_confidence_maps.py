"""Confidence maps: decoding undoes encoding, at every phase, from rounded maps too."""

import subprocess
import sys

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gambol.nn.codecs.confidence_maps import brightest, decode_all, decode_best, encode
from gambol.nn.codecs.peaks import highest

CELLS = 24  # height and width of the maps here
GRIDS = [(sigma, stride) for sigma in (1.5, 2.5, 4.0, 6.0, 10.0) for stride in (1, 2, 4, 8) if sigma / stride >= 0.5]
# A coordinate of a bump: at the first or the last cell, give or take half a sigma, or between (share of the map, 0).
PLACES = st.one_of(
    st.tuples(st.sampled_from([0, 1]), st.floats(-1, 1)), st.tuples(st.floats(0, 1), st.just(0)))


def _points(stride: int) -> torch.Tensor:
    """Points (1, node, 2) in input pixels at every phase of a cell: in the corners, at a border and in the middle."""
    phases = np.linspace(0, 1, 5)
    corners = [(0, 0), (11, 10), (CELLS - 2, 5), (CELLS - 2, CELLS - 2)]
    places = [(x + left, y + top) for x in phases for y in phases for left, top in corners]
    return torch.tensor(places, dtype=torch.float64)[None] * stride


def _integral(maps: torch.Tensor, stride: int) -> np.ndarray:
    """SLEAP's refinement: the centre of mass of the 5 x 5 cells around the highest one, cells outside being 0."""
    found = highest(maps, radius=2)
    reach = np.arange(-2, 3)
    mass = found.patches.sum((1, 2))
    offsets = [(found.patches * grid).sum((1, 2)) / mass for grid in (reach[None, :], reach[:, None])]
    return (found.cells + np.stack(offsets, -1)) * stride


def _rounded(maps: np.ndarray) -> np.ndarray:
    return torch.from_numpy(maps).bfloat16().float().numpy()


def _reach_of_the_highest(maps: np.ndarray) -> float:
    """How far from the highest cell another equals it within bfloat16's rounding, in cells."""
    row, column = np.unravel_index(maps.argmax(), maps.shape)
    rows, columns = np.nonzero(maps > maps.max() * (1 - 2**-7))
    return np.hypot(rows - row, columns - column).max()


class TestEncode:
    def test_a_cell_samples_the_input_at_its_number_times_the_stride(self):
        maps = encode(torch.tensor([[8.0, 4.0], [9.0, 4.0]]), size=(5, 6), sigma=2.0, stride=4)
        assert maps.shape == (2, 5, 6)
        assert maps[0, 1, 2] == 1
        assert maps[1, 1, 2].item() == pytest.approx(np.exp(-1 / 8))

    def test_a_node_that_is_not_visible_gets_an_empty_map(self):
        assert not encode(torch.tensor([[np.nan, np.nan]]), (4, 4), 2.0, 1).any()

    def test_where_two_animals_overlap_the_brighter_one_counts(self):
        points = torch.tensor([[[[5.0, 5.0]], [[8.0, 5.0]], [[np.nan, np.nan]]]])  # (1, 3 animals, 1 node, 2)
        maps = brightest(points, (10, 14), 2.0, 1)
        alone = encode(points[0], (10, 14), 2.0, 1)[:2, 0]
        assert torch.equal(maps[0, 0], torch.maximum(*alone))

    def test_without_animals_the_maps_are_empty(self):
        maps = brightest(torch.zeros(2, 0, 3, 2), (4, 5), 2.0, 4)
        assert maps.shape == (2, 3, 4, 5) and not maps.any()


class TestDecodingUndoesEncoding:
    @pytest.mark.parametrize("sigma, stride", GRIDS)
    def test_to_a_hundredth_of_a_pixel_at_every_phase_and_border_where_sleaps_integral_errs(self, sigma, stride):
        points = _points(stride)
        maps = encode(points, (CELLS, CELLS), sigma, stride)
        decoded, scores = decode_best(maps, sigma, stride, threshold=0.1)
        error, integral = (np.abs(found - points[0].numpy()).max() for found in (decoded[0], _integral(maps, stride)))
        assert error < 0.01
        assert (scores > 0.1).all()
        assert integral > 0.1 * stride > 10 * error, f"SLEAP's integral errs by {integral:.2f} px"

    @pytest.mark.parametrize("sigma, stride", [(1.5, 1), (2.5, 2), (4.0, 4), (6.0, 4), (10.0, 4)])
    def test_inside_the_map_too_sleaps_integral_is_drawn_to_the_cells_middle(self, sigma, stride):
        points = _points(stride)[:, 1::4]  # those in the middle
        maps = encode(points, (CELLS, CELLS), sigma, stride)
        ours = np.abs(decode_best(maps, sigma, stride, 0.1)[0][0] - points[0].numpy()).max()
        integral = np.abs(_integral(maps, stride) - points[0].numpy()).max()
        print(f"sigma {sigma} stride {stride}: gambol {ours:.5f} px, SLEAP's 5 x 5 integral {integral:.3f} px")
        assert ours < 1e-3 < 0.02 * stride < integral

    @pytest.mark.parametrize("real", [0.5, 0.7, 1.5, 2.0])
    def test_whatever_the_bumps_real_width(self, real):
        points = _points(4)
        decoded, _ = decode_best(encode(points, (CELLS, CELLS), 6.0 * real, 4), 6.0, 4, 0.1)
        assert np.abs(decoded - points.numpy()).max() < 0.01

    def test_a_node_below_the_threshold_was_not_found(self):
        heights = torch.tensor([0.19, 0.21])[:, None, None]
        maps = heights * encode(torch.tensor([[[5.0, 5.0], [4.0, 7.0]]]), (10, 10), 2.0, 1)
        points, scores = decode_best(maps, 2.0, 1, threshold=0.2)
        assert np.isnan(points[0, 0]).all() and scores[0, 0] == 0
        assert points[0, 1] == pytest.approx([4, 7], abs=1e-3) and scores[0, 1] == pytest.approx(0.21)

    @pytest.mark.parametrize("value", [0.0, -1.0, np.nan, np.inf])
    def test_a_broken_or_empty_map_breaks_nothing(self, value):
        maps = np.full((1, 2, 8, 8), value, np.float32)
        points, scores = decode_best(maps, 2.0, 1, threshold=0.2)
        assert points.shape == (1, 2, 2) and scores.shape == (1, 2)
        assert not np.isinf(points).any()


class TestRoundedMaps:
    """What a network computed in bfloat16 decodes to the same place, if a map has one highest peak."""

    @settings(max_examples=120, deadline=None, derandomize=True)
    @given(
        stride=st.sampled_from([1, 2, 4]), sigma=st.floats(0.5, 3), ratio=st.floats(0.7, 1.5), turn=st.floats(0, 3.2),
        stretch=st.floats(1, 1.5), at=st.tuples(st.floats(5, 18), st.floats(5, 18)), cut=st.floats(1, 1.6),
        noise=st.sampled_from([0, 0.003, 0.01]), seed=st.integers(0, 9999), power=st.floats(-3, 3),
    )
    def test_they_decode_to_within_a_tenth_of_a_pixel_of_the_unrounded_ones(
        self, bump, stride, sigma, ratio, turn, stretch, at, cut, noise, seed, power
    ):
        widths = sigma * ratio * stretch, sigma * ratio / stretch
        maps = np.minimum(1, cut * bump(at, (CELLS, CELLS), widths, turn))  # a cut above 1 makes the top flat
        maps = maps + noise * np.random.default_rng(seed).normal(size=maps.shape)
        maps = (maps * 10**power).astype(np.float32)[None, None]
        whole, rounded = (decode_best(each, sigma * stride, stride, 0.0)[0] for each in (maps, _rounded(maps)))
        assert np.hypot(*(whole - rounded)[0, 0]) < 0.1

    @settings(max_examples=80, deadline=None, derandomize=True)
    @given(
        sigma=st.floats(0.5, 3), ratio=st.floats(0.7, 1.5), stretch=st.floats(1, 1.5), turn=st.floats(0, 3.2),
        along=st.floats(0, CELLS - 1), border=st.sampled_from([0, 0.4, CELLS - 1.3, CELLS - 1]), upright=st.booleans(),
    )
    def test_at_a_border_too_where_half_a_bump_is_seen(
        self, bump, sigma, ratio, stretch, turn, along, border, upright
    ):
        at = (border, along) if upright else (along, border)
        maps = bump(at, (CELLS, CELLS), (sigma * ratio * stretch, sigma * ratio / stretch), turn)
        maps = maps.astype(np.float32)[None, None]
        whole, rounded = (decode_best(each, sigma * 4, 4, 0.0)[0] for each in (maps, _rounded(maps)))
        assert np.hypot(*(whole - rounded)[0, 0]) < 0.1

    @settings(max_examples=250, deadline=None, derandomize=True)
    @given(
        sigma=st.floats(1, 8), stride=st.sampled_from([1, 2, 4]), ratio=st.floats(0.7, 1.5), stretch=st.floats(1, 1.5),
        turn=st.floats(0, 3.2), x=PLACES, y=PLACES, height=st.floats(0.3, 1), cut=st.floats(1, 1.6),
        noise=st.sampled_from([0, 0.003, 0.01, 0.02, 0.05]), seed=st.integers(0, 9999),
    )
    def test_at_borders_and_in_corners_too_with_noise_for_every_bump_up_to_one_and_a_half_times_as_wide(
        self, bump, sigma, stride, ratio, stretch, turn, x, y, height, cut, noise, seed
    ):
        spread, size = sigma / stride, max(CELLS, int(6 * sigma / stride))
        at = [0.5 * spread * part + (size - 1) * whole for whole, part in (x, y)]
        widths = spread * ratio * min(stretch, max(1, 1.5 / ratio)), spread * ratio / stretch
        maps = np.minimum(1, cut * bump(at, (size, size), widths, turn))
        maps = maps + noise * np.random.default_rng(seed).normal(size=maps.shape)
        maps = (height * maps).astype(np.float32)[None, None]
        assume(maps.max() > 0.205 and _reach_of_the_highest(maps[0, 0]) <= 1.5 * max(spread, 1))
        whole, rounded = (decode_best(each, sigma, stride, 0.2)[0] for each in (maps, _rounded(maps)))
        assert np.hypot(*(whole - rounded)[0, 0]) < 0.1

    @pytest.mark.parametrize("sigma, stride", [(sigma, stride) for sigma, stride in GRIDS if sigma / stride <= 5])
    def test_at_every_phase_they_decode_to_within_a_tenth_of_a_pixel_of_the_truth(self, sigma, stride):
        points = _points(stride)
        maps = _rounded(encode(points, (CELLS, CELLS), sigma, stride).float().numpy())
        assert np.linalg.norm(decode_best(maps, sigma, stride, 0.1)[0] - points.numpy(), axis=-1).max() < 0.1


class TestDecodeAll:
    def test_peaks_come_best_first_in_input_pixels_each_image_by_itself(self, bump):
        maps = np.zeros((3, 1, 30, 40))
        maps[0, 0] = np.maximum(0.6 * bump((8.25, 9), (30, 40), (2, 2)), 0.9 * bump((30, 20.5), (30, 40), (2, 2)))
        maps[2, 0] = 0.5 * bump((0, 29), (30, 40), (2, 2))
        first, second, third = decode_all(maps, sigma=8.0, stride=4, threshold=0.2)
        assert first[0] == pytest.approx(np.array([(120, 82), (33, 36)]), abs=0.05)
        assert first[1][0] > first[1][1]
        assert second[0].shape == (0, 2) and second[1].shape == (0,)
        assert third[0] == pytest.approx(np.array([(0, 116)]), abs=1e-3)

    def test_a_peak_must_exceed_the_threshold(self):
        maps = np.zeros((1, 1, 9, 9))
        maps[0, 0, 4, 4] = 0.2
        assert len(decode_all(maps, 1.0, 1, threshold=0.2)[0][0]) == 0
        assert len(decode_all(maps, 1.0, 1, threshold=0.19)[0][0]) == 1

    @settings(max_examples=80, deadline=None, derandomize=True)
    @given(sigma=st.floats(0.7, 3), at=st.tuples(st.floats(6, 18), st.floats(6, 18)), cut=st.floats(1.01, 1.7),
           stretch=st.floats(1, 1.3), turn=st.floats(0, 3.2))
    def test_a_flat_top_is_one_peak_in_its_middle(self, bump, sigma, at, cut, stretch, turn):
        top = np.minimum(1, cut * bump(at, (CELLS, CELLS), (sigma * stretch, sigma / stretch), turn))
        ((points, _),) = decode_all(top[None, None], sigma, 1, threshold=0.3)
        assert len(points) == 1
        assert points[0] == pytest.approx(at, abs=0.25)

    @pytest.mark.parametrize("shape", [(1, 2), (2, 1), (2, 2), (1, 3), (3, 3)])
    def test_equal_neighbours_are_one_peak_among_them(self, shape):
        maps = np.zeros((1, 1, 12, 12))
        maps[0, 0, 5 : 5 + shape[0], 4 : 4 + shape[1]] = 0.7
        ((points, scores),) = decode_all(maps, 1.5, 1, threshold=0.2)
        assert len(points) == 1 and scores == pytest.approx([0.7])
        assert (points[0] >= np.array([4, 5]) - 0.01).all()
        assert (points[0] <= np.array([3 + shape[1], 4 + shape[0]]) + 0.01).all()

    def test_a_map_that_is_the_same_everywhere_is_at_most_one_peak(self):
        assert len(decode_all(np.full((1, 1, 8, 8), 0.5), 1.0, 1, threshold=0.2)[0][0]) == 1

    def test_two_peaks_two_cells_apart_are_two_where_bumps_are_that_narrow(self):
        maps = np.zeros((1, 1, 9, 9))
        maps[0, 0, 4, [3, 5]] = 0.9, 0.8
        maps[0, 0, 4, 4] = 0.1
        ((points, scores),) = decode_all(maps, 0.5, 1, threshold=0.2)
        assert points == pytest.approx(np.array([(3, 4), (5, 4)]), abs=1) and scores.tolist() == [0.9, 0.8]

    def test_two_peaks_two_cells_apart_are_one_where_bumps_are_wide(self, bump):
        both = np.maximum(*(bump((x, 12), (CELLS, CELLS), (2, 2)) for x in (11, 13)))
        ((points, _),) = decode_all(both[None, None], 2.0, 1, threshold=0.2)
        assert points == pytest.approx(np.array([(12, 12)]), abs=0.1)

    @pytest.mark.parametrize("sigma", [1.0, 1.5, 2.0, 4.0])
    @pytest.mark.parametrize("distance, pull", [(3, 0.5), (4, 0.1), (5, 0.01)])
    def test_animals_from_three_sigma_apart_are_two_drawn_together_the_less_the_farther(
        self, bump, sigma, distance, pull
    ):
        left, right = (10.3, 15), (10.3 + sigma * distance, 15)
        both = np.maximum(*(bump(at, (30, 40), (sigma, sigma)) for at in (left, right)))
        ((found, _),) = decode_all(both[None, None], sigma, 1, threshold=0.2)
        assert sorted(found[:, 0]) == pytest.approx([left[0], right[0]], abs=pull * sigma)


class TestWhereMapsAre:
    def test_numpy_maps_and_tensors_give_the_same(self):
        maps = torch.rand(2, 3, 20, 24, generator=torch.Generator().manual_seed(1))
        for ours, theirs in zip(decode_best(maps, 2.0, 2, 0.5), decode_best(maps.numpy(), 2.0, 2, 0.5), strict=True):
            np.testing.assert_array_equal(ours, theirs)
        for ours, theirs in zip(decode_all(maps[:, :1], 2.0, 2, 0.5), decode_all(maps[:, :1].numpy(), 2.0, 2, 0.5),
                                strict=True):
            assert len(ours[0]) > 0
            np.testing.assert_array_equal(ours[0], theirs[0])
            np.testing.assert_array_equal(ours[1], theirs[1])

    def test_bfloat16_tensors_are_decoded(self):
        maps = encode(torch.tensor([[[5.0, 6.0]]]), (12, 12), 2.0, 1).bfloat16()
        assert decode_best(maps, 2.0, 1, 0.2)[0][0, 0] == pytest.approx([5, 6], abs=0.01)
        assert decode_all(maps, 2.0, 1, 0.2)[0][0][0] == pytest.approx([5, 6], abs=0.01)

    def test_numpy_maps_need_no_torch(self):
        code = """
import sys, numpy as np
from gambol.nn.codecs.confidence_maps import decode_all, decode_best
maps = np.zeros((1, 1, 9, 9)); maps[0, 0, 4, 4] = 1
assert len(decode_all(maps, 1.0, 1, 0.2)[0][0]) == 1 and decode_best(maps, 1.0, 1, 0.2)[1] == 1
assert "torch" not in sys.modules
"""
        subprocess.run([sys.executable, "-c", code], check=True)
