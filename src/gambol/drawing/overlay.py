"""A video with its poses drawn on it."""

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import TypeVar

import cv2
import numpy as np
from pydantic import Field

from gambol.drawing.lettering import RGB
from gambol.drawing.skeletons import draw_on, enlarged
from gambol.drawing.style import Style
from gambol.drawing.trails import Trails
from gambol.geometry.affine import Affine
from gambol.labels.columns import Columns
from gambol.labels.convert import poses
from gambol.video.colour import Image
from gambol.video.reader import VideoReader
from gambol.video.writer import VideoWriter

AHEAD = 4  # images that wait to be drawn, and pictures that wait to be encoded
Part = tuple[int, int, int, int]  # left, top, right, bottom: image pixels, the last ones outside of the part
Item = TypeVar("Item")


class VideoStyle(Style):
    """How skeletons look in a video, and how fast it plays."""

    fps: float = Field(30, gt=0, le=1000, description="Frames per second at which the video plays.")


class Overlay:
    """Draws what columns hold of one video onto its frames, alike in all of them: widths and colours are constant."""

    def __init__(self, columns: Columns, video: int = 0, style: Style | None = None, *, kind: int | None = None,
                 part: Part | None = None) -> None:
        """kind: USER or PREDICTED animals only; part: what of the image to show. Raises ValueError (see `Trails`)."""
        rows = columns.seen(kind)
        here = rows & (columns.frame_video == video)[columns.row_frame]
        self.style = (style or Style()).fitted(columns.visible_points[here])
        self._columns, self._video, self._kind, self._part = columns, video, kind, part
        self._trails = Trails(columns, video, rows, self.style) if self.style.trail else None

    def size(self, height: int, width: int) -> tuple[int, int]:
        """(height, width) of the picture that an image of this size becomes."""
        left, top, right, bottom = self._part or (0, 0, width, height)
        height, width = min(bottom, height) - top, min(right, width) - left
        return max(1, round(height * self.style.enlarge)), max(1, round(width * self.style.enlarge))

    def paint(self, frame: int, image: Image) -> RGB:
        """The picture of one frame."""
        left, top, right, bottom = self._part or (0, 0, image.shape[1], image.shape[0])
        canvas, enlarging = enlarged(image[top:bottom, left:right], self.style.enlarge)
        if self.style.ground != "image":
            canvas[:] = self.style.rim
        to_canvas = Affine.crop(left, top).then(enlarging)
        if self._trails is not None:
            self._trails.draw(canvas, frame, to_canvas)
        there = poses(self._columns, self._video, frame, self._kind)
        placed = there.with_points(to_canvas(there.points))
        return draw_on(canvas, placed, self._columns.skeleton, self.style, self._columns.tracks)


def render_video(reader: VideoReader, columns: Columns, out: Path, *, video: int = 0,
                 frames: Sequence[int] | None = None, style: VideoStyle | None = None,
                 progress: Callable[[int, int], None] | None = None) -> None:
    """Write a video of `frames` (all by default) with the poses that `columns` hold for its video number `video`.

    progress is called with (frames written, frames in all). What `write_video` says of sizes and errors holds.
    """
    style = style or VideoStyle()
    indices = list(reader.frame_numbers if frames is None else frames)
    for done in write_video(Overlay(columns, video, style), reader, indices, out, style.fps):
        if progress:
            progress(done, len(indices))


def write_video(overlay: Overlay, reader: VideoReader, frames: Sequence[int], out: Path, fps: float) -> Iterator[int]:
    """Write a video of these frames; yields how many are drawn. Decoding and encoding go on beside the drawing.

    Frames without labels are shown as they are; images smaller or larger than the first are padded or cut at the
    right and bottom; a frame that cannot be decoded is black, so that the others keep their places. Raises
    `FrameOutOfRange`, `VideoError`, or `OutputError` if the video cannot be written; nothing half-written is left
    then, nor when the loop is left early.
    """
    size = overlay.size(*reader.size(frames[0])) if len(frames) else (1, 1)
    with (
        VideoWriter(out, fps, size, "veryfast") as film,
        ThreadPoolExecutor(1, "gambol-encode") as encoder,
        closing(ahead(_with_gaps(frames, reader.stream(frames, channels=3)))) as images,  # before the reader is closed
    ):
        written: deque[Future[None]] = deque()
        try:
            for done, (index, image) in enumerate(images, start=1):
                picture = np.zeros((*size, 3), np.uint8) if image is None else overlay.paint(index, image)
                written.append(encoder.submit(film.write, _fitted(picture, size)))
                if len(written) > AHEAD:
                    written.popleft().result()
                yield done
            for future in written:
                future.result()
        finally:
            encoder.shutdown(cancel_futures=True)


def ahead(items: Iterable[Item]) -> Generator[Item]:
    """The items, made on one other thread while earlier ones are used; what fails there is raised here.

    None of them is None. The loop may be left at any time.
    """
    rest = iter(items)
    waiting: deque[Future[Item | None]] = deque()
    with ThreadPoolExecutor(1, "gambol-decode") as pool:
        try:
            while True:
                while len(waiting) < AHEAD:
                    waiting.append(pool.submit(next, rest, None))
                item = waiting.popleft().result()
                if item is None:
                    return
                yield item
        finally:
            for future in waiting:
                future.cancel()


def _with_gaps(frames: Sequence[int], images: Iterator[tuple[int, Image]]) -> Iterator[tuple[int, Image | None]]:
    """Every frame in its order, None for those that the reader lost."""
    index, image = next(images, (None, None))
    for frame in frames:
        if frame == index:
            yield frame, image
            index, image = next(images, (None, None))
        else:
            yield frame, None


def _fitted(picture: RGB, size: tuple[int, int]) -> RGB:
    """The picture cut or padded with black to (height, width)."""
    if picture.shape[:2] == size:
        return picture
    part = picture[: size[0], : size[1]]
    missing = (size[0] - part.shape[0], size[1] - part.shape[1])
    return cv2.copyMakeBorder(part, 0, missing[0], 0, missing[1], cv2.BORDER_CONSTANT, value=(0, 0, 0))
