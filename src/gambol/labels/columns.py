"""An open project as columns: one array per property, one row per animal, one index from frames to rows.

Rows of a frame lie side by side, frames are sorted by (video, frame index), so that a frame is a slice and a
selection is a gather. Half a million frames open, filter and save without one Python object per animal.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Int, UInt8

from gambol.labels.skeleton import Skeleton
from gambol.video.source import VideoSource

USER, PREDICTED = 0, 1

ROW_FIELDS = ("points", "visible", "complete", "point_scores", "kinds", "scores", "tracking_scores", "track",
              "from_predicted")
FRAME_FIELDS = ("frame_video", "frame_index", "negative")


@dataclass(frozen=True)
class Origin:
    """The project file that columns were read from, and where each frame and row stood in it.

    Kept so that a project is written back in its own order together with what gambol does not model:
    `extras` names those HDF5 groups (identities, masks, sessions, ...), which refer to frames and rows by number.

    frames (frame,) and rows (row,): number in the file, -1 for what was added since.
    The counts: how many the file holds. metadata: its metadata JSON. format_id: its layout's.
    """

    path: Path
    frames: Int[np.ndarray, " frame"]
    rows: Int[np.ndarray, " row"]
    frame_count: int
    row_count: int
    video_count: int
    track_count: int
    extras: tuple[str, ...] = ()
    metadata: dict[str, Any] = field(default_factory=dict)
    format_id: float = 1.4

    @property
    def complete(self) -> bool:
        """Whether every frame and animal of the file is still there, and none was added."""
        return _is_permutation(self.frames, self.frame_count) and _is_permutation(self.rows, self.row_count)


@dataclass
class Columns:
    """All labels of a project: frames, animals, points, as arrays.

    frame_video, frame_index (frame,): every labelled frame, sorted, also one without animals; negative (frame,):
    marked as showing no animal. Rows row_start[i] .. row_start[i + 1] are the animals of frame i.
    points (row, node, 2): image pixels, as stored; a point counts only where `visible` (row, node) says so.
    complete (row, node): SLEAP's mark for "placed by hand". point_scores (row, node): NaN for user instances.
    kinds (row,): USER or PREDICTED. scores, tracking_scores (row,). track (row,): number in `tracks`, -1 none.
    from_predicted (row,): the row of the prediction that a user instance was made from, -1 none.
    suggestions: (video, frame index) pairs; suggestion_groups holds their group where it is not 0.
    """

    skeleton: Skeleton
    videos: list[VideoSource]
    tracks: list[str]
    frame_video: Int[np.ndarray, " frame"]
    frame_index: Int[np.ndarray, " frame"]
    row_start: Int[np.ndarray, " frame+1"]
    points: Float[np.ndarray, "row node 2"]
    visible: Bool[np.ndarray, "row node"]
    complete: Bool[np.ndarray, "row node"]
    point_scores: Float[np.ndarray, "row node"]
    kinds: UInt8[np.ndarray, " row"]
    scores: Float[np.ndarray, " row"]
    tracking_scores: Float[np.ndarray, " row"]
    track: Int[np.ndarray, " row"]
    from_predicted: Int[np.ndarray, " row"]
    negative: Bool[np.ndarray, " frame"]
    suggestions: list[tuple[int, int]] = field(default_factory=list)
    suggestion_groups: dict[tuple[int, int], int] = field(default_factory=dict)
    provenance: dict[str, Any] = field(default_factory=dict)
    origin: Origin | None = None

    def __len__(self) -> int:
        return len(self.frame_index)

    def position(self, video: int, frame: int) -> int | None:
        """Where a frame stands among the labelled ones, None if it is not labelled."""
        first, last = self.frame_video.searchsorted((video, video + 1))
        position = int(first + self.frame_index[first:last].searchsorted(frame))
        return position if position < last and self.frame_index[position] == frame else None

    def rows(self, video: int, frame: int) -> slice:
        """The rows of one frame's animals; an empty slice if the frame is not labelled."""
        position = self.position(video, frame)
        return slice(0, 0) if position is None else self.rows_at(position)

    def rows_at(self, position: int) -> slice:
        """The rows of the animals of the labelled frame at `position`."""
        return slice(int(self.row_start[position]), int(self.row_start[position + 1]))

    def frame_at(self, position: int) -> tuple[int, int]:
        """(video, frame index) of the labelled frame at `position`."""
        return int(self.frame_video[position]), int(self.frame_index[position])

    def take(self, rows: slice | Int[np.ndarray, " chosen"]) -> dict[str, Any]:
        """What is known of some animals, in the order asked for; keys as in ROW_FIELDS."""
        return {name: getattr(self, name)[rows] for name in ROW_FIELDS}

    @property
    def row_frame(self) -> Int[np.ndarray, " row"]:
        """For each row the position of its frame."""
        return np.repeat(np.arange(len(self)), np.diff(self.row_start))

    @property
    def visible_points(self) -> Float[np.ndarray, "row node 2"]:
        """The points with NaN wherever a node is not visible."""
        return np.where(self.visible[..., None], self.points, np.nan)

    def select_frames(self, positions: Int[np.ndarray, " chosen"] | Bool[np.ndarray, " frame"]) -> "Columns":
        """Some of the frames with all their animals, as columns of their own; always in (video, frame) order."""
        chosen = np.zeros(len(self), bool)
        positions = np.asarray(positions)
        chosen[positions if positions.dtype == bool else positions.astype(np.int64)] = True
        return reordered(self, np.flatnonzero(chosen), np.flatnonzero(np.repeat(chosen, np.diff(self.row_start))))

    def select_rows(self, rows: Bool[np.ndarray, " row"]) -> "Columns":
        """Some of the animals; every frame stays, also if it has none left."""
        return reordered(self, np.arange(len(self)), np.flatnonzero(rows))

    def seen(self, kind: int | None = None) -> Bool[np.ndarray, " row"]:
        """The animals (row,) of a kind; of None what a person sees: predictions give way to what was made from them."""
        if kind is not None:
            return np.asarray(self.kinds == kind)
        replaced = self.from_predicted[self.from_predicted >= 0]
        return ~np.isin(np.arange(len(self.kinds)), replaced)

    def only(self, kind: int) -> "Columns":
        """The animals of one kind, USER or PREDICTED; every frame stays."""
        return self.select_rows(self.kinds == kind)


