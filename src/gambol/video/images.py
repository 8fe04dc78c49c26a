"""Image lists, folders of images, single images and multi-page TIFF files, each read as a video."""

import re
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from gambol.errors import FrameLost, VideoError
from gambol.video.colour import Image, as_channels, looks_grey
from gambol.video.reader import IMAGE_SUFFIXES, VideoReader, out_of_range, require_file
from gambol.video.source import VideoSource

READ_AS = cv2.IMREAD_ANYCOLOR  # grey stays grey; alpha goes; 16 bits become 8; upright as the camera noted


class ImageReader(VideoReader):
    """Images in their order; each may have a size of its own."""

    def __init__(self, source: VideoSource) -> None:
        """List the images, make sure that all are there, and decode the first. Raises `VideoError`."""
        images = source.images or (folder_images(source.path) if source.path.is_dir() else (source.path,))
        self.source = source if images == (source.path,) else replace(source, path=images[0], images=images)
        _require_all(images)
        self._images = images
        self._pages = _page_count(images[0]) if len(images) == 1 else 1
        self.frame_numbers = range(max(len(images), self._pages))
        self.lost: list[int] = []
        self._last: tuple[int, Image] | None = None
        self._sizes: dict[int, tuple[int, int]] = {}
        self._image(0)

    @property
    def channels(self) -> int:
        """1 if the first image is grey, else 3."""
        return 1 if looks_grey(self._image(0)) else 3

    def size(self, index: int) -> tuple[int, int]:
        """(height, width) of one image in pixels."""
        if index not in self._sizes:
            image = self._image(index)
            self._sizes[index] = (image.shape[0], image.shape[1])
        return self._sizes[index]

    def read(self, index: int, channels: int | None = None) -> Image:
        """One image, grey or RGB."""
        return as_channels(self._image(index), channels or self.channels)

    def _image(self, index: int) -> Image:
        """One image as it is stored; the last one is kept at hand."""
        if index not in self.frame_numbers:
            raise out_of_range(self.source, index, self.frame_numbers)
        if self._last is None or self._last[0] != index:
            page, number = (index, 0) if self._pages > 1 else (None, index)
            self._last = (index, _decoded(self._images[number], page))
        return self._last[1]


def folder_images(folder: Path) -> tuple[Path, ...]:
    """The images of a folder, numbers in their names counted as numbers (img2 before img10)."""
    images = [path for path in folder.iterdir() if path.suffix.lower() in IMAGE_SUFFIXES and path.name[0] != "."]
    if not images:
        raise VideoError(
            f"The folder {folder} has no images in it. "
            "There are no frames to find animals in. "
            f"Choose a folder with images ({', '.join(sorted(IMAGE_SUFFIXES))}), or a video file.")
    return tuple(sorted(images, key=lambda path: [
        (int(part), "") if part.isdigit() else (0, part) for part in re.split(r"(\d+)", path.name)]))


def decode_image(content: bytes, name: str) -> Image:
    """The first image in an encoded file: (height, width, 1) or RGB (height, width, 3), uint8."""
    image = cv2.imdecode(np.frombuffer(content, np.uint8), READ_AS) if content else None
    if image is None:
        raise _unreadable(name)
    return _in_rgb(np.asarray(image))


def _decoded(path: Path, page: int | None = None) -> Image:
    """An image file, or one page of it."""
    require_file(path)
    if page is None:
        return decode_image(path.read_bytes(), str(path))
    found, pages = cv2.imreadmulti(str(path), page, 1, flags=READ_AS)
    if not found:
        raise _unreadable(f"page {page} of {path}")
    return _in_rgb(np.asarray(pages[0]))


def _page_count(path: Path) -> int:
    """How many pages a TIFF file has; 1 for any other image."""
    return max(1, cv2.imcount(str(path))) if path.suffix.lower() in (".tif", ".tiff") else 1


def _in_rgb(image: np.ndarray) -> Image:
    """What OpenCV decoded, with a channel axis and red first."""
    return image[..., None] if image.ndim == 2 else np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB))


def _require_all(images: tuple[Path, ...]) -> None:
    """Raise `VideoError` if an image is not there, saying how many are missing."""
    missing = [image for image in images if not image.is_file()]
    if missing:
        raise VideoError(
            f"{len(missing)} of {len(images)} images are missing, the first of them {missing[0]}. "
            "Their frames cannot be read. "
            "Put the images back where the project expects them, or correct the paths.")


def _unreadable(name: str) -> FrameLost:
    return FrameLost(
        f"{name} cannot be read as an image. "
        "It is damaged, cut short, or not an image at all. "
        "Replace it by an intact copy, or take it out of the list.")
