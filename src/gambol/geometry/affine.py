"""Affine: every change of an image's pixels, and the way back.

Coordinates are pixel centres, as on `gambol.poses`: (0, 0) is the centre of the top-left pixel. Changes are composed
first and the image is warped once, so that nothing is interpolated twice and no half pixel is ever repaired.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from jaxtyping import Float, UInt8

_RADII = 4.0  # a Gaussian ends after this many sigmas: what is cut off is less than one grey level
_SMALLEST_BLUR = 0.25  # source pixels; below this the neighbours' weights are < 1/2000 and a blur changes nothing
_SUBPIXEL = 1e-6  # pixels; a translation this close to whole pixels is one (rounding errors of composition)


@dataclass(frozen=True, eq=False)
class Affine:
    """A map of points from a source image to a target image: rotation, scale, flip and shift in any composition.

    matrix (2, 3), float64: target = matrix[:, :2] @ source + matrix[:, 2], both (x, y) in pixel-centre coordinates.
    """

    matrix: Float[np.ndarray, "2 3"]

    @classmethod
    def identity(cls) -> "Affine":
        """Everything stays where it is."""
        return cls(np.eye(2, 3))

    @classmethod
    def translation(cls, dx: float, dy: float) -> "Affine":
        """Everything moves right by dx and down by dy pixels."""
        return cls(np.array([[1.0, 0.0, dx], [0.0, 1.0, dy]]))

    @classmethod
    def scaling(cls, sx: float, sy: float | None = None) -> "Affine":
        """Resize an image: about the outer corner of its first pixel, (-0.5, -0.5), so that edges stay edges."""
        sy = sx if sy is None else sy
        return cls(np.array([[sx, 0.0, (sx - 1) / 2], [0.0, sy, (sy - 1) / 2]]))

    @classmethod
    def rotation(cls, degrees: float, centre: tuple[float, float] = (0.0, 0.0)) -> "Affine":
        """Turn about a point (x, y); positive turns the x axis towards the y axis, on the screen clockwise."""
        quarters, rest = divmod(degrees, 90)
        if rest == 0:  # quarter turns are exact: no pixel is interpolated for a cosine of 6e-17
            cosine, sine = [(1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.0, -1.0)][int(quarters) % 4]
        else:
            cosine, sine = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
        turn = cls(np.array([[cosine, -sine, 0.0], [sine, cosine, 0.0]]))
        x, y = centre
        return cls.translation(-x, -y).then(turn).then(cls.translation(x, y))

    @classmethod
    def flip(cls, width: int) -> "Affine":
        """Mirror an image of this width: left becomes right."""
        return cls(np.array([[-1.0, 0.0, width - 1.0], [0.0, 1.0, 0.0]]))

    @classmethod
    def crop(cls, left: float, top: float) -> "Affine":
        """Cut out a part whose first pixel lies at (left, top)."""
        return cls.translation(-left, -top)

    def then(self, after: "Affine") -> "Affine":
        """First this, then the other, as one."""
        linear = after.matrix[:, :2] @ self.matrix[:, :2]  # (2, 2)
        shift = after.matrix[:, :2] @ self.matrix[:, 2] + after.matrix[:, 2]  # (2,)
        return Affine(np.column_stack([linear, shift]))

    @property
    def inverse(self) -> "Affine":
        """The way back, from target to source."""
        linear = np.linalg.inv(self.matrix[:, :2])  # (2, 2)
        return Affine(np.column_stack([linear, -linear @ self.matrix[:, 2]]))

    @property
    def scale(self) -> float:
        """Target pixels per source pixel (the geometric mean where the axes differ)."""
        return float(np.sqrt(abs(np.linalg.det(self.matrix[:, :2]))))

    def __call__(self, points: Float[np.ndarray, "*any 2"]) -> Float[np.ndarray, "*any 2"]:
        """Where points (x, y) of the source lie in the target; NaN stays NaN."""
        moved: Float[np.ndarray, "*any 2"] = np.asarray(points, np.float64) @ self.matrix[:, :2].T + self.matrix[:, 2]
        return moved

    def warp(
        self, image: UInt8[np.ndarray, "height width *channel"], size: tuple[int, int], fill: int = 0
    ) -> UInt8[np.ndarray, "h w *channel"]:
        """The target image, of `size` (height, width): content lands exactly where its points do.

        Bilinear; what shrinks is smoothed in proportion first, so that thin things fade instead of flickering. Shifts
        by whole pixels copy pixels unchanged. Only the part of the source that shows is touched. Pixels from beyond the
        source are `fill`. Where the axes are scaled differently the smoothing follows `scale`.
        """
        shift = np.round(self.matrix[:, 2])
        if np.abs(self.matrix - np.column_stack([np.eye(2), shift])).max() * max(*image.shape[:2], *size) < _SUBPIXEL:
            return _shifted(image, (int(shift[0]), int(shift[1])), size, fill)
        if self.scale < 0.5 + _SUBPIXEL:
            reduced, step = _reduced(self, image, size)
            return step.warp(reduced, size, fill)
        sigma = 0.5 * np.sqrt(max(self.scale**-2 - 1, 0.0))  # source pixels; half a target pixel, less what there is
        blurred = sigma > _SMALLEST_BLUR
        left, top, right, bottom = _shown(self, image, size, margin=2 + int(np.ceil(_RADII * sigma)))
        if left >= right or top >= bottom:
            return np.full((*size, *image.shape[2:]), fill, np.uint8)
        part = image[top:bottom, left:right]
        if blurred:
            part = cv2.GaussianBlur(part, (0, 0), float(sigma), borderType=cv2.BORDER_REPLICATE)
        back = self.inverse.then(Affine.crop(left, top)).matrix  # target -> part
        warped = cv2.warpAffine(
            part,
            back,
            (size[1], size[0]),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_CONSTANT,
            borderValue=(fill,) * 4,
        )
        return np.asarray(warped, np.uint8).reshape(*size, *image.shape[2:])


def center_crop(centre: tuple[float, float], size: tuple[int, int], scale: float = 1.0, degrees: float = 0.0) -> Affine:
    """The crop of `size` (height, width) whose middle shows `centre`, after scaling and rotating about it.

    centre is (x, y) in source pixels; the middle of the crop is ((width - 1) / 2, (height - 1) / 2).
    """
    height, width = size
    zoom = Affine(np.array([[scale, 0.0, 0.0], [0.0, scale, 0.0]]))
    return (
        Affine.translation(-centre[0], -centre[1])
        .then(zoom)
        .then(Affine.rotation(degrees))
        .then(Affine.translation((width - 1) / 2, (height - 1) / 2))
    )


def _shown(
    affine: Affine, image: UInt8[np.ndarray, "height width *channel"], size: tuple[int, int], margin: int
) -> tuple[int, int, int, int]:
    """Left, top, right, bottom (exclusive) of the source pixels that the target needs, with a margin."""
    height, width = size
    corners = np.array([[0, 0], [width - 1, 0], [0, height - 1], [width - 1, height - 1]], np.float64)
    seen = affine.inverse(corners)  # (corner, 2)
    low = np.floor(seen.min(0)).astype(int) - margin
    high = np.ceil(seen.max(0)).astype(int) + margin + 1
    left, top = np.maximum(low, 0)
    right, bottom = np.minimum(high, [image.shape[1], image.shape[0]])
    return int(left), int(top), int(right), int(bottom)


def _shifted(
    image: UInt8[np.ndarray, "height width *channel"], shift: tuple[int, int], size: tuple[int, int], fill: int
) -> UInt8[np.ndarray, "h w *channel"]:
    """A copy moved by whole pixels (right, down)."""
    target = np.full((*size, *image.shape[2:]), fill, np.uint8)
    dx, dy = shift
    left, right = max(dx, 0), min(dx + image.shape[1], size[1])
    top, bottom = max(dy, 0), min(dy + image.shape[0], size[0])
    if left < right and top < bottom:
        target[top:bottom, left:right] = image[top - dy : bottom - dy, left - dx : right - dx]
    return target


def _reduced(
    affine: Affine, image: UInt8[np.ndarray, "height width *channel"], size: tuple[int, int]
) -> tuple[UInt8[np.ndarray, "h w *channel"], Affine]:
    """The part of the source that shows, as means of whole blocks of pixels, and the map from there to the target.

    Blocks are counted from the image's corner, so that a pixel's value does not depend on what else is shown.
    """
    block = int(1 / affine.scale + 10 * _SUBPIXEL)  # at least 2, and what is left to shrink is at least 2/3
    left, top, right, bottom = _shown(affine, image, size, margin=4 * block)
    left, top = left // block * block, top // block * block
    if left >= right or top >= bottom:
        return np.empty((0, 0, *image.shape[2:]), np.uint8), Affine.scaling(block).then(affine)
    part = image[top:bottom, left:right]
    short = (-part.shape[0] % block, -part.shape[1] % block)  # the image may end within a block
    if any(short):
        part = cv2.copyMakeBorder(part, 0, short[0], 0, short[1], cv2.BORDER_REPLICATE)
    shape = (part.shape[0] // block, part.shape[1] // block)
    means = cv2.resize(part, shape[::-1], interpolation=cv2.INTER_AREA)
    step = Affine.scaling(block).then(Affine.translation(left, top)).then(affine)  # means -> target
    return np.asarray(means, np.uint8).reshape(*shape, *image.shape[2:]), step
