"""What may be wrong with a drawing although it can be made: said before it is, so that nobody is misled by it."""

from collections.abc import Iterator, Sequence

import numpy as np

from gambol.drawing.style import Style
from gambol.labels.columns import Columns
from gambol.video.fingerprint import changed
from gambol.video.reader import VideoReader


def doubts(columns: Columns, video: int, reader: VideoReader, frames: Sequence[int], style: Style) -> Iterator[str]:
    """Warnings in three sentences: another video than that of the labels, trails of nothing, nothing on the frames."""
    name = reader.source.name
    stored = columns.provenance.get("videos")
    why = changed(reader.source, stored[video]) if isinstance(stored, list) and video < len(stored) else None
    if why is None:
        why = _other_shape(columns, video, reader)
    if why is not None:
        yield (f"This is not the video that the poses were made for: {why}. "
               "They may lie beside the animals or on other frames. "
               "Give back the old video its place, or predict this one anew.")
    here = columns.frame_video == video
    if style.trail and not (columns.track[here[columns.row_frame]] >= 0).any():
        yield (f"No animal in {name} has a track, so no trail is drawn. "
               "Without tracks nobody knows which animals of two frames are the same. "
               "Track the animals first, or leave out --trail.")
    if not np.isin(columns.frame_index[here], frames).any():
        yield (f"None of the {len(frames)} frames has poses. "
               "They are shown as they are. "
               "Choose others with --frames, or --frames labelled for all that have some.")


def _other_shape(columns: Columns, video: int, reader: VideoReader) -> str | None:
    """In what the video differs from what the project remembers of it, None if nothing is known to."""
    name, shape = reader.source.name, columns.videos[video].shape
    labelled = columns.frame_index[columns.frame_video == video]
    height, width = reader.size(reader.frame_numbers[0])
    if shape is not None and (height, width) != shape[1:3] and not columns.videos[video].images:
        return f"{name} has {width} x {height} pixels, and the project remembers {shape[2]} x {shape[1]}"
    beyond = int((labelled > max(reader.frame_numbers)).sum())
    if beyond and columns.videos[video].dataset is None:
        return f"{beyond} labelled frames lie beyond its last one, {max(reader.frame_numbers)}"
    return None
