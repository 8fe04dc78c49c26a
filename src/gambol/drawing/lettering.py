"""Writing on pictures: smooth letters of any European alphabet, with a rim that keeps them legible on any ground."""

from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from jaxtyping import UInt8

from gambol.drawing.strokes import Colour

RGB = UInt8[np.ndarray, "height width 3"]

DARK: Colour = (16, 16, 16)
_RIM = 2  # pixels
_EDGE = 1  # empty pixels that the font leaves around a word


class _Word(NamedTuple):
    """How much of each pixel letters and rim cover; `up`: rows above the base line."""

    letters: UInt8[np.ndarray, "row column"]
    rim: UInt8[np.ndarray, "row column"]
    up: int


def text(canvas: RGB, words: str, at: tuple[float, float], colour: Colour, size: float = 12, rim: Colour = DARK
         ) -> None:
    """One line of text whose base line begins at (x, y), in place; size: height in pixels, as fonts count it."""
    if not words:
        return
    word = _drawn(words, max(1, round(size)))
    left, top = round(at[0]) - _RIM - _EDGE, round(at[1]) - word.up
    height, width = word.letters.shape
    rows = slice(max(0, -top), max(0, min(height, canvas.shape[0] - top)))
    columns = slice(max(0, -left), max(0, min(width, canvas.shape[1] - left)))
    region = canvas[top + rows.start : top + rows.stop, left + columns.start : left + columns.stop]
    if not region.size:
        return
    for cover, shade in ((word.rim, rim), (word.letters, colour)):
        share = cover[rows, columns, None] / np.float32(255)                             # (row, column, 1)
        region[:] = np.round(region + share * (np.array(shade, np.float32) - region))


def text_width(words: str, size: float = 12) -> int:
    """How wide a line of text is, in pixels, without its rim."""
    return int(_drawn(words, max(1, round(size))).letters.shape[1]) - 2 * (_RIM + _EDGE) if words else 0


@lru_cache(maxsize=2048)
def _drawn(words: str, size: int) -> _Word:
    from matplotlib.ft2font import FT2Font  # takes a tenth of a second to import

    font = FT2Font(str(_font()))  # one each: a font keeps what it drew last, and threads may draw at the same time
    font.set_size(size, 72)
    font.set_text(words, 0.0)
    font.draw_glyphs_to_bitmap(antialiased=True)
    letters = np.pad(np.asarray(font.get_image(), np.uint8), _RIM)                        # (row, column)
    descent = round(font.get_descent() / 64)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * _RIM + 1, 2 * _RIM + 1))
    rim = cv2.GaussianBlur(cv2.dilate(letters, kernel), (0, 0), 0.7)
    up = letters.shape[0] - _RIM - _EDGE - descent
    return _Word(letters, np.asarray(np.maximum(rim, letters) * 0.85, np.uint8), up)


@cache
def _font() -> Path:
    """DejaVu Sans, which comes with matplotlib."""
    import matplotlib

    return Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"
