import av
import numpy as np
import pytest

from gambol.errors import VideoError
from gambol.video import index as page
from gambol.video.index import FrameIndex, frame_index

from .conftest import FILMS, FRAMES, UNEVEN, make_film, says_three_things


class TestFrameIndex:
    def test_frames_stand_in_the_order_in_which_they_are_shown(self, film):
        index = frame_index(film)
        assert len(index) == FRAMES
        assert [index.position(int(time)) for time in index.times] == list(range(FRAMES))

    def test_uneven_times_are_kept(self, tmp_path):
        index = frame_index(FILMS["variable frame rate"](tmp_path))
        times = index.times - index.times[0]
        assert np.allclose(times / times[-1], (np.array(UNEVEN) - UNEVEN[0]) / (UNEVEN[-1] - UNEVEN[0]), atol=1e-3)

    def test_decoding_starts_at_the_last_keyframe_that_is_shown_no_later(self, b_frames):
        index = frame_index(b_frames)
        with av.open(str(b_frames)) as container:
            keys = [number for number, frame in enumerate(container.decode(video=0)) if frame.key_frame]
        assert len(keys) == 3
        assert index.keyframes.tolist() == keys
        asked = (0, keys[1] - 1, keys[1], keys[2] - 1, keys[2], 59)
        assert [index.start_for(frame) for frame in asked] == [0, 0, 1, 1, 2, 2]

    @pytest.mark.parametrize("time", [None, 15, -1, 99])
    def test_a_time_stamp_of_no_frame_has_no_position(self, time):
        times = np.array([10, 30, 20])
        index = FrameIndex(times, keyframes=np.array([0]), seeks=np.array([10]))
        assert index.position(time) is None
        assert index.position(20) == 2

    def test_a_file_is_looked_through_once(self, b_frames, monkeypatch):
        index = frame_index(b_frames)
        monkeypatch.setattr(page, "open_stream", None)
        assert frame_index(b_frames) is index

    def test_a_file_without_time_stamps_is_refused_with_the_remedy(self, tmp_path):
        path = make_film(tmp_path / "raw.h264", bf="3")
        with pytest.raises(VideoError, match=r"ffmpeg -i raw\.h264") as refusal:
            frame_index(path)
        assert says_three_things(refusal.value)

    def test_a_film_without_frames_is_refused(self, tmp_path):
        path = make_film(tmp_path / "film.avi", "mjpeg", "yuvj420p", frames=[np.zeros((16, 16, 3), np.uint8)])
        path.write_bytes(path.read_bytes().replace(b"00dc", b"JUNK"))
        with pytest.raises(VideoError) as refusal:
            frame_index(path)
        assert says_three_things(refusal.value)
