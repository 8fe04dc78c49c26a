"""Skeletons drawn on images: smooth, and at the sub-pixel places where the points are."""

from typing import Literal

import cv2
import numpy as np
from jaxtyping import Float, UInt8
from pydantic import Field

from gambol.config import Config
from gambol.drawing.palette import colours
from gambol.geometry.affine import Affine
from gambol.labels.skeleton import Skeleton
from gambol.poses import Poses
from gambol.video.colour import Image, as_channels

_HALO = (16, 16, 16)

Colour = tuple[int, int, int]
RGB = UInt8[np.ndarray, "height width 3"]


class Style(Config):
    """How skeletons look."""

    palette: Literal["bright", "standard", "colour-blind", "rainbow"] = Field(
        "bright", description="Colours: made for grey video, SLEAP's, safe for colour-blind eyes, or a rainbow.")
    colour_by: Literal["animal", "node"] = Field(
        "animal", description="One colour per animal (its track, or its place in the frame without one) or per node.")
    enlarge: float = Field(1, gt=0, le=16, description="Pixels of the picture per pixel of the image, each way.")
    line: float = Field(1.6, ge=0, le=50, description="Width of edges in pixels of the picture; 0 leaves them out.")
    node: float = Field(2.6, ge=0, le=50, description="Radius of nodes in pixels of the picture; 0 leaves them out.")
    hollow: bool = Field(False, description="Nodes as rings through which the image can be seen.")
    opacity: float = Field(1, ge=0, le=1, description="0 invisible, 1 opaque.")
    scores: bool = Field(False, description="Write each animal's score beside it.")
    names: bool = Field(False, description="Write each animal's track beside it.")


def draw(image: Image, poses: Poses, skeleton: Skeleton, style: Style | None = None, tracks: list[str] | None = None
         ) -> RGB:
    """A copy of the image, in colour and enlarged as the style says, with every visible node and edge drawn.

    tracks: names for `style.names`; without them tracks are called by their numbers.
    """
    style = style or Style()
    canvas, to_canvas = enlarged(image, style.enlarge)
    drawn = canvas.copy() if style.opacity < 1 else canvas
    points = to_canvas(poses.points)  # (animal, node, 2)
    for animal in range(len(poses)):
        shades = _shades(poses, animal, len(skeleton), style)
        _draw_animal(drawn, points[animal], skeleton, shades, style)
    for animal in range(len(poses)):  # above all lines
        label = _label(poses, animal, style, tracks)
        if label and poses.visible[animal].any():
            _write_above(drawn, points[animal], label, _shades(poses, animal, len(skeleton), style)[0])
    if style.opacity == 1:
        return drawn
    return np.asarray(cv2.addWeighted(drawn, style.opacity, canvas, 1 - style.opacity, 0))


def enlarged(image: Image, factor: float) -> tuple[RGB, Affine]:
    """The image in colour, larger (or smaller), and where its points go."""
    colour = as_channels(image, 3)
    height, width = colour.shape[:2]
    if factor == 1:
        return colour.copy(), Affine.identity()
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    method = cv2.INTER_CUBIC if factor > 1 else cv2.INTER_AREA
    return np.asarray(cv2.resize(colour, size, interpolation=method)), Affine.scaling(size[0] / width, size[1] / height)


def line(canvas: RGB, ends: Float[np.ndarray, "2 2"], colour: Colour, width: float) -> None:
    """A smooth straight line with round ends between two points (x, y) of the canvas, in place."""
    (start, end), reach = ends, width / 2 + 1
    x, y = _around(canvas, ends.min(0) - reach, ends.max(0) + reach)
    along = end - start
    place = ((x - start[0]) * along[0] + (y - start[1]) * along[1]) / max(float(along @ along), 1e-12)  # (row, column)
    place = np.clip(place, 0, 1)
    distance = np.hypot(x - start[0] - place * along[0], y - start[1] - place * along[1])
    _stamp(canvas, x, y, width / 2 - distance, colour)


def disc(canvas: RGB, centre: Float[np.ndarray, "2"], radius: float, colour: Colour, width: float | None = None
         ) -> None:
    """A smooth disc about a point (x, y) of the canvas, or a ring of some width, in place."""
    reach = radius + (width or 0) / 2 + 1
    x, y = _around(canvas, centre - reach, centre + reach)
    distance = np.hypot(x - centre[0], y - centre[1])
    _stamp(canvas, x, y, radius - distance if width is None else width / 2 - np.abs(radius - distance), colour)


