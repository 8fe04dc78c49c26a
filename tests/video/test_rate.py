"""How fast a video file plays."""

from fractions import Fraction

import av
import numpy as np
import pytest

from gambol.video.rate import frame_rate
from gambol.video.writer import VideoWriter


class TestFrameRate:
    @pytest.mark.parametrize("fps", [15, 29.97, 150])
    def test_is_what_the_video_was_written_at(self, tmp_path, fps):
        with VideoWriter(tmp_path / "film.mp4", fps, (16, 16)) as film:
            for _ in range(5):
                film.write(np.zeros((16, 16, 1), np.uint8))
        assert frame_rate(tmp_path / "film.mp4") == pytest.approx(fps, rel=1e-4)

    def test_is_the_mean_where_frames_do_not_follow_each_other_evenly(self, tmp_path):
        with av.open(str(tmp_path / "film.mkv"), "w") as container:
            stream = container.add_stream("mpeg4", rate=25)
            stream.width = stream.height = 16
            stream.pix_fmt, stream.codec_context.time_base = "yuv420p", Fraction(1, 1000)
            for time in (0, 100, 200, 1000):
                frame = av.VideoFrame.from_ndarray(np.zeros((24, 16), np.uint8), format="yuv420p")
                frame.pts, frame.time_base = time, Fraction(1, 1000)
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
        assert frame_rate(tmp_path / "film.mkv") == pytest.approx(3)

    def test_images_have_none(self, tmp_path):
        assert frame_rate(tmp_path) is None
        assert frame_rate(tmp_path / "image.png") is None
        assert frame_rate(tmp_path / "labels.pkg.slp") is None

    def test_a_single_frame_has_that_of_its_file(self, tmp_path):
        with VideoWriter(tmp_path / "film.mp4", 20, (16, 16)) as film:
            film.write(np.zeros((16, 16, 1), np.uint8))
        assert frame_rate(tmp_path / "film.mp4") == pytest.approx(20)
