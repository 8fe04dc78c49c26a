"""The four tables of a `.slp`: frames, instances, points and predicted points; to columns and back, without loops.

An instance's points are a run of rows in `points` (user) or `pred_points` (predicted), a frame's instances a run in
`instances`. Layout: SLEAP format 1.4 (`sleap/io/format/hdf5.py`), as sleap-io 0.9.5 reads and writes it.
"""

import json
from collections.abc import Mapping
from typing import Any

import h5py
import numpy as np
from jaxtyping import Bool

from gambol.errors import LabelsError
from gambol.labels.columns import PREDICTED, USER, Columns, empty_rows

POINT = np.dtype([("x", "f8"), ("y", "f8"), ("visible", "?"), ("complete", "?")])
PREDICTED_POINT = np.dtype([*POINT.descr, ("score", "f8")])
INSTANCE = np.dtype([
    ("instance_id", "i8"), ("instance_type", "u1"), ("frame_id", "u8"), ("skeleton", "u4"), ("track", "i4"),
    ("from_predicted", "i8"), ("score", "f4"), ("point_id_start", "u8"), ("point_id_end", "u8"),
    ("tracking_score", "f4")])
FRAME = np.dtype([
    ("frame_id", "u8"), ("video", "u4"), ("frame_idx", "u8"), ("instance_id_start", "u8"), ("instance_id_end", "u8")])
NEGATIVE_FRAME = np.dtype([("video_id", "u4"), ("frame_idx", "u8")])
TABLES = {"frames": FRAME, "instances": INSTANCE, "points": POINT, "pred_points": PREDICTED_POINT,
          "negative_frames": NEGATIVE_FRAME}

CENTRED_PIXELS_SINCE = 1.1  # before, (0, 0) was the corner of the top-left pixel, not its centre


def read_table(file: h5py.File, name: str, rows: slice = slice(None)) -> Any:
    """A table, or some of its rows, as a structured array; plain 2-D ones, as h5wasm writes, get their names back."""
    data = file[name][rows]
    names = file[name].attrs.get("field_names")
    if data.dtype.names is None and data.ndim == 2 and names is not None:
        names = json.loads(names)
        data = np.rec.fromarrays(list(data.T), names=names)
    return data


def read_rows(
    file: h5py.File, instances: Any, nodes: int, format_id: float, points: bool = True
) -> dict[str, Any]:
    """The row arrays of `Columns` for these records of the instances table, in their order.

    Of the tables of points only the stretch is read in which theirs lie; without `points`, nothing is said of points.
    from_predicted holds instance ids, as stored. Raises `LabelsError` if points are missing for some of them.
    """
    rows = empty_rows(nodes, len(instances)) if points else {}
    rows["kinds"] = instances["instance_type"].astype(np.uint8)
    rows["scores"] = instances["score"].astype(np.float64)
    rows["track"] = instances["track"].astype(np.int64)
    rows["from_predicted"] = instances["from_predicted"].astype(np.int64)
    if "tracking_score" in instances.dtype.names:
        rows["tracking_scores"] = instances["tracking_score"].astype(np.float64)
    else:
        rows["tracking_scores"] = np.zeros(len(instances))
    if points:
        _read_points(file, instances, rows)
        if format_id < CENTRED_PIXELS_SINCE:
            rows["points"] -= 0.5
    return rows


def _read_points(file: h5py.File, instances: Any, rows: dict[str, Any]) -> None:
    """Fill in what is known of the points of these instances."""
    for kind, name in ((USER, "points"), (PREDICTED, "pred_points")):
        which = rows["kinds"] == kind
        if which.all():
            which = slice(None)  # spares copies, which for a whole video are large
        points = _gather(file, name, instances[which], rows["visible"].shape[1])  # (row of this kind, node)
        for axis, coordinate in enumerate("xy"):
            rows["points"][which, :, axis] = points[coordinate]
        rows["visible"][which] = points["visible"].astype(bool)
        rows["complete"][which] = points["complete"].astype(bool)
        if kind == PREDICTED:
            rows["point_scores"][which] = points["score"]


def _gather(file: h5py.File, name: str, instances: Any, nodes: int) -> Any:
    """The points (row, node) of these instances."""
    start = instances["point_id_start"].astype(np.int64)
    end = instances["point_id_end"].astype(np.int64)
    first, last = int(start.min(initial=len(file[name]))), int(end.max(initial=0))
    points = read_table(file, name, slice(first, max(first, last)))
    start -= first
    if ((end - first - start) != nodes).any() or last - first > len(points):
        raise LabelsError(
            f"Some animals of the project do not have {nodes} points, as its skeleton has nodes. "
            "The file is damaged or was written by a program that numbers points otherwise. "
            "Open and save it in SLEAP, or take a backup copy.")
    if np.array_equal(start, np.arange(len(start)) * nodes):
        return points[: len(start) * nodes].reshape(len(start), nodes)  # (row, node) as they lie, the usual case
    return points[start[:, None] + np.arange(nodes)]                   # (row, node)


def tables(columns: Columns, before: Mapping[str, int]) -> dict[str, Any]:
    """The tables for columns in the columns' order; keys as in TABLES.

    before: how many rows of each table stand in the file already; numbering continues there. Videos are numbered by
    position.
    """
    user = columns.kinds == USER                                        # (row,)
    nodes, first = len(columns.skeleton), before["instances"]
    frames = np.empty(len(columns), FRAME)
    frames["frame_id"] = np.arange(len(columns)) + before["frames"]
    frames["video"], frames["frame_idx"] = columns.frame_video, columns.frame_index
    frames["instance_id_start"] = columns.row_start[:-1] + first
    frames["instance_id_end"] = columns.row_start[1:] + first

    instances = np.zeros(len(user), INSTANCE)
    instances["instance_id"] = np.arange(len(user)) + first
    instances["frame_id"] = columns.row_frame + before["frames"]
    instances["from_predicted"] = np.where(columns.from_predicted < 0, -1, columns.from_predicted + first)
    instances["point_id_start"] = np.where(
        user, before["points"] + nodes * (np.cumsum(user) - 1), before["pred_points"] + nodes * (np.cumsum(~user) - 1))
    instances["point_id_end"] = instances["point_id_start"] + np.uint64(nodes)
    for name, values in (("instance_type", columns.kinds), ("track", columns.track), ("score", columns.scores),
                         ("tracking_score", columns.tracking_scores)):
        instances[name] = values

    negative = np.empty(int(columns.negative.sum()), NEGATIVE_FRAME)
    negative["video_id"] = columns.frame_video[columns.negative]
    negative["frame_idx"] = columns.frame_index[columns.negative]
    return {"frames": frames, "instances": instances, "points": _points(columns, user, POINT),
            "pred_points": _points(columns, ~user, PREDICTED_POINT), "negative_frames": negative}


def _points(columns: Columns, which: Bool[np.ndarray, " row"], dtype: np.dtype[Any]) -> Any:
    points = np.empty((int(which.sum()), len(columns.skeleton)), dtype)  # (row of this kind, node)
    points["x"], points["y"] = columns.points[which, :, 0], columns.points[which, :, 1]
    points["visible"], points["complete"] = columns.visible[which], columns.complete[which]
    if "score" in (dtype.names or ()):
        points["score"] = columns.point_scores[which]
    return points.reshape(-1)
