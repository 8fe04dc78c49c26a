"""Projects and videos that the tests of this room read and write."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from gambol.labels.columns import FRAME_FIELDS, PREDICTED, ROW_FIELDS, USER, Columns, arrange, empty_rows
from gambol.labels.skeleton import Skeleton
from gambol.video.source import VideoSource


@pytest.fixture
def crickets(tmp_path) -> Columns:
    """A project in which everything occurs that a project may hold; its two image lists are beside it.

    hop/0..7.png    frame 0   a user instance    a prediction
                    frame 2   a user instance made from the prediction beside it, in the track "Jiminy"
                    frame 5   nothing, marked as empty
    sing/0..7.png   frame 1   a prediction with one node hidden
    suggested: frames 3 (group 2) and 4 of hop, 6 of sing
    """
    rows = empty_rows(3, 5)
    rows["points"] = np.random.default_rng(0).uniform(0, 40, (5, 3, 2))
    rows["visible"][:] = True
    rows["visible"][4, 1] = False
    rows["points"][4, 1] = np.nan
    rows["complete"][0] = True
    rows["kinds"] = np.array([USER, PREDICTED, PREDICTED, USER, PREDICTED], np.uint8)
    rows["point_scores"] = np.where(rows["kinds"][:, None] == PREDICTED, rows["points"][..., 0] / 64, np.nan)
    rows["scores"] = np.array([0, 0.5, 0.25, 0, 0.75])
    rows["tracking_scores"] = np.array([0, 0.125, 1.5, 0, 0])
    rows["track"], rows["from_predicted"] = np.array([-1, -1, 1, 1, 0]), np.array([-1, -1, -1, 2, -1])
    videos = [image_list(tmp_path / folder, shade) for folder, shade in (("hop", 0), ("sing", 100))]
    columns = Columns(
        Skeleton(("head", "left leg", "right leg"), ((0, 1), (0, 2)), ((1, 2),), "cricket"), videos,
        ["Buddy", "Jiminy"], np.array([0, 0, 0, 1]), np.array([0, 2, 5, 1]), np.zeros(5, int), **rows,
        negative=np.array([False, False, True, False]), suggestions=[(0, 3), (0, 4), (1, 6)],
        suggestion_groups={(0, 3): 2}, provenance={"model": "crickets", "options": {"peak": 0.2}})
    return arrange(columns, np.array([0, 0, 1, 1, 3]))


def image_list(folder: Path, shade: int) -> VideoSource:
    """Eight grey images, 40 x 48 px, each of its own shade."""
    folder.mkdir()
    images = tuple(folder / f"{number}.png" for number in range(8))
    for number, image in enumerate(images):
        cv2.imwrite(str(image), np.full((40, 48), shade + 10 * number, np.uint8))
    return VideoSource(images[0], images=images, shape=(8, 40, 48, 1))


@pytest.fixture
def same_labels() -> Callable[[Columns, Columns], None]:
    """Fails unless two projects hold the same labels, wherever their videos are; NaN equals NaN."""
    def check(one: Columns, other: Columns) -> None:
        for name in ("skeleton", "tracks", "suggestions", "suggestion_groups"):
            assert getattr(one, name) == getattr(other, name), name
        for name in (*ROW_FIELDS, *FRAME_FIELDS, "row_start"):
            np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)
    return check


@pytest.fixture
def jumbled() -> Callable[[Columns], Columns]:
    """Frames in another order than Columns promise, as programs also write them."""
    def jumble(columns: Columns) -> Columns:
        order = np.arange(len(columns))[::-1]
        parts = [columns.select_frames([place]) for place in order]
        moved = replace(columns, frame_video=columns.frame_video[order], frame_index=columns.frame_index[order],
                        negative=columns.negative[order],
                        row_start=np.cumsum([0, *(len(part.kinds) for part in parts)]))
        before = np.repeat([0, *np.cumsum([len(part.kinds) for part in parts])[:-1]], [len(p.kinds) for p in parts])
        rows = {name: np.concatenate([getattr(part, name) for part in parts]) for name in ROW_FIELDS}
        rows["from_predicted"] = np.where(rows["from_predicted"] < 0, -1, rows["from_predicted"] + before)
        return replace(moved, **rows)
    return jumble
