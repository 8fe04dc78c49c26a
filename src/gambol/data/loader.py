"""Loader: batches made ahead on a few threads, handed out in order."""

import time
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import cv2
import numpy as np
from jaxtyping import Int

from gambol.data.batch import Batch, collate
from gambol.data.dataset import Dataset

Indices = Int[np.ndarray, " batch"]


class Loader:
    """Batches of a dataset, prepared while the network computes; the same ones whatever the threads do.

    Threads serve here, because OpenCV and NumPy let others run while they work, and frames need not be
    copied to other processes. `waited` sums the seconds in which a batch was asked for and not yet there.
    """

    def __init__(self, dataset: Dataset, batch_size: int, threads: int = 2, ahead: int = 4) -> None:
        """At most `ahead` batches are in the making or lie ready at any time."""
        self.dataset = dataset
        self.batch_size = batch_size
        self.threads = threads
        self.ahead = ahead
        self.waited = 0.0

    def epoch(self, epoch: int, steps: int, start: int = 0) -> Iterator[Batch]:
        """The batches of an epoch, shuffled and varied; from step `start` on, to continue an interrupted one.

        All are full: the samples are gone through as often as that takes. The loop may be left at any
        time; what a thread raises is raised here.
        """
        order = self.dataset.order(epoch, steps * self.batch_size).reshape(steps, self.batch_size)
        return self._batches(epoch, order[start:])

    def once(self) -> Iterator[Batch]:
        """Every sample once, in the order of the labels and as epoch 0 draws it; the last batch may be smaller."""
        order = np.arange(len(self.dataset))
        cuts = range(self.batch_size, len(order), self.batch_size)
        return self._batches(0, np.split(order, cuts) if len(order) else ())

    def _batches(self, epoch: int, groups: Iterable[Indices]) -> Iterator[Batch]:
        waiting: deque[Future[Batch]] = deque()
        with _one_opencv_thread_each(), ThreadPoolExecutor(self.threads, "gambol-data") as pool:
            try:
                for indices in groups:
                    waiting.append(pool.submit(self._batch, epoch, indices))
                    if len(waiting) >= self.ahead:
                        yield self._next(waiting)
                while waiting:
                    yield self._next(waiting)
            finally:
                for future in waiting:
                    future.cancel()

    def _batch(self, epoch: int, indices: Indices) -> Batch:
        return collate([self.dataset.example(epoch, int(index)) for index in indices])

    def _next(self, waiting: deque[Future[Batch]]) -> Batch:
        asked = time.perf_counter()
        batch = waiting.popleft().result()
        self.waited += time.perf_counter() - asked
        return batch


@contextmanager
def _one_opencv_thread_each() -> Iterator[None]:
    """Within the block OpenCV does not split its work: our threads are the parallel part, and torch needs the cores."""
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        cv2.setNumThreads(before)
