"""Which video, frames and part of the image are to be drawn: from words to numbers."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from gambol.drawing.overlay import Part
from gambol.errors import GambolError, LabelsError
from gambol.labels.columns import Columns
from gambol.video.frame_numbers import parse_frames, require_frames_of
from gambol.video.reader import VideoReader

FEW = 9  # frames on a picture for which nobody chose any
MARGIN = 0.35  # of an animal's size: the room left around animals to which a picture is cut


def choose_video(columns: Columns, asked: str | None) -> int:
    """The number of the video that is asked for, by its number or name; if none is, the only one with labels.

    Raises `LabelsError` if that is none or several.
    """
    names = [video.name for video in columns.videos]
    labelled = np.bincount(columns.frame_video, minlength=len(names))
    listed = ", ".join(f"{number} {name} ({labelled[number]} labelled frames)" for number, name in enumerate(names))
    if asked is not None:
        matches = [number for number, video in enumerate(columns.videos)
                   if asked in (str(number), video.name, video.path.stem, video.path.as_posix())]
        exact = [number for number in matches if asked == str(number)] or matches
        if len(exact) == 1:
            return exact[0]
        raise LabelsError(
            f"'{asked}' names {len(exact) or 'none'} of the project's videos. "
            f"They are: {listed or 'none at all'}. "
            "Give the number of one of them with --video.")
    candidates = np.flatnonzero(labelled) if labelled.any() else np.arange(len(names))
    if len(candidates) != 1:
        raise LabelsError(
            f"The project has {len(candidates)} videos to draw, and a result shows one. "
            f"They are: {listed or 'none at all'}. "
            "Give the number of one of them with --video.")
    return int(candidates[0])


def choose_frames(columns: Columns, video: int, reader: VideoReader, asked: str | None, few: bool) -> list[int]:
    """The frames that are asked for: `0-99,200`, or `labelled`. If none are: all, or a few labelled ones if `few`.

    Raises `GambolError` for other words, `FrameOutOfRange`, or `LabelsError` if no frame is labelled.
    """
    if asked is not None and asked != "labelled":
        return require_frames_of(reader, parse_frames(asked))
    if asked is None and not few:
        return list(reader.frame_numbers)
    there = set(reader.frame_numbers)
    labelled = [frame for frame in columns.frame_index[columns.frame_video == video].tolist() if frame in there]
    if not labelled:
        raise LabelsError(
            f"No frame of {reader.source.name} is labelled. "
            "There is nothing to show. "
            "Choose another video with --video, or name frames with --frames 0-99.")
    if asked == "labelled":
        return labelled
    places = np.linspace(0, len(labelled) - 1, min(FEW, len(labelled))).round().astype(int)
    return [labelled[place] for place in places]


def choose_part(columns: Columns, video: int, reader: VideoReader, frames: Sequence[int], asked: str | None,
                kind: int | None = None) -> Part | None:
    """What of the images to show, within them; None for all. asked: `left,top,right,bottom`, `animals` or nothing.

    `animals` is a box around the animals of a kind (see `Columns.seen`) in all these frames. Raises `GambolError` for
    other words, and for what is no part of the image.
    """
    if asked is None:
        return None
    height, width = reader.size(frames[0])
    if asked == "animals":
        here = columns.seen(kind) & (
            (columns.frame_video == video) & np.isin(columns.frame_index, frames))[columns.row_frame]
        return _around(columns.visible_points[here], height, width)
    numbers = asked.replace(" ", "").split(",")
    if len(numbers) == 4 and all(number.isdecimal() for number in numbers):
        left, top, right, bottom = map(int, numbers)
        if left < right <= width and top < bottom <= height:
            return left, top, right, bottom
    raise GambolError(
        f"'{asked}' is no part of an image of {width} x {height} pixels. "
        "Nothing was drawn, because a guess could cut the animals off. "
        "Write LEFT,TOP,RIGHT,BOTTOM in pixels, for example 0,0,200,100, or animals.")


def _around(points: Float[np.ndarray, "animal node 2"], height: int, width: int) -> Part | None:
    """A box around animals with some room, within an image; None if there are none."""
    points = points[~np.isnan(points).any(-1).all(-1)]
    if not len(points):
        return None
    low, high = np.nanmin(points, axis=1), np.nanmax(points, axis=1)                     # (animal, 2)
    room = MARGIN * float(np.median(high - low)) + 4
    left, top = np.clip(np.floor(low.min(0) - room), 0, (width - 1, height - 1)).astype(int).tolist()
    right, bottom = np.clip(np.ceil(high.max(0) + room), (left + 1, top + 1), (width, height)).astype(int).tolist()
    return left, top, right, bottom
