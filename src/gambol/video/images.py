"""Image lists, folders of images, single images and multi-page TIFF files, each read as a video."""

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
from jaxtyping import Shaped

from gambol.errors import FrameLost, VideoError
from gambol.video.colour import Image, as_channels, looks_grey
from gambol.video.depth import Depth
from gambol.video.reader import IMAGE_SUFFIXES, VideoReader, first_sound, out_of_range, require_file
from gambol.video.source import VideoSource

if TYPE_CHECKING:
    from gambol.video.tiff import TiffStack

READ_AS = cv2.IMREAD_ANYCOLOR | cv2.IMREAD_ANYDEPTH  # grey stays grey; alpha goes; upright as the camera noted
TIFF_SUFFIXES = frozenset({".tif", ".tiff"})


class ImageReader(VideoReader):
    """Images in their order; each may have a size of its own."""

    def __init__(self, source: VideoSource) -> None:
        """List the images, make sure that all are there, and decode the first. Raises `VideoError`."""
        images = source.images or (folder_images(source.path) if source.path.is_dir() else (source.path,))
        self.source = source if images == (source.path,) else replace(source, path=images[0], images=images)
        _require_all(images)
        self._images = images
        self._stack = _stack(images[0]) if len(images) == 1 else None
        self.frame_numbers = range(len(images) if self._stack is None else len(self._stack))
        self.lost: list[int] = []
        self._depth = Depth(source.name, self.frame_numbers, self._stored)
        self._last: tuple[int, Image] | None = None
        self._sizes: dict[int, tuple[int, int]] = {}
        self._is_grey = looks_grey(first_sound(self._image, self.frame_numbers))

    @property
    def channels(self) -> int:
        """1 if the first image is grey, else 3."""
        return 1 if self._is_grey else 3

    def size(self, index: int) -> tuple[int, int]:
        """(height, width) of one image in pixels."""
        if index not in self._sizes:
            image = self._image(index)
            self._sizes[index] = (image.shape[0], image.shape[1])
        return self._sizes[index]

    def read(self, index: int, channels: int | None = None) -> Image:
        """One image, grey or RGB."""
        return as_channels(self._image(index), channels or self.channels)

    def close(self) -> None:
        """Let go of the file, if it is one."""
        if self._stack is not None:
            self._stack.close()

    def _image(self, index: int) -> Image:
        """One image in 8 bits; the last one is kept at hand."""
        if index not in self.frame_numbers:
            raise out_of_range(self.source, index, self.frame_numbers)
        if self._last is None or self._last[0] != index:
            self._last = (index, with_channels(self._depth.shown(self._stored(index))))
        return self._last[1]

    def _stored(self, index: int) -> Shaped[np.ndarray, "height width *channel"]:
        """One image as it is stored."""
        if self._stack is not None:
            return self._stack.page(index)
        require_file(self._images[index])
        return decode_image(self._images[index].read_bytes(), str(self._images[index]))


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


def decode_image(content: bytes, name: str) -> Shaped[np.ndarray, "height width *channel"]:
    """The first image in an encoded file, as deep as it is stored: grey, or RGB. Raises `FrameLost`."""
    image = cv2.imdecode(np.frombuffer(content, np.uint8), READ_AS) if content else None
    if image is None:
        raise FrameLost(
            f"{name} cannot be read as an image. "
            "It is damaged, cut short, or not an image at all. "
            "Replace it by an intact copy, or take it out of the list.")
    return np.asarray(image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_BGR2RGB))


def with_channels(image: np.ndarray) -> Image:
    """An image with a channel axis, also if it is grey; of more than three channels, the first three."""
    return image[..., None] if image.ndim == 2 else image[..., :3]


def _stack(path: Path) -> "TiffStack | None":
    """The pages of a TIFF file that has several; `None` for any other image."""
    if path.suffix.lower() not in TIFF_SUFFIXES:
        return None
    from gambol.video.tiff import TiffStack
    stack = TiffStack(path)
    if len(stack) > 1:
        return stack
    stack.close()
    return None


def _require_all(images: tuple[Path, ...]) -> None:
    """Raise `VideoError` if an image is not there, saying how many are missing."""
    missing = [image for image in images if not image.is_file()]
    if missing:
        raise VideoError(
            f"{len(missing)} of {len(images)} images are missing, the first of them {missing[0]}. "
            "Their frames cannot be read. "
            "Put the images back where the project expects them, or correct the paths.")
