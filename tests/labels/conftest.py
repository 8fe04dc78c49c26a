"""Small projects that the tests of this room look at."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from gambol.labels.columns import FRAME_FIELDS, PREDICTED, ROW_FIELDS, USER, Columns, arrange, empty_rows
from gambol.labels.skeleton import Skeleton
from gambol.video.source import VideoSource

BEETLE = Skeleton(("nose", "left", "right"), edges=((0, 1), (0, 2)), symmetries=((1, 2),), name="beetle")


@pytest.fixture
def beetles() -> Columns:
    """Two beetles, A and B, in two videos; rows are numbered from 0 in the order shown.

    walk.mp4  frame 3   0 A user, its right wing hidden    1 B user
              frame 7   2 A predicted                      3 B predicted    4 A user, made from row 2
              frame 9   nothing, marked as empty
    rest.mp4  frame 0   5 A user, nothing of it visible
              frame 4   6 B predicted
    """
    frames = [(0, 3), (0, 7), (0, 9), (1, 0), (1, 4)]
    rows = empty_rows(3, 7)
    rows["points"] = 10.0 * np.arange(7)[:, None, None] + np.array([[0, 0], [1, 3], [1, -3]])
    rows["visible"][:] = True
    rows["visible"][0, 2] = rows["visible"][5] = False
    rows["kinds"] = np.array([USER, USER, PREDICTED, PREDICTED, USER, USER, PREDICTED], np.uint8)
    rows["point_scores"][rows["kinds"] == PREDICTED] = 0.5
    rows["scores"][rows["kinds"] == PREDICTED] = 0.9
    rows["track"] = np.array([0, 1, 0, 1, 0, 0, 1])
    rows["from_predicted"][4] = 2
    video, frame = np.array(frames).T
    columns = Columns(
        BEETLE, [VideoSource(Path("walk.mp4")), VideoSource(Path("rest.mp4"))], ["A", "B"], video, frame,
        np.zeros(6, int), **rows, negative=np.array([False, False, True, False, False]), suggestions=[(0, 20)])
    return arrange(columns, np.array([0, 0, 1, 1, 1, 3, 4]))


@pytest.fixture
def long_watch() -> Columns:
    """Two videos, one animal in each of 90 frames: three stretches of 30 neighbouring frames.

    one.mp4   |######......................######|     frames 0-29 and 500-529
    two.mp4   |######                            |     frames 0-29
    """
    rows = empty_rows(3, 90)
    rows["points"][:], rows["visible"][:], rows["kinds"][:] = 5.0, True, USER
    frame = np.concatenate([np.arange(30), 500 + np.arange(30), np.arange(30)])
    video = np.repeat([0, 0, 1], 30)
    columns = Columns(
        BEETLE, [VideoSource(Path("one.mp4")), VideoSource(Path("two.mp4"))], [], video, frame, np.zeros(91, int),
        **rows, negative=np.zeros(90, bool))
    return arrange(columns, np.arange(90))


@pytest.fixture
def assert_same() -> Callable[[Columns, Columns], None]:
    """Fails unless two projects hold the same labels; NaN equals NaN."""
    def check(one: Columns, other: Columns) -> None:
        assert (one.skeleton, one.tracks, one.suggestions) == (other.skeleton, other.tracks, other.suggestions)
        for name in (*ROW_FIELDS, *FRAME_FIELDS, "row_start"):
            np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)
    return check
