"""Frames through a pipeline, in order: decoding, networks and reading of maps go on at once, memory stays bounded."""

from collections import deque
from collections.abc import Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor

from gambol.errors import GambolError
from gambol.pipelines.base import Pipeline
from gambol.poses import Poses
from gambol.video.colour import Image

MOST_BYTES = 32_000_000  # of the images of a batch

Batch = list[tuple[int, Image]]
Found = list[tuple[int, Poses]]


def predict_frames(
    pipeline: Pipeline, frames: Iterable[tuple[int, Image]], *, workers: int = 1, block: int | None = None,
    ahead: int = 2,
) -> Generator[tuple[int, Poses]]:
    """(index, image) to (index, poses), in the same order.

    One thread decodes; `workers` threads take a batch each through the pipeline; at most `ahead` batches more are on
    their way. No batch holds frames of two blocks, a block being `block` consecutive items of `frames`. What fails is
    raised after the results that came before it. The loop may be left at any time.
    """
    batches = _Batches(frames, pipeline.options.batch, block)
    waiting: deque[Future[Found]] = deque()
    with ThreadPoolExecutor(1, "gambol-decode") as decoder, ThreadPoolExecutor(workers, "gambol-predict") as pool:
        try:
            while True:
                while len(waiting) < workers + ahead:
                    waiting.append(pool.submit(_through, pipeline, decoder.submit(batches.take)))
                found = waiting.popleft().result()
                if not found:
                    return
                yield from found
        finally:
            for executor in (pool, decoder):
                executor.shutdown(wait=False, cancel_futures=True)


def _through(pipeline: Pipeline, decoding: Future[Batch]) -> Found:
    with pipeline.timings.of("waiting for frames"):
        batch = decoding.result()
    if not batch:
        return []
    indices, images = zip(*batch, strict=True)
    with pipeline.timings.of("predicting"):
        return list(zip(indices, pipeline.predict(images), strict=True))


class _Batches:
    """The frames in batches, one after another; an empty one when there are no more."""

    def __init__(self, frames: Iterable[tuple[int, Image]], size: int, block: int | None) -> None:
        self.frames, self.size, self.block = iter(frames), size, block
        self.taken = 0  # frames so far
        self.broken: GambolError | None = None

    def take(self) -> Batch:
        """As many frames as a batch should hold; fewer if images are huge, or where a block or the video ends."""
        if self.broken is not None:
            raise self.broken
        batch: Batch = []
        held = 0
        try:
            for frame in self.frames:
                batch.append(frame)
                self.taken += 1
                held += frame[1].nbytes
                if len(batch) == self.size or held >= MOST_BYTES or (self.block and self.taken % self.block == 0):
                    break
        except GambolError as error:
            if not batch:
                raise
            self.broken = error  # comes with the next batch, after these
        return batch
