"""Frame numbers in words, and back."""

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gambol.errors import FrameOutOfRange, GambolError
from gambol.video.frame_numbers import frames_in_words, parse_frames, require_frames_of


def reader(frames, name="film.mp4"):
    """As much of a reader as is looked at here."""

    class Reader(SimpleNamespace):
        def __len__(self):
            return len(self.frame_numbers)

    return Reader(frame_numbers=frames, source=SimpleNamespace(name=name))


class TestParseFrames:
    @pytest.mark.parametrize(
        ("text", "frames"),
        [("7", [7]), ("0-3", [0, 1, 2, 3]), ("2, 0-1", [0, 1, 2]), ("3-3,3", [3]), ("0-2,1-4", [*range(5)])])
    def test_numbers_and_ranges_name_frames_each_once(self, text, frames):
        assert require_frames_of(reader(range(10)), parse_frames(text)) == frames

    @pytest.mark.parametrize("text", ["", "a", "1-", "-1", "5-3", "1,,2", "1.5", "1-2-3", "²"])
    def test_other_words_are_refused(self, text):
        with pytest.raises(GambolError, match="does not name frames"):
            parse_frames(text)


class TestRequireFramesOf:
    @pytest.mark.parametrize("text", ["10", "8-12", "0-999999999999"])
    def test_frames_that_the_video_does_not_have_are_refused(self, text):
        with pytest.raises(FrameOutOfRange, match=r"Frame 10 .* film\.mp4 has 10 frames, up to 9"):
            require_frames_of(reader(range(10)), parse_frames(text))

    def test_a_package_has_only_the_frames_in_it(self):
        with pytest.raises(FrameOutOfRange, match="Frame 4 "):
            require_frames_of(reader([3, 5]), parse_frames("3-4"))


class TestFramesInWords:
    def test_neighbours_are_a_stretch(self):
        assert frames_in_words([9, 4, 3, 5, 3]) == "3-5, 9"
        assert frames_in_words([]) == ""

    @given(st.sets(st.integers(0, 60), min_size=1))
    def test_is_the_way_back(self, frames):
        assert require_frames_of(reader(range(61)), parse_frames(frames_in_words(frames))) == sorted(frames)
