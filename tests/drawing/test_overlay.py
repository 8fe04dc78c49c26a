from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from gambol.drawing.overlay import Overlay, VideoStyle, ahead, render_video, write_video
from gambol.drawing.style import Style
from gambol.errors import FrameOutOfRange, OutputError
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


class TestOverlay:
    def test_every_frame_has_the_same_widths(self, labels):
        assert Overlay(labels).style.node == Style().fitted(labels.points).node

    def test_a_part_of_the_image_keeps_points_where_they_are(self, labels):
        image = np.full((48, 64, 1), 30, np.uint8)
        whole = Overlay(labels, style=Style(line=2, node=3)).paint(3, image)
        overlay = Overlay(labels, style=Style(line=2, node=3), part=(10, 12, 50, 40))
        assert overlay.size(48, 64) == (28, 40)
        assert (overlay.paint(3, image) == whole[12:40, 10:50]).all()

    def test_a_part_can_be_enlarged(self, labels):
        overlay = Overlay(labels, style=Style(enlarge=4, trail=3), part=(10, 12, 50, 40))
        picture = overlay.paint(3, np.zeros((48, 64, 1), np.uint8))
        assert picture.shape == (112, 160, 3) == (*overlay.size(48, 64), 3)
        x, y = 4 * (20 - 10) + 2, 4 * (22 - 12) + 2
        assert picture[y, x].max() > 200

    def test_tracks_keep_their_colours_and_draw_trails(self, film, stick):
        entries = [(0, frame, replace(Poses.of(np.array([[[10.0 + 6 * frame, y], [4 + 6 * frame, y]]
                                                         for y in ((12.0, 36.0) if frame % 2 else (36.0, 12.0))])),
                                      tracks=np.array([0, 1] if frame % 2 else [1, 0]))) for frame in range(8)]
        columns = from_poses(stick, [VideoSource(film)], entries, PREDICTED)
        overlay = Overlay(columns, style=Style(trail=4, line=2, node=3, trail_node="head"))
        image = np.zeros((48, 64, 1), np.uint8)
        early, late = overlay.paint(4, image), overlay.paint(7, image)
        assert (early[12, 34] == late[12, 52]).all() and (early[36, 34] == late[36, 52]).all()
        assert (early[12, 34] != early[36, 34]).any()
        assert late[12, 34].any() and not early[12, 4].any()  # where it was four frames ago, and long ago


class TestWriteVideo:
    def test_a_frame_that_is_lost_is_black_and_the_others_keep_their_places(self, labels, tmp_path):
        def stream(frames, channels):
            return ((frame, np.full((48, 64, 3), 100, np.uint8)) for frame in frames if frame not in (2, 5))

        reader = SimpleNamespace(stream=stream, size=lambda frame: (48, 64))
        done = list(write_video(Overlay(labels), reader, range(6), tmp_path / "out.mp4", 25))
        assert done == [1, 2, 3, 4, 5, 6]
        with open_video(tmp_path / "out.mp4") as drawn:
            assert [drawn.read(frame).mean() < 5 for frame in range(6)] == [False, False, True, False, False, True]

    @pytest.mark.parametrize("interruption", [KeyboardInterrupt, GeneratorExit])
    def test_leaves_nothing_when_it_is_stopped(self, film, labels, tmp_path, interruption):
        with open_video(film) as reader:
            work = write_video(Overlay(labels), reader, range(8), tmp_path / "out.mp4", 25)
            next(work)
            with pytest.raises(interruption):
                work.throw(interruption)
        assert [path.name for path in tmp_path.iterdir()] == ["film.mp4"]

    def test_what_fails_while_encoding_is_raised(self, film, labels, tmp_path, monkeypatch):
        def fail(self, image):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(VideoWriter, "write", fail)
        with open_video(film) as reader, pytest.raises(OutputError, match="disk is full"):
            list(write_video(Overlay(labels), reader, range(8), tmp_path / "out.mp4", 25))


class TestAhead:
    def test_gives_all_in_their_order(self):
        assert list(ahead(range(20))) == list(range(20))

    def test_raises_what_fails_after_what_came_before(self):
        def items():
            yield 1
            raise ValueError("broken")

        work = ahead(items())
        assert next(work) == 1
        with pytest.raises(ValueError, match="broken"):
            next(work)
