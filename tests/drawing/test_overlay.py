import numpy as np
import pytest

from gambol.drawing.overlay import VideoStyle, render_video
from gambol.errors import FrameOutOfRange
from gambol.labels.columns import PREDICTED
from gambol.labels.convert import from_poses
from gambol.poses import Poses
from gambol.video.reader import open_video
from gambol.video.source import VideoSource
from gambol.video.writer import VideoWriter


@pytest.fixture
def film(tmp_path):
    """Eight dark frames, 48 x 64 px."""
    path = tmp_path / "film.mp4"
    with VideoWriter(path, 25, (48, 64)) as video:
        for _ in range(8):
            video.write(np.full((48, 64, 1), 30, np.uint8))
    return path


@pytest.fixture
def labels(film, stick):
    """One animal that moves down a row of pixels per frame, in frames 2 to 5."""
    poses = [Poses.of(np.array([[[20.0, 10 + 4 * frame], [44, 10 + 4 * frame]]])) for frame in range(2, 6)]
    return from_poses(stick, [VideoSource(film)], [(0, 2 + i, pose) for i, pose in enumerate(poses)], PREDICTED)


class TestRenderVideo:
    def test_draws_the_animals_of_each_frame_and_shows_the_others_as_they_are(self, film, labels, tmp_path):
        calls = []
        with open_video(film) as reader:
            render_video(reader, labels, tmp_path / "out.mp4", style=VideoStyle(line=3),
                         progress=lambda done, total: calls.append((done, total)))
        assert calls[-1] == (8, 8)
        with open_video(tmp_path / "out.mp4") as drawn:
            assert len(drawn) == 8
            for frame in range(8):
                brightest = drawn.read(frame, 3).max(-1)[:, 32].argmax()
                assert (drawn.read(frame, 3).max() > 120) == (2 <= frame <= 5)
                assert frame not in range(2, 6) or abs(int(brightest) - (10 + 4 * frame)) <= 1

    def test_frames_can_be_chosen_and_enlarged(self, film, labels, tmp_path):
        with open_video(film) as reader:
            render_video(reader, labels, tmp_path / "out.mp4", frames=[3, 4], style=VideoStyle(enlarge=3))
        with open_video(tmp_path / "out.mp4") as drawn:
            assert len(drawn) == 2 and drawn.size(0) == (144, 192)

    def test_leaves_nothing_behind_when_a_frame_is_not_there(self, film, labels, tmp_path):
        with open_video(film) as reader, pytest.raises(FrameOutOfRange):
            render_video(reader, labels, tmp_path / "out.mp4", frames=[3, 40])
        assert [path.name for path in tmp_path.iterdir()] == ["film.mp4"]

    def test_images_of_other_sizes_are_fitted_to_the_first(self, labels, stick, tmp_path):
        import cv2

        sizes = [(40, 60), (30, 80), (50, 40)]
        paths = [tmp_path / f"{number}.png" for number in range(3)]
        for path, size in zip(paths, sizes, strict=True):
            cv2.imwrite(str(path), np.full((*size, 3), 90, np.uint8))
        with open_video(VideoSource(paths[0], images=tuple(paths))) as reader:
            render_video(reader, labels, tmp_path / "out.mp4")
        with open_video(tmp_path / "out.mp4") as drawn:
            assert len(drawn) == 3 and drawn.size(2) == (40, 60)
