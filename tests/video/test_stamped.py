import pytest

from gambol.video.indexing import frame_index
from gambol.video.reader import open_video

from .conftest import FRAMES, make_film, number_in, packets_of, played


class TestTheBeginning:
    def test_a_stream_that_begins_within_a_group_begins_with_what_a_player_shows_first(self, tmp_path):
        path = make_film(tmp_path / "film.ts", g="12", bf="3", **{"x264-params": "scenecut=0"})
        content, place = path.read_bytes(), packets_of(path)[5].pos
        path.write_bytes(content[:564] + content[place:])  # its tables, and then the middle of a group
        shown = [number_in(image) for image in played(path)]
        with open_video(path) as reader:
            assert [number_in(image) for _, image in reader.stream(range(len(reader)), 3)] == shown
            assert [number_in(reader.read(index, 3)) for index in (len(reader) - 1, 0)] == [shown[-1], shown[0]]
        assert shown == [*range(12, FRAMES)]

    @pytest.mark.parametrize("count", [1, 4])
    def test_a_file_whose_first_keyframe_was_overwritten_does_not_begin_later(self, tmp_path, count):
        path = make_film(tmp_path / "film.mp4", g="12", bf="3")
        packets, content = packets_of(path), bytearray(path.read_bytes())
        stop = packets[count].pos
        content[packets[0].pos:stop] = bytes(stop - packets[0].pos)
        path.write_bytes(content)
        assert len(frame_index(path)) == FRAMES
