"""Skeletons drawn on images: smooth, and at the sub-pixel places where the points are."""

from collections.abc import Sequence

import cv2
import numpy as np
from jaxtyping import Float

from gambol.drawing.lettering import RGB, text, text_width
from gambol.drawing.strokes import Colour, disc, line, ring
from gambol.drawing.style import Style, shades
from gambol.geometry.affine import Affine
from gambol.labels.skeleton import Skeleton
from gambol.poses import Poses
from gambol.video.colour import Image, as_channels

Box = tuple[float, float, float, float]  # left, top, right, bottom
HALO = 0.7  # pixels of dark rim on each side of a line or node: bright lines stay legible on bright fur


def draw(image: Image, poses: Poses, skeleton: Skeleton, style: Style | None = None,
         tracks: Sequence[str] | None = None) -> RGB:
    """A copy of the image, in colour and enlarged as the style says, with every visible node and edge drawn.

    tracks: the names of all tracks, by which colours are chosen and which `style.names` writes; without them tracks
    are called by their numbers. Widths that the style leaves open follow from these poses.
    """
    style = style or Style()
    canvas, to_canvas = enlarged(image, style.enlarge)
    if style.ground != "image":
        canvas[:] = style.rim
    return draw_on(canvas, poses.with_points(to_canvas(poses.points)), skeleton, style.fitted(poses.points), tracks)


def draw_on(canvas: RGB, poses: Poses, skeleton: Skeleton, style: Style, tracks: Sequence[str] | None = None) -> RGB:
    """Draw poses, in pixels of the canvas, on it; in place, unless the style is translucent, which has its widths."""
    drawn = canvas.copy() if style.opacity < 1 else canvas
    coloured = shades(poses, len(skeleton), style, len(tracks) if tracks is not None else None)
    for points, own in zip(poses.points, coloured, strict=True):
        _draw_animal(drawn, points, skeleton, own, style)
    taken: list[Box] = []
    for animal, (points, own) in enumerate(zip(poses.points, coloured, strict=True)):  # above all lines
        if style.labels:
            _write_nodes(drawn, points, skeleton.nodes, own, style)
        label = _label(poses, animal, style, tracks)
        if label and poses.visible[animal].any():
            taken.append(_write_above(drawn, points, label, own[0], style, taken))
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


def letters(canvas: RGB) -> float:
    """The height of writing that suits a picture of this size, in pixels."""
    return float(np.clip(canvas.shape[0] / 60, 11, 40))


def _draw_animal(canvas: RGB, points: Float[np.ndarray, "node 2"], skeleton: Skeleton, own: list[Colour],
                 style: Style) -> None:
    width, radius = style.line or 0.0, style.node or 0.0
    seen = [not gone for gone in np.isnan(points).any(-1)]
    edges = [(one, other) for one, other in skeleton.edges if seen[one] and seen[other]] if width else []
    nodes = [node for node in range(len(skeleton)) if seen[node]] if radius else []
    for one, other in edges:
        line(canvas, points[[one, other]], style.rim, width + 2 * HALO)
    for one, other in edges:
        line(canvas, points[[one, other]], own[other], width)
    for node in nodes:
        if style.hollow:
            ring(canvas, points[node], radius, style.rim, width=2.4)
            ring(canvas, points[node], radius, own[node], width=1.3)
        else:
            disc(canvas, points[node], radius + HALO, style.rim)
            disc(canvas, points[node], radius, own[node])


def _label(poses: Poses, animal: int, style: Style, tracks: Sequence[str] | None) -> str:
    track = int(poses.tracks[animal])
    named = style.names and track >= 0
    parts = [(tracks[track] if tracks and track < len(tracks) else f"track {track}")] if named else []
    return " ".join(parts + ([f"{poses.scores[animal]:.2f}"] if style.scores else []))


def _write_above(canvas: RGB, points: Float[np.ndarray, "node 2"], label: str, colour: Colour, style: Style,
                 taken: Sequence[Box]) -> Box:
    """Write above the middle of the animal, or below it where there is no room, and never outside of the picture.

    Where another animal's label is, it gives way, upwards or downwards. Gives the place that it has taken.
    """
    size = letters(canvas)
    (left, top), (right, bottom) = np.nanmin(points, axis=0), np.nanmax(points, axis=0)
    width = text_width(label, size)
    x = min(max(float(left + right - width) / 2, 2), max(canvas.shape[1] - width - 2, 2))
    above = top > 1.8 * size
    y = float(top) - 0.6 * size if above else float(bottom) + 1.5 * size
    for _ in taken:
        if not any(_overlap(_line_of(x, y, width, size), other) for other in taken):
            break
        y += (-1.25 if above else 1.25) * size
    text(canvas, label, (x, y), colour, size, style.rim)
    return _line_of(x, y, width, size)


def _line_of(x: float, y: float, width: float, size: float) -> Box:
    """The box of a line of text whose base line begins at (x, y)."""
    return x, y - size, x + width, y + 0.25 * size


def _write_nodes(canvas: RGB, points: Float[np.ndarray, "node 2"], names: Sequence[str], own: list[Colour],
                 style: Style) -> None:
    """Write names beside nodes: outwards, and where that would cover another name or node, in the freest direction."""
    size = 0.85 * letters(canvas)
    nodes = np.flatnonzero(~np.isnan(points).any(-1))
    middle = np.nanmean(points, axis=0) if len(nodes) else np.zeros(2)
    taken = [(*(points[node] - 3), *(points[node] + 3)) for node in nodes]
    for node in nodes[np.argsort(points[nodes, 1], kind="stable")]:
        width, gap = text_width(names[node], size), (style.node or 0) + 0.45 * size
        outwards = points[node] - middle
        angles = np.arctan2(outwards[1], outwards[0]) + np.pi / 4 * np.array([0, 1, -1, 2, -2, 3, -3, 4])
        boxes = [_beside(points[node], angle, width, size, gap) for angle in angles]
        costs = [sum(_overlap(box, other) for other in taken) + 0.5 * turn + _outside(box, canvas)
                 for turn, box in enumerate(boxes)]
        best = boxes[int(np.argmin(costs))]
        taken.append(best)
        text(canvas, names[node], (best[0], best[3] - 0.2 * size), own[node], size, style.rim)

def _beside(point: Float[np.ndarray, "2"], angle: float, width: float, height: float, gap: float) -> Box:
    """Where a word stands that lies in some direction of a point."""
    x, y = point + gap * np.array([np.cos(angle), np.sin(angle)])
    left = x - width * (1 - np.cos(angle)) / 2
    top = y - height * (1 - np.sin(angle)) / 2
    return float(left), float(top), float(left + width), float(top + height)


def _overlap(one: Box, other: Box) -> float:
    """The area that two boxes share."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    return max(0.0, width) * max(0.0, height)


def _outside(box: Box, canvas: RGB) -> float:
    """The area of a box that lies outside of the canvas."""
    inside = (0.0, 0.0, float(canvas.shape[1]), float(canvas.shape[0]))
    return (box[2] - box[0]) * (box[3] - box[1]) - _overlap(box, inside)
