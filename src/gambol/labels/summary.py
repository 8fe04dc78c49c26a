"""What a project or a predictions file holds, in figures, for people who look and programs that ask."""

from pathlib import Path
from typing import Any

import numpy as np

from gambol.errors import VideoError
from gambol.labels.columns import PREDICTED, USER, Columns
from gambol.labels.paths import resolve
from gambol.labels.skeleton import Skeleton
from gambol.video.facts import glance
from gambol.video.fingerprint import changed

QUARTILES = (0, 25, 50, 75, 100)


def project_facts(columns: Columns, path: Path) -> dict[str, Any]:
    """All about a project, ready for JSON; `path` is its file. Videos are looked for, and opened where they are found.

    kind: "predictions" if a model made all animals, else "project". animals_per_frame: how many labelled frames show
    how many animals, as a person sees them (predictions that became user instances are not counted again).
    scores: minimum, quartiles and maximum of predicted animals and of their visible nodes.
    """
    user = int((columns.kinds == USER).sum())
    predicted = len(columns.kinds) - user
    seen = columns.seen()
    visible = columns.visible & ~np.isnan(columns.points).any(-1)                        # (row, node)
    shown = seen & visible.any(1)                                                        # (row,)
    animals = np.bincount(columns.row_frame[shown], minlength=len(columns))              # (frame,)
    counts = np.bincount(animals) if len(columns) else np.zeros(0, int)
    kinds = {name: int(np.unique(columns.row_frame[columns.kinds == kind]).size)
             for name, kind in (("with_user", USER), ("with_predicted", PREDICTED))}
    return {
        "kind": "predictions" if predicted and not user else "project",
        "path": path.as_posix(),
        "bytes": path.stat().st_size,
        "skeleton": _skeleton(columns.skeleton),
        "videos": [_video(columns, number, path) for number in range(len(columns.videos))],
        "frames": {
            "labelled": len(columns), **kinds, "without_animals": int((animals == 0).sum()),
            "share_without_animals": float((animals == 0).mean()) if len(columns) else None,
            "marked_empty": int(columns.negative.sum())},
        "instances": {"user": user, "predicted": predicted},
        "animals_per_frame": {str(count): int(frames) for count, frames in enumerate(counts) if frames},
        "visible_nodes": {name: _mean(visible[shown, node]) for node, name in enumerate(columns.skeleton.nodes)},
        "tracks": _tracks(columns, seen),
        "suggestions": len(columns.suggestions),
        "scores": _scores(columns, visible),
        "beyond_gambol": list(columns.origin.extras) if columns.origin else [],
        "provenance": columns.provenance,
    }


def _skeleton(skeleton: Skeleton) -> dict[str, Any]:
    names = skeleton.nodes
    return {
        "name": skeleton.name, "nodes": list(names),
        "edges": [[names[one], names[other]] for one, other in skeleton.edges],
        "symmetries": [[names[one], names[other]] for one, other in skeleton.symmetries]}


def _video(columns: Columns, number: int, path: Path) -> dict[str, Any]:
    """One video: what the project remembers of it, and what is there."""
    video = columns.videos[number]
    here = columns.frame_video == number
    facts: dict[str, Any] = {
        "number": number, "name": video.name, "path": video.path.as_posix(), "embedded": video.dataset is not None,
        "images": len(video.images), "labelled_frames": int(here.sum()), "found": None, "changed": None,
        "width": None, "height": None, "frames": None, "fps": None}
    if video.shape is not None:
        facts |= dict(zip(("frames", "height", "width"), video.shape[:3], strict=True))
    try:
        found = resolve(video, path.resolve().parent)
        facts |= {"found": found.path.as_posix()} | {name: value for name, value in glance(found).items() if value}
    except VideoError as error:
        return facts | {"problem": str(error)}
    stored = columns.provenance.get("videos")
    if isinstance(stored, list) and number < len(stored) and isinstance(stored[number], dict):
        facts["changed"] = changed(found, stored[number])
    return facts


def _tracks(columns: Columns, seen: np.ndarray) -> dict[str, Any]:
    lengths = np.bincount(columns.track[seen & (columns.track >= 0)], minlength=len(columns.tracks))
    return {
        "count": len(columns.tracks), "animals_without": int((seen & (columns.track < 0)).sum()),
        "animals": {f"{name}": int(length) for name, length in zip(columns.tracks, lengths, strict=False)}}


def _scores(columns: Columns, visible: np.ndarray) -> dict[str, list[float]] | None:
    made = columns.kinds == PREDICTED
    if not made.any():
        return None
    points = columns.point_scores[made][visible[made]]
    figures = {"animals": columns.scores[made], "nodes": points}
    return {name: [round(float(value), 4) for value in np.nanpercentile(values, QUARTILES)]
            for name, values in figures.items() if np.isfinite(values).any()}


def _mean(values: np.ndarray) -> float | None:
    return round(float(values.mean()), 4) if len(values) else None
