"""Columns: the same labels, whatever order they came in and whatever was taken from them."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gambol.labels.columns import (
    PREDICTED,
    USER,
    arrange,
    empty_columns,
    empty_rows,
    joined,
)
from gambol.labels.skeleton import Skeleton


class TestLookingUp:
    def test_rows_of_a_frame_are_its_animals(self, beetles):
        assert beetles.rows(0, 7) == slice(2, 5)
        assert beetles.rows(1, 4) == slice(6, 7)

    def test_an_empty_frame_has_no_rows_but_is_there(self, beetles):
        assert beetles.rows(0, 9) == slice(5, 5)
        assert beetles.position(0, 9) == 2

    def test_a_frame_that_nobody_labelled_has_no_rows(self, beetles):
        assert beetles.rows(1, 3) == slice(0, 0)
        assert beetles.position(1, 3) is None

    def test_frame_at_undoes_position(self, beetles):
        assert [beetles.position(*beetles.frame_at(place)) for place in range(len(beetles))] == [0, 1, 2, 3, 4]

    def test_hidden_nodes_are_no_visible_points(self, beetles):
        assert np.isnan(beetles.visible_points[0, 2]).all()
        assert np.isfinite(beetles.visible_points[0, :2]).all()

    def test_an_empty_project_has_neither_frames_nor_rows(self, beetles):
        empty = empty_columns(beetles.skeleton, beetles.videos)
        assert (len(empty), len(empty.kinds), empty.rows(0, 0)) == (0, 0, slice(0, 0))


class TestSelecting:
    def test_frames_bring_their_animals_along(self, beetles):
        chosen = beetles.select_frames([4, 0])
        assert [chosen.frame_at(place) for place in range(2)] == [(0, 3), (1, 4)]
        np.testing.assert_array_equal(chosen.points[:, 0, 0], [0, 10, 60])

    def test_links_follow_their_rows(self, beetles):
        chosen = beetles.select_frames(np.array([False, True, True, False, False]))
        assert chosen.from_predicted.tolist() == [-1, -1, 0]

    def test_a_link_to_a_row_that_is_gone_is_none(self, beetles):
        user = beetles.only(USER)
        assert user.from_predicted.tolist() == [-1, -1, -1, -1]

    def test_seen_are_all_but_predictions_that_a_person_corrected(self, beetles):
        assert beetles.seen().tolist() == [True, True, False, True, True, True, True]
        assert beetles.seen(USER).tolist() == [True, True, False, False, True, True, False]
        assert beetles.seen(PREDICTED).sum() == 3

    def test_one_kind_keeps_every_frame(self, beetles):
        predicted = beetles.only(PREDICTED)
        assert len(predicted) == len(beetles)
        assert (predicted.rows(0, 3), predicted.rows(0, 7)) == (slice(0, 0), slice(0, 2))

    def test_selecting_everything_changes_nothing(self, beetles, assert_same):
        assert_same(beetles.select_frames(np.arange(5)), beetles)

    def test_no_position_at_all_gives_an_empty_project(self, beetles):
        assert len(beetles.select_frames([])) == 0


class TestArranging:
    @given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 30)), max_size=40), st.randoms())
    def test_rows_find_their_frames_in_any_order(self, keys, random):
        """Each row carries its frame in its first point; however frames come, that is where it ends up."""
        columns, row_frame = scattered(keys, random)
        sorted_columns = arrange(columns, row_frame)
        order = list(zip(sorted_columns.frame_video, sorted_columns.frame_index, strict=True))
        assert order == sorted(set(keys))
        for video, frame in order:
            rows = sorted_columns.rows(int(video), int(frame))
            assert (sorted_columns.points[rows, 0] == (video, frame)).all()
        assert len(sorted_columns.kinds) == len(row_frame)

    def test_a_frame_that_stands_there_twice_becomes_one(self, beetles):
        twice = joined([beetles, beetles])
        assert len(twice) == len(beetles)
        assert twice.rows(0, 7) == slice(4, 10)
        assert twice.from_predicted[4:10].tolist() == [-1, -1, 4, -1, -1, 7]

    def test_joining_what_was_taken_apart_gives_the_whole(self, beetles, assert_same):
        parts = [beetles.select_frames([place]) for place in (3, 1, 0, 4, 2)]
        assert_same(joined(parts), beetles)

    def test_joining_nothing_is_an_error(self):
        with pytest.raises(ValueError, match="nothing"):
            joined([])


def scattered(keys, random):
    frames = [place for place in range(len(keys)) for _ in range(random.randint(0, 3))]
    random.shuffle(frames)
    rows = empty_rows(1, len(frames))
    pairs = np.array(keys, np.int64).reshape(-1, 2)
    rows["points"][:, 0] = pairs[frames]
    columns = replace(
        empty_columns(Skeleton(("nose",)), []), frame_video=pairs[:, 0], frame_index=pairs[:, 1],
        negative=np.zeros(len(keys), bool), **rows)
    return columns, np.array(frames, np.int64)
