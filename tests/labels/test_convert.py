"""The door between columns, poses of one frame, and sleap-io's objects."""

import numpy as np
import pytest

from gambol.labels.columns import PREDICTED, USER
from gambol.labels.convert import from_poses, from_sleap_io, labelled_for_training, poses, to_sleap_io
from gambol.poses import Poses


class TestPoses:
    def test_shows_what_a_person_sees(self, beetles):
        """In frame 7 row 2 was corrected to row 4, so B's prediction and A's label remain."""
        seen = poses(beetles, 0, 7)
        np.testing.assert_array_equal(seen.points[:, 0, 0], [30, 40])
        assert seen.tracks.tolist() == [1, 0]

    def test_one_kind_shows_all_of_that_kind(self, beetles):
        assert len(poses(beetles, 0, 7, USER)) == 1
        assert len(poses(beetles, 0, 7, PREDICTED)) == 2

    def test_a_hidden_node_is_nan_with_score_0(self, beetles):
        first = poses(beetles, 0, 3)
        np.testing.assert_array_equal(first.visible[0], [True, True, False])
        np.testing.assert_array_equal(first.point_scores[0], [1, 1, 0])

    def test_labels_score_1_and_predictions_keep_theirs(self, beetles):
        seen = poses(beetles, 0, 7)
        np.testing.assert_array_equal(seen.scores, [0.9, 1.0])
        np.testing.assert_array_equal(seen.point_scores, [[0.5] * 3, [1.0] * 3])

    def test_a_frame_that_nobody_labelled_shows_nobody(self, beetles):
        assert poses(beetles, 1, 77).points.shape == (0, 3, 2)


class TestFromPoses:
    def test_poses_come_back_as_they_were(self, beetles):
        found = Poses(np.random.default_rng(0).normal(size=(2, 3, 2)), np.full((2, 3), 0.25), np.array([0.5, 0.75]),
                      np.array([2, -1]))
        columns = from_poses(beetles.skeleton, beetles.videos, [(1, 8, found), (0, 5, Poses.empty(3))])
        back = poses(columns, 1, 8)
        for name in ("points", "point_scores", "scores", "tracks"):
            np.testing.assert_array_equal(getattr(back, name), getattr(found, name))

    def test_frames_are_sorted_and_empty_ones_kept(self, beetles):
        entries = [(1, 8, Poses.empty(3)), (0, 5, Poses.empty(3))]
        columns = from_poses(beetles.skeleton, beetles.videos, entries)
        assert [columns.frame_at(place) for place in range(2)] == [(0, 5), (1, 8)]

    def test_tracks_without_a_name_get_one(self, beetles):
        found = Poses(np.zeros((1, 3, 2)), np.ones((1, 3)), np.ones(1), np.array([1]))
        columns = from_poses(beetles.skeleton, beetles.videos, [(0, 0, found)], tracks=["Anna"])
        assert columns.tracks == ["Anna", "track_1"]

    def test_a_node_that_was_not_found_is_not_visible(self, beetles):
        points = np.array([[[1.0, 2.0], [np.nan, np.nan], [3.0, 4.0]]])
        columns = from_poses(beetles.skeleton, beetles.videos, [(0, 0, Poses.of(points))], USER)
        np.testing.assert_array_equal(columns.visible, [[True, False, True]])
        assert np.isnan(columns.point_scores).all()


class TestLabelledForTraining:
    def test_keeps_frames_with_visible_labels_and_empty_ones(self, beetles):
        labelled = labelled_for_training(beetles)
        assert [labelled.frame_at(place) for place in range(len(labelled))] == [(0, 3), (0, 7), (0, 9)]

    def test_keeps_no_prediction(self, beetles):
        labelled = labelled_for_training(beetles)
        assert labelled.points[:, 0, 0].tolist() == [0, 10, 40]
        assert (labelled.kinds == USER).all()


class TestSleapIo:
    def test_the_way_there_and_back_changes_nothing(self, beetles, assert_same):
        assert_same(from_sleap_io(to_sleap_io(beetles)), beetles)

    def test_sleap_io_sees_the_same_animals(self, beetles):
        frame = to_sleap_io(beetles).labeled_frames[1]
        assert [type(animal).__name__ for animal in frame] == ["PredictedInstance"] * 2 + ["Instance"]
        assert frame[2].from_predicted is frame[0]
        assert [animal.track.name for animal in frame] == ["A", "B", "A"]
        np.testing.assert_array_equal(frame[0].numpy(), beetles.points[2])

    def test_sleap_io_sees_the_same_skeleton(self, beetles):
        skeleton = to_sleap_io(beetles).skeleton
        assert skeleton.node_names == ["nose", "left", "right"]
        assert skeleton.edge_inds == [(0, 1), (0, 2)]
        assert skeleton.symmetry_names == [("left", "right")] or skeleton.symmetry_names == [["left", "right"]]

    def test_two_skeletons_are_too_many(self, beetles):
        labels = to_sleap_io(beetles)
        labels.skeletons.append(to_sleap_io(beetles).skeleton)
        with pytest.raises(ValueError, match="skeletons"):
            from_sleap_io(labels)
