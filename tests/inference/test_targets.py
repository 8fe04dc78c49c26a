"""Which frames are predicted: from words to numbers."""

import pytest

from gambol.errors import GambolError
from gambol.inference.targets import choose_frames, videos_asked
from gambol.labels.columns import PREDICTED

GECKOS = {0: range(30)}


class TestVideosAsked:
    def test_labelled_and_suggested_frames_are_only_in_some(self, labels):
        labels.suggestions = [(3, 4), (1, 0), (3, 1)]
        assert videos_asked("labelled", 4, labels) == [0]
        assert videos_asked("suggested", 4, labels) == [1, 3]

    @pytest.mark.parametrize("on", ["all", "unlabelled", "random:3"])
    def test_other_frames_are_in_every_video(self, labels, on):
        assert videos_asked(on, 4, labels) == [0, 1, 2, 3]


class TestChooseFrames:
    def test_all_is_every_frame_that_can_be_read(self):
        assert choose_frames("all", {0: range(4), 1: [2, 9], 2: []}, None) == {0: range(4), 1: [2, 9]}

    def test_labelled_and_unlabelled_share_the_video_out(self, labels):
        labelled, unlabelled = (choose_frames(on, GECKOS, labels)[0] for on in ("labelled", "unlabelled"))
        assert labelled == list(range(0, 30, 3))
        assert sorted(labelled + unlabelled) == list(range(30))

    def test_predictions_do_not_make_a_frame_labelled(self, labels):
        labels.kinds[labels.rows(0, 3)] = PREDICTED
        assert 3 not in choose_frames("labelled", GECKOS, labels)[0]

    def test_suggested_are_those_the_project_suggests(self, labels):
        labels.suggestions = [(0, 17), (0, 4)]
        assert choose_frames("suggested", GECKOS, labels) == {0: [4, 17]}

    def test_labelled_frames_that_a_package_does_not_hold_are_passed_over(self, labels):
        assert choose_frames("labelled", {0: [3, 5, 6]}, labels) == {0: [3, 6]}

    def test_random_takes_so_many_of_each_video_and_the_same_ones_again(self):
        every = {0: range(100), 1: range(5, 8)}
        chosen = choose_frames("random:10", every, None)
        assert [len(frames) for frames in chosen.values()] == [10, 3]
        assert all(frames == sorted(set(frames)) for frames in chosen.values())
        assert choose_frames("random:10", every, None) == chosen
        assert choose_frames("random:10", every, None, seed=1) != chosen

    def test_in_a_video_without_project_everything_is_unlabelled(self):
        assert choose_frames("unlabelled", {0: range(3)}, None) == {0: [0, 1, 2]}

    @pytest.mark.parametrize("on", ["labelled", "suggested"])
    def test_if_no_frame_is_left_that_is_said(self, on):
        with pytest.raises(GambolError, match=f"No frame is {on}"):
            choose_frames(on, {0: range(3)}, None)

    @pytest.mark.parametrize("on", ["some", "random", "random:", "random:0", "random:-1", "random:x", "random:²", ""])
    def test_other_words_are_refused(self, on):
        with pytest.raises(GambolError, match="does not say which frames"):
            choose_frames(on, {0: range(3)}, None)
