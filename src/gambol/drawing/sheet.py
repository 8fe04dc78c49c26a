"""Sheets of frames: truth and prediction on top of each other, many at a glance."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

from gambol.drawing.lettering import RGB, text, text_width
from gambol.drawing.skeletons import draw, enlarged
from gambol.drawing.strokes import disc, line, ring
from gambol.drawing.style import Style
from gambol.geometry.affine import Affine
from gambol.labels.skeleton import Skeleton
from gambol.poses import Poses
from gambol.storage import replacing
from gambol.video.colour import Image

GAP = 8
LARGEST = 16.0  # times; what is smaller than this stays small
BAND = 24
PAPER = (24, 26, 30)
INK = (226, 228, 232)
TRUTH = (255, 255, 255)
ERROR = (255, 70, 70)


@dataclass(frozen=True)
class Comparison:
    """One picture of a sheet: an image, the truth about it, what was predicted, and a line of text.

    pairs: (true animal, predicted animal) that belong together; between their nodes errors are drawn as red lines.
    focus: the part of the image to show, (left, top, right, bottom) in image pixels; all of it if None.
    """

    image: Image
    truth: Poses
    predicted: Poses
    title: str = ""
    pairs: Sequence[tuple[int, int]] = field(default_factory=tuple)
    focus: tuple[float, float, float, float] | None = None


def contact_sheet(comparisons: Sequence[Comparison], skeleton: Skeleton, *, side: int = 420, columns: int = 4,
                  title: str = "") -> RGB:
    """All comparisons on one sheet, each at most `side` pixels wide and high, with what the signs mean above them."""
    pictures = [picture_of(comparison, skeleton, side) for comparison in comparisons]
    sheet = mosaic(pictures, columns, [comparison.title for comparison in comparisons])
    return with_legend(sheet, title)


def mosaic(pictures: Sequence[RGB], columns: int, titles: Sequence[str] = ()) -> RGB:
    """Pictures side by side in rows, each with its title above it; cells are as large as the largest picture."""
    columns = max(1, min(columns, len(pictures)))
    rows = math.ceil(len(pictures) / columns)
    band = BAND if any(titles) else 0
    height = max((picture.shape[0] for picture in pictures), default=0) + band + GAP
    width = max((picture.shape[1] for picture in pictures), default=0) + GAP
    canvas = np.full((rows * height + GAP, columns * width + GAP, 3), PAPER, np.uint8)
    for place, picture in enumerate(pictures):
        top, left = GAP + place // columns * height, GAP + place % columns * width
        if band and place < len(titles):
            text(canvas, _shortened(titles[place], width - GAP), (left + 1, top + band - 8), INK)
        canvas[top + band : top + band + picture.shape[0], left : left + picture.shape[1]] = picture
    return canvas


def write_image(picture: RGB, path: Path) -> None:
    """Write a picture as PNG, atomically. Raises `OutputError` if it cannot be written."""
    encoded = cv2.imencode(".png", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))[1]
    with replacing(path) as temporary:
        temporary.write_bytes(encoded.tobytes())


def picture_of(comparison: Comparison, skeleton: Skeleton, side: int) -> RGB:
    """Truth as white rings, prediction as coloured dots, and what lies between them."""
    image, to_part = _cut(comparison.image, comparison.focus)
    factor = min(side / max(image.shape[:2]), LARGEST)
    predicted = comparison.predicted.with_points(to_part(comparison.predicted.points))
    picture = draw(image, predicted, skeleton, Style(enlarge=factor))
    to_picture = to_part.then(enlarged(image, factor)[1])
    for one, other in comparison.pairs:
        for ends in zip(comparison.truth.points[one], comparison.predicted.points[other], strict=True):
            if not np.isnan(ends).any():
                line(picture, to_picture(np.array(ends)), ERROR, 1.5)
    for point in to_picture(comparison.truth.points[comparison.truth.visible]):
        ring(picture, point, 4.5, PAPER, width=2.6)
        ring(picture, point, 4.5, TRUTH, width=1.1)
    return picture


def _cut(image: Image, focus: tuple[float, float, float, float] | None) -> tuple[Image, Affine]:
    """The part of an image to show, and where its points go."""
    if focus is None:
        return image, Affine.identity()
    height, width = image.shape[:2]
    left, top = (int(np.clip(math.floor(value), 0, limit - 1))
                 for value, limit in zip(focus[:2], (width, height), strict=True))
    right, bottom = (int(np.clip(math.ceil(value) + 1, first + 1, limit))
                     for value, first, limit in zip(focus[2:], (left, top), (width, height), strict=True))
    return image[top:bottom, left:right], Affine.crop(left, top)


def with_legend(sheet: RGB, title: str) -> RGB:
    """A band above the sheet that says what it shows and what the signs mean."""
    signs = ("truth", "prediction", "error")
    needed = text_width(title, 15) + sum(text_width(sign) + 44 for sign in signs) + 5 * GAP
    width = max(sheet.shape[1], needed)
    canvas = np.full((sheet.shape[0] + 34, width, 3), PAPER, np.uint8)
    canvas[34:, : sheet.shape[1]] = sheet
    text(canvas, title, (GAP + 1, 26), INK, 15)
    x = GAP + 1 + (text_width(title, 15) + 4 * GAP if title else 0)
    for sign in signs:
        middle = np.array([x + 8.0, 21.0])
        if sign == "truth":
            ring(canvas, middle, 4.5, TRUTH, width=1.1)
        elif sign == "prediction":
            disc(canvas, middle, 2.6, (255, 176, 0))
        else:
            line(canvas, middle + np.array([[-7.0, 0], [7, 0]]), ERROR, 1.5)
        text(canvas, sign, (x + 22, 26), INK)
        x += text_width(sign) + 44
    return canvas


def _shortened(words: str, width: int) -> str:
    """The text, cut so that it fits."""
    if text_width(words) <= width:
        return words
    while words and text_width(words + "...") > width:
        words = words[:-1]
    return words + "..."
