"""The only door between columns and the other forms of labels: `Poses` of one frame, and sleap-io's objects."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gambol.labels.columns import PREDICTED, USER, Columns, arrange, empty_rows
from gambol.labels.skeleton import Skeleton
from gambol.labels.stored_videos import source_from_stored, stored_from_source
from gambol.poses import Poses
from gambol.video.source import VideoSource

if TYPE_CHECKING:
    import sleap_io as sio


def poses(columns: Columns, video: int, frame: int, kind: int | None = None) -> Poses:
    """The animals of one frame; NaN where a node is not visible, none if the frame is not labelled.

    kind: USER or PREDICTED; None gives what a person sees: user instances, and those predictions that no user
    instance was made from. What a person placed has score 1.
    """
    rows = columns.rows(video, frame)
    taken = columns.take(rows)
    links = np.isin(np.arange(rows.start, rows.stop), taken["from_predicted"])             # (row of the frame,)
    wanted = ~links if kind is None else taken["kinds"] == kind
    own = {name: values[wanted] for name, values in taken.items()}
    user = own["kinds"] == USER                                                           # (animal,)
    points = np.where(own["visible"][..., None], own["points"], np.nan)                   # (animal, node, 2)
    visible = ~np.isnan(points).any(-1)                                                   # (animal, node)
    point_scores = np.where(user[:, None], 1.0, own["point_scores"])
    return Poses(points, np.where(visible, point_scores, 0.0), np.where(user, 1.0, own["scores"]), own["track"])


def from_poses(
    skeleton: Skeleton, videos: Sequence[VideoSource], entries: Iterable[tuple[int, int, Poses]], kind: int = PREDICTED,
    tracks: Sequence[str] = (),
) -> Columns:
    """Columns of the animals of many frames, (video, frame index, poses) in any order; also frames without animals.

    tracks: names of the tracks that `Poses.tracks` number; those it lacks are called `track_0`, `track_1`, ...
    """
    frames = [(video, frame, found) for video, frame, found in entries]
    counts = np.array([len(found) for *_, found in frames], np.int64)
    rows = empty_rows(len(skeleton), int(counts.sum()))
    rows["kinds"][:] = kind
    for name, source in (("points", "points"), ("track", "tracks"), ("scores", "scores"),
                         ("point_scores", "point_scores")):
        parts = [getattr(found, source) for *_, found in frames if len(found)]
        rows[name] = np.concatenate(parts).astype(rows[name].dtype) if parts else rows[name]
    rows["visible"] = ~np.isnan(rows["points"]).any(-1)
    if kind == USER:
        rows["point_scores"], rows["scores"] = np.full_like(rows["point_scores"], np.nan), np.zeros(len(rows["scores"]))
    needed = int(rows["track"].max(initial=-1)) + 1
    names = [*tracks, *(f"track_{number}" for number in range(len(tracks), needed))]
    video, frame = np.array([entry[:2] for entry in frames], np.int64).reshape(-1, 2).T
    columns = Columns(skeleton, list(videos), names, video, frame, np.zeros(len(frames) + 1, np.int64), **rows,
                      negative=np.zeros(len(frames), bool))
    return arrange(columns, np.repeat(np.arange(len(frames)), counts))


def labelled_for_training(columns: Columns) -> Columns:
    """The frames that teach: those in which a person placed at least one node, and those marked as empty.

    Only user instances with a visible node are kept; predictions teach nothing.
    """
    teaches = (columns.kinds == USER) & (columns.visible & ~np.isnan(columns.points).any(-1)).any(1)  # (row,)
    taught = np.zeros(len(columns), bool)
    taught[columns.row_frame[teaches]] = True
    return columns.select_rows(teaches).select_frames(taught | columns.negative)


def to_sleap_io(columns: Columns) -> "sio.Labels":
    """The labels as sleap-io's objects, for small projects and the formats that sleap-io writes."""
    import sleap_io as sio

    nodes = [sio.Node(name) for name in columns.skeleton.nodes]
    skeleton = sio.Skeleton(
        nodes, [sio.Edge(nodes[one], nodes[other]) for one, other in columns.skeleton.edges],
        [sio.Symmetry([nodes[one], nodes[other]]) for one, other in columns.skeleton.symmetries],
        name=columns.skeleton.name)
    videos = [_to_video(video) for video in columns.videos]
    tracks = [sio.Track(name) for name in columns.tracks]
    animals = [_to_instance(columns, row, skeleton, tracks) for row in range(len(columns.kinds))]
    for row in np.flatnonzero(columns.from_predicted >= 0):
        animals[row].from_predicted = animals[columns.from_predicted[row]]
    frames = [
        sio.LabeledFrame(videos[video], frame, animals[columns.rows_at(position)], is_negative=bool(negative))
        for position, (video, frame, negative) in enumerate(zip(
            columns.frame_video.tolist(), columns.frame_index.tolist(), columns.negative, strict=True))]
    suggestions = [
        sio.SuggestionFrame(videos[video], frame, {"group": columns.suggestion_groups.get((video, frame), 0)})
        for video, frame in columns.suggestions]
    return sio.Labels(labeled_frames=frames, videos=videos, skeletons=[skeleton], tracks=tracks,
                      suggestions=suggestions, provenance=dict(columns.provenance))


