from dataclasses import replace

import numpy as np
import pytest

from gambol.drawing.skeletons import draw
from gambol.drawing.style import Style
from gambol.labels.skeleton import Skeleton
from gambol.poses import Poses


def centre_of_light(canvas: np.ndarray) -> np.ndarray:
    rows, columns = np.mgrid[: canvas.shape[0], : canvas.shape[1]]
    weight = canvas[..., 0].astype(float)
    return np.array([(weight * columns).sum(), (weight * rows).sum()]) / weight.sum()


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

    def test_nothing_but_the_plain_ground_is_left_of_the_image_if_that_is_asked_for(self, two_sticks, stick):
        image = np.random.default_rng(0).integers(60, 200, (60, 80, 1), dtype=np.uint8)
        for ground, shade in (("black", 16), ("white", 255)):
            picture = draw(image, two_sticks, stick, Style(ground=ground))
            assert (picture[45:] == shade).all() and (picture[12, 20] != shade).any()

    def test_opacity_lets_the_image_through(self, grey, two_sticks, stick):
        full, half = (draw(grey, two_sticks, stick, Style(opacity=opacity)) for opacity in (1, 0.5))
        assert half == pytest.approx(full / 2, abs=1)

    def test_writes_names_and_scores_if_asked(self, grey, two_sticks, stick):
        tracked = replace(two_sticks, tracks=np.array([0, 1]))
        plain = draw(grey, tracked, stick)
        for style in (Style(names=True), Style(scores=True)):
            assert (draw(grey, tracked, stick, style, ["left", "right"]) != plain).any()
        assert (draw(grey, two_sticks, stick, Style(names=True)) == plain).mean() > 0.9  # no track, no name

    def test_names_give_way_to_each_other(self, stick):
        image, near = np.zeros((100, 200, 1), np.uint8), np.array([[[80.0, 60.0], [120, 60]]] * 2)
        poses = replace(Poses.of(near), tracks=np.array([0, 1]))
        style = Style(names=True, line=0, node=0)
        one, both = (draw(image, some, stick, style, ["ab", "ab"]) for some in (poses.select(np.array([0])), poses))
        lit = [(picture.max(-1) > 150).any(1).sum() for picture in (one, both)]
        assert lit[1] == 2 * lit[0] > 8  # rows of pixels: the second name stands above the first

    def test_an_empty_frame_is_only_coloured(self, grey, two_sticks, stick):
        image = grey + 7
        assert (draw(image, two_sticks.select(np.arange(0)), stick) == 7).all()


class TestNodeNames:
    @pytest.fixture
    def star(self):
        """A node in the middle and eight about it, 60 px away, on an image of 300 x 300 px."""
        turn = np.arange(8) * np.pi / 4
        points = np.concatenate([[[0, 0]], 60 * np.stack([np.cos(turn), np.sin(turn)], 1)]) + 150
        names = tuple(f"node{number}" for number in range(9))
        return Skeleton(names, tuple((0, other) for other in range(1, 9))), Poses.of(points[None])

    def test_stand_outwards_and_leave_the_nodes_visible(self, star):
        image, (skeleton, poses) = np.zeros((300, 300, 1), np.uint8), star
        plain, named = (draw(image, poses, skeleton, Style(labels=labels)).astype(int) for labels in (False, True))
        changed = (plain != named).any(-1)
        for x, y in poses.points[0].round().astype(int):
            assert not changed[y - 1 : y + 2, x - 1 : x + 2].any()
        assert changed[140:160, 215:].any() and changed[140:160, :85].any()

    def test_stay_on_the_picture(self, star):
        skeleton, poses = star
        corner = poses.with_points(poses.points - 85)
        picture = draw(np.zeros((135, 135, 1), np.uint8), corner, skeleton, Style(labels=True, node=0, line=0))
        bright = picture.max(-1) > 100
        assert bright.any() and not bright[:, :1].any() and not bright[:, -1:].any()

    def test_what_is_not_visible_has_no_name(self, star):
        skeleton, poses = star
        nothing = poses.with_points(np.full_like(poses.points, np.nan))
        assert not draw(np.zeros((99, 99, 1), np.uint8), nothing, skeleton, Style(labels=True)).any()
