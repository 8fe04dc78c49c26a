"""Which frames are predicted: from words to numbers."""

from types import SimpleNamespace

import numpy as np
import pytest

from gambol.errors import FrameOutOfRange, GambolError
from gambol.inference.targets import choose_frames, parse_frames, require_frames
from gambol.labels.columns import PREDICTED


class Reader(SimpleNamespace):
    """A video of which only the frame numbers matter."""

    def __len__(self) -> int:
        return len(self.frame_numbers)


def reader(frames, name: str = "film.mp4") -> Reader:
    return Reader(frame_numbers=frames, source=SimpleNamespace(name=name))


class TestChooseFrames:
    def test_all_is_every_frame_that_can_be_read(self):
        assert choose_frames("all", {0: reader(range(4)), 1: reader([2, 9])}, None) == {0: [0, 1, 2, 3], 1: [2, 9]}

    def test_labelled_and_unlabelled_share_the_video_out(self, labels):
        readers = {0: reader(range(30))}
        labelled, unlabelled = (choose_frames(on, readers, labels)[0] for on in ("labelled", "unlabelled"))
        assert labelled == list(range(0, 30, 3))
        assert sorted(labelled + unlabelled) == list(range(30))

    def test_predictions_do_not_make_a_frame_labelled(self, labels):
        labels.kinds[labels.rows(0, 3)] = PREDICTED
        assert 3 not in choose_frames("labelled", {0: reader(range(30))}, labels)[0]

    def test_suggested_are_those_the_project_suggests(self, labels):
        labels.suggestions = [(0, 17), (0, 4)]
        assert choose_frames("suggested", {0: reader(range(30))}, labels) == {0: [4, 17]}

    def test_labelled_frames_that_a_package_does_not_hold_are_passed_over(self, labels):
        assert choose_frames("labelled", {0: reader([3, 5, 6])}, labels) == {0: [3, 6]}

    def test_random_takes_so_many_of_each_video_and_the_same_ones_again(self):
        readers = {0: reader(range(100)), 1: reader(range(5, 8))}
        chosen = choose_frames("random:10", readers, None)
        assert [len(frames) for frames in chosen.values()] == [10, 3]
        assert all(frames == sorted(set(frames)) for frames in chosen.values())
        assert choose_frames("random:10", readers, None) == chosen
        assert choose_frames("random:10", readers, None, seed=1) != chosen

    def test_in_a_video_without_project_everything_is_unlabelled(self):
        assert choose_frames("unlabelled", {0: reader(range(3))}, None) == {0: [0, 1, 2]}

    @pytest.mark.parametrize("on", ["labelled", "suggested"])
    def test_if_no_frame_is_left_that_is_said(self, on):
        with pytest.raises(GambolError, match=f"No frame is {on}"):
            choose_frames(on, {0: reader(range(3))}, None)

    @pytest.mark.parametrize("on", ["some", "random", "random:", "random:0", "random:-1", "random:x", "random:²", ""])
    def test_other_words_are_refused(self, on):
        with pytest.raises(GambolError, match="does not say which frames"):
            choose_frames(on, {0: reader(range(3))}, None)


class TestFrames:
    @pytest.mark.parametrize(
        ("text", "frames"),
        [("7", [7]), ("0-3", [0, 1, 2, 3]), ("2, 0-1", [0, 1, 2]), ("3-3,3", [3]), ("0-2,1-4", [*range(5)])])
    def test_numbers_and_ranges_name_frames_each_once(self, text, frames):
        assert require_frames(parse_frames(text), {0: reader(range(10))}) == {0: frames}

    @pytest.mark.parametrize("text", ["", "a", "1-", "-1", "5-3", "1,,2", "1.5", "1-2-3", "²"])
    def test_other_words_are_refused(self, text):
        with pytest.raises(GambolError, match="does not name frames"):
            parse_frames(text)

    @pytest.mark.parametrize("text", ["10", "8-12", "0-999999999999"])
    def test_frames_that_the_video_does_not_have_are_refused(self, text):
        with pytest.raises(FrameOutOfRange, match=r"Frame 10 .* film\.mp4 has 10 frames, up to 9"):
            require_frames(parse_frames(text), {0: reader(range(10))})

    def test_every_video_has_to_have_them(self):
        with pytest.raises(FrameOutOfRange, match=r"short\.mp4"):
            require_frames(parse_frames("0-5"), {0: reader(range(10)), 1: reader(range(3), "short.mp4")})

    def test_a_package_has_only_the_frames_in_it(self):
        with pytest.raises(FrameOutOfRange, match="Frame 4 "):
            require_frames(parse_frames("3-4"), {0: reader(np.array([3, 5]).tolist())})
