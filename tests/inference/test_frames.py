"""Frames through a pipeline: in order, ahead of the network, in bounded memory."""

import threading
import time
from itertools import count

import numpy as np
import pytest

from gambol.errors import VideoError
from gambol.inference.frames import batches_ahead, predict_frames
from gambol.pipelines.base import PredictOptions
from gambol.poses import Poses


def decoders() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name.startswith("gambol-decode")]


class TestBatchesAhead:
    @pytest.mark.parametrize(("number", "sizes"), [(0, []), (1, [1]), (6, [3, 3]), (7, [3, 3, 1])])
    def test_all_items_come_in_order_the_last_batch_may_be_smaller(self, number, sizes):
        batches = list(batches_ahead(range(number), 3, 2))
        assert [len(batch) for batch in batches] == sizes
        assert [item for batch in batches for item in batch] == list(range(number))

    def test_no_more_than_a_few_batches_wait_however_slow_the_consumer_is(self):
        made = []
        batches = batches_ahead((made.append(number) or number for number in count()), 4, ahead=2)
        for _ in range(3):
            next(batches)
            time.sleep(0.05)
        assert len(made) <= 4 * (3 + 2)
        batches.close()

    def test_decoding_goes_on_while_the_consumer_works(self):
        second = threading.Event()

        def items():
            yield 0
            second.set()
            yield 1

        batches = batches_ahead(items(), 1, 2)
        assert next(batches) == [0]
        assert second.wait(20)
        batches.close()

    def test_an_error_in_decoding_reaches_the_caller_after_what_came_before(self):
        def broken():
            yield from range(4)
            raise VideoError("cut short")

        seen = []
        with pytest.raises(VideoError, match="cut short"):
            for batch in batches_ahead(broken(), 2, 2):
                seen.append(batch)
        assert seen == [[0, 1], [2, 3]]
        assert not decoders()

    def test_a_consumer_that_stops_ends_the_decoding(self):
        batches = batches_ahead(count(), 5, 2)
        next(batches)
        batches.close()
        assert not decoders()


class TestPredictFrames:
    class Counting:
        """A pipeline that finds one animal, at the brightness of the image."""

        def __init__(self, batch: int) -> None:
            self.options = PredictOptions(batch=batch)
            self.seen: list[int] = []

        def predict(self, images):
            self.seen.append(len(images))
            return [Poses.of(np.full((1, 1, 2), float(image[0, 0, 0]))) for image in images]

    @pytest.mark.parametrize("batch", [1, 3, 50])
    def test_each_frame_keeps_its_number_in_whatever_order_frames_come(self, batch):
        order = [4, 2, 9, 0, 7, 7, 1]
        frames = ((index, np.full((2, 2, 1), index, np.uint8)) for index in order)
        pipeline = self.Counting(batch)
        found = list(predict_frames(pipeline, frames))
        assert [index for index, _ in found] == order
        assert [poses.points[0, 0, 0] for _, poses in found] == order
        assert max(pipeline.seen) <= batch

    def test_an_error_in_the_network_reaches_the_caller(self):
        pipeline = self.Counting(2)
        pipeline.predict = lambda images: 1 / 0
        with pytest.raises(ZeroDivisionError):
            list(predict_frames(pipeline, ((index, np.zeros((2, 2, 1), np.uint8)) for index in count())))
        assert not decoders()
