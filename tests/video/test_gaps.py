"""Stretches of a file in which packets vanish without a word: the frames behind them keep their numbers."""

from pathlib import Path

import av
import numpy as np
import pytest

from gambol.errors import VideoError
from gambol.video.indexing import frame_index
from gambol.video.reader import open_video

from .conftest import FRAMES, make_film, number_in, packets_of, says_three_things


def film_of_clusters(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Matroska film whose packets lie in six clusters of ten frames; FFmpeg goes on at the next after a damage."""
    plain = av.open
    monkeypatch.setattr(av, "open", lambda path, mode="r", **options: plain(
        path, mode, **options | ({"container_options": {"cluster_time_limit": "400"}} if mode == "w" else {})))
    path = make_film(folder / "film.mkv", g="10", bf="2", **{"x264-params": "scenecut=0"})
    monkeypatch.undo()
    return path


def destroy(path: Path, first: int, last: int) -> Path:
    """Overwrite packets from one number to another with noise, and all that lies between."""
    packets, content = packets_of(path), bytearray(path.read_bytes())
    start, stop = packets[first].pos, packets[last].pos + packets[last].size
    content[start:stop] = np.random.default_rng(0).bytes(stop - start)
    path.write_bytes(content)
    return path


class TestMatroska:
    @pytest.mark.parametrize(("first", "last"), [(0, 0), (0, 4), (3, 24), (25, 28), (55, 59)])
    def test_a_destroyed_stretch_takes_no_number_away(self, tmp_path, monkeypatch, first, last):
        path = destroy(film_of_clusters(tmp_path, monkeypatch), first, last)
        assert len(frame_index(path)) == FRAMES
        with open_video(path) as reader:
            shown = dict(reader.stream(range(FRAMES), 3))
        assert len(shown) >= 20
        assert all(number_in(image) == index for index, image in shown.items())

    def test_two_stretches_are_counted_each(self, tmp_path, monkeypatch):
        path = film_of_clusters(tmp_path, monkeypatch)
        packets, content = packets_of(path), bytearray(path.read_bytes())
        for number in (14, 43):
            content[packets[number].pos:packets[number].pos + 40] = bytes(40)
        path.write_bytes(content)
        with open_video(path) as reader:
            shown = dict(reader.stream(range(FRAMES), 3))
            assert len(reader) == FRAMES
        assert {0, 35, 55} <= set(shown)
        assert all(number_in(image) == index for index, image in shown.items())


class TestTransportStreams:
    @pytest.mark.parametrize(("first", "last"), [(10, 12), (20, 45)])
    def test_a_destroyed_stretch_takes_no_number_away(self, tmp_path, first, last):
        path = destroy(make_film(tmp_path / "film.ts", g="12", bf="3"), first, last)
        with open_video(path) as reader:
            shown = dict(reader.stream(range(FRAMES), 3))
            assert len(reader) == FRAMES
        assert len(shown) >= FRAMES - 45
        assert all(number_in(image) == index for index, image in shown.items())

    def test_without_its_beginning_nothing_says_where_it_began(self, tmp_path):
        path = destroy(make_film(tmp_path / "film.ts", g="12", bf="3"), 0, 3)
        with pytest.raises(VideoError, match="damaged within") as refusal:
            frame_index(path)
        assert says_three_things(refusal.value)