def text(canvas: RGB, words: str, at: tuple[float, float], colour: Colour, size: float = 12) -> None:
    """One line of text whose lower left corner is at (x, y), with a dark rim, in place; size: height in pixels.

    OpenCV's letters are ASCII; others become "?".
    """
    x, y = round(at[0]), round(at[1])
    rim = [(x + dx, y + dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1) if dx or dy]
    for place in rim:
        cv2.putText(canvas, words, place, cv2.FONT_HERSHEY_DUPLEX, size / 30, _HALO, 1, cv2.LINE_AA)
    cv2.putText(canvas, words, (x, y), cv2.FONT_HERSHEY_DUPLEX, size / 30, colour, 1, cv2.LINE_AA)


def text_width(words: str, size: float = 12) -> int:
    """How wide a line of text is, in pixels."""
    return int(cv2.getTextSize(words, cv2.FONT_HERSHEY_DUPLEX, size / 30, 1)[0][0])


def _draw_animal(canvas: RGB, points: Float[np.ndarray, "node 2"], skeleton: Skeleton, shades: list[Colour],
                 style: Style) -> None:
    seen = [not gone for gone in np.isnan(points).any(-1)]
    edges = [(one, other) for one, other in skeleton.edges if seen[one] and seen[other]] if style.line else []
    nodes = [node for node in range(len(skeleton)) if seen[node]] if style.node else []
    for one, other in edges:  # a dark rim below everything keeps bright lines legible on bright fur
        line(canvas, points[[one, other]], _HALO, style.line + 1.4)
    for one, other in edges:
        line(canvas, points[[one, other]], shades[other], style.line)
    for node in nodes:
        if style.hollow:
            disc(canvas, points[node], style.node, _HALO, width=2.4)
            disc(canvas, points[node], style.node, shades[node], width=1.3)
        else:
            disc(canvas, points[node], style.node + 0.8, _HALO)
            disc(canvas, points[node], style.node, shades[node])


def _shades(poses: Poses, animal: int, nodes: int, style: Style) -> list[Colour]:
    """One colour for each node of an animal."""
    if style.colour_by == "node":
        return [_tuple(shade) for shade in colours(style.palette, nodes)]
    track = int(poses.tracks[animal])
    number = track if track >= 0 else animal
    among = max(number + 1, len(poses))
    return [_tuple(colours(style.palette, among)[number])] * nodes


def _tuple(shade: UInt8[np.ndarray, "3"]) -> Colour:
    red, green, blue = shade.tolist()
    return red, green, blue


def _label(poses: Poses, animal: int, style: Style, tracks: list[str] | None) -> str:
    track = int(poses.tracks[animal])
    named = style.names and track >= 0
    parts = [(tracks[track] if tracks and track < len(tracks) else f"track {track}")] if named else []
    return " ".join(parts + ([f"{poses.scores[animal]:.2f}"] if style.scores else []))


def _write_above(canvas: RGB, points: Float[np.ndarray, "node 2"], label: str, colour: Colour) -> None:
    """Write above the animal, or below it where there is no room, and never outside of the picture."""
    left, top = np.nanmin(points, axis=0)
    bottom = float(np.nanmax(points[:, 1]))
    x = min(max(float(left), 2), max(canvas.shape[1] - text_width(label) - 2, 2))
    text(canvas, label, (x, float(top) - 6 if top > 20 else bottom + 18), colour)


def _around(canvas: RGB, first: Float[np.ndarray, "2"], last: Float[np.ndarray, "2"]
            ) -> tuple[Float[np.ndarray, "1 column"], Float[np.ndarray, "row 1"]]:
    """The x and y of the canvas's pixels between two corners; none where they lie outside."""
    limit = np.array(canvas.shape[1::-1])
    left, top = np.clip(np.floor(first), 0, limit).astype(int)
    right, bottom = np.clip(np.ceil(last) + 1, 0, limit).astype(int)
    return np.arange(left, right, dtype=float)[None], np.arange(top, bottom, dtype=float)[:, None]


def _stamp(canvas: RGB, x: Float[np.ndarray, "1 column"], y: Float[np.ndarray, "row 1"],
           inside: Float[np.ndarray, "row column"], colour: Colour) -> None:
    """Colour pixels by how deep inside of a shape they lie (pixels; negative outside): half covered on its edge."""
    if not inside.size:
        return
    cover = np.clip(inside + 0.5, 0, 1)[..., None]  # (row, column, 1)
    region = canvas[int(y[0, 0]) : int(y[-1, 0]) + 1, int(x[0, 0]) : int(x[0, -1]) + 1]
    region[:] = np.round(region + cover * (np.array(colour) - region))
