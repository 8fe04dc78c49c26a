"""Frames through a pipeline, in order: decoding runs ahead on a thread of its own, memory stays bounded."""

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

from gambol.pipelines.base import Pipeline
from gambol.poses import Poses
from gambol.video.colour import Image

Item = TypeVar("Item")


def predict_frames(
    pipeline: Pipeline, frames: Iterable[tuple[int, Image]], ahead: int = 2
) -> Iterator[tuple[int, Poses]]:
    """(index, image) to (index, poses), in the same order; at most `ahead` batches of images wait to be seen."""
    for batch in batches_ahead(frames, pipeline.options.batch, ahead):
        indices, images = zip(*batch, strict=True)
        yield from zip(indices, pipeline.predict(images), strict=True)


def batches_ahead(items: Iterable[Item], size: int, ahead: int) -> Iterator[list[Item]]:
    """The items in batches, made on one other thread while earlier ones are used; what fails there is raised here.

    The loop may be left at any time.
    """
    rest = iter(items)
    waiting: deque[Future[list[Item]]] = deque()
    with ThreadPoolExecutor(1, "gambol-decode") as pool:
        try:
            while True:
                while len(waiting) <= ahead:
                    waiting.append(pool.submit(lambda: list(islice(rest, size))))
                batch = waiting.popleft().result()
                if not batch:
                    return
                yield batch
        finally:
            for future in waiting:
                future.cancel()
