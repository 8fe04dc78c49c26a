"""SLEAP projects (`.slp`, `.pkg.slp`): straight from the HDF5 tables to columns, and back.

Reading decodes no image and builds no object per animal. Writing leaves the old file untouched until the whole new
one is on the disk. How a file lies in HDF5 is in `gambol.formats.slp_layout`.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from gambol.errors import LabelsError
from gambol.formats.slp_layout import extras, images, metadata, tables
from gambol.formats.slp_layout.lazy import StoredRows, identity_of, is_in_order
from gambol.formats.slp_layout.stream import SlpWriter
from gambol.labels.columns import Columns, Origin, arrange
from gambol.labels.lazy_columns import LazyColumns
from gambol.labels.skeleton import Skeleton
from gambol.labels.stored_videos import source_from_stored
from gambol.video.source import VideoSource

__all__ = ["SlpWriter", "read", "read_lazily", "write"]

NEWEST_FORMAT = 3.0  # from here on SLEAP's tables are laid out anew


def read(path: Path) -> Columns:
    """Open a project as columns; no video is opened and no path resolved (see `gambol.labels.paths`).

    Raises `LabelsError` if the file is missing, damaged, no SLEAP project, or uses two skeletons.
    """
    with _opened(path) as file:
        return _read(file, Path(path).absolute())


def read_lazily(path: Path) -> Columns:
    """Open a project at once, however long it is: rows are read from the file as they are needed.

    While it is in use, the file must stay as it is; otherwise reading on raises `LabelsError`. A file that does not
    lie in the order of `Columns` is read whole. Raises `LabelsError` as `read` does.
    """
    with _opened(path) as file:
        return _read(file, Path(path).absolute(), lazy=True)


@contextmanager
def _opened(path: Path) -> Iterator[h5py.File]:
    path = Path(path).absolute()
    if not path.is_file():
        raise LabelsError(
            f"{path} {'is a folder' if path.is_dir() else 'does not exist'}. "
            "Without a project file there are no labels to work with. "
            "Check the path; it should end in .slp.")
    try:
        with h5py.File(path, "r") as file:
            yield file
    except (OSError, KeyError, ValueError, IndexError, TypeError, RuntimeError) as error:
        raise LabelsError(
            f"{path} cannot be read as a SLEAP project ({error}). "
            "It is empty, cut off, or a file of another kind, so nothing in it can be trusted. "
            "Take a backup copy, or save it again from SLEAP.") from error


def write(
    columns: Columns, path: Path, embed: bool = False, progress: Callable[[int, int], None] | None = None
) -> None:
    """Write a project, atomically; it opens in SLEAP with the same content.

    Frames and animals keep the order of the file they came from. With `embed`, the images of all labelled and
    suggested frames are stored in the file, which then needs no video; progress is called with (images stored, images
    in all). Without it, images that the file at `path`
    itself holds stay in it; other videos are referred to, by the path stored for them or, where that would break,
    by an absolute one. What gambol does not model (identities, masks, sessions) goes along while frames and animals
    are those of the file; otherwise a `LossWarning` names what is left out, or `LabelsError` is raised if `path` is
    the only copy. Raises `OutputError` if it cannot be written, `VideoError` if a video to embed cannot be read.
    """
    path = Path(path).absolute()
    carried = extras.to_carry(columns, path)
    unsorted = extras.in_file_order(columns)
    with SlpWriter(path, columns.skeleton, columns.videos, overwrite=True) as writer:
        writer.videos = images.place(writer.file, columns, path, embed, progress)
        writer.append(columns if unsorted is None else unsorted)
        extras.carry(columns, carried, writer.file)
        writer.finish(columns.provenance, columns)


def _read(file: h5py.File, path: Path, lazy: bool = False) -> Columns:
    stored = metadata.read_metadata(file, path)
    format_id = float(file["metadata"].attrs.get("format_id", 1.0))
    if format_id >= NEWEST_FORMAT:
        raise LabelsError(
            f"{path} has SLEAP's format {format_id:g}, which gambol does not know yet. "
            "Its tables are laid out in another way and would be misread. "
            "Update gambol, or save the project from SLEAP in format 1 or 2.")
    frames = tables.read_table(file, "frames")
    skeleton = _skeleton(metadata.read_skeletons(stored), path)
    videos, tracks = _videos(file, path), [track[1] for track in metadata.read_json_rows(file, "tracks_json")]
    count, suggestions = len(file["instances"]), metadata.read_suggestions(file)
    known = {
        "skeleton": skeleton, "videos": videos, "tracks": tracks,
        "frame_video": metadata.video_positions(frames["video"], videos),
        "frame_index": frames["frame_idx"].astype(np.int64),
        "row_start": np.concatenate([[0], frames["instance_id_end"]]).astype(np.int64),
        "negative": _negative(file, frames), "suggestions": list(suggestions),
        "suggestion_groups": {key: group for key, group in suggestions.items() if group},
        "provenance": metadata.read_provenance(file, stored),
        "origin": Origin(path, np.arange(len(frames)), np.arange(count), len(frames), count, len(videos), len(tracks),
                         extras.find(file), stored, format_id)}
    if (known["frame_video"] >= len(videos)).any():
        raise ValueError("it names videos that it does not have")
    if not is_in_order(file, frames, known):
        return _arranged(file, frames, known)
    rows = StoredRows(path, len(skeleton), len(tracks), format_id, identity_of(path))
    if not lazy:
        return Columns(**known, **rows.of(file, slice(None), True))
    rows.of(file, slice(0, 1), True)  # so that a damaged file is met now
    return LazyColumns.over(rows, **known)


def _arranged(file: h5py.File, frames: Any, known: dict[str, Any]) -> Columns:
    """Columns of a file in which frames and animals lie in any order. known: everything but the rows."""
    start, end = (frames[f"instance_id_{side}"].astype(np.int64) for side in ("start", "end"))
    counts = end - start                                                               # (frame,)
    before = np.cumsum(counts) - counts
    taken = np.arange(counts.sum()) + np.repeat(start - before, counts)                # (row,) record of each row
    instances, origin = tables.read_table(file, "instances"), known["origin"]
    ids, instances = instances["instance_id"].astype(np.int64), instances[taken]
    rows = tables.read_rows(file, instances, len(known["skeleton"]), origin.format_id)
    rows["from_predicted"] = _places(rows["from_predicted"], ids[taken])
    if (rows["track"] >= len(known["tracks"])).any():
        raise ValueError("it names tracks that it does not have")
    unsorted = Columns(**known | {"origin": replace(origin, rows=taken)}, **rows)
    return arrange(unsorted, np.repeat(np.arange(len(frames)), counts))


def _skeleton(skeletons: list[Skeleton], path: Path) -> Skeleton:
    if len(skeletons) > 1:
        raise LabelsError(
            f"{path} has {len(skeletons)} skeletons ({', '.join(skeleton.name for skeleton in skeletons)}). "
            "gambol knows one skeleton per project; points of the others would be misread. "
            "Split it in SLEAP into one project for each skeleton.")
    return skeletons[0] if skeletons else Skeleton((), name="")


def _videos(file: h5py.File, path: Path) -> list[VideoSource]:
    videos = []
    crops = metadata.read_crops(file)
    for number, stored in enumerate(metadata.read_json_rows(file, "videos_json")):
        video = source_from_stored(stored, path)
        if video.dataset and video.path == path and video.original is None:
            original = images.read_original(file, video.dataset)
            video = video if original is None else replace(video, original=source_from_stored(original, path))
        if number in crops:
            video = replace(video, stored={**video.stored, "video_crop": crops[number]})
        videos.append(video)
    return videos


def _places(links: Any, ids: Any) -> Any:
    """Links by id as links by row: the row of the record with that id, -1 if there is none."""
    if not len(ids):
        return links
    order = np.argsort(ids)
    found = order[np.searchsorted(ids, links, sorter=order).clip(max=len(ids) - 1)]
    return np.where((links >= 0) & (ids[found] == links), found, -1)


def _negative(file: h5py.File, frames: Any) -> Any:
    if "negative_frames" not in file:
        return np.zeros(len(frames), bool)
    marked = tables.read_table(file, "negative_frames")
    keys = {(int(video), int(frame)) for video, frame in zip(marked["video_id"], marked["frame_idx"], strict=True)}
    pairs = zip(frames["video"].tolist(), frames["frame_idx"].tolist(), strict=True)
    return np.array([pair in keys for pair in pairs], bool)
