"""A file in, a film or a picture out."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from gambol.drawing.render import RenderRequest, render
from gambol.drawing.style import Style
from gambol.formats import load, save
from gambol.labels.columns import PREDICTED
from gambol.labels.convert import poses
from gambol.video.fingerprint import fingerprint
from gambol.video.rate import frame_rate
from gambol.video.reader import open_video
from gambol.video.source import VideoSource
from gambol.video.writer import VideoWriter


@pytest.fixture
def found(geckos, tmp_path):
    """Predictions of the geckos as if by a perfect model, two tracks, in all frames but the last five."""
    truth = load(geckos.truth)
    perfect = truth.select_frames(np.arange(len(truth)) < len(truth) - 5)
    perfect.kinds[:] = PREDICTED
    perfect.scores[:], perfect.point_scores[:] = 0.9, 0.9
    prints = {"videos": [fingerprint(VideoSource(geckos.video))]}
    save(replace(perfect, provenance=prints, origin=None), tmp_path / "found.slp")
    return tmp_path / "found.slp"


def picture(path) -> np.ndarray:
    return cv2.imread(str(path))[..., ::-1]


def last(request):
    *_, state = render(request)
    return state


class TestVideos:
    def test_a_film_has_all_frames_at_the_speed_of_the_video(self, found, geckos, tmp_path, monkeypatch):
        monkeypatch.setattr("gambol.drawing.render.USUAL_RATE", 11.0)  # the geckos' own is the usual one
        states = list(render(RenderRequest(found)))
        assert [(state.done, state.total, state.warning) for state in states] == [(n, 30, None) for n in range(1, 31)]
        assert frame_rate(tmp_path / "found.render.mp4") == pytest.approx(frame_rate(geckos.video))
        with open_video(tmp_path / "found.render.mp4") as film:
            assert len(film) == 30 and film.size(0) == (64, 80)

    def test_frames_speed_and_scale_can_be_chosen(self, found, tmp_path):
        last(RenderRequest(found, tmp_path / "out.mp4", frames="3-5,9", fps=7, scale=2))
        assert frame_rate(tmp_path / "out.mp4") == pytest.approx(7)
        with open_video(tmp_path / "out.mp4") as film:
            assert len(film) == 4 and film.size(0) == (128, 160)

    def test_frames_without_poses_are_shown_as_they_are(self, found, geckos, tmp_path):
        last(RenderRequest(found, tmp_path / "out.mp4", frames="0,29"))
        with open_video(tmp_path / "out.mp4") as film, open_video(geckos.video) as video:
            off = [np.abs(film.read(at, 3).astype(int) - video.read(frame, 3)) for at, frame in enumerate((0, 29))]
        assert off[1].mean() < 5 and off[1].max() < 60 < off[0].max() - 60

    def test_images_play_at_a_usual_speed(self, found, geckos, tmp_path):
        paths = tuple(tmp_path / f"{number}.png" for number in range(3))
        with open_video(geckos.video) as video:
            for frame, path in enumerate(paths):
                cv2.imwrite(str(path), video.read(frame, 1))
        labels = replace(load(found).select_frames(range(3)), videos=[VideoSource(paths[0], images=paths)], origin=None)
        save(replace(labels, provenance={}), tmp_path / "images.slp")
        last(RenderRequest(tmp_path / "images.slp"))
        assert frame_rate(tmp_path / "images.render.mp4") == pytest.approx(30)


class TestPictures:
    def test_one_frame_is_a_picture_with_the_nodes_where_the_points_are(self, found, tmp_path):
        columns = load(found)
        last(RenderRequest(found, tmp_path / "out.png", frames="4", style=Style(line=0, node=3), scale=4))
        shown, points = picture(tmp_path / "out.png"), 4 * poses(columns, 0, 4).points + 1.5
        assert shown.shape == (256, 320, 3)
        colourful = np.ptp(shown.astype(int), axis=2) > 60
        inside = points[(points > 4).all(-1) & (points < (315, 251)).all(-1)].round().astype(int)
        assert len(inside) > 8 and all(colourful[y, x] for x, y in inside)
        near = np.zeros_like(colourful)
        for x, y in points.reshape(-1, 2).round().astype(int):
            near[max(0, y - 5) : y + 6, max(0, x - 5) : x + 6] = True
        assert not colourful[~near].any()

    def test_several_frames_are_a_sheet(self, found, tmp_path):
        last(RenderRequest(found, tmp_path / "sheet.png"))
        sheet = picture(tmp_path / "sheet.png")
        assert sheet.shape[0] > 3 * 256 and sheet.shape[1] > 3 * 320  # nine frames, enlarged four times

    def test_a_sheet_of_too_many_frames_is_refused(self, geckos, found, tmp_path, monkeypatch):
        monkeypatch.setattr("gambol.drawing.render.LARGEST_SHEET", 20)
        with pytest.raises(Exception, match="30 frames were asked for on one picture"):
            last(RenderRequest(found, tmp_path / "sheet.png", frames="0-29"))

    def test_a_part_can_be_shown(self, found, tmp_path):
        last(RenderRequest(found, tmp_path / "out.png", frames="4", part="10,4,50,34"))
        assert picture(tmp_path / "out.png").shape == (30, 40, 3)


class TestWarnings:
    def test_a_video_that_changed_is_drawn_with_a_warning(self, found, geckos, tmp_path):
        with VideoWriter(tmp_path / "film.mp4", 25, (64, 80)) as film:
            for _ in range(30):
                film.write(np.zeros((64, 80, 1), np.uint8))
        labels = load(found)
        save(replace(labels, videos=[VideoSource(tmp_path / "film.mp4")], origin=None), tmp_path / "moved.slp")
        first, *others = render(RenderRequest(tmp_path / "moved.slp"))
        assert "not the video that the poses were made for" in first.warning
        assert others[-1].done == 30 and (tmp_path / "moved.render.mp4").exists()

    def test_lost_frames_are_told(self, found, tmp_path, monkeypatch):
        def stream(self, indices, channels=None):
            for index in indices:
                if index == 2:
                    self.lost.append(index)
                else:
                    yield index, self.read(index, channels)

        monkeypatch.setattr("gambol.video.pyav.PyAVReader.stream", stream)
        assert list(last(RenderRequest(found, tmp_path / "out.mp4", frames="0-5")).lost) == [2]
        with open_video(tmp_path / "out.mp4") as film:
            assert len(film) == 6
