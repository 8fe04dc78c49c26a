"""Views: which part of a frame a network sees, and how large. Training and inference both come through here.

A view turns the size of an image (and, for a crop, the point in its centre) into the affine from image
to input and the size of the input. Training composes that affine with an augmentation's; either way
the image is warped once, and `affine.inverse` leads back exactly.
"""

import math
from collections.abc import Sequence
from typing import Annotated, Literal, assert_never

import numpy as np
from jaxtyping import Float, UInt8
from pydantic import Field

from gambol.config import Config
from gambol.geometry.affine import Affine, center_crop

Size = tuple[int, int]  # (height, width)
Centre = Sequence[float] | Float[np.ndarray, "2"]  # (x, y), image pixels


class WholeFrame(Config):
    """The whole frame, scaled, with zeros at the bottom and right so that the network's strides fit."""

    kind: Literal["frame"] = "frame"
    scale: float = Field(default=1.0, gt=0, le=4, description="Input pixels for each image pixel.")
    multiple: int = Field(
        default=1, ge=1, le=1024,
        description="The input's height and width are multiples of this, in input pixels: the largest stride.")


class Crop(Config):
    """A square around one animal."""

    kind: Literal["crop"] = "crop"
    size: int = Field(ge=8, le=4096, description="Height and width of the crop, in input pixels.")
    scale: float = Field(default=1.0, gt=0, le=4, description="Input pixels for each image pixel.")


View = Annotated[WholeFrame | Crop, Field(discriminator="kind")]


def affine_for(view: View, image_size: Size, centre: Centre | None = None) -> tuple[Affine, Size]:
    """The affine from image to input, and the input's (height, width).

    `centre` (x, y), image pixels, is what a crop shows in its middle; a whole frame needs none.
    A crop at scale 1 lands on whole pixels, at most half a pixel off its centre, so that its pixels are
    copied and not blurred; the affine says where exactly. Raises `ValueError` for a crop without a centre.
    """
    match view:
        case WholeFrame():
            height, width = (_up(side, view.multiple) for side in content_size(view, image_size))
            return Affine.scaling(view.scale), (height, width)
        case Crop():
            if centre is None or not np.isfinite(centre).all():
                raise ValueError(f"a crop needs a centre, not {centre}")
            size = (view.size, view.size)
            if view.scale != 1:
                return center_crop((float(centre[0]), float(centre[1])), size, view.scale), size
            left, top = (math.floor(at - (view.size - 1) / 2 + 0.5) for at in centre)
            return Affine.crop(left, top), size
        case _:
            assert_never(view)


def content_size(view: View, image_size: Size) -> Size:
    """The (height, width) of that part of the input which shows something: without a frame's padding."""
    if isinstance(view, Crop):
        return view.size, view.size
    height, width = (math.ceil(side * view.scale - 1e-6) for side in image_size)
    return height, width


def cut(
    image: UInt8[np.ndarray, "height width channel"], view: View, centre: Centre | None = None,
    change: Affine | None = None,
) -> tuple[UInt8[np.ndarray, "input_height input_width channel"], Affine]:
    """What the network sees of an image, and the affine that led there: one warp, zeros outside the image.

    `change`, in input pixels, is an augmentation that comes on top of the view.
    """
    affine, size = affine_for(view, (image.shape[0], image.shape[1]), centre)
    if change is not None:
        affine = affine.then(change)
    return affine.warp(image, size), affine


def _up(side: int, multiple: int) -> int:
    return -(-side // multiple) * multiple