def from_sleap_io(labels: "sio.Labels") -> Columns:
    """Columns of sleap-io's objects. Raises ValueError if they have more than one skeleton."""
    if len(labels.skeletons) > 1:
        raise ValueError(f"{len(labels.skeletons)} skeletons; columns hold one")
    skeleton = _from_skeleton(labels.skeletons[0]) if labels.skeletons else Skeleton((), name="")
    video_of = {id(video): number for number, video in enumerate(labels.videos)}
    track_of = {id(track): number for number, track in enumerate(labels.tracks)}
    animals = [animal for frame in labels.labeled_frames for animal in frame.instances]
    row_of = {id(animal): row for row, animal in enumerate(animals)}
    rows = empty_rows(len(skeleton), len(animals))
    for row, animal in enumerate(animals):
        predicted = hasattr(animal, "score")
        rows["kinds"][row] = PREDICTED if predicted else USER
        rows["points"][row] = animal.points["xy"]
        rows["visible"][row], rows["complete"][row] = animal.points["visible"], animal.points["complete"]
        rows["tracking_scores"][row] = animal.tracking_score or 0.0
        rows["track"][row] = track_of.get(id(animal.track), -1)
        rows["from_predicted"][row] = row_of.get(id(animal.from_predicted), -1)
        if predicted:
            rows["point_scores"][row], rows["scores"][row] = animal.points["score"], animal.score
    frames = labels.labeled_frames
    suggestions = {(video_of[id(s.video)], int(s.frame_idx)): int((s.metadata or {}).get("group", 0))
                   for s in labels.suggestions}
    columns = Columns(
        skeleton, [_from_video(video) for video in labels.videos], [track.name for track in labels.tracks],
        np.array([video_of[id(frame.video)] for frame in frames], np.int64),
        np.array([frame.frame_idx for frame in frames], np.int64), np.zeros(len(frames) + 1, np.int64), **rows,
        negative=np.array([frame.is_negative for frame in frames], bool), suggestions=list(suggestions),
        suggestion_groups={key: group for key, group in suggestions.items() if group},
        provenance=dict(labels.provenance))
    return arrange(columns, np.repeat(np.arange(len(frames)), [len(frame.instances) for frame in frames]))


def _from_skeleton(skeleton: "sio.Skeleton") -> Skeleton:
    number = {id(node): place for place, node in enumerate(skeleton.nodes)}
    symmetries = (sorted(number[id(node)] for node in symmetry.nodes) for symmetry in skeleton.symmetries)
    return Skeleton(
        tuple(node.name for node in skeleton.nodes),
        tuple((number[id(edge.source)], number[id(edge.destination)]) for edge in skeleton.edges),
        tuple((one, other) for one, other in symmetries), skeleton.name or "")


def _to_instance(columns: Columns, row: int, skeleton: "sio.Skeleton", tracks: list["sio.Track"]) -> Any:
    import sleap_io as sio

    predicted = columns.kinds[row] == PREDICTED
    kind = sio.PredictedInstance if predicted else sio.Instance
    animal = kind.empty(skeleton)
    animal.track = tracks[columns.track[row]] if columns.track[row] >= 0 else None
    animal.tracking_score = float(columns.tracking_scores[row])
    animal.points["xy"], animal.points["visible"] = columns.points[row], columns.visible[row]
    animal.points["complete"] = columns.complete[row]
    if predicted:
        animal.points["score"], animal.score = columns.point_scores[row], float(columns.scores[row])
    return animal


def _to_video(source: VideoSource) -> "sio.Video":
    import sleap_io as sio

    name = [image.as_posix() for image in source.images] or source.path.as_posix()
    metadata = stored_from_source(source, Path())["backend"] | {"filename": source.path.as_posix()}
    original = _to_video(source.original) if source.original else None
    return sio.Video(filename=name, backend=None, backend_metadata=metadata, source_video=original, open_backend=False)


def _from_video(video: "sio.Video") -> VideoSource:
    metadata = dict(video.backend_metadata)
    for name in ("dataset", "shape", "grayscale"):
        value = getattr(video.backend, name, None) if video.backend is not None else None
        if value is not None and name not in metadata:
            metadata[name] = value
    names = {"filename": video.filename}
    if isinstance(video.filename, list):
        names = {"filename": video.filename[0], "filenames": video.filename}
    source = source_from_stored({"filename": video.filename, "backend": metadata | names}, Path())
    return source if video.source_video is None else replace(source, original=_from_video(video.source_video))
