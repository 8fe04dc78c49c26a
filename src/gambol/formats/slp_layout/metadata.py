"""The small things of a `.slp`: its metadata, lists of JSON objects, provenance; and the numbers of its videos."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from jaxtyping import Int

from gambol.errors import LabelsError
from gambol.formats.slp_layout import skeletons
from gambol.labels.columns import Columns, Origin
from gambol.labels.skeleton import Skeleton
from gambol.video.source import VideoSource

FORMAT_ID = 1.4
ATTRIBUTE_LIMIT = 64_000  # bytes; HDF5 keeps an attribute within 64 KiB


def read_metadata(file: h5py.File, path: Path) -> dict[str, Any]:
    """The metadata JSON. Raises `LabelsError` if the file has none: then it is no SLEAP project."""
    try:
        return dict(json.loads(_text(file["metadata"].attrs["json"])))
    except (KeyError, ValueError) as error:
        raise LabelsError(
            f"{path} is an HDF5 file without the metadata of a SLEAP project. "
            "Without it there is no skeleton, so its labels mean nothing. "
            "Choose a .slp file; analysis files and images alone cannot be opened as a project.") from error


def read_json_rows(file: h5py.File, name: str) -> list[Any]:
    """A list of JSON objects (`videos_json`, `tracks_json`, ...), empty if it is not there."""
    return [json.loads(_text(row)) for row in file[name][()]] if name in file and file[name].shape[0] else []


def write_json_rows(file: h5py.File, name: str, rows: Sequence[Any]) -> None:
    """Store JSON objects, one string each."""
    texts = [json.dumps(row, separators=(",", ":")) for row in rows]
    file.create_dataset(name, data=texts, shape=(len(texts),), dtype=h5py.string_dtype(), maxshape=(None,))


def read_provenance(file: h5py.File, metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Where the labels come from: a dataset of its own since sleap-io 0.6, before a key of the metadata."""
    if "provenance_json" not in file:
        return dict(metadata.get("provenance") or {})
    stored = file["provenance_json"][()]
    return dict(json.loads(_text(stored.item() if isinstance(stored, np.ndarray) else stored)))


def write_metadata(
    file: h5py.File, skeleton: Skeleton, provenance: Mapping[str, Any], origin: Origin | None = None
) -> None:
    """Store skeleton and provenance; a skeleton that has not changed is written back as it was stored."""
    metadata = dict(origin.metadata) if origin else {}
    if not metadata.get("skeletons") or read_skeletons(metadata) != [skeleton]:
        graph, nodes = skeletons.encode(skeleton)
        metadata |= {"skeletons": [graph] if nodes else [], "nodes": nodes}
    defaults = {"version": "2.0.0", "videos": [], "tracks": [], "suggestions": [], "negative_anchors": {}}
    metadata = defaults | metadata | {"provenance": dict(provenance)}
    if provenance:
        file["provenance_json"] = np.bytes_(_dumps(provenance))
    if len(_dumps(metadata)) > ATTRIBUTE_LIMIT:
        metadata["provenance"] = {}  # nothing is lost: it stands in its own dataset
    group = file.require_group("metadata")
    group.attrs["format_id"] = max(FORMAT_ID, origin.format_id if origin and origin.extras else 0)
    group.attrs["json"] = np.bytes_(_dumps(metadata))


def read_skeletons(metadata: Mapping[str, Any]) -> list[Skeleton]:
    """All skeletons of the metadata, usually one."""
    names = [node["name"] for node in metadata.get("nodes", ())]
    return [skeletons.decode(stored, names) for stored in metadata.get("skeletons", ())]


def read_suggestions(file: h5py.File) -> dict[tuple[int, int], int]:
    """Suggested frames, (video, frame index), each with its group."""
    return {(int(row["video"]), int(row["frame_idx"])): row.get("group") or 0
            for row in read_json_rows(file, "suggestions_json")}


def write_suggestions(file: h5py.File, columns: Columns | None) -> None:
    """Store the suggested frames, none if there are no columns."""
    write_json_rows(file, "suggestions_json", [
        {"video": str(video), "frame_idx": frame, "group": columns.suggestion_groups.get((video, frame), 0)}
        for video, frame in columns.suggestions] if columns else [])


def read_crops(file: h5py.File) -> dict[int, Any]:
    """For each video that is cropped on reading (format 2.3) its crop, as stored."""
    if "video_crops" not in file:
        return {}
    return {int(crop["video"]): crop for crop in json.loads(_text(file["video_crops"][()]))}


def video_positions(ids: Int[np.ndarray, " frame"], videos: list[VideoSource]) -> Int[np.ndarray, " frame"]:
    """For each number in the frames table the position of its video in the project's list.

    Usually the number is the position. In packages of older SLEAP it is that of the group which holds the images
    (`video15/video`), and the list has gaps; sleap-io's rule tells the two apart and is followed here.
    """
    used = np.unique(ids)
    if len(used) == len(videos) and len(used) and used[-1] == len(videos) - 1:
        return ids.astype(np.int64)
    positions = {number: place for place, number in enumerate(video_numbers(videos))}
    return np.array([positions.get(number, number) for number in used.tolist()], np.int64)[np.searchsorted(used, ids)]


def video_ids(videos: list[VideoSource], used: set[int]) -> Int[np.ndarray, " video"]:
    """The number under which each video stands in the frames table, such that `video_positions` undoes it.

    used: positions of the videos that have frames.
    """
    numbers = range(len(videos)) if len(used) == len(videos) else video_numbers(videos)
    return np.array(numbers, np.int64)


def video_numbers(videos: list[VideoSource]) -> list[int]:
    """Each video's number: that of its group of embedded images, else its position; positions if two were equal."""
    numbers = []
    for place, video in enumerate(videos):
        group = (video.dataset or "").partition("/")[0]
        numbered = group.startswith("video") and group[5:].isdigit() and "/" in (video.dataset or "")
        numbers.append(int(group[5:]) if numbered else place)
    return numbers if len(set(numbers)) == len(numbers) else list(range(len(videos)))


def _text(stored: Any) -> str:
    if isinstance(stored, np.ndarray):
        stored = stored.tobytes()
    return stored.decode() if isinstance(stored, bytes) else str(stored)


def _dumps(content: Any) -> bytes:
    return json.dumps(content, separators=(",", ":"), default=str).encode()
