import shutil

import av
import numpy as np
import pytest

from gambol.errors import VideoError
from gambol.video.reader import open_video
from gambol.video.source import VideoSource

from .conftest import make_film, number_in, says_three_things

NOT_FILMS = {
    "empty.mp4": b"",
    "text.mp4": b"These are words, not pictures.\n" * 200,
    "text.txt": b"These are words, not pictures.\n" * 200,
    "noise.avi": np.random.default_rng(0).bytes(60_000),
    "zeros.mp4": bytes(60_000),
    "text.slp": b"words",
    "text.png": b"words",
}


class TestOpening:
    def test_a_path_counts_from_the_base(self, b_frames):
        with open_video(VideoSource(b_frames.relative_to(b_frames.parent)), base=b_frames.parent) as reader:
            assert reader.source.path == b_frames
            assert number_in(reader.read(3, 3)) == 3

    def test_an_absolute_path_does_not_care_for_the_base(self, b_frames, tmp_path):
        with open_video(b_frames, base=tmp_path) as reader:
            assert list(reader.frame_numbers) == list(range(60))

    def test_a_file_that_was_exchanged_is_read_anew(self, tmp_path, b_frames):
        path = make_film(tmp_path / "film.mp4", frames=[np.zeros((48, 64, 3), np.uint8)] * 5)
        with open_video(path) as reader:
            assert len(reader) == 5
        shutil.copy(b_frames, path)
        with open_video(path) as reader:
            assert len(reader) == 60


class TestRefusals:
    def test_a_missing_file(self, tmp_path):
        with pytest.raises(VideoError, match=r"no video at .*gone\.mp4") as refusal:
            open_video(tmp_path / "gone.mp4")
        assert says_three_things(refusal.value)

    def test_a_file_that_others_keep_to_themselves(self, b_frames, monkeypatch):
        monkeypatch.setattr("os.access", lambda path, mode: False)
        with pytest.raises(VideoError, match="may not be read") as refusal:
            open_video(b_frames)
        assert says_three_things(refusal.value)

    @pytest.mark.parametrize("name", list(NOT_FILMS))
    def test_what_is_not_a_video(self, tmp_path, name):
        path = tmp_path / name
        path.write_bytes(NOT_FILMS[name])
        with pytest.raises(VideoError, match=name) as refusal:
            open_video(path)
        assert says_three_things(refusal.value)

    def test_a_recording_of_sound(self, tmp_path):
        path = tmp_path / "sound.wav"
        with av.open(str(path), "w") as container:
            stream = container.add_stream("pcm_s16le", rate=8000, layout="mono")
            sound = av.AudioFrame.from_ndarray(np.zeros((1, 8000), np.int16), format="s16", layout="mono")
            sound.sample_rate = 8000
            container.mux(stream.encode(sound))
        with pytest.raises(VideoError, match="no moving picture") as refusal:
            open_video(path)
        assert says_three_things(refusal.value)

    @pytest.mark.parametrize("part", [0.1, 0.5, 0.95])
    @pytest.mark.parametrize("name", ["film.mp4", "contents_first.mp4", "film.avi", "film.mkv", "film.mov"])
    def test_a_film_cut_in_the_middle(self, tmp_path, name, part):
        path = make_film(tmp_path / name, **({"movflags": "faststart"} if "first" in name else {}))
        path.write_bytes(path.read_bytes()[:int(path.stat().st_size * part)])
        with pytest.raises(VideoError, match="cut short") as refusal:
            open_video(path)
        assert says_three_things(refusal.value)

    def test_a_film_whose_table_of_contents_was_never_written(self, tmp_path):
        path = make_film(tmp_path / "film.mp4")
        content = path.read_bytes()
        path.write_bytes(content[:content.index(b"moov") - 4])
        with pytest.raises(VideoError, match="still being recorded") as refusal:
            open_video(path)
        assert says_three_things(refusal.value)
