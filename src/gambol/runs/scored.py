"""On which frames a run was scored: figures of two runs can be compared if these are the same, and not otherwise."""

import hashlib
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from gambol.errors import LabelsError
from gambol.formats import load
from gambol.labels.columns import Columns


def part_facts(labels: Path, figures: dict[str, Any], known_again: bool) -> dict[str, Any] | None:
    """How many frames and animals a part of the split has; None if its labels cannot be read.

    figures: its metrics, which tell as well. known_again: give its `fingerprint` too, for which all is read.
    """
    if not known_again and "frames" in figures and "instances" in figures:
        return {"frames": figures["frames"], "animals": figures["instances"]}
    with suppress(LabelsError):
        columns = load(labels)
        counts: dict[str, Any] = {"frames": len(columns), "animals": len(columns.kinds)}
        return counts | ({"fingerprint": fingerprint(columns)} if known_again else {})
    return None


def fingerprint(labels: Columns) -> str:
    """A short word for frames and the poses in them; the same wherever the file lies and whatever order it has.

    Frames are known by the name of their video and their number, points to a hundredth of a pixel.
    """
    nodes = labels.skeleton.nodes
    order = sorted(range(len(nodes)), key=nodes.__getitem__)
    points = np.round(np.nan_to_num(labels.visible_points[:, order], nan=-1e6), 2)           # (row, node, 2)
    names = [video.name for video in labels.videos]
    places = [(names[video], frame, position) for position, (video, frame) in
              enumerate(map(labels.frame_at, range(len(labels))))]
    digest = hashlib.sha256(json.dumps(sorted(nodes)).encode())
    for name, frame, position in sorted(places):
        rows = labels.rows_at(position)
        poses = sorted(own.tobytes() for own in points[rows])
        digest.update(f"{name}\n{frame} {len(poses)}\n".encode())
        digest.update(b"".join(poses))
    return digest.hexdigest()[:16]
