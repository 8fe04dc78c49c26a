import numpy as np
import pytest

from gambol.errors import VideoError
from gambol.video.avi import avi_index, contents_of
from gambol.video.indexing import frame_index
from gambol.video.packets import BIDIRECTIONAL, UNKNOWN, marks_of, open_stream

from .conftest import FILMS, FRAMES, make_film, packets_of


@pytest.fixture
def xvid(tmp_path):
    """MPEG-4 with two B-frames between others, in AVI."""
    return FILMS["MPEG-4 in AVI"](tmp_path)


def read(path):
    """(the packets that the table of contents names, the index by packets alone)."""
    container, stream = open_stream(path)
    with container:
        found = marks_of(container, stream)
        return contents_of(stream, found), avi_index(stream, found)


class TestOrder:
    def test_b_frames_are_shown_before_the_frame_that_was_stored_before_them(self, xvid):
        contents, index = read(xvid)
        assert contents["kind"][:4].tolist() == [0, 1, BIDIRECTIONAL, BIDIRECTIONAL]
        assert index.packets[:7].tolist() == [0, 2, 3, 1, 5, 6, 4]
        assert sorted(index.packets) == list(range(FRAMES))

    def test_without_reordering_it_is_that_of_the_file(self, tmp_path):
        _, index = read(FILMS["Motion JPEG in AVI"](tmp_path))
        assert index.names.tolist() == index.packets.tolist() == list(range(FRAMES))

    @pytest.mark.parametrize("kind", ["B-frames in AVI", "packed B-frames in AVI"])
    def test_where_packets_do_not_tell_there_is_no_index(self, tmp_path, kind):
        assert read(FILMS[kind](tmp_path))[1] is None


class TestDamage:
    def test_packets_that_the_table_names_and_nobody_finds_are_gone(self, xvid):
        packets, content = packets_of(xvid), bytearray(xvid.read_bytes())
        content[packets[20].pos - 8:packets[24].pos] = bytes(packets[24].pos - packets[20].pos + 8)
        xvid.write_bytes(content)
        contents, index = read(xvid)
        assert len(contents) == len(index) == FRAMES
        assert set(np.flatnonzero(contents["is_gone"])) >= {20, 21, 22, 23}

    @pytest.mark.parametrize("is_damaged", [False, True])
    def test_without_a_table_of_contents_nobody_knows_what_is_gone(self, xvid, is_damaged):
        packets, content = packets_of(xvid), xvid.read_bytes()
        content = bytearray(content[:4] + bytes(4) + content[8:content.rindex(b"idx1")])  # as a camera without power
        if is_damaged:
            content[packets[20].pos - 8:packets[24].pos] = b"?" * (packets[24].pos - packets[20].pos + 8)
        xvid.write_bytes(content)
        if is_damaged:
            with pytest.raises(VideoError, match="damaged within"):
                frame_index(xvid)
        else:
            assert len(frame_index(xvid)) == FRAMES

    def test_the_frame_before_a_lost_b_frame_is_lost_too(self, tmp_path):
        path = make_film(tmp_path / "film.avi", "mpeg4", bf="2", g="60")
        packets, content = packets_of(path), bytearray(path.read_bytes())
        content[packets[5].pos:packets[5].pos + packets[5].size] = bytes(packets[5].size)
        path.write_bytes(content)
        contents, index = read(path)
        assert contents["kind"][[4, 5, 6]].tolist() == [1, UNKNOWN, BIDIRECTIONAL]
        assert {int(index.packets[lost]) for lost in index.damaged} == {4, 5}  # 4 is shown after 5, or just as well 6
