"""What every video looks like to the rest of gambol, and the one function that opens any of them."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self, TypeVar

from gambol.errors import FrameLost, FrameOutOfRange, VideoError
from gambol.video.colour import Image
from gambol.video.source import VideoSource

IMAGE_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".webp"})
TRIES = 50  # frames that are looked at before a video is given up
Found = TypeVar("Found")
HDF5_SUFFIXES = frozenset({".slp", ".h5", ".hdf5"})


class VideoReader(Protocol):
    """Random and sequential access to the frames of one video.

    A reader is for one thread at a time and is never pickled: send its `source` and open it again.
    """

    source: VideoSource
    frame_numbers: Sequence[int]
    """The frame indices that can be read, ascending: all of them, save where a package holds a selection."""
    lost: list[int]
    """The frames that `stream` was asked for and had to leave out so far, in the order found; each stands here once."""

    def __len__(self) -> int:
        """How many frames can be read: the length of `frame_numbers`."""
        return len(self.frame_numbers)

    @property
    def channels(self) -> int:
        """1 if the video is grey, 3 if it has colour, judged by its pixels where the format does not say."""
        ...

    def size(self, index: int) -> tuple[int, int]:
        """(height, width) of a frame in pixels. Raises `FrameOutOfRange`."""
        ...

    def read(self, index: int, channels: int | None = None) -> Image:
        """One frame, grey (1 channel) or RGB (3); `None` gives it as it is stored.

        Raises `FrameOutOfRange` for an index that is not there and `FrameLost` if it cannot be decoded.
        """
        ...

    def stream(self, indices: Iterable[int], channels: int | None = None) -> Iterator[tuple[int, Image]]:
        """(index, image) in the order asked for; ascending indices decode a video file sequentially.

        A frame that cannot be decoded is left out and noted in `lost`. Raises `FrameOutOfRange`.
        """
        for index in indices:
            try:
                image = self.read(index, channels)
            except FrameLost:
                if not self.lost or index > self.lost[-1] or index not in self.lost:  # mostly they come in order
                    self.lost.append(index)
                continue
            yield index, image

    def every(self, indices: Iterable[int], channels: int | None = None) -> Iterator[tuple[int, Image]]:
        """As `stream`, for frames none of which may be missing: raises `FrameLost` in the end, naming all that are."""
        wanted = list(indices)
        yield from self.stream(wanted, channels)
        if missing := sorted(set(wanted) & set(self.lost)):
            from gambol.video.frame_numbers import frames_in_words
            raise FrameLost(
                f"{len(missing)} of the {len(wanted)} frames needed from {self.source.path} cannot be decoded: "
                f"{frames_in_words(missing)}. "
                "The file is damaged there, and what these frames show cannot be guessed. "
                "Copy the video again, or remove these frames from the project.")

    def close(self) -> None:
        """Let go of the file; the reader cannot be used afterwards."""
        return None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.close()


def open_video(source: VideoSource | Path, base: Path | None = None) -> VideoReader:
    """Open a video file, an image, a folder or list of images, or images embedded in an HDF5 file.

    Relative paths count from `base` if it is given. Raises `VideoError` if the video is missing, empty,
    cut short or not a video at all.
    """
    if isinstance(source, Path):
        source = VideoSource(source)
    source = replace(source, path=_placed(source.path, base), images=tuple(_placed(i, base) for i in source.images))
    if source.images or source.path.is_dir() or source.path.suffix.lower() in IMAGE_SUFFIXES:
        from gambol.video.images import ImageReader
        return ImageReader(source)
    if source.dataset is not None or source.path.suffix.lower() in HDF5_SUFFIXES:
        from gambol.video.embedded import EmbeddedReader
        return EmbeddedReader(source)
    from gambol.video.pyav import PyAVReader
    return PyAVReader(source)


def require_file(path: Path) -> None:
    """Raise `VideoError` unless there is a file that may be read, with something in it."""
    if not path.is_file():
        raise VideoError(
            f"There is no video at {path}. "
            "Without it no frame can be read. "
            "Check the path, or put the file back where the project expects it.")
    if not os.access(path, os.R_OK):
        raise VideoError(
            f"{path} may not be read by you. "
            "Without its frames nothing can be found in it. "
            "Ask its owner for the permission to read it, or copy it to a folder of your own.")
    if path.stat().st_size == 0:
        raise VideoError(
            f"{path} is empty (0 bytes). "
            "There are no frames in it. "
            "Copy or record the video again.")


def first_sound(read: Callable[[int], Found], frame_numbers: Sequence[int]) -> Found:
    """What `read` gives for the first frame that is not lost; of many, some are tried. Raises the first's error."""
    errors = []
    for number in (frame_numbers[0], *frame_numbers[1::max(1, len(frame_numbers) // TRIES)]):
        try:
            return read(number)
        except FrameLost as error:
            errors.append(error)
    raise errors[0]


def out_of_range(source: VideoSource, index: int, frame_numbers: Sequence[int]) -> FrameOutOfRange:
    """The error for a frame that a video does not have, naming those that it has."""
    count = len(frame_numbers)
    if isinstance(frame_numbers, range):
        has = f"has {count} frame{'s' if count != 1 else ''}, 0 to {count - 1}"
    else:
        shown = ", ".join(str(number) for number in frame_numbers[:8]) + (", …" if count > 8 else "")
        has = f"holds only {count} frame{'s' if count != 1 else ''} ({shown})"
    return FrameOutOfRange(
        f"Frame {index} was asked for, but {source.name} {has}. "
        "Poses for a frame that is not there would mean nothing. "
        "Ask for other frames, or check that this is the video that was labelled.")


def _placed(path: Path, base: Path | None) -> Path:
    """A path as seen from `base`."""
    return path if base is None else base / path
