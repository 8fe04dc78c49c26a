"""Images inside HDF5 files: SLEAP's packages (`.pkg.slp`) and plain arrays of frames."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from gambol.errors import FrameLost, VideoError
from gambol.video.colour import Image, as_channels, looks_grey
from gambol.video.images import decode_image
from gambol.video.reader import VideoReader, out_of_range, require_file
from gambol.video.source import VideoSource

BGR_BEFORE = 1.4  # the format of .slp from which packages say in which order OpenCV left the colours


class EmbeddedReader(VideoReader):
    """Encoded images (PNG, JPEG) or raw frames in one dataset, with the frame indices that they came from."""

    def __init__(self, source: VideoSource) -> None:
        """Open the file, find the images and decode the first. Raises `VideoError`."""
        self._file = _open(source.path)
        try:
            dataset = _find(self._file, source)
            self._is_raw = dataset.ndim == 4
            self._rows = _rows(dataset)
        except VideoError:
            self._file.close()
            raise
        self.source = replace(source, dataset=dataset.name.lstrip("/"))
        self._dataset = dataset
        self.frame_numbers = range(len(dataset)) if self._rows is None else sorted(self._rows)
        self.lost: list[int] = []
        self._swapped = not self._is_raw and _stores_red_last(self._file, dataset)
        self._channels_first = _stored(source, "input_format") == "channels_first"
        self._last: tuple[int, Image] | None = None
        self._image(self.frame_numbers[0])

    @property
    def channels(self) -> int:
        """1 if the first image is grey, else 3."""
        return 1 if looks_grey(self._image(self.frame_numbers[0])) else 3

    def size(self, index: int) -> tuple[int, int]:
        """(height, width) of one image in pixels."""
        image = self._image(index)
        return image.shape[0], image.shape[1]

    def read(self, index: int, channels: int | None = None) -> Image:
        """The image of a frame, by its index in the video that it was taken from."""
        return as_channels(self._image(index), channels or self.channels)

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def _image(self, index: int) -> Image:
        """One image as it is stored; the last one is kept at hand."""
        if self._last is not None and self._last[0] == index:
            return self._last[1]
        row = self._row(index)
        name = f"frame {index} in {self.source.path} ({self.source.dataset})"
        try:
            content = self._dataset[row]
        except OSError as error:
            raise FrameLost(
                f"{name.capitalize()} cannot be read ({error}). "
                "The file is damaged there. "
                "Copy the file again, or make the package anew.") from error
        if self._is_raw:
            image = self._raw(content)
        else:
            image = decode_image(np.asarray(content).tobytes(), name)
            image = np.ascontiguousarray(image[..., ::-1]) if self._swapped else image
        self._last = (index, image)
        return image

    def _row(self, index: int) -> int:
        if self._rows is None and index in self.frame_numbers:
            return index
        if self._rows is None or index not in self._rows:
            raise out_of_range(self.source, index, self.frame_numbers)
        return self._rows[index]

    def _raw(self, frame: np.ndarray) -> Image:
        """A frame of a 4-D array; SLEAP's "channels first" is (channel, width, height)."""
        if self._channels_first:
            frame = frame.transpose(2, 1, 0)                                      # (height, width, channel)
        if np.issubdtype(frame.dtype, np.floating):
            frame = np.rint(np.clip(frame, 0, 1) * 255)
        return frame.astype(np.uint8)


def _open(path: Path) -> h5py.File:
    require_file(path)
    try:
        return h5py.File(path, "r")
    except OSError as error:
        raise VideoError(
            f"{path} cannot be opened as an HDF5 file. "
            "It is damaged, cut short, or something else under that name. "
            "Copy it again, or make the package anew.") from error


def _find(file: h5py.File, source: VideoSource) -> h5py.Dataset:
    """The dataset of images: the one that is named (or that lies in the group named), else the only candidate."""
    if source.dataset is not None:
        found: Any = file.get(source.dataset)
        if isinstance(found, h5py.Group):
            found = found.get("video")
    else:
        candidates: list[h5py.Dataset] = []

        def collect(name: str, item: Any) -> None:
            if isinstance(item, h5py.Dataset) and (item.ndim == 4 or name.endswith("/video")):
                candidates.append(item)

        file.visititems(collect)
        found = candidates[0] if candidates else None
    if not isinstance(found, h5py.Dataset) or not len(found):
        where = f" at {source.dataset}" if source.dataset is not None else ""
        raise VideoError(
            f"{source.path} has no images embedded in it{where}. "
            "There are no frames to read. "
            "Name the video itself, or a project saved with its images (.pkg.slp).")
    return found


def _rows(dataset: h5py.Dataset) -> dict[int, int] | None:
    """Frame index to row, where the package says which frames it holds."""
    numbers = dataset.parent.get("frame_numbers") if dataset.ndim != 4 or "format" in dataset.attrs else None
    if numbers is None:
        return None
    return {int(number): row for row, number in enumerate(numbers[:])}


def _stores_red_last(file: h5py.File, dataset: h5py.Dataset) -> bool:
    """Whether colours were handed to the encoder in the wrong order, as SLEAP did with OpenCV."""
    order = dataset.attrs.get("channel_order")
    if isinstance(order, bytes):
        order = order.decode()
    if order is not None:
        return bool(order == "BGR")
    metadata = file.get("metadata")
    version = None if metadata is None else metadata.attrs.get("format_id")
    return version is not None and float(version) < BGR_BEFORE


def _stored(source: VideoSource, key: str) -> Any:
    """What the project file said of the video, at its top or under `backend`."""
    backend = source.stored.get("backend")
    return source.stored.get(key, backend.get(key) if isinstance(backend, dict) else None)