def empty_columns(skeleton: Skeleton, videos: list[VideoSource]) -> Columns:
    """A project in which nothing is labelled yet."""
    none = np.empty(0, np.int64)
    return Columns(skeleton, videos, [], none, none, np.zeros(1, np.int64), **empty_rows(len(skeleton)),
                   negative=np.empty(0, bool))


def empty_rows(nodes: int, count: int = 0) -> dict[str, Any]:
    """The row arrays for `count` predicted animals of which nothing is known yet; keys as in ROW_FIELDS."""
    return {
        "points": np.full((count, nodes, 2), np.nan), "visible": np.zeros((count, nodes), bool),
        "complete": np.zeros((count, nodes), bool), "point_scores": np.full((count, nodes), np.nan),
        "kinds": np.full(count, PREDICTED, np.uint8), "scores": np.zeros(count), "tracking_scores": np.zeros(count),
        "track": np.full(count, -1), "from_predicted": np.full(count, -1)}


def arrange(columns: Columns, row_frame: Int[np.ndarray, " row"]) -> Columns:
    """Bring frames and rows that came in any order into the order that `Columns` promises.

    `columns` holds frames and rows in any order (its row_start is ignored), row_frame (row,) says which frame each
    row belongs to. A frame that stands there twice becomes one with the animals of both, in the order given.
    """
    keys = np.stack([columns.frame_video, columns.frame_index], 1).astype(np.int64).reshape(-1, 2)  # (frame, 2)
    unique, first, where = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    frame = where.reshape(-1)[row_frame]                              # (row,) position of the row's frame
    negative = np.zeros(len(unique), bool)
    np.logical_or.at(negative, where.reshape(-1), columns.negative)
    counts = np.bincount(frame, minlength=len(unique))
    moved = reordered(replace(columns, row_start=_starts(np.bincount(row_frame, minlength=len(columns)))),
                      first, np.argsort(frame, kind="stable"))
    return replace(moved, frame_video=unique[:, 0], frame_index=unique[:, 1], negative=negative,
                   row_start=_starts(counts))


def reordered(
    columns: Columns, frames: Int[np.ndarray, " chosen_frame"], rows: Int[np.ndarray, " chosen_row"]
) -> Columns:
    """These frames and these rows in this order; rows must come frame by frame. Links between rows follow."""
    moved = np.full(int(columns.row_start[-1]) + 1, -1)                     # old row -> its place; the last serves -1
    moved[rows] = np.arange(len(rows))
    taken = columns.take(rows)
    taken["from_predicted"] = moved[taken["from_predicted"]]
    taken |= {name: getattr(columns, name)[frames] for name in FRAME_FIELDS}
    old = columns.origin
    origin = old and replace(old, frames=old.frames[frames], rows=old.rows[rows])
    counts = np.bincount(columns.row_frame[rows], minlength=len(columns))[frames]
    return replace(columns, **taken, row_start=_starts(counts), origin=origin)


def joined(blocks: Iterable[Columns]) -> Columns:
    """Columns of the same skeleton, videos and tracks as one; frames that several hold become one frame.

    Suggestions, provenance and origin are those of the first. Raises ValueError if there is none.
    """
    parts = list(blocks)
    if not parts:
        raise ValueError("nothing to join")
    frames_before = np.cumsum([0, *(len(part) for part in parts)])
    rows_before = np.cumsum([0, *(len(part.kinds) for part in parts)])
    row_frame = np.concatenate([part.row_frame + before for part, before in zip(parts, frames_before, strict=False)])
    rows: dict[str, Any] = {name: np.concatenate([getattr(part, name) for part in parts]) for name in ROW_FIELDS}
    rows["from_predicted"] = np.concatenate([
        np.where(part.from_predicted < 0, -1, part.from_predicted + before)
        for part, before in zip(parts, rows_before, strict=False)])
    frames: dict[str, Any] = {name: np.concatenate([getattr(part, name) for part in parts])
                              for name in FRAME_FIELDS}
    tracks = max((part.tracks for part in parts), key=len)
    return arrange(replace(parts[0], **rows, **frames, tracks=tracks, origin=None), row_frame)


def _starts(counts: Int[np.ndarray, " frame"]) -> Int[np.ndarray, " frame+1"]:
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)


def _is_permutation(numbers: Int[np.ndarray, " n"], count: int) -> bool:
    return len(numbers) == count and bool((np.sort(numbers) == np.arange(count)).all())
