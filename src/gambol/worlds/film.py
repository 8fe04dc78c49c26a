"""A world on disk: its video, and the truth about it as a project's columns."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from gambol.labels.columns import USER, Columns, empty_rows
from gambol.video.source import VideoSource
from gambol.video.writer import VideoWriter
from gambol.worlds.world import World


def render(world: World, path: Path, fps: float = 30, progress: Callable[[int, int], None] | None = None) -> None:
    """Film every frame of a world; progress is called with (frames written, frames in all).

    Raises `OutputError` if the video cannot be written; nothing half-written is left then.
    """
    with VideoWriter(path, fps, (world.config.height, world.config.width)) as video:
        for index in range(len(world)):
            video.write(world.frame(index)[0])
            if progress:
                progress(index + 1, len(world))


def truth_columns(world: World, video_path: Path, frames: Sequence[int] | None = None) -> Columns:
    """The truth about a world as user labels of its video, one track per animal; frames ascending, all by default."""
    indices = range(len(world)) if frames is None else frames
    poses = [world.truth(index) for index in indices]
    counts = [len(pose) for pose in poses]
    nodes, config = len(world.skeleton), world.config
    points = np.concatenate([np.empty((0, nodes, 2)), *(pose.points for pose in poses)])  # (row, node, 2)
    visible = ~np.isnan(points).any(-1)
    rows: dict[str, Any] = empty_rows(nodes, len(points))
    rows |= {"points": points, "visible": visible, "complete": visible.copy(),
             "kinds": np.full(len(points), USER, np.uint8),
             "track": np.concatenate([np.empty(0, np.int64), *(pose.tracks for pose in poses)])}
    source = VideoSource(video_path, shape=(len(world), config.height, config.width, 3 if config.colour else 1))
    return Columns(
        world.skeleton, [source], [f"animal {number}" for number in range(config.animals)],
        frame_video=np.zeros(len(counts), np.int64), frame_index=np.array(indices, np.int64),
        row_start=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        negative=np.zeros(len(counts), bool), **rows)
