import av
import numpy as np
import pytest

from gambol.errors import VideoError
from gambol.video import indexing as page
from gambol.video.indexing import frame_index
from gambol.video.reader import open_video

from .conftest import FILMS, FRAMES, UNEVEN, make_film, number_in, packets_of, played, says_three_things


class TestFrameIndex:
    def test_every_frame_is_known_by_a_name_of_its_own(self, film):
        index = frame_index(film)
        assert len(index) == FRAMES
        assert [index.position(int(name)) for name in index.names] == list(range(FRAMES))

    def test_uneven_times_are_kept(self, tmp_path):
        index = frame_index(FILMS["variable frame rate"](tmp_path))
        times = index.times - index.times[0]
        assert np.allclose(times / times[-1], (np.array(UNEVEN) - UNEVEN[0]) / (UNEVEN[-1] - UNEVEN[0]), atol=1e-3)

    def test_keyframes_are_where_a_player_finds_them(self, b_frames):
        with av.open(str(b_frames)) as container:
            keys = [number for number, frame in enumerate(container.decode(video=0)) if frame.key_frame]
        assert len(keys) == 3
        assert frame_index(b_frames).keyframes.tolist() == keys

    @pytest.mark.parametrize("skipped", [1, 5, 24, 30])
    def test_an_edit_list_that_cuts_the_start_away_is_obeyed(self, b_frames, tmp_path, skipped):
        path = tmp_path / "cut.mp4"
        content = bytearray(b_frames.read_bytes())
        place = content.index(b"elst") + 16  # its only entry: duration, then the time at which the media begins
        begins = int.from_bytes(content[place:place + 4]) + skipped * 512  # ticks, of which a frame lasts 512
        content[place:place + 4] = begins.to_bytes(4)
        path.write_bytes(content)
        with open_video(path) as reader:
            read = [number_in(reader.read(index, 3)) for index in reversed(reader.frame_numbers)]
        assert read == [number_in(image) for image in played(path)][::-1] == [*range(59, skipped - 1, -1)]

    def test_packets_that_vp8_does_not_show_are_no_frames(self, tmp_path):
        path = FILMS["VP8 in WebM"](tmp_path)
        content, hidden = bytearray(path.read_bytes()), packets_of(path)[30]
        content[content.index(bytes(hidden))] &= ~0x10
        path.write_bytes(content)
        with open_video(path) as reader:
            read = [number_in(image) for _, image in reader.stream(range(len(reader)), 3)]
        assert read == [number_in(image) for image in played(path)]
        assert len(read) == FRAMES - 1 and 30 not in read

    def test_a_recording_that_was_never_finished_is_read_as_far_as_it_goes(self, tmp_path):
        """A camera that lost its power: the file does not say how long it is, and ends within a frame."""
        path = make_film(tmp_path / "film.mkv", g="12", bf="3")
        content = path.read_bytes()
        place = content.index(b"\x18\x53\x80\x67") + 4
        path.write_bytes(content[:place] + b"\x01" + b"\xff" * 7 + content[place + 8:packets_of(path)[40].pos + 50])
        with open_video(path) as reader:
            read = {index: number_in(image) for index, image in reader.stream(range(len(reader)), 3)}
            assert 36 <= len(read) <= 41 and len(reader) <= 41
            assert all(index == number for index, number in read.items())

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
