from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gambol.drawing.skeletons import Style, disc, draw, line, text, text_width

WHITE = (255, 255, 255)


def centre_of_light(canvas: np.ndarray) -> np.ndarray:
    rows, columns = np.mgrid[: canvas.shape[0], : canvas.shape[1]]
    weight = canvas[..., 0].astype(float)
    return np.array([(weight * columns).sum(), (weight * rows).sum()]) / weight.sum()


class TestDisc:
    @given(st.floats(10, 30), st.floats(10, 30), st.floats(1, 7), st.sampled_from([None, 1.2, 3.0]))
    def test_lies_where_it_should_and_is_as_large_as_it_should_be(self, x, y, radius, width):
        canvas = np.zeros((41, 41, 3), np.uint8)
        disc(canvas, np.array([x, y]), radius, WHITE, width)
        assert np.abs(centre_of_light(canvas) - (x, y)).max() < 0.1
        if width is None:
            assert canvas[..., 0].sum() / 255 == pytest.approx(np.pi * radius**2, rel=0.1, abs=0.4)

    @pytest.mark.parametrize("centre", [(-50, 5), (200, 5), (5, -50), (0, 0), (19.5, 19.5)])
    def test_may_lie_across_the_edge_or_outside(self, centre):
        canvas = np.zeros((20, 20, 3), np.uint8)
        disc(canvas, np.array(centre, float), 3, WHITE)
        assert canvas.any() == (min(centre) >= 0 and max(centre) < 20)


class TestLine:
    @given(st.floats(5, 35), st.floats(5, 35), st.floats(5, 35), st.floats(1, 4))
    def test_lies_between_its_ends(self, x, y, across, width):
        canvas = np.zeros((41, 41, 3), np.uint8)
        two = np.array([[x, y], [across, 40 - y if abs(y - 20) > 3 else 35]])
        line(canvas, two, WHITE, width)
        length = np.linalg.norm(two[1] - two[0])
        along, off = (two[1] - two[0]) / length, centre_of_light(canvas) - two.mean(0)
        assert abs(along[0] * off[1] - along[1] * off[0]) < 0.1  # aside
        assert np.hypot(*off) < 0.3 + 0.03 * length
        area = length * width + np.pi * (width / 2) ** 2
        assert canvas[..., 0].sum() / 255 == pytest.approx(area, rel=0.15, abs=1.5)


class TestDraw:
    def test_draws_nodes_and_edges_at_their_places_and_leaves_the_image_alone(self, grey, two_sticks, stick):
        picture = draw(grey, two_sticks, stick)
        assert picture.shape == (60, 80, 3) and not grey.any()
        assert picture[12, 20].max() > 150  # the edge
        assert picture[31, 55].max() > 200 and picture[31, 56].max() > 200  # a node half way between two pixels
        assert not picture[45:].any()

    @pytest.mark.parametrize("factor", [0.5, 1, 2, 3.3])
    def test_points_keep_to_the_image_when_it_is_enlarged(self, stick, two_sticks, factor):
        bright = np.zeros((60, 80, 1), np.uint8)
        bright[20:25, 30:35] = 255
        enlarged = draw(bright, two_sticks.select(np.arange(0)), stick, Style(enlarge=factor))
        point = (centre_of_light(enlarged) + 0.5) / factor - 0.5
        assert point == pytest.approx([32, 22], abs=0.3 / factor)
        only = two_sticks.with_points(np.array([[[32.0, 22.0], [np.nan] * 2]] * 2))
        dotted = draw(np.zeros_like(bright), only, stick, Style(enlarge=factor))
        assert centre_of_light(dotted) == pytest.approx(centre_of_light(enlarged), abs=0.3)

    def test_colours_follow_the_tracks_from_frame_to_frame(self, grey, two_sticks, stick):
        tracked = replace(two_sticks, tracks=np.array([1, 0]))
        swapped = tracked.select(np.array([1, 0]))
        assert (draw(grey, tracked, stick) == draw(grey, swapped, stick)).all()
        assert (draw(grey, two_sticks, stick) != draw(grey, tracked, stick)).any()

    def test_colours_can_tell_nodes_apart_instead(self, grey, two_sticks, stick):
        picture = draw(grey, two_sticks, stick, Style(colour_by="node"))
        assert (picture[13, 10] == picture[31, 55]).all()  # both heads
        assert (picture[13, 10] != picture[12, 31]).any()

    def test_rings_show_what_is_inside_them(self, two_sticks, stick):
        image = np.full((60, 80, 1), 90, np.uint8)
        picture = draw(image, two_sticks, stick, Style(hollow=True, line=0, node=5))
        assert (picture[31, 55] == 90).all() and (picture[31, 60] != 90).any()

    def test_opacity_lets_the_image_through(self, grey, two_sticks, stick):
        full, half = (draw(grey, two_sticks, stick, Style(opacity=opacity)) for opacity in (1, 0.5))
        assert half == pytest.approx(full / 2, abs=1)

    def test_writes_names_and_scores_if_asked(self, grey, two_sticks, stick):
        tracked = replace(two_sticks, tracks=np.array([0, 1]))
        plain = draw(grey, tracked, stick)
        for style in (Style(names=True), Style(scores=True)):
            assert (draw(grey, tracked, stick, style, ["left", "right"]) != plain).any()
        assert (draw(grey, two_sticks, stick, Style(names=True)) == plain).mean() > 0.9  # no track, no name

    def test_an_empty_frame_is_only_coloured(self, grey, two_sticks, stick):
        image = grey + 7
        assert (draw(image, two_sticks.select(np.arange(0)), stick) == 7).all()


class TestText:
    def test_is_as_wide_as_it_says(self):
        canvas = np.zeros((40, 300, 3), np.uint8)
        text(canvas, "mouse 0.93", (10, 25), WHITE)
        columns = np.flatnonzero(canvas.max((0, 2)) > 100)
        assert np.ptp(columns) == pytest.approx(text_width("mouse 0.93"), abs=6)
