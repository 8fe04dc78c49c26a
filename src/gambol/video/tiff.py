"""TIFF files whose pages are the frames of a video, by tifffile; OpenCV decodes what needs a codec that it lacks."""

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import tifffile
from jaxtyping import Shaped

from gambol.errors import FrameLost, VideoError

PLAIN = {tifffile.COMPRESSION.NONE, tifffile.COMPRESSION.ADOBE_DEFLATE, tifffile.COMPRESSION.DEFLATE,
         tifffile.COMPRESSION.PACKBITS}  # that tifffile decodes by itself
SLIVER = 16  # pixels: a stack whose pages are narrower has its frames along the last axis


class TiffStack:
    """The frames of one TIFF file, each found by its page's place in the file, without reading those before it.

    Beside pages: ImageJ's large stacks, which have one page and all frames behind it; and arrays that were saved
    as (height, width, frame).
    """

    def __init__(self, path: Path) -> None:
        """Find the pages. Raises `VideoError` if it is no TIFF file, or if its channels lie on pages of their own."""
        self._path = path
        try:
            self._file = tifffile.TiffFile(path)
            self._stack = self._in_one_piece()
            self._count = len(self._file.pages) if self._stack is None else len(self._stack)
        except (tifffile.TiffFileError, OSError, ValueError, IndexError, KeyError, TypeError) as error:
            raise VideoError(
                f"{path} cannot be read as a TIFF file ({error}). "
                "It is damaged, cut short, or something else under that name. "
                "Copy it again, or open it in ImageJ and save it anew.") from error
        self._refuse_channels_as_pages()

    def __len__(self) -> int:
        return self._count

    def page(self, index: int) -> Shaped[np.ndarray, "height width *channel"]:
        """One frame as it is stored: grey or RGB. Raises `FrameLost`."""
        if self._stack is not None:
            return np.asarray(self._stack[index])
        try:
            page: Any = self._file.pages[index]
            if self._is_plain(page.keyframe):
                return np.asarray(page.asarray())
        except (ValueError, OSError, RuntimeError, IndexError, tifffile.TiffFileError):
            pass  # what tifffile cannot read, OpenCV may
        found, pages = cv2.imreadmulti(str(self._path), index, 1, flags=cv2.IMREAD_ANYCOLOR | cv2.IMREAD_ANYDEPTH)
        if not found:
            raise FrameLost(
                f"Page {index} of {self._path} cannot be decoded. "
                "The file is damaged there, or compressed in a way that is not known here. "
                "Copy it again, or open it in ImageJ and save it anew.")
        image = np.asarray(pages[0])
        return image if image.ndim == 2 else np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB))

    def close(self) -> None:
        """Let go of the file."""
        self._stack = None
        self._file.close()

    @staticmethod
    def _is_plain(page: Any) -> bool:
        """Whether the stored numbers are the picture: grey with black at 0, or RGB, upright."""
        is_grey = page.photometric == tifffile.PHOTOMETRIC.MINISBLACK and page.samplesperpixel == 1
        is_rgb = page.photometric == tifffile.PHOTOMETRIC.RGB and page.samplesperpixel == 3 and page.planarconfig == 1
        is_upright = "Orientation" not in page.tags or page.tags["Orientation"].value == 1
        return page.compression in PLAIN and (is_grey or is_rgb) and is_upright and page.dtype is not None

    def _in_one_piece(self) -> np.ndarray | None:
        """All frames as one array (frame, height, width, ...) that is read as needed, where they are no pages."""
        first: Any = self._file.pages[0]
        series: Any = self._file.series[0]
        images = int((self._file.imagej_metadata or {}).get("images", 1))
        if self._file.is_imagej and len(self._file.pages) == 1 < images:
            frames: np.ndarray = series.asarray(out="memmap")
            return frames.reshape(images, *first.shape)
        shape = tuple(series.shape) if self._file.is_shaped else ()
        if len(shape) == 3 and 4 < shape[-1] < SLIVER <= min(shape[:-1]):
            return np.asarray(np.moveaxis(series.asarray(out="memmap"), 2, 0))
        return None

    def _refuse_channels_as_pages(self) -> None:
        if not (self._file.is_imagej or self._file.is_ome):
            return
        series = self._file.series[0]
        channels = dict(zip(series.axes, series.shape, strict=True)).get("C", 1)
        if 1 < channels < len(self):  # where pages are nothing but channels, someone named frames so
            self.close()
            raise VideoError(
                f"{self._path} keeps its {channels} channels on pages of their own. "
                "Each page is read as a frame, so every moment would be shown several times. "
                "Save it as RGB, or with the channel that shows the animals alone.")
