import pytest

from gambol.video.complete import bytes_missing

from .conftest import make_film

CONTAINERS = {"mp4": {}, "fast.mp4": {"movflags": "faststart"}, "parts.mp4": {"movflags": "frag_keyframe+empty_moov"},
              "mov": {}, "avi": {}, "mkv": {}, "webm": {"codec": "libvpx", "deadline": "realtime", "cpu-used": "8"}}


class TestBytesMissing:
    @pytest.mark.parametrize("kind", list(CONTAINERS))
    def test_a_whole_file_misses_nothing(self, tmp_path, kind):
        assert bytes_missing(make_film(tmp_path / f"film.{kind}", **CONTAINERS[kind])) == 0

    @pytest.mark.parametrize("lost", [1, 100, 1000])
    @pytest.mark.parametrize("kind", list(CONTAINERS))
    def test_a_cut_file_misses_what_was_cut_off(self, tmp_path, kind, lost):
        path = make_film(tmp_path / f"film.{kind}", **CONTAINERS[kind])
        path.write_bytes(path.read_bytes()[:-lost])
        missing = bytes_missing(path)
        assert 0 < missing <= lost  # the container counts only to the end of the element that was cut

    @pytest.mark.parametrize("kind", ["mpegts", "words"])
    def test_of_a_file_that_does_not_state_its_length_nothing_is_claimed(self, tmp_path, kind):
        path = tmp_path / "film.ts"
        if kind == "mpegts":
            make_film(path)
        else:
            path.write_text("words")
        path.write_bytes(path.read_bytes()[:-1])
        assert bytes_missing(path) == 0

    def test_a_recording_that_was_never_closed_is_not_called_cut(self, tmp_path):
        path = make_film(tmp_path / "film.avi")
        content = bytearray(path.read_bytes())
        content[4:8] = bytes(4)
        path.write_bytes(content)
        assert bytes_missing(path) == 0
