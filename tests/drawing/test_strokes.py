import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gambol.drawing.strokes import disc, line, ring

WHITE = (255, 255, 255)


def centre_of_light(canvas: np.ndarray) -> np.ndarray:
    rows, columns = np.mgrid[: canvas.shape[0], : canvas.shape[1]]
    weight = canvas[..., 0].astype(float)
    return np.array([(weight * columns).sum(), (weight * rows).sum()]) / weight.sum()


class TestDisc:
    @given(st.floats(10, 30), st.floats(10, 30), st.floats(1.2, 7))
    def test_lies_where_it_should_and_is_as_large_as_it_should_be(self, x, y, radius):
        canvas = np.zeros((41, 41, 3), np.uint8)
        disc(canvas, np.array([x, y]), radius, WHITE)
        assert np.abs(centre_of_light(canvas) - (x, y)).max() < 0.1
        assert canvas[..., 0].sum() / 255 == pytest.approx(np.pi * radius**2, rel=0.1, abs=1.5)

    @pytest.mark.parametrize("centre", [(-50, 5), (200, 5), (5, -50), (0, 0), (19.5, 19.5), (1e9, -1e9)])
    def test_may_lie_across_the_edge_or_outside(self, centre):
        canvas = np.zeros((20, 20, 3), np.uint8)
        disc(canvas, np.array(centre, float), 3, WHITE)
        assert canvas.any() == (min(centre) >= 0 and max(centre) < 20)


class TestRing:
    @given(st.floats(10, 30), st.floats(10, 30), st.floats(3, 7), st.floats(1, 3))
    def test_lies_about_its_centre_and_is_open_there(self, x, y, radius, width):
        canvas = np.zeros((41, 41, 3), np.uint8)
        ring(canvas, np.array([x, y]), radius, WHITE, width)
        assert np.abs(centre_of_light(canvas) - (x, y)).max() < 0.1
        assert canvas[..., 0].sum() / 255 == pytest.approx(2 * np.pi * radius * width, rel=0.1)
        assert not canvas[round(y), round(x)].any()

    def test_may_lie_outside(self):
        canvas = np.zeros((20, 20, 3), np.uint8)
        ring(canvas, np.array([-40.0, 9.0]), 3, WHITE, 1.2)
        assert not canvas.any()


class TestLine:
    @given(st.floats(5, 35), st.floats(5, 35), st.floats(5, 35), st.floats(2, 5))
    @settings(deadline=None)
    def test_lies_between_its_ends(self, x, y, across, width):
        canvas = np.zeros((41, 41, 3), np.uint8)
        two = np.array([[x, y], [across, 40 - y if abs(y - 20) > 3 else 35]])
        line(canvas, two, WHITE, width)
        length = np.linalg.norm(two[1] - two[0])
        along, off = (two[1] - two[0]) / length, centre_of_light(canvas) - two.mean(0)
        assert abs(along[0] * off[1] - along[1] * off[0]) < 0.1  # aside
        assert np.hypot(*off) < 0.3
        assert canvas[..., 0].sum() / 255 == pytest.approx((length + 1.2) * width, rel=0.15, abs=1.5)

    def test_a_line_of_no_length_is_a_dot(self):
        canvas = np.zeros((20, 20, 3), np.uint8)
        line(canvas, np.array([[9.0, 9.0], [9.0, 9.0]]), WHITE, 4)
        assert 9 < (canvas[..., 0] > 128).sum() < 18

    def test_masks_can_be_drawn_on_as_well(self):
        mask = np.zeros((20, 20), np.uint8)
        line(mask, np.array([[2.0, 9.0], [17.0, 9.0]]), WHITE, 3)
        assert mask[9, 10] == 255 and mask[14, 10] == 0
