"""Their labels in our terms, before anything is merged."""

from dataclasses import replace

import numpy as np

from gambol.labels.fit import on_videos_of, with_nodes_of


class TestVideos:
    def test_frames_come_in_the_order_of_the_project_that_they_come_to(self, beetles):
        moved = on_videos_of(beetles, beetles, [1, 0])
        assert [moved.frame_at(place) for place in range(5)] == [(0, 0), (0, 4), (1, 3), (1, 7), (1, 9)]
        np.testing.assert_array_equal(moved.points[moved.rows(1, 7)], beetles.points[beetles.rows(0, 7)])
        assert (moved.suggestions, moved.from_predicted.max()) == ([(1, 20)], 4)

    def test_two_of_their_videos_that_are_one_of_ours_become_one(self, beetles):
        theirs = replace(beetles, frame_index=np.array([3, 7, 9, 3, 4]))
        moved = on_videos_of(beetles, theirs, [0, 0])
        assert moved.frame_index.tolist() == [3, 4, 7, 9]
        assert moved.points[moved.rows(0, 3), 0, 0].tolist() == [0.0, 10.0, 50.0]


class TestNodes:
    def test_edges_of_the_project_stay_as_they_are(self, beetles):
        theirs = replace(beetles, skeleton=replace(beetles.skeleton, edges=((2, 1),), name="scarab"))
        assert with_nodes_of(beetles, theirs, False, "theirs.slp")[1].skeleton == beetles.skeleton
