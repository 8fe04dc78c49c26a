"""A video with its poses drawn on it."""

from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
from pydantic import Field

from gambol.drawing.skeletons import RGB, Style, draw
from gambol.labels.columns import Columns
from gambol.labels.convert import poses
from gambol.video.reader import VideoReader
from gambol.video.writer import VideoWriter


class VideoStyle(Style):
    """How skeletons look in a video, and how fast it plays."""

    fps: float = Field(30, gt=0, le=1000, description="Frames per second at which the video plays.")


def render_video(reader: VideoReader, columns: Columns, out: Path, *, video: int = 0,
                 frames: Sequence[int] | None = None, style: VideoStyle | None = None,
                 progress: Callable[[int, int], None] | None = None) -> None:
    """Write a video of `frames` (all by default) with the poses that `columns` hold for its video number `video`.

    Frames without labels are shown as they are; images smaller or larger than the first are padded or cut at the
    right and bottom. progress is called with (frames written, frames in all). Raises `FrameOutOfRange`,
    `VideoError`, or `OutputError` if the video cannot be written; nothing half-written is left then.
    """
    style = style or VideoStyle()
    indices = list(reader.frame_numbers if frames is None else frames)
    height, width = reader.size(indices[0]) if indices else (0, 0)
    size = (max(1, round(height * style.enlarge)), max(1, round(width * style.enlarge)))
    with VideoWriter(out, style.fps, size) as film:
        for done, (index, image) in enumerate(reader.stream(indices, channels=3), start=1):
            picture = draw(image, poses(columns, video, index), columns.skeleton, style, columns.tracks)
            film.write(_fitted(picture, size))
            if progress:
                progress(done, len(indices))


def _fitted(picture: RGB, size: tuple[int, int]) -> RGB:
    """The picture cut or padded with black to (height, width)."""
    if picture.shape[:2] == size:
        return picture
    part = picture[: size[0], : size[1]]
    missing = (size[0] - part.shape[0], size[1] - part.shape[1])
    return cv2.copyMakeBorder(part, 0, missing[0], 0, missing[1], cv2.BORDER_CONSTANT, value=(0, 0, 0))
