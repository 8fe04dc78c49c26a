"""A world on disk: its video, and the truth about it as a project's columns."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from gambol.labels.columns import USER, Columns
from gambol.labels.convert import from_poses
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
    """The truth about a world as user labels of its video, one track per animal; all frames by default.

    Frames in which no animal can be seen are marked as showing none.
    """
    config = world.config
    source = VideoSource(video_path, shape=(len(world), config.height, config.width, 3 if config.colour else 1))
    indices = range(len(world)) if frames is None else frames
    names = [f"animal {number}" for number in range(config.animals)]
    columns = from_poses(world.skeleton, [source], ((0, index, world.truth(index)) for index in indices), USER, names)
    return replace(columns, negative=np.diff(columns.row_start) == 0)
