"""Results on their way into parts: the same batches and the same count, whatever interrupted them."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gambol.errors import OutputError, VideoError
from gambol.inference import collect
from gambol.inference.collect import Tally, predict_stretch
from gambol.inference.parts import Part, parts_in
from gambol.pipelines.base import PredictOptions
from gambol.pipelines.timings import Timings
from gambol.poses import Poses


class Film:
    """A video of which some frames are lost; every image shows its number. It may end in an error."""

    def __init__(self, lost=(), error_at: int | None = None) -> None:
        self._lost, self._error_at = set(lost), error_at

    def stream(self, indices, channels):
        for index in indices:
            if index == self._error_at:
                raise VideoError("cut short")
            if index not in self._lost:
                yield index, np.full((2, 2, 1), index, np.uint8)


class Crowd:
    """A predictor whose result of a frame tells which frames it shared a batch with; frame n has n % 3 animals."""

    channels, workers = 1, 2

    def __init__(self, batch: int) -> None:
        self.pipeline = SimpleNamespace(
            options=PredictOptions(batch=batch), predict=self.predict, timings=Timings())

    def predict(self, images):
        numbers = [int(image[0, 0, 0]) for image in images]
        return [Poses.of(np.full((n % 3, 2, 2), float(sum(2**number for number in numbers)))) for n in numbers]


@pytest.fixture
def every_block(monkeypatch):
    """A part for each block, as if each took long."""
    monkeypatch.setattr(collect, "SECONDS", 0.0)


def run(parts, film, frames=range(50), batch=2, stop_after=None) -> Tally:
    """Predict what is missing, in blocks of 4 frames; leave after so many frames."""
    tally, seen = Tally(), 0
    for part, columns in parts.read():
        tally.count_part(part, columns, frames[part.start:part.stop])
    for gap in parts.missing(0, len(frames)):
        asked, part = frames[gap.start:gap.stop], Part(0, gap.start, gap.stop)
        for _ in predict_stretch(Crowd(batch), film, asked, part, parts, tally, 4):
            seen += 1
            if seen == stop_after:
                return tally
    return tally


def content(parts) -> list[tuple[int, int, float]]:
    """(frame, its animals, where they are) of everything that is done."""
    return [
        (int(frame), *(int(count), float(columns.points[start, 0, 0]) if count else 0.0))
        for _, columns in parts.read()
        for frame, count, start in zip(
            columns.frame_index, np.diff(columns.row_start), columns.row_start[:-1], strict=True)]


class TestCollecting:
    def test_every_frame_is_in_a_part_once_and_counted(self, parts):
        tally = run(parts, Film())
        assert [frame for frame, *_ in content(parts)] == list(range(50))
        assert (tally.frames, tally.instances, tally.with_animals) == (50, 49, 33)

    def test_a_part_ends_where_a_block_ends(self, parts, every_block):
        run(parts, Film(), stop_after=11)
        assert parts_in(parts.folder) == [Part(0, 0, 4), Part(0, 4, 8)]

    def test_what_is_in_hand_when_it_is_left_is_kept_up_to_a_whole_block(self, parts):
        run(parts, Film(), stop_after=11)
        assert parts_in(parts.folder) == [Part(0, 0, 8)]

    def test_so_it_is_when_the_video_breaks_off(self, parts):
        with pytest.raises(VideoError):
            run(parts, Film(error_at=14))
        assert parts_in(parts.folder) == [Part(0, 0, 12)]

    def test_after_a_full_disk_nothing_more_is_written(self, parts, monkeypatch, every_block):
        written = []

        def full(part, columns):
            written.append(part)
            raise OutputError("full")

        monkeypatch.setattr(parts, "add", full)
        with pytest.raises(OutputError, match="full"):
            run(parts, Film())
        assert written == [Part(0, 0, 4)]

    def test_many_frames_make_a_part_however_fast_they_come(self, parts, monkeypatch):
        monkeypatch.setattr(collect, "FRAMES", 8)
        run(parts, Film())
        assert parts_in(parts.folder)[0] == Part(0, 0, 8)


class TestLostFrames:
    LOST = (0, 5, 6, 7, 20, 49)

    def test_are_counted_and_are_in_no_part(self, parts):
        tally = run(parts, Film(self.LOST))
        assert [frame for frame, *_ in content(parts)] == [n for n in range(50) if n not in self.LOST]
        assert (tally.frames, tally.lost) == (44, {0: list(self.LOST)})

    def test_are_known_again_from_the_parts(self, parts):
        run(parts, Film(self.LOST))
        tally = run(parts, None)
        assert (tally.frames, tally.before, tally.lost) == (44, 44, {0: list(self.LOST)})

    def test_are_told_in_three_sentences(self):
        tally = Tally(lost={1: [3, 4, 5, 9], 0: [7]})
        assert tally.lost_in_words({0: "a.mp4", 1: "b.mp4"}).startswith(
            "5 frames could not be decoded: a.mp4 7; b.mp4 3-5, 9. The video is damaged there")
        assert Tally().lost_in_words({}) is None


@settings(
    max_examples=30, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(st.integers(1, 30), max_size=4), st.sets(st.integers(0, 49)), st.sampled_from([1, 2, 4]), st.booleans())
def test_interruptions_change_neither_results_nor_batches(parts, stops, lost, batch, slow):
    parts.discard()
    whole = run(parts, Film(lost), batch=batch)
    expected = content(parts)
    parts.discard()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(collect, "SECONDS", 0.0 if slow else 5.0)
        for stop in stops:
            run(parts, Film(lost), batch=batch, stop_after=stop)
        end = run(parts, Film(lost), batch=batch)
    assert content(parts) == expected
    assert (end.frames, end.instances, end.with_animals, end.lost) == (
        whole.frames, whole.instances, whole.with_animals, whole.lost)
