"""Columns that read rows when they are needed: the same answers, and only what was asked for is read."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gambol.labels import lazy_columns
from gambol.labels.columns import ROW_FIELDS, Columns
from gambol.labels.convert import poses
from gambol.labels.lazy_columns import POINT_FIELDS, LazyColumns


@pytest.fixture
def reads() -> list[tuple[int, int, bool]]:
    """What was read: from row, to row, points too."""
    return []


@pytest.fixture
def lazy(beetles, reads, monkeypatch) -> LazyColumns:
    """The beetles, their seven animals read two at a time."""
    monkeypatch.setattr(lazy_columns, "BLOCK", 2)

    def read(rows, points):
        reads.append((rows.start, rows.stop, points))
        names = ROW_FIELDS if points else [name for name in ROW_FIELDS if name not in POINT_FIELDS]
        return {name: getattr(beetles, name)[rows].copy() for name in names}

    frames = {name: value for name, value in vars(beetles).items() if name not in ROW_FIELDS}
    return LazyColumns.over(read, **frames)


def same(one: Columns, other: Columns) -> None:
    for name in (*ROW_FIELDS, "frame_video", "frame_index", "row_start"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)


class TestAskingForAFew:
    def test_frames_are_known_without_reading(self, lazy, beetles, reads):
        assert [lazy.frame_at(place) for place in range(len(lazy))] == [
            beetles.frame_at(place) for place in range(len(beetles))]
        assert lazy.rows(0, 7) == beetles.rows(0, 7)
        assert reads == []

    def test_the_poses_of_a_frame_read_their_surroundings(self, lazy, beetles, reads):
        for place in range(len(beetles)):
            mine, theirs = poses(lazy, *beetles.frame_at(place)), poses(beetles, *beetles.frame_at(place))
            np.testing.assert_array_equal(mine.points, theirs.points)
            np.testing.assert_array_equal(mine.tracks, theirs.tracks)
        assert reads == [(0, 2, True), (2, 4, True), (4, 6, True), (6, 7, True)]

    @pytest.mark.parametrize("frames", [[0], [4, 0], [1, 2], [], [0, 1, 2, 3, 4]])
    def test_some_frames_are_as_they_would_have_been(self, lazy, beetles, frames):
        same(lazy.select_frames(frames), beetles.select_frames(frames))

    def test_what_is_selected_is_in_memory(self, lazy, reads):
        chosen = lazy.select_frames([0])
        before = list(reads)
        assert len(chosen.points) == len(chosen.kinds)
        assert reads == before


class TestAskingForAll:
    def test_an_array_by_its_name_is_read_once(self, lazy, beetles, reads):
        for _ in range(2):
            np.testing.assert_array_equal(lazy.points, beetles.points)
        assert reads == [(0, 7, True)]

    def test_what_concerns_no_points_reads_none(self, lazy, beetles, reads):
        np.testing.assert_array_equal(lazy.kinds, beetles.kinds)
        np.testing.assert_array_equal(lazy.track, beetles.track)
        assert reads == [(0, 7, False)]

    @pytest.mark.parametrize("before", ["kinds", "points", None])
    def test_an_edit_stays(self, lazy, before):
        if before:
            getattr(lazy, before)
        lazy.track[3] = 9
        lazy.points[3, 0] = (1.0, 2.0)
        assert (lazy.track[3], lazy.kinds.size, lazy.points.shape[0]) == (9, 7, 7)
        taken = lazy.take(np.array([3, 0]))
        assert taken["track"][0] == 9
        assert taken["points"][0, 0].tolist() == [1.0, 2.0]

    def test_other_names_are_no_attributes(self, lazy):
        with pytest.raises(AttributeError, match="wings"):
            _ = lazy.wings


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(st.integers(0, 6)))
def test_any_rows_in_any_order_are_those_of_the_whole(lazy, beetles, rows):
    numbers = np.array(rows, np.int64)
    mine, theirs = lazy.take(numbers), beetles.take(numbers)
    for name in ROW_FIELDS:
        np.testing.assert_array_equal(mine[name], theirs[name], err_msg=name)
        assert mine[name].dtype == theirs[name].dtype
