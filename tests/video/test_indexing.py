import av
import numpy as np
import pytest

from gambol.errors import VideoError
from gambol.video import indexing as page
from gambol.video.indexing import frame_index

from .conftest import FILMS, FRAMES, UNEVEN, make_film, says_three_things


class TestFrameIndex:
    def test_every_frame_is_known_by_a_name_of_its_own(self, film):
        index = frame_index(film)
        assert len(index) == FRAMES
        assert [index.position(int(name)) for name in index.names] == list(range(FRAMES))

    def test_uneven_times_are_kept(self, tmp_path):
        index = frame_index(FILMS["variable frame rate"](tmp_path))
        times = index.times - index.times[0]
        assert np.allclose(times / times[-1], (np.array(UNEVEN) - UNEVEN[0]) / (UNEVEN[-1] - UNEVEN[0]), atol=1e-3)

    def test_keyframes_are_where_a_player_finds_them(self, film):
        with av.open(str(film)) as container:
            keys = [number for number, frame in enumerate(container.decode(video=0)) if frame.key_frame]
        assert frame_index(film).keyframes.tolist() == keys

    def test_a_file_is_looked_through_once(self, b_frames, monkeypatch):
        index = frame_index(b_frames)
        monkeypatch.setattr(page, "open_stream", None)
        assert frame_index(b_frames) is index

    def test_a_film_without_frames_is_refused(self, tmp_path):
        path = make_film(tmp_path / "film.avi", "mjpeg", "yuvj420p", frames=[np.zeros((16, 16, 3), np.uint8)])
        path.write_bytes(path.read_bytes().replace(b"00dc", b"JUNK"))
        with pytest.raises(VideoError) as refusal:
            frame_index(path)
        assert says_three_things(refusal.value)
