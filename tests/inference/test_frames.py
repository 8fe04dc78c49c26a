"""Frames through a pipeline: in order, everything at once, in bounded memory."""

import threading
from collections.abc import Callable, Iterator
from itertools import count, islice

import numpy as np
import pytest

from gambol.errors import VideoError
from gambol.inference.frames import predict_frames
from gambol.pipelines.base import PredictOptions
from gambol.pipelines.timings import Timings
from gambol.poses import Poses

PATIENCE = 20  # seconds until a test gives up on another thread


class Counting:
    """A pipeline that finds one animal, at the brightness of the image; it remembers its batches."""

    def __init__(self, batch: int, before: Callable[[list[int]], None] = lambda frames: None) -> None:
        self.options, self.timings, self.before = PredictOptions(batch=batch), Timings(), before
        self.batches: list[list[int]] = []

    def predict(self, images):
        frames = [int(image[0, 0, 0]) for image in images]
        self.batches.append(frames)
        self.before(frames)
        return [Poses.of(np.full((1, 1, 2), float(frame))) for frame in frames]


def film(order, taken: list[int] | None = None) -> Iterator[tuple[int, np.ndarray]]:
    """Frames as bright as their numbers; `taken` notes those that were decoded."""
    for frame in order:
        if taken is not None:
            taken.append(frame)
        yield frame, np.full((2, 2, 1), frame % 256, np.uint8)


def threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name.startswith("gambol-")]


@pytest.mark.parametrize("workers", [1, 3])
class TestOrder:
    @pytest.mark.parametrize("batch", [1, 3, 50])
    def test_each_frame_keeps_its_number_in_whatever_order_frames_come(self, batch, workers):
        order = [4, 2, 9, 0, 7, 7, 1]
        found = list(predict_frames(Counting(batch), film(order), workers=workers))
        assert [index for index, _ in found] == order
        assert [poses.points[0, 0, 0] for _, poses in found] == order

    def test_no_frames_are_no_poses(self, workers):
        assert list(predict_frames(Counting(2), film([]), workers=workers)) == []

    def test_a_batch_that_takes_long_does_not_change_the_order(self, workers):
        later = threading.Event()

        def before(frames):
            if frames[0] == 0 and workers > 1:
                assert later.wait(PATIENCE)
            if frames[0] == 4:
                later.set()

        found = list(predict_frames(Counting(2, before), film(range(6)), workers=workers))
        assert [index for index, _ in found] == list(range(6))


class TestBatches:
    @pytest.mark.parametrize(
        ("block", "sizes"),
        [(None, [4, 4, 2]), (6, [4, 2, 4]), (4, [4, 4, 2]), (3, [3, 3, 3, 1]), (1, [1] * 10), (100, [4, 4, 2])])
    def test_no_batch_holds_frames_of_two_blocks(self, block, sizes):
        pipeline = Counting(4)
        list(predict_frames(pipeline, film(range(10)), block=block))
        assert [len(batch) for batch in pipeline.batches] == sizes

    def test_huge_images_make_smaller_batches(self, monkeypatch):
        monkeypatch.setattr("gambol.inference.frames.MOST_BYTES", 9)  # an image has 4
        pipeline = Counting(8)
        list(predict_frames(pipeline, film(range(7))))
        assert [len(batch) for batch in pipeline.batches] == [3, 3, 1]


class TestAtOnce:
    def test_decoding_goes_on_while_the_network_works(self):
        third = threading.Event()

        def frames():
            yield from film([0, 1])
            third.set()
            yield from film([2])

        pipeline = Counting(1, lambda batch: batch == [0] and (third.wait(PATIENCE) or pytest.fail("nothing decoded")))
        assert len(list(predict_frames(pipeline, frames()))) == 3

    def test_as_many_batches_as_workers_are_in_the_pipeline_together(self):
        meeting = threading.Barrier(3)
        found = list(predict_frames(Counting(1, lambda _: meeting.wait(PATIENCE)), film(range(6)), workers=3))
        assert len(found) == 6

    @pytest.mark.parametrize("workers", [1, 2])
    def test_no_more_batches_are_decoded_than_are_allowed_however_slow_the_consumer_is(self, workers):
        taken: list[int] = []
        found = predict_frames(Counting(2), film(count(), taken), workers=workers, ahead=1)
        first = [next(found) for _ in range(4)]  # two batches: no other begins before these are asked for
        found.close()
        assert len(first) == 4
        assert len(taken) <= 2 * (2 + workers + 1)

    def test_the_time_of_each_kind_of_work_is_counted(self):
        pipeline = Counting(2)
        list(predict_frames(pipeline, film(range(4))))
        assert set(pipeline.timings.seconds()) == {"waiting for frames", "predicting"}


@pytest.mark.parametrize("workers", [1, 3])
class TestEndings:
    def test_results_before_an_error_are_given_first(self, workers):
        def broken():
            yield from film(range(5))
            raise VideoError("cut short")

        seen = []
        with pytest.raises(VideoError, match="cut short"):
            for index, _ in predict_frames(Counting(2), broken(), workers=workers):
                seen.append(index)
        assert seen == [0, 1, 2, 3, 4]
        assert not threads()

    def test_an_error_in_the_network_reaches_the_caller(self, workers):
        def fail(frames):
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            list(predict_frames(Counting(2, fail), film(count()), workers=workers))
        assert not threads()

    def test_a_loop_that_is_left_ends_all_work(self, workers):
        found = predict_frames(Counting(2), film(count()), workers=workers)
        assert len(list(islice(found, 3))) == 3
        found.close()
        assert not threads()
