from dataclasses import replace

import numpy as np
import pytest

from gambol.drawing.strokes import Colour
from gambol.drawing.style import Style
from gambol.drawing.trails import Trails, middle_node
from gambol.geometry.affine import Affine
from gambol.labels.columns import PREDICTED, Columns
from gambol.labels.convert import from_poses
from gambol.poses import Poses
from gambol.video.source import VideoSource


def walk(stick, tmp_path, frames, tracks=(0, 1)) -> Columns:
    """Two sticks walk to the right, 5 px a frame, one above the other; heads lead, tails follow.

       0     50     100
    0  .  .  .  .  .  .
    20 t-h ->              track 0
    40 t-h ->              track 1
    """
    entries = []
    for frame in frames:
        x = 10.0 + 5 * frame
        poses = Poses.of(np.array([[[x, y], [x - 8, y]] for y in (20.0, 40.0)]))
        entries.append((0, frame, replace(poses, tracks=np.array(tracks))))
    return from_poses(stick, [VideoSource(tmp_path / "walk.mp4")], entries, PREDICTED)


def drawn(columns: Columns, frame: int, **style) -> np.ndarray:
    canvas = np.zeros((60, 120, 3), np.uint8)
    own = Style(**{"trail": 10, "line": 2, "node": 2, "trail_node": "head"} | style)
    Trails(columns, 0, np.ones(len(columns.kinds), bool), own).draw(canvas, frame, Affine.identity())
    return canvas


def hue(pixel: np.ndarray) -> Colour:
    return tuple((pixel / pixel.max()).round(1).tolist())


class TestTrails:
    def test_lead_from_the_past_to_the_present_and_fade_with_age(self, stick, tmp_path):
        picture = drawn(walk(stick, tmp_path, range(20)), frame=15).max(-1).astype(int)
        along = picture[20, 36:86:10]  # x = 10 + 5 * frame; the trail begins at frame 5
        assert (np.diff(along) > 0).all() and along[-1] > 180 and along[0] < 80
        assert not picture[:, :29].any() and not picture[:, 91:].any()
        assert not picture[26:34].any()

    def test_have_the_colours_of_their_tracks_in_every_frame(self, stick, tmp_path):
        columns = walk(stick, tmp_path, range(20))
        early, late = (drawn(columns, frame) for frame in (8, 15))
        assert hue(early[20, 48]) == hue(late[20, 83]) != hue(late[40, 83])

    def test_are_as_long_as_asked_for(self, stick, tmp_path):
        columns = walk(stick, tmp_path, range(20))
        lengths = [(drawn(columns, 15, trail=trail).max(-1)[20] > 0).sum() for trail in (0, 4, 8)]
        assert lengths[0] == 0
        assert lengths[1] == pytest.approx(20, abs=9) and lengths[2] - lengths[1] == pytest.approx(20, abs=2)

    def test_may_follow_another_node(self, stick, tmp_path):
        picture = drawn(walk(stick, tmp_path, range(20)), 15, trail_node="tail").max(-1)
        assert picture[20, 76] > 0 and not picture[20, 82:].any()

    def test_short_gaps_are_drawn_across_and_long_ones_are_not(self, stick, tmp_path):
        for gap, joined in ((3, True), (5, False)):
            columns = walk(stick, tmp_path, [*range(6), *range(6 + gap, 20)])
            picture = drawn(columns, 14, trail=14).max(-1)
            assert bool(picture[20, 45]) == joined
            assert picture[20, 80] and picture[20, 25]

    def test_without_tracks_there_are_none(self, stick, tmp_path):
        assert not drawn(walk(stick, tmp_path, range(20), tracks=(-1, -1)), 15).any()
        assert not drawn(walk(stick, tmp_path, []), 15).any()

    def test_animals_that_are_not_drawn_leave_none(self, stick, tmp_path):
        columns = walk(stick, tmp_path, range(20))
        canvas = np.zeros((60, 120, 3), np.uint8)
        style = Style(trail=9).fitted(columns.points)
        Trails(columns, 0, columns.track == 1, style).draw(canvas, 15, Affine.identity())
        assert not canvas[:30].any() and canvas[30:].any()

    def test_another_video_has_others(self, stick, tmp_path):
        columns = walk(stick, tmp_path, range(20))
        assert not Trails(columns, 1, np.ones(len(columns.kinds), bool), Style(trail=9, line=2)).paths

    def test_what_leaves_the_picture_does_no_harm(self, stick, tmp_path):
        assert drawn(walk(stick, tmp_path, range(60)), 21).any()
        assert not drawn(walk(stick, tmp_path, range(60)), 59).any()


class TestMiddleNode:
    def test_is_the_one_nearest_to_the_middle_of_those_that_are_seen_most(self):
        rng = np.random.default_rng(0)
        points = np.array([[0.0, 0], [10, 0], [20, 0], [11, 1]]) + rng.normal(0, 0.1, (50, 4, 2))
        assert middle_node(points) == 1
        points[::3, 1] = np.nan
        assert middle_node(points) == 3

    def test_is_the_first_where_nothing_is_seen(self):
        assert middle_node(np.full((3, 4, 2), np.nan)) == 0
        assert middle_node(np.empty((0, 4, 2))) == 0
