from pathlib import Path

import numpy as np
import pytest

from gambol.evaluation.matching import match, match_videos
from gambol.video.source import VideoSource

RIGHT = np.array([1, 0])  # one pixel


class TestMatch:
    def test_each_prediction_takes_the_truth_that_it_is_most_like(self, square):
        truth = np.array([square, square + 2])
        pairs = match(truth, truth[::-1], scores=np.array([0.5, 0.4]))
        assert [(pair.truth, pair.predicted) for pair in pairs] == [(1, 0), (0, 1)]
        assert [pair.oks for pair in pairs] == [1, 1]

    def test_the_surer_prediction_chooses_first(self, square):
        # both lie near the same animal; the surer one takes it although the other fits better
        pairs = match(square[None], np.array([square, square + RIGHT]), scores=np.array([0.1, 0.9]))
        assert [(pair.truth, pair.predicted) for pair in pairs] == [(0, 1)]
        assert pairs[0].oks == pytest.approx(np.exp(-0.5))

    def test_what_is_taken_leaves_the_second_best(self, square):
        truth = np.array([square, square + 3 * RIGHT])
        pairs = match(truth, np.array([square, square + RIGHT]), scores=np.array([0.9, 0.8]))
        assert [(pair.truth, pair.predicted) for pair in pairs] == [(0, 0), (1, 1)]
        assert pairs[1].oks == pytest.approx(np.exp(-2))  # 2 px from the second animal

    def test_without_any_likeness_there_is_no_pair(self, square):
        assert match(square[None], square[None] + 1000, np.array([1.0])) == []

    def test_one_side_empty(self, square):
        none = np.empty((0, 3, 2))
        assert match(none, square[None], np.array([1.0])) == []
        assert match(square[None], none, np.array([])) == []


class TestMatchVideos:
    def test_by_name_wherever_they_lie(self):
        truth = [VideoSource(Path("/lab/a.mp4")), VideoSource(Path("/lab/b.mp4"))]
        predicted = [VideoSource(Path("b.mp4")), VideoSource(Path("D:\\copies\\a.mp4"))]
        assert match_videos(truth, predicted) == {0: 1, 1: 0}

    def test_of_equal_names_the_folders_decide(self):
        truth = [VideoSource(Path("/lab/left/cam.mp4")), VideoSource(Path("/lab/right/cam.mp4"))]
        predicted = [VideoSource(Path("/data/right/cam.mp4")), VideoSource(Path("/data/left/cam.mp4"))]
        assert match_videos(truth, predicted) == {0: 1, 1: 0}

    def test_a_video_that_was_not_predicted_is_left_out(self):
        truth = [VideoSource(Path("a.mp4")), VideoSource(Path("b.mp4"))]
        assert match_videos(truth, [VideoSource(Path("b.mp4"))]) == {1: 0}

    def test_a_single_video_may_have_been_renamed(self):
        assert match_videos([VideoSource(Path("a.mp4"))], [VideoSource(Path("copy of a.mp4"))]) == {0: 0}

    @pytest.mark.parametrize("shape", [(100, 512, 384, 1), (99, 384, 384, 1)])
    def test_but_not_if_its_size_or_length_is_another(self, shape):
        truth = [VideoSource(Path("a.mp4"), shape=(100, 384, 384, 1))]
        assert match_videos(truth, [VideoSource(Path("b.mp4"), shape=shape)]) == {}

    def test_equal_names_forgive_another_count_of_frames(self):
        truth = [VideoSource(Path("a.mp4"), shape=(100, 384, 384, 1)), VideoSource(Path("b.mp4"))]
        assert match_videos(truth, [VideoSource(Path("a.mp4"), shape=(99, 384, 384, 3))]) == {0: 0}

    def test_embedded_videos_by_dataset(self):
        package = Path("labels.pkg.slp")
        truth = [VideoSource(package, dataset="video0/video"), VideoSource(package, dataset="video1/video")]
        assert match_videos(truth, truth[::-1]) == {0: 1, 1: 0}

    def test_embedded_images_by_the_video_they_came_from(self):
        package = Path("labels.pkg.slp")
        truth = [
            VideoSource(package, dataset=f"video{number}/video", original=VideoSource(Path(f"/lab/{name}.mp4")))
            for number, name in enumerate("ab")
        ]
        assert match_videos(truth, [VideoSource(Path("b.mp4")), VideoSource(Path("a.mp4"))]) == {0: 1, 1: 0}

    def test_image_lists_by_their_images(self):
        def images(*names: str) -> VideoSource:
            return VideoSource(Path(names[0]), images=tuple(Path(name) for name in names))

        truth = [images("x/1.png", "x/2.png"), images("y/1.png", "y/3.png")]
        predicted = [images("y/1.png", "y/3.png"), images("1.png", "2.png")]
        assert match_videos(truth, predicted) == {0: 1, 1: 0}
