from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from gambol.drawing.choices import FEW, choose_frames, choose_part, choose_video
from gambol.errors import FrameOutOfRange, GambolError, LabelsError
from gambol.labels.columns import PREDICTED, USER
from gambol.labels.convert import from_poses
from gambol.poses import Poses
from gambol.video.source import VideoSource


@pytest.fixture
def project(stick, tmp_path):
    """Three videos, two of the same name; frames 2, 4, ... 40 of the second are labelled, frame 1 of the third."""
    videos = [VideoSource(tmp_path / name) for name in ("day 1/mice.mp4", "day 2/mice.mp4", "flies.mp4")]
    animal = Poses.of(np.array([[[30.0, 20.0], [40.0, 24.0]]]))
    entries = [(1, frame, animal.with_points(animal.points + frame / 2)) for frame in range(2, 41, 2)]
    return from_poses(stick, videos, [*entries, (2, 1, animal)], PREDICTED)


class Reader(SimpleNamespace):
    """As much of a reader as is looked at here: frames of 80 x 60 pixels."""

    source = VideoSource(Path("mice.mp4"))

    def __len__(self):
        return len(self.frame_numbers)

    def size(self, index):
        return 60, 80


READER = Reader(frame_numbers=range(50))


class TestChooseVideo:
    @pytest.mark.parametrize(("asked", "number"), [("0", 0), ("2", 2), ("flies.mp4", 2), ("flies", 2)])
    def test_by_number_or_name(self, project, asked, number):
        assert choose_video(project, asked) == number

    def test_by_its_path_where_names_are_equal(self, project):
        assert choose_video(project, project.videos[1].path.as_posix()) == 1

    @pytest.mark.parametrize("asked", ["mice.mp4", "3", "-1", "cats.mp4"])
    def test_others_are_refused_with_a_list(self, project, asked):
        with pytest.raises(LabelsError, match=r"1 mice\.mp4 \(20 labelled frames\), 2 flies\.mp4 \(1 labelled"):
            choose_video(project, asked)

    def test_the_only_one_with_labels_needs_no_name(self, project):
        assert choose_video(project.select_frames(project.frame_video == 1), None) == 1
        with pytest.raises(LabelsError, match="has 2 videos to draw"):
            choose_video(project, None)

    def test_a_project_without_videos_is_refused(self, project):
        with pytest.raises(LabelsError, match="none at all"):
            choose_video(replace(project.select_frames([]), videos=[]), None)


class TestChooseFrames:
    def test_all_for_a_video_and_a_few_labelled_ones_for_a_picture(self, project):
        assert choose_frames(project, 1, READER, None, few=False) == list(range(50))
        few = choose_frames(project, 1, READER, None, few=True)
        assert len(few) == FEW and few[0] == 2 and few[-1] == 40 and set(few) <= set(range(2, 41, 2))
        assert choose_frames(project, 2, READER, None, few=True) == [1]

    @pytest.mark.parametrize("few", [True, False])
    def test_those_that_are_asked_for(self, project, few):
        assert choose_frames(project, 1, READER, "3-5,1", few) == [1, 3, 4, 5]
        assert choose_frames(project, 1, READER, "labelled", few) == list(range(2, 41, 2))

    def test_labelled_frames_that_the_video_does_not_have_are_left_out(self, project):
        assert choose_frames(project, 1, Reader(frame_numbers=range(5)), "labelled", few=False) == [2, 4]

    def test_others_are_refused(self, project):
        with pytest.raises(FrameOutOfRange, match="Frame 50"):
            choose_frames(project, 1, READER, "48-52", few=False)
        with pytest.raises(GambolError, match="does not name frames"):
            choose_frames(project, 1, READER, "most", few=False)
        with pytest.raises(LabelsError, match="labelled"):
            choose_frames(project, 0, READER, None, few=True)


class TestChoosePart:
    def test_all_of_the_image_unless_asked(self, project):
        assert choose_part(project, 1, READER, [2], None) is None

    def test_a_box_in_pixels(self, project):
        assert choose_part(project, 1, READER, [2], "10, 5,80,60") == (10, 5, 80, 60)

    @pytest.mark.parametrize("asked", ["10,5,81,60", "10,5,80,61", "10,5,10,60", "1,2,3", "a,b,c,d", "-1,0,5,5", ""])
    def test_other_boxes_are_refused(self, project, asked):
        with pytest.raises(GambolError, match="no part of an image of 80 x 60"):
            choose_part(project, 1, READER, [2], asked)

    def test_a_box_around_the_animals_of_the_frames_that_are_drawn(self, project):
        near = choose_part(project, 1, READER, [2], "animals")
        left, top, right, bottom = choose_part(project, 1, READER, [2, 20], "animals")
        assert left < 31 and top < 21 and right > 50 and bottom > 34
        assert (left, top) == near[:2] and right > near[2]
        assert (right, bottom) < (80, 60)

    def test_ends_with_the_image(self, project):
        far = replace(project, points=project.points + 25)
        left, top, right, bottom = choose_part(far, 1, READER, range(50), "animals")
        assert 0 < left < right == 80 and 0 < top < bottom == 60

    def test_is_all_of_the_image_where_there_are_no_animals(self, project):
        assert choose_part(project, 1, READER, [3], "animals") is None
        assert choose_part(project, 1, READER, [2], "animals", kind=USER) is None
