import numpy as np
import pytest

from gambol.video.reader import open_video
from gambol.video.track import Track

from .conftest import FRAMES


@pytest.fixture
def seeks(monkeypatch):
    """The keyframes that decoders go to, in order."""
    gone_to, stand_at = [], Track.stand_at
    monkeypatch.setattr(Track, "stand_at", lambda self, keyframe: gone_to.append(keyframe) or stand_at(self, keyframe))
    return gone_to


class TestStreaming:
    def test_consecutive_frames_are_decoded_without_a_seek(self, b_frames, seeks):
        with open_video(b_frames) as reader:
            list(reader.stream(range(FRAMES), 1))
        assert seeks == []

    def test_a_later_frame_of_the_same_group_needs_no_seek_and_one_of_a_far_group_does(self, b_frames, seeks):
        with open_video(b_frames) as reader:
            list(reader.stream([0, 9, 20], 1))
            assert seeks == []
            list(reader.stream([55], 1))
            assert seeks == [2]

    def test_the_same_frame_again_is_not_decoded_again(self, b_frames, seeks):
        with open_video(b_frames) as reader:
            assert np.array_equal(reader.read(7, 1), reader.read(7, 1))
        assert seeks == []
