"""Frames through a pipeline, in order: decoding runs ahead on a thread of its own, memory stays bounded."""

import queue
import threading
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

from gambol.pipelines.base import Image, Pipeline
from gambol.poses import Poses

Item = TypeVar("Item")


def predict_frames(
    pipeline: Pipeline, frames: Iterable[tuple[int, Image]], ahead: int = 2
) -> Iterator[tuple[int, Poses]]:
    """(index, image) to (index, poses), in the same order; at most `ahead` batches of images wait to be seen."""
    for batch in run_ahead(_batches(frames, pipeline.options.batch), ahead):
        indices, images = zip(*batch, strict=True)
        yield from zip(indices, pipeline.predict(images), strict=True)


def _batches(items: Iterable[Item], size: int) -> Iterator[tuple[Item, ...]]:
    rest = iter(items)
    while batch := tuple(islice(rest, size)):
        yield batch


def run_ahead(items: Iterable[Item], count: int) -> Iterator[Item]:
    """The same items, made on another thread up to `count` ahead; what is raised there is raised here."""
    ready: queue.Queue[tuple[bool, Item | BaseException | None]] = queue.Queue(count)
    left = threading.Event()

    def hand_over(item: tuple[bool, Item | BaseException | None]) -> None:
        while not left.is_set():
            try:
                ready.put(item, timeout=0.1)
                return
            except queue.Full:
                continue

    def work() -> None:
        try:
            for item in items:
                hand_over((True, item))
                if left.is_set():
                    return
            hand_over((False, None))
        except BaseException as error:  # handed to the thread that asked, whatever it is
            hand_over((False, error))

    thread = threading.Thread(target=work, name="gambol-decode", daemon=True)
    thread.start()
    try:
        while True:
            more, item = ready.get()
            if isinstance(item, BaseException):
                raise item
            if not more:
                return
            yield item  # type: ignore[misc]  # an Item, as `more` says
    finally:
        left.set()
        thread.join()
