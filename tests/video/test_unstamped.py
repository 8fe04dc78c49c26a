import numpy as np
import pytest

from gambol.errors import VideoError
from gambol.video.indexing import frame_index
from gambol.video.reader import open_video

from .conftest import FILMS, FRAMES, make_film, number_in, pack, packets_of, says_three_things


def wipe(path, number):
    packet, content = packets_of(path)[number], bytearray(path.read_bytes())
    content[packet.pos:packet.pos + packet.size] = np.random.default_rng(0).bytes(packet.size)
    path.write_bytes(content)
    return path


class TestFramesKnownByTheirPackets:
    def test_packets_of_a_raw_stream_are_counted(self, tmp_path):
        index = frame_index(FILMS["no time stamps at all"](tmp_path))
        assert len(index) == FRAMES and len(index.times) == 0
        assert sorted(index.names) == list(range(FRAMES)) != list(index.names)

    def test_a_damaged_group_is_lost_as_a_whole_because_its_order_is_not_known(self, tmp_path):
        path = wipe(pack(tmp_path / "film.avi"), 17)
        lost = set(frame_index(path).damaged)
        assert {12, 17, 22} <= lost <= set(range(11, 25))
        with open_video(path) as reader:
            shown = dict(reader.stream(range(FRAMES), 3))
            assert set(reader.lost) == lost
        assert all(number_in(image) == index for index, image in shown.items())

    def test_a_damaged_raw_stream_is_refused_where_that_is_seen(self, tmp_path):
        path = make_film(tmp_path / "film.m2v", "mpeg2video", bf="2", g="12")
        with pytest.raises(VideoError, match=r"ffmpeg -i film\.m2v") as refusal:
            frame_index(wipe(path, 20))
        assert says_three_things(refusal.value)
