"""Pixels of other kinds than 8 bits, brought to 8 bits by one rule for all frames of a video.

Cameras of 10, 12 or 14 bits write 16, and fill only the lower ones: dropping the lower half would leave them black.
So a video counts as having the fewest bits of 8, 10, 12, 14 and 16 that hold the brightest pixel of a few frames
spread over it, and the lowest ones are dropped; what is brighter elsewhere is shown white. Fractions go from 0 to 1.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from jaxtyping import Shaped, UInt8

from gambol.errors import FrameLost, VideoError

Pixels = Shaped[np.ndarray, "height width *channel"]
BITS = (8, 10, 12, 14, 16)
LOOKED_AT = 9  # frames, of which the first and the last are two


class Depth:
    """What makes the frames of one video 8 bits deep; the video is looked at when the first deeper frame comes."""

    def __init__(self, name: str, frame_numbers: Sequence[int], raw: Callable[[int], Pixels]) -> None:
        """name: what to call the video; raw: reads a frame as it is stored."""
        self._name, self._frame_numbers, self._raw = name, frame_numbers, raw
        self._white: dict[np.dtype[Any], float] = {}

    def shown(self, pixels: Pixels) -> UInt8[np.ndarray, "height width *channel"]:
        """A frame in 8 bits. Raises `VideoError` if the video's pixels are no brightness that can be shown."""
        if pixels.dtype == np.uint8:
            return pixels
        if pixels.dtype == np.bool_:
            return np.where(pixels, np.uint8(255), np.uint8(0))
        if pixels.dtype not in self._white:
            self._white[pixels.dtype] = self._find_white(pixels.dtype)
        white = self._white[pixels.dtype]
        levels = np.clip(np.nan_to_num(pixels), 0, white)
        return np.asarray(np.rint(levels * 255) if white == 1 else levels // ((white + 1) / 256), dtype=np.uint8)

    def _find_white(self, kind: np.dtype[Any]) -> float:
        """The level that is shown white: 1 for fractions, else the highest of as many bits as the video has."""
        places = np.unique(np.linspace(0, len(self._frame_numbers) - 1, LOOKED_AT).astype(int))
        lowest, highest = np.inf, -np.inf
        for place in places.tolist():
            try:
                seen = self._raw(self._frame_numbers[place])
            except FrameLost:
                continue
            if seen.dtype == kind:
                lowest, highest = min(lowest, float(np.nanmin(seen))), max(highest, float(np.nanmax(seen)))
        is_fraction = np.issubdtype(kind, np.floating)
        if highest < lowest:  # none of those looked at is of this kind
            return 1.0 if is_fraction else float(2 ** BITS[-1] - 1)
        if is_fraction and lowest >= 0 and highest <= 1:
            return 1.0
        if lowest < 0 or not highest < 2**BITS[-1]:
            raise VideoError(
                f"The pixels of {self._name} go from {lowest:g} to {highest:g} ({kind}). "
                "Which of these is black and which is white cannot be known, so nothing can be shown. "
                "Save it with 8 or 16 bits and no negative values (in ImageJ: Image > Type > 8-bit).")
        return float(2 ** next(bits for bits in BITS if highest < 2**bits) - 1)
