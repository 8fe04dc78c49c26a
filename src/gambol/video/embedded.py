"""Images inside HDF5 files: SLEAP's packages (`.pkg.slp`) and plain arrays of frames."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from jaxtyping import Shaped

from gambol.errors import FrameLost, VideoError
from gambol.video.colour import Image, as_channels, looks_grey
from gambol.video.depth import Depth
from gambol.video.images import decode_image, with_channels
from gambol.video.reader import VideoReader, first_sound, out_of_range, require_file
from gambol.video.source import VideoSource

_CHANNELS = frozenset({1, 3})
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
        self._channels_first = self._is_raw and _has_channels_first(source, dataset)
        self._depth = Depth(f"{source.path} ({self.source.dataset})", self.frame_numbers, self._stored)
        self._last: tuple[int, Image] | None = None
        try:
            self._is_grey = looks_grey(first_sound(self._image, self.frame_numbers))
        except VideoError:
            self._file.close()
            raise

    @property
    def channels(self) -> int:
        """1 if the first image is grey, else 3."""
        return 1 if self._is_grey else 3

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
        """One image in 8 bits; the last one is kept at hand."""
        if self._last is None or self._last[0] != index:
            self._last = (index, with_channels(self._depth.shown(self._stored(index))))
        return self._last[1]

    def _stored(self, index: int) -> Shaped[np.ndarray, "height width *channel"]:
        """One image as it is stored."""
        row = self._row(index)
        name = f"frame {index} in {self.source.path} ({self.source.dataset})"
        try:
            content = np.asarray(self._dataset[row])
        except OSError as error:
            raise FrameLost(
                f"{name.capitalize()} cannot be read ({error}). "
                "The file is damaged there. "
                "Copy the file again, or make the package anew.") from error
        if self._is_raw:
            return content.transpose(2, 1, 0) if self._channels_first else content      # (height, width, channel)
        image = decode_image(content.tobytes(), name)
        return np.ascontiguousarray(image[..., ::-1]) if self._swapped and image.ndim == 3 else image

    def _row(self, index: int) -> int:
        if self._rows is None and index in self.frame_numbers:
            return index
        if self._rows is None or index not in self._rows:
            raise out_of_range(self.source, index, self.frame_numbers)
        return self._rows[index]


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
        found = found.get("video") if isinstance(found, h5py.Group) else found
    else:
        candidates: list[h5py.Dataset] = []
        file.visititems(lambda name, item: candidates.append(item) if _holds_images(name, item) else None)
        if len(candidates) > 1:
            names = ", ".join(candidate.name.lstrip("/") for candidate in candidates)
            raise VideoError(
                f"{source.path} has {len(candidates)} sets of images in it: {names}. "
                "Which of them is the video cannot be known. "
                "Open the project that names one of them, or copy one of them into a file of its own.")
        found = candidates[0] if candidates else None
    if not isinstance(found, h5py.Dataset) or not len(found):
        where = f" at {source.dataset}" if source.dataset is not None else ""
        raise VideoError(
            f"{source.path} has no images embedded in it{where}. "
            "There are no frames to read. "
            "Name the video itself, or a project saved with its images (.pkg.slp).")
    if found.ndim == 4 and not _CHANNELS.intersection((found.shape[1], found.shape[3])):
        raise VideoError(
            f"{source.path} has an array of the shape {found.shape} at {found.name}. "
            "Frames need 1 (grey) or 3 (RGB) channels on its second or last axis. "
            "Store it as (frame, height, width, channel).")
    return found


def _holds_images(name: str, item: Any) -> bool:
    """Whether something in the file looks like encoded images or like an array of frames."""
    if not isinstance(item, h5py.Dataset) or not item.shape:
        return False
    if name.endswith("/video"):
        return True
    return item.ndim == 4 and bool(_CHANNELS.intersection((item.shape[1], item.shape[3])))


def _has_channels_first(source: VideoSource, dataset: h5py.Dataset) -> bool:
    """Whether frames are (channel, width, height), as SLEAP means it: if the project says so, or if it must be."""
    stored = _stored(source, "input_format")
    return stored == "channels_first" if stored is not None else dataset.shape[3] not in _CHANNELS


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
