from dataclasses import replace

import numpy as np
import pytest

from gambol.drawing.doubts import doubts
from gambol.drawing.style import Style
from gambol.labels.columns import PREDICTED
from gambol.labels.convert import from_poses
from gambol.poses import Poses
from gambol.video.fingerprint import fingerprint
from gambol.video.reader import open_video
from gambol.video.source import VideoSource
from gambol.video.writer import VideoWriter


def film(path, frames=6, size=(48, 64)):
    with VideoWriter(path, 25, size) as video:
        for number in range(frames):
            video.write(np.full((*size, 1), 30 + number, np.uint8))
    return path


@pytest.fixture
def video(tmp_path):
    """Six frames of 64 x 48 pixels."""
    return film(tmp_path / "film.mp4")


@pytest.fixture
def predictions(video, stick):
    """One animal without a track in frames 1 to 3 of the video, which the predictions would know again."""
    entries = [(0, frame, Poses.of(np.array([[[20.0, 30.0], [25.0, 30.0]]]))) for frame in (1, 2, 3)]
    source = VideoSource(video, shape=(6, 48, 64, 1))
    return replace(from_poses(stick, [source], entries, PREDICTED), provenance={"videos": [fingerprint(source)]})


def said(columns, video, frames=range(6), style=None):
    with open_video(video) as reader:
        return list(doubts(columns, 0, reader, frames, style or Style()))


class TestDoubts:
    def test_there_are_none_about_what_fits(self, predictions, video):
        assert said(predictions, video) == []
        assert said(replace(predictions, provenance={}), video) == []

    def test_a_video_that_was_exchanged_is_noticed(self, predictions, video):
        film(video, frames=7)
        [words] = said(predictions, video)
        assert "not the video that the poses were made for: film.mp4 has" in words

    def test_so_is_one_of_another_size_or_too_short_where_nothing_else_is_known(self, predictions, video):
        unknown = replace(predictions, provenance={})
        film(video, size=(48, 80))
        assert "has 80 x 48 pixels, and the project remembers 64 x 48" in said(unknown, video)[0]
        film(video, frames=2)
        assert "2 labelled frames lie beyond its last one, 1" in said(unknown, video, range(2))[0]

    def test_trails_need_tracks(self, predictions, video):
        [words] = said(predictions, video, style=Style(trail=5))
        assert "no trail is drawn" in words
        tracked = replace(predictions, track=np.zeros(3, np.int64), tracks=["one"])
        assert said(tracked, video, style=Style(trail=5)) == []

    def test_frames_without_poses_are_named(self, predictions, video):
        [words] = said(predictions, video, frames=[0, 4])
        assert "None of the 2 frames has poses" in words
        assert said(predictions, video, frames=[0, 3]) == []
