import numpy as np
import pytest

from gambol.errors import FrameLost, VideoError
from gambol.video.depth import Depth

from .conftest import says_three_things


def depth(*frames: np.ndarray) -> Depth:
    return Depth("film", range(len(frames)), lambda index: frames[index])


class TestDepth:
    @pytest.mark.parametrize(("brightest", "bits"), [(200, 8), (1000, 10), (4095, 12), (4096, 14), (65535, 16)])
    def test_as_many_bits_count_as_hold_the_brightest_pixel(self, brightest, bits):
        pixels = np.array([[0, brightest // 2, brightest]], np.uint16)
        assert np.array_equal(depth(pixels).shown(pixels), pixels >> (bits - 8))

    def test_all_frames_go_by_one_rule_whichever_is_read_first(self):
        frames = [np.full((4, 4), level, np.uint16) for level in (100, 4000, 300)]
        for order in ([0, 1, 2], [2, 1, 0]):
            made = depth(*frames)
            shown = {index: made.shown(frames[index])[0, 0] for index in order}
            assert shown == {0: 100 >> 4, 1: 4000 >> 4, 2: 300 >> 4}

    def test_what_is_brighter_than_the_frames_that_were_looked_at_is_white(self):
        frames = [np.full((2, 2), 900, np.uint16) for _ in range(100)]
        frames[7][0, 0] = 30_000
        assert depth(*frames).shown(frames[7]).tolist() == [[255, 225], [225, 225]]

    def test_fractions_go_from_black_to_white(self):
        pixels = np.array([[0, 0.5, 1, np.nan]], np.float32)
        assert depth(pixels).shown(pixels).tolist() == [[0, 128, 255, 0]]

    def test_numbers_that_happen_to_be_fractions_keep_their_levels(self):
        pixels = np.array([[0.0, 17.0, 255.0]])
        assert depth(pixels).shown(pixels).tolist() == [[0, 17, 255]]

    def test_yes_and_no_are_white_and_black(self):
        pixels = np.array([[True, False]])
        assert depth(pixels).shown(pixels).tolist() == [[255, 0]]

    def test_a_damaged_frame_does_not_hinder(self):
        pixels = np.full((2, 2), 1000, np.uint16)

        def raw(index: int) -> np.ndarray:
            if index == 0:
                raise FrameLost("cut")
            return pixels
        assert Depth("film", range(3), raw).shown(pixels)[0, 0] == 1000 >> 2

    @pytest.mark.parametrize("pixels", [np.array([[-5, 9]], np.int16), np.array([[0.0, 1e6]])])
    def test_what_is_no_brightness_is_refused(self, pixels):
        with pytest.raises(VideoError, match="black and which is white") as refusal:
            depth(pixels).shown(pixels)
        assert says_three_things(refusal.value)
