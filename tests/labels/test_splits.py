"""Sharing out frames: complete, seeded, and honest about neighbours."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from gambol.labels.columns import arrange, empty_columns
from gambol.labels.fingerprints import TEST, TRAIN, UNKNOWN, VALIDATION
from gambol.labels.skeleton import Skeleton
from gambol.labels.splits import SplitConfig, blocks, fewer, split


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


@st.composite
def relabelled(draw):
    """An earlier split, and the frames that are labelled now: some of those that it knew, and others."""
    known = draw(st.dictionaries(st.integers(0, 300), st.sampled_from([TRAIN, VALIDATION, TEST]), min_size=1))
    now = draw(st.sets(st.integers(0, 300), min_size=2, max_size=60))
    kept = draw(st.sets(st.sampled_from(sorted(known)), min_size=1))
    columns = watch(sorted(now | kept))
    return columns, np.array([known.get(frame, UNKNOWN) for frame in columns.frame_index.tolist()])


class TestKeptSplit:
    @given(relabelled(), st.floats(0.01, 0.6), st.floats(0, 0.39), st.sampled_from(["frame", "block"]),
           st.none() | st.integers(1, 40))
    def test_no_frame_changes_sides_whatever_was_added_or_removed(self, labels, validation, test, by, learn_from):
        columns, earlier = labels
        config = SplitConfig(validation=validation, test=test, by=by, block=20, learn_from=learn_from)
        parts = split(columns, config, earlier)
        for side, positions in ((TRAIN, parts.train), (VALIDATION, parts.validation), (TEST, parts.test)):
            if side != VALIDATION or parts.warning is None:
                assert set(earlier[positions].tolist()) <= {side, UNKNOWN}
        together = np.concatenate([parts.train, parts.validation, parts.test])
        if parts.warning is None:
            assert len(together) == len(set(together.tolist()))
            assert learn_from is not None or sorted(together.tolist()) == list(range(len(columns)))

    @given(relabelled())
    def test_there_are_validation_frames_or_it_says_why_not(self, labels):
        columns, earlier = labels
        parts = split(columns, SplitConfig(), earlier)
        if parts.warning is not None:
            assert VALIDATION not in earlier
            assert "training frames validate as well" in parts.warning
        elif len(parts.train):
            assert len(parts.validation)

    def test_new_frames_are_shared_out_so_that_shares_come_out_as_asked(self):
        earlier = np.array([TRAIN] * 18 + [VALIDATION] * 2 + [UNKNOWN] * 20)
        parts = split(watch(range(40)), SplitConfig(validation=0.2, test=0.1), earlier)
        assert (len(parts.train), len(parts.validation), len(parts.test)) == (28, 8, 4)

    def test_a_side_that_has_more_than_its_share_gets_nothing(self):
        earlier = np.array([TRAIN] * 10 + [VALIDATION] * 10 + [UNKNOWN] * 5)
        parts = split(watch(range(25)), SplitConfig(validation=0.1), earlier)
        assert (len(parts.train), len(parts.validation)) == (15, 10)

    def test_a_single_new_frame_goes_where_there_is_none(self):
        trained, validated = np.array([TRAIN, TRAIN, UNKNOWN]), np.array([VALIDATION, VALIDATION, UNKNOWN])
        assert split(watch(range(3)), SplitConfig(), trained).validation.tolist() == [2]
        assert split(watch(range(3)), SplitConfig(), validated).train.tolist() == [2]

    def test_if_nothing_was_known_it_is_the_split_of_a_first_training(self, long_watch):
        first, again = split(long_watch, SplitConfig()), split(long_watch, SplitConfig(), np.full(90, UNKNOWN))
        np.testing.assert_array_equal(first.validation, again.validation)

    def test_a_frame_beside_a_known_one_joins_its_block(self, long_watch):
        earlier = np.full(90, UNKNOWN)
        earlier[[2, 40]] = VALIDATION, TRAIN
        parts = split(long_watch, SplitConfig(by="block", block=50, validation=0.1), earlier)
        assert set(range(30)) <= set(parts.validation.tolist())
        assert set(range(30, 60)) <= set(parts.train.tolist())

    def test_frames_that_all_trained_validate_as_well_and_it_is_said(self):
        parts = split(watch(range(5)), SplitConfig(), np.zeros(5, int))
        assert parts.validation.tolist() == parts.train.tolist() == [0, 1, 2, 3, 4]
        assert "did not train the earlier run" in parts.warning


class TestLearningFromSome:
    @pytest.mark.parametrize("seed", [0, 1])
    def test_fewer_frames_are_among_more_and_validation_stays(self, long_watch, seed):
        parts = [split(long_watch, SplitConfig(learn_from=count, seed=seed)) for count in (10, 20, 40, 1000)]
        assert [len(own.train) for own in parts] == [10, 20, 40, 81]
        for small, large in pairwise(parts):
            assert set(small.train) < set(large.train)
            np.testing.assert_array_equal(small.validation, large.validation)

    def test_the_seed_draws_them(self, long_watch):
        one, other = (split(long_watch, SplitConfig(learn_from=10, seed=seed)) for seed in (0, 1))
        assert set(one.train) != set(other.train)

    def test_frames_that_trained_before_come_first(self):
        earlier = np.array([UNKNOWN] * 20 + [TRAIN] * 5 + [VALIDATION] * 3)
        parts = split(watch(range(28)), SplitConfig(learn_from=8), earlier)
        assert {20, 21, 22, 23, 24} < set(parts.train.tolist())
        assert len(parts.train) == 8

    def test_all_frames_can_be_had_without_a_split(self):
        assert fewer(np.arange(9), SplitConfig()).tolist() == list(range(9))
        assert len(fewer(np.arange(9), SplitConfig(learn_from=4))) == 4
