"""What a project holds beyond gambol's columns: identities, masks, regions, sessions, crops, and things yet unknown.

They refer to frames, animals and videos by number, so they are carried along unchanged exactly while those numbers
mean the same; where they do not, that is said, and the only copy is never overwritten without them.
"""

import warnings
from pathlib import Path

import h5py
import numpy as np

from gambol.errors import LabelsError
from gambol.labels.columns import Columns, Origin, reordered

MODELLED = {"frames", "instances", "points", "pred_points", "negative_frames", "metadata", "videos_json",
            "tracks_json", "suggestions_json", "provenance_json"}
OF_VIDEOS = {"video_crops"}  # numbered by video alone


class LossWarning(UserWarning):
    """Something that a project holds is not in the file just written."""


def find(file: h5py.File) -> tuple[str, ...]:
    """Names of the groups and datasets that columns do not hold, empty ones left out."""
    return tuple(sorted(name for name in file if not (name in MODELLED or is_images(name) or _is_empty(file[name]))))


def to_carry(columns: Columns, path: Path) -> tuple[str, ...]:
    """Names of what can go along into a file at `path`.

    Warns with `LossWarning` about the rest. Raises `LabelsError` if `path` is the file which holds it.
    """
    origin = columns.origin
    if origin is None or not origin.extras:
        return ()
    carried = _carriable(columns, origin)
    lost = sorted(set(origin.extras) - set(carried))
    if lost and path.exists() and path.samefile(origin.path):
        raise LabelsError(
            f"{path} also holds {', '.join(lost)}, which gambol cannot keep now that frames or animals have changed. "
            "Saving would delete them from the only copy, so nothing was written. "
            "Save under another name, or make this change in SLEAP.")
    if lost:
        warnings.warn(
            f"{path} is written without {', '.join(lost)} of {origin.path.name}: gambol keeps them only while "
            "frames and animals stay as they are. The original file still holds them.", LossWarning, stacklevel=3)
    return carried


def carry(columns: Columns, names: tuple[str, ...], file: h5py.File) -> None:
    """Copy these groups and datasets of the file that the columns came from."""
    if not names or columns.origin is None:
        return
    with h5py.File(columns.origin.path, "r") as source:
        for name in names:
            source.copy(name, file)


def is_images(name: str) -> bool:
    """Whether a group is one of those with embedded images: video0, video1, ..."""
    return name.startswith("video") and name[5:].isdigit()


def _carriable(columns: Columns, origin: Origin) -> tuple[str, ...]:
    if len(columns.videos) < origin.video_count or len(columns.tracks) < origin.track_count:
        return ()
    if not origin.path.exists():
        return ()
    if in_file_order(columns) is not None:
        return origin.extras
    return tuple(sorted(OF_VIDEOS & set(origin.extras)))


def in_file_order(columns: Columns) -> Columns | None:
    """The columns with frames and animals as they stood in their file, None unless all are there and none was added.

    Meant for writing only: frames are then not sorted, as `Columns` otherwise promises.
    """
    origin = columns.origin
    if origin is None or not origin.complete:
        return None
    frames = np.argsort(origin.frames)                                              # (frame,)
    rows = np.argsort(origin.frames[columns.row_frame], kind="stable")              # (row,)
    if not np.array_equal(origin.rows[rows], np.arange(origin.row_count)):
        return None
    return reordered(columns, frames, rows)


def _is_empty(item: h5py.Group | h5py.Dataset) -> bool:
    return len(item) == 0 if isinstance(item, h5py.Group) or item.shape else False
