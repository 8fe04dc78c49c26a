import numpy as np
import pytest

from gambol.video.index import FrameIndex


@pytest.fixture
def two_groups() -> FrameIndex:
    """Seven frames in two groups; those at 40 and 50 are stored after the second keyframe, and shown before it.

    shown   10  20  30 | 40  50  60* 70
    stored   0*  2   1    4   5   3*  6
    """
    return FrameIndex(names=np.array([10, 20, 30, 40, 50, 60, 70]), packets=np.array([0, 2, 1, 4, 5, 3, 6]),
                      keyframes=np.array([0, 5]), seeks=np.array([10, 60]))


class TestFrameIndex:
    @pytest.mark.parametrize("name", [None, 15, -1, 99])
    def test_a_name_of_no_frame_has_no_position(self, two_groups, name):
        assert two_groups.position(name) is None

    def test_names_need_not_ascend(self):
        index = FrameIndex(np.array([1, 3, 2]), np.array([1, 3, 2]), np.array([0]), np.array([0]))
        assert [index.position(name) for name in (1, 3, 2)] == [0, 1, 2]

    def test_a_frame_belongs_to_the_last_keyframe_that_is_shown_no_later(self, two_groups):
        assert [two_groups.group(frame) for frame in range(7)] == [0, 0, 0, 0, 0, 1, 1]
        assert [two_groups.members(group) for group in (-1, 0, 1)] == [range(0), range(5), range(5, 7)]

    def test_frames_before_the_first_keyframe_belong_to_the_files_start(self):
        index = FrameIndex(np.arange(4), np.arange(4), np.array([2]), np.array([2]))
        assert [index.group(frame) for frame in range(4)] == [-1, -1, 0, 0]
        assert index.members(-1) == range(2)
