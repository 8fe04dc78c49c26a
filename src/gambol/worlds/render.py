"""Animals as pixels: the coat is wrapped around the curved spine, limbs are drawn beneath, edges are smooth.

Each animal is drawn by itself, three times as fine as the image, and averaged down. A fine cell X lies at
(X + 0.5) / FINER - 0.5 image pixels: pixel centres stay pixel centres.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from jaxtyping import Bool, Float, Float32, UInt8

from gambol.worlds.body import Body, left_of
from gambol.worlds.coat import MARGIN, TEXELS, Coat

FINER = 3
COARSE = 2  # body coordinates change slowly: every other pixel is enough (must divide a patch evenly)
_SHIFT = 6  # OpenCV draws at 1/64 of a fine pixel
_SPREAD = np.radians([-62, -22, 22, 62])


@dataclass(frozen=True)
class Layer:
    """One animal's pixels: colour (row, column, channel), multiplied by coverage; coverage (row, column), 0 .. 1.

    left, top: the image pixel on which the first one falls (may be outside of the image).
    """

    left: int
    top: int
    colour: Float32[np.ndarray, "row column channel"]
    coverage: Float32[np.ndarray, "row column"]

    def covers(self, points: Float[np.ndarray, "point 2"]) -> Bool[np.ndarray, " point"]:
        """Which points, in image pixels, lie behind this animal (at least half covered, between pixel centres)."""
        x, y = (points - (self.left, self.top)).astype(np.float32).T
        found = cv2.remap(self.coverage, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=0)
        return np.asarray(found).reshape(-1) >= 0.5


def draw_animal(body: Body, coat: Coat) -> Layer:
    """An animal on a patch of its own, just large enough."""
    outermost = np.concatenate([body.spine, body.feet, body.joints])
    left, top = np.floor(outermost.min(0) - 0.08 * body.size - 2).astype(int)
    right, bottom = np.ceil(outermost.max(0) + 0.08 * body.size + 2).astype(int)
    size = (int(bottom - top) // COARSE * COARSE + COARSE, int(right - left) // COARSE * COARSE + COARSE)
    corner = np.array([left, top], float)
    limbs = _limbs(body, coat, corner, size)
    skin = _skin(body, coat, corner, size)
    behind = 1 - skin[..., -1:]
    both = skin + limbs * behind  # (row, column, channel + 1)
    return Layer(int(left), int(top), 255 * both[..., :-1], np.ascontiguousarray(both[..., -1]))


def paint(canvas: Float32[np.ndarray, "height width channel"], layer: Layer, shadow: tuple[float, float, float]
          ) -> None:
    """Put an animal and its soft shadow onto the canvas, in place.

    shadow: its offset (x, y) in pixels and its darkness, 0 .. 1.
    """
    offset_x, offset_y, darkness = shadow
    soft = max(1.0, 0.35 * float(np.hypot(offset_x, offset_y)))
    pad = int(3 * soft + max(abs(offset_x), abs(offset_y))) + 1
    shade = cv2.copyMakeBorder(layer.coverage, pad, pad, pad, pad, cv2.BORDER_CONSTANT, value=0)
    move = np.array([[1, 0, offset_x], [0, 1, offset_y]])
    shade = cv2.warpAffine(shade, move, shade.shape[::-1], flags=cv2.INTER_LINEAR)
    shade = cv2.GaussianBlur(shade, (0, 0), soft)
    on_canvas, on_patch = _common(canvas.shape, layer.left - pad, layer.top - pad, shade.shape)
    canvas[on_canvas] *= 1 - darkness * shade[on_patch][..., None]
    on_canvas, on_patch = _common(canvas.shape, layer.left, layer.top, layer.coverage.shape)
    canvas[on_canvas] *= 1 - layer.coverage[on_patch][..., None]
    canvas[on_canvas] += layer.colour[on_patch]


def _common(canvas: Sequence[int], left: int, top: int, patch: Sequence[int]
            ) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
    """The part of a patch that falls on the canvas: as slices of the canvas, and of the patch."""
    here, there = [], []
    for start, length, limit in ((top, patch[0], canvas[0]), (left, patch[1], canvas[1])):
        first, last = max(start, 0), max(min(start + length, limit), max(start, 0))
        here.append(slice(first, last))
        there.append(slice(first - start, last - start))
    return (here[0], here[1]), (there[0], there[1])


def _skin(body: Body, coat: Coat, corner: Float[np.ndarray, "2"], size: tuple[int, int]
          ) -> Float32[np.ndarray, "row column layer"]:
    """The coat wrapped around the spine, 0 .. 1."""
    behind, aside = _body_coordinates(body, corner, size)  # image pixels
    fine = (size[1] * FINER, size[0] * FINER)
    columns = cv2.resize((behind + MARGIN) * TEXELS, fine, interpolation=cv2.INTER_LINEAR)
    rows = cv2.resize((aside + coat.middle) * TEXELS, fine, interpolation=cv2.INTER_LINEAR)
    skin = cv2.remap(coat.texture, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=0)
    return _averaged(skin, size)


def _body_coordinates(body: Body, corner: Float[np.ndarray, "2"], size: tuple[int, int]
                      ) -> tuple[Float32[np.ndarray, "row column"], Float32[np.ndarray, "row column"]]:
    """How far behind the snout, and how far to the right of the spine, the patch's cells of COARSE pixels lie; pixels.

    From the nearest knot along its tangent; a bent spine spreads its outside and crowds its inside.
    """
    spine = (body.spine - corner).astype(np.float32)  # (knot, 2)
    back = -body.forward.astype(np.float32)
    right = np.stack([back[:, 1], -back[:, 0]], 1)
    spacing = np.float32(body.size / (len(spine) - 1))
    turning = (np.gradient(back, spacing, axis=0) * right).sum(1)  # (knot,), 1 / pixel
    height, width = size[0] // COARSE, size[1] // COARSE
    cells = np.stack(np.meshgrid(np.arange(width), np.arange(height)), -1, dtype=np.float32).reshape(-1, 2)
    pixels = (cells + 0.5) * COARSE - 0.5  # (cell, 2)
    nearest = np.argmax(pixels @ (2 * spine.T) - (spine**2).sum(1), axis=1)  # (cell,)
    away = pixels - spine[nearest]
    aside = (away * right[nearest]).sum(1)
    behind = (away * back[nearest]).sum(1) / np.maximum(1 - turning[nearest] * aside, 0.3) + spacing * nearest
    return behind.reshape(height, width).astype(np.float32), aside.reshape(height, width)


def _limbs(body: Body, coat: Coat, corner: Float[np.ndarray, "2"], size: tuple[int, int]
           ) -> Float32[np.ndarray, "row column layer"]:
    """Arms and legs with hands, feet and toes, 0 .. 1."""
    canvas = np.zeros((size[0] * FINER, size[1] * FINER, coat.channels + 1), np.uint8)
    sockets, joints, feet = body.sockets - corner, body.joints - corner, body.feet - corner
    toes = _toes(joints, feet, 0.034 * body.size)  # (limb, toe, 2)
    for edge in (True, False):  # first the dark edges of all limbs, then their insides
        limb, toe, palm = (coat.outline,) * 3 if edge else (coat.limb, coat.toe, coat.palm)
        wider = 0.007 * body.size if edge else 0.0
        _bones(canvas, sockets, joints, (0.021 * body.size + wider, 0.016 * body.size + wider), limb)
        _bones(canvas, joints, feet, (0.016 * body.size + wider, 0.016 * body.size + wider), limb)
        _bones(canvas, feet[:, None], toes, (0.009 * body.size + wider, 0.006 * body.size + wider), toe)
        for x, y in _fine(feet):
            cv2.circle(canvas, (x, y), _fine_length(0.018 * body.size + wider), (*palm, 255.0), -1, cv2.LINE_8, _SHIFT)
    return _averaged(canvas, size)


def _toes(joints: Float[np.ndarray, "limb 2"], feet: Float[np.ndarray, "limb 2"], length: float
          ) -> Float[np.ndarray, "limb toe 2"]:
    """Where the toes end, spread about the direction of their limb."""
    reach = feet - joints
    angle = np.arctan2(reach[:, 1], reach[:, 0])[:, None] + _SPREAD  # (limb, toe)
    return np.asarray(feet[:, None] + length * np.stack([np.cos(angle), np.sin(angle)], -1))


def _bones(canvas: UInt8[np.ndarray, "row column layer"], starts: Float[np.ndarray, "*bone 2"],
           ends: Float[np.ndarray, "*bone 2"], radii: tuple[float, float], colour: tuple[float, ...]) -> None:
    """Tapering pieces of limb, each with a round end; radii at start and end, pixels."""
    along = ends - starts
    aside = left_of(along) / np.maximum(np.linalg.norm(along, axis=-1, keepdims=True), 1e-6)
    corners = [starts + aside * radii[0], ends + aside * radii[1], ends - aside * radii[1], starts - aside * radii[0]]
    outlines = np.array(_fine(np.stack(corners, -2).reshape(-1, 2)), np.int32).reshape(-1, 4, 2)
    tips, radius, paint_with = _fine(ends.reshape(-1, 2)), _fine_length(radii[1]), (*colour, 255.0)
    for outline, (x, y) in zip(outlines, tips, strict=True):
        cv2.fillConvexPoly(canvas, outline, paint_with, cv2.LINE_8, _SHIFT)
        cv2.circle(canvas, (x, y), radius, paint_with, -1, cv2.LINE_8, _SHIFT)


def _fine(points: Float[np.ndarray, "point 2"]) -> list[tuple[int, int]]:
    """Image pixels to OpenCV's fixed-point fine pixels."""
    fixed = np.round(((points + 0.5) * FINER - 0.5) * 2**_SHIFT).astype(int).tolist()
    return [(x, y) for x, y in fixed]


def _fine_length(length: float) -> int:
    return int(length * FINER * 2**_SHIFT + 0.5)


def _averaged(fine: UInt8[np.ndarray, "fine_row fine_column layer"], size: tuple[int, int]
              ) -> Float32[np.ndarray, "row column layer"]:
    small = cv2.resize(fine, size[::-1], interpolation=cv2.INTER_AREA)
    return small.astype(np.float32) / 255
