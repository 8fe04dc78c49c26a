"""What there is to know about a video."""

import json
from fractions import Fraction

import av
import cv2
import h5py
import numpy as np
import pytest

from gambol.errors import VideoError
from gambol.video.facts import glance, video_facts
from gambol.video.source import VideoSource
from gambol.video.writer import VideoWriter


@pytest.fixture
def film(tmp_path):
    """Twenty grey frames of 32 x 16 pixels at 25 frames/s."""
    with VideoWriter(tmp_path / "film.mp4", 25, (16, 32)) as video:
        for number in range(20):
            video.write(np.full((16, 32, 1), 40 + 5 * number, np.uint8))
    return tmp_path / "film.mp4"


@pytest.fixture
def images(tmp_path):
    """A folder with two images of one size and one of another, in colour."""
    folder = tmp_path / "images"
    folder.mkdir()
    for number, size in enumerate([(16, 32), (16, 32), (20, 30)]):
        image = np.zeros((*size, 3), np.uint8)
        image[..., 2] = 200
        cv2.imwrite(str(folder / f"img{number}.png"), image)
    return folder


def hurried(path):
    """Ten frames in pairs, 10 and 90 ms apart, a key frame every five."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=20, options={"g": "5", "sc_threshold": "1000000000"})
        stream.width = stream.height = 16
        stream.pix_fmt, stream.codec_context.time_base = "yuv420p", Fraction(1, 1000)
        for number in range(10):
            frame = av.VideoFrame.from_ndarray(np.full((24, 16), 100 + number, np.uint8), format="yuv420p")
            frame.pts, frame.time_base = 100 * (number // 2) + 10 * (number % 2), Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


class TestVideoFacts:
    def test_of_a_film(self, film):
        facts = video_facts(film)
        expected = {
            "kind": "video", "source": "video file", "width": 32, "height": 16, "channels": 1, "frames": 20,
            "fps": 25.0, "seconds": 0.8, "variable_rate": False, "codec": "h264", "pixel_format": "yuv420p",
            "colour_range": "limited (16-235)", "found_by": "time stamps", "exact": True, "damaged": [],
            "bytes": film.stat().st_size, "frames_stated": 20, "keyframes": 1, "keyframe_interval": None}
        assert {name: facts[name] for name in expected} == expected
        json.dumps(facts)

    def test_an_uneven_frame_rate_and_key_frames_are_noticed(self, tmp_path):
        facts = video_facts(hurried(tmp_path / "film.mkv"))
        assert facts["variable_rate"]
        assert facts["keyframe_interval"] == {"median": 5.0, "longest": 5}
        assert facts["fps"] == pytest.approx(9 / 0.41, rel=0.01)

    def test_of_images_of_several_sizes(self, images):
        facts = video_facts(images)
        assert (facts["source"], facts["frames"], facts["channels"]) == ("images", 3, 3)
        assert (facts["first_image"], facts["last_image"]) == ("img0.png", "img2.png")
        assert facts["sizes"] == [[30, 20], [32, 16]]
        json.dumps(facts)

    def test_of_images_in_a_file(self, tmp_path):
        with h5py.File(tmp_path / "images.h5", "w") as file:
            file["box"] = np.zeros((4, 16, 32, 1), np.uint8)
        facts = video_facts(tmp_path / "images.h5")
        assert (facts["source"], facts["dataset"]) == ("embedded images", "box")
        assert (facts["frames"], facts["first"], facts["last"]) == (4, 0, 3)
        json.dumps(facts)

    def test_what_is_no_video_is_refused(self, tmp_path):
        (tmp_path / "diary.txt").write_text("Dear diary")
        with pytest.raises(VideoError):
            video_facts(tmp_path / "diary.txt")


class TestGlance:
    def test_gives_what_the_header_says_without_reading_frames(self, film, monkeypatch):
        monkeypatch.setattr("gambol.video.facts.frame_index", None)
        monkeypatch.setattr("gambol.video.facts.open_video", None)
        assert glance(VideoSource(film)) == {"width": 32, "height": 16, "frames": 20, "fps": 25.0}

    def test_of_images(self, images):
        assert glance(VideoSource(images)) == {"width": 32, "height": 16, "frames": 3, "fps": None}
