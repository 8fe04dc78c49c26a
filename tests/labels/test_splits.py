"""Sharing out frames: complete, seeded, and honest about neighbours."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from gambol.labels.columns import arrange, empty_columns
from gambol.labels.skeleton import Skeleton
from gambol.labels.splits import SplitConfig, blocks, split


def watch(frames, videos=None):
    """A project without animals in which these frames are labelled."""
    videos = np.zeros(len(frames), int) if videos is None else np.asarray(videos)
    none = empty_columns(Skeleton(("nose",)), [])
    return arrange(replace(none, frame_index=np.asarray(frames, int), frame_video=videos,
                           negative=np.zeros(len(frames), bool)), np.empty(0, int))


class TestSplit:
    @given(st.sets(st.integers(0, 400), min_size=2, max_size=60), st.floats(0.01, 0.6), st.floats(0, 0.39),
           st.sampled_from(["frame", "block"]), st.integers(0, 5))
    def test_every_frame_is_on_exactly_one_side(self, frames, validation, test, by, seed):
        shared = split(watch(list(frames)), SplitConfig(validation=validation, test=test, by=by, block=20, seed=seed))
        together = np.concatenate([shared.train, shared.validation, shared.test])
        assert sorted(together.tolist()) == list(range(len(frames)))
        assert len(shared.train) and len(shared.validation)

    @pytest.mark.parametrize(("share", "expected"), [(0.1, 9), (0.001, 1), (0.999, 89), (0.25, 22)])
    def test_validation_gets_its_share_at_least_one_and_never_all(self, long_watch, share, expected):
        assert len(split(long_watch, SplitConfig(validation=share)).validation) == expected

    def test_test_frames_are_kept_aside_when_asked_for(self, long_watch):
        shared = split(long_watch, SplitConfig(validation=0.1, test=0.2))
        assert (len(shared.validation), len(shared.test)) == (9, 18)

    def test_the_same_seed_gives_the_same_split_and_another_another(self, long_watch):
        first, again, other = (split(long_watch, SplitConfig(seed=seed)).validation.tolist() for seed in (1, 1, 2))
        assert first == again != other

    def test_the_order_in_which_frames_came_does_not_matter(self):
        frames = np.random.default_rng(0).permutation(50)
        one, other = watch(frames), watch(np.sort(frames))
        np.testing.assert_array_equal(split(one, SplitConfig()).validation, split(other, SplitConfig()).validation)

    def test_one_labelled_frame_is_train_and_validation_and_says_so(self):
        shared = split(watch([17]), SplitConfig())
        assert shared.train.tolist() == shared.validation.tolist() == [0]
        assert "only one labelled frame" in shared.warning

    def test_no_frame_at_all_is_an_error(self):
        with pytest.raises(ValueError, match="no frames"):
            split(watch([]), SplitConfig())

    def test_shares_that_leave_nothing_to_train_are_refused(self):
        with pytest.raises(ValidationError, match="no frame to train"):
            SplitConfig(validation=0.5, test=0.5)


class TestBlocks:
    def test_a_block_stays_on_one_side(self, long_watch):
        config = SplitConfig(validation=0.3, by="block", block=10)
        shared = split(long_watch, config)
        numbers = blocks(long_watch, 10)
        assert not set(numbers[shared.train]) & set(numbers[shared.validation])
        assert 27 <= len(shared.validation) <= 36

    def test_by_frame_would_have_torn_them_apart(self, long_watch):
        shared = split(long_watch, SplitConfig(validation=0.3))
        numbers = blocks(long_watch, 10)
        assert set(numbers[shared.train]) & set(numbers[shared.validation])

    def test_a_gap_or_another_video_begins_a_block(self, long_watch):
        np.testing.assert_array_equal(blocks(long_watch, 50), np.repeat([0, 1, 2], 30))

    def test_a_long_stretch_is_cut_into_equal_parts(self):
        np.testing.assert_array_equal(blocks(watch(range(25)), 10), np.arange(25) * 3 // 25)

    def test_frames_within_one_block_are_cut_once_with_a_warning(self):
        shared = split(watch(range(20)), SplitConfig(validation=0.25, by="block", block=100))
        assert shared.validation.tolist() == [15, 16, 17, 18, 19]
        assert "neighbours" in shared.warning
