"""The loader: batches made ahead, in order."""

import threading
import time
from collections.abc import Callable

import cv2
import numpy as np
import pytest

from gambol.data.augment import AugmentConfig
from gambol.data.crops import Crop
from gambol.data.dataset import Dataset, samples_from
from gambol.data.loader import Loader
from gambol.labels.columns import Columns

Hook = Callable[[int], None]


@pytest.fixture
def loader(two_flies: Columns) -> Callable[..., Loader]:
    """A loader of three samples in batches of two; `before(frame)` is called whenever an image is asked for."""

    class Texture:
        def __init__(self, before: Hook | None) -> None:
            self.before = before
            self.shown = np.random.default_rng(0).integers(1, 256, (60, 80, 1), dtype=np.uint8)

        def image(self, video: int, frame: int) -> np.ndarray:
            if self.before is not None:
                self.before(frame)
            return self.shown

    def make(before: Hook | None = None, threads: int = 2, ahead: int = 3) -> Loader:
        view, mirrored = Crop(size=32), two_flies.skeleton.mirrored
        dataset = Dataset(samples_from(two_flies, view), Texture(before), view, mirrored, AugmentConfig())
        return Loader(dataset, 2, threads, ahead)

    return make


class TestEpoch:
    def test_batches_do_not_depend_on_threads_or_on_their_speed(self, loader):
        def delay(frame: int) -> None:
            time.sleep(0.002 if frame == 2 else 0)

        quiet = [batch.images for batch in loader(threads=1, ahead=1).epoch(3, steps=12)]
        busy = [batch.images for batch in loader(delay, threads=3, ahead=6).epoch(3, steps=12)]
        assert len(quiet) == len(busy) == 12
        assert all((one == other).all() for one, other in zip(quiet, busy, strict=True))

    def test_a_sample_that_comes_again_is_varied_anew(self, loader):
        images = [image.tobytes() for batch in loader().epoch(0, steps=12) for image in batch.images]
        assert len(images) == len(set(images)) == 24

    def test_an_interrupted_epoch_continues_where_it_was_left(self, loader):
        whole = [batch.images for batch in loader().epoch(1, steps=8)]
        rest = [batch.images for batch in loader().epoch(1, steps=8, start=5)]
        assert len(rest) == 3
        assert all((one == other).all() for one, other in zip(whole[5:], rest, strict=True))

    def test_it_prepares_no_more_than_it_was_allowed(self, loader):
        asked: list[int] = []
        batches = loader(asked.append, ahead=3).epoch(0, steps=100)
        next(batches)
        time.sleep(0.05)
        assert len(asked) == 3 * 2
        batches.close()

    def test_leaving_early_ends_the_threads_and_drops_what_they_had_not_begun(self, loader):
        asked: list[int] = []

        def slow(frame: int) -> None:
            asked.append(frame)
            time.sleep(0.005)

        for _ in loader(slow, ahead=50).epoch(0, steps=100):
            break
        assert not [thread for thread in threading.enumerate() if thread.name.startswith("gambol-data")]
        assert len(asked) < 100 * 2 / 2

    def test_opencv_works_on_one_thread_each_only_while_batches_are_made(self, loader):
        seen: set[int] = set()
        before = cv2.getNumThreads()
        cv2.setNumThreads(2)
        try:
            list(loader(lambda frame: seen.add(cv2.getNumThreads())).epoch(0, steps=4))
            assert seen == {1}
            assert cv2.getNumThreads() == 2
        finally:
            cv2.setNumThreads(before)

    def test_what_a_thread_raises_reaches_the_one_who_asks(self, loader):
        def fail(frame: int) -> None:
            raise OSError("the disk is gone")

        with pytest.raises(OSError, match="the disk is gone"):
            list(loader(fail).epoch(0, steps=4))

    def test_it_counts_the_seconds_spent_waiting(self, loader):
        slow = loader(lambda frame: time.sleep(0.01), threads=1, ahead=1)
        list(slow.epoch(0, steps=3))
        assert slow.waited >= 0.05
        patient = loader(ahead=3)
        for _ in patient.epoch(0, steps=6):
            time.sleep(0.01)
        assert patient.waited < slow.waited


class TestOnce:
    def test_every_sample_comes_once_in_the_order_of_the_labels(self, loader):
        batches = list(loader().once())
        assert [len(batch) for batch in batches] == [2, 1]
        assert [key for batch in batches for key in batch.keys] == [(0, 2, 0), (0, 2, 1), (0, 5, 0)]

    def test_it_is_the_same_every_time(self, loader):
        first, second = list(loader().once()), list(loader().once())
        assert all((one.images == other.images).all() for one, other in zip(first, second, strict=True))

    def test_nothing_comes_of_no_samples(self, loader):
        empty = loader()
        empty.dataset.samples.clear()
        assert list(empty.once()) == []
