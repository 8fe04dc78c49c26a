"""Smooth lines, discs and rings at sub-pixel places: what skeletons and trails are drawn with.

All draw in place, on a canvas in colour (height, width, 3) or on a mask (height, width), by the coordinates of
`gambol.poses`. What lies outside of the canvas is left out.
"""

import math
from functools import lru_cache

import cv2
import numpy as np
from jaxtyping import Float, UInt8

Canvas = UInt8[np.ndarray, "height width *channel"]
Colour = tuple[int, int, int]

_BITS = 8  # of a pixel's fraction
_SPREAD = 0.64  # pixels by which a polygon that OpenCV draws smoothly is larger on every side than its corners say
_REACH = 30_000  # pixels from the origin beyond which OpenCV's numbers would overflow; no picture is that large


def line(canvas: Canvas, ends: Float[np.ndarray, "2 2"], colour: Colour, width: float) -> None:
    """A straight line with blunt ends between two points (x, y); `width` in pixels, below 1.8 not quite to scale."""
    along = ends[1] - ends[0]
    length = math.hypot(*along)
    if length < 1e-6:
        disc(canvas, ends[0], width / 2, colour)
        return
    across = along[::-1] * (-1, 1) / length * max(width / 2 - _SPREAD, 0.0)
    _fill(canvas, np.array([ends[0] + across, ends[1] + across, ends[1] - across, ends[0] - across]), colour)


def disc(canvas: Canvas, centre: Float[np.ndarray, "2"], radius: float, colour: Colour) -> None:
    """A disc about a point (x, y); `radius` in pixels, not below 0.7."""
    _fill(canvas, centre + max(radius - _SPREAD, 0.05) * _circle(max(12, 8 + 4 * math.ceil(radius))), colour)


def ring(canvas: Canvas, centre: Float[np.ndarray, "2"], radius: float, colour: Colour, width: float) -> None:
    """A ring about a point (x, y): radius of its middle line, and its width."""
    reach = radius + width / 2 + 1
    limit = np.array(canvas.shape[1::-1])
    left, top = np.clip(np.floor(centre - reach), 0, limit).astype(int)
    right, bottom = np.clip(np.ceil(centre + reach) + 1, 0, limit).astype(int)
    x, y = np.arange(left, right)[None], np.arange(top, bottom)[:, None]
    distance = np.abs(np.hypot(x - centre[0], y - centre[1]) - radius)                   # (row, column)
    cover = np.clip(width / 2 - distance + 0.5, 0, 1)[..., None]                         # (row, column, 1)
    region = canvas[top:bottom, left:right]
    region[:] = np.round(region + cover * (np.array(colour) - region))


def _fill(canvas: Canvas, corners: Float[np.ndarray, "corner 2"], colour: Colour) -> None:
    fixed = np.rint(np.clip(corners, -_REACH, _REACH) * 2**_BITS).astype(np.int32)
    cv2.fillConvexPoly(canvas, fixed, colour, cv2.LINE_AA, _BITS)


@lru_cache
def _circle(corners: int) -> Float[np.ndarray, "corner 2"]:
    """The corners of a polygon with the area of a circle of radius 1."""
    angle = np.arange(corners) * 2 * np.pi / corners
    radius = math.sqrt(2 * np.pi / corners / math.sin(2 * np.pi / corners))
    return radius * np.stack([np.cos(angle), np.sin(angle)], 1)
