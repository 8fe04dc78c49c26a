"""The frames of a file whose packets carry sound time stamps: nothing need be decoded to know them."""

from pathlib import Path

import av
import numpy as np
from av.container import InputContainer
from av.video.stream import VideoStream

from gambol.video.index import FrameIndex, index_of
from gambol.video.packets import NO_TIME, open_stream

LARGEST_SKIPPED_FRAME = 19  # bytes of an MPEG-4 packet that only says "nothing here" (FFmpeg's MAX_NVOP_SIZE)


def is_stamped(marks: np.ndarray, container: InputContainer, stream: VideoStream) -> bool:
    """Whether the packets' time stamps, sorted, are the frames that will be shown, one each."""
    pts = marks["pts"]                                                                # (packet,)
    if pts.min() == NO_TIME or len(np.unique(pts)) != len(pts) or not marks["is_key"].any():
        return False
    codec = stream.codec_context.name
    if container.format.name == "avi" and stream.codec_context.has_b_frames:
        return codec not in ("h264", "hevc")  # AVI stores no presentation times, and these are only guessed
    if codec == "mpeg4":
        return bool(marks["size"].min() > LARGEST_SKIPPED_FRAME)
    return True


def by_times(path: Path, marks: np.ndarray, by_pts: bool) -> FrameIndex:
    """The index by time stamps.

    Frames before the first keyframe count only if they can be decoded; a player does not show them either.
    """
    first = int(np.argmax(marks["is_key"]))
    leads = (np.arange(len(marks)) < first) | (marks["pts"] < marks["pts"][first])    # (packet,)
    if leads.any():
        marks = marks[~leads | np.isin(marks["pts"], list(_shown_until(path, int(marks["pts"][first]))))]
    return index_of(marks, np.argsort(marks["pts"]), by_pts)


def _shown_until(path: Path, time: int) -> set[int]:
    """The time stamps of the frames that come out of the decoder before one of a given time."""
    shown: set[int] = set()
    container, stream = open_stream(path)
    with container:
        for packet in container.demux(stream):
            try:
                times = {frame.pts for frame in packet.decode() if frame.pts is not None}
            except av.FFmpegError:
                continue
            shown |= times
            if times and max(times) >= time:
                break
    return shown
