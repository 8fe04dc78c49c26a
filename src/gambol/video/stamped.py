"""The frames of a file whose packets carry sound time stamps: nothing need be decoded to know them."""

from pathlib import Path

import av
import numpy as np
from av.video.stream import VideoStream

from gambol.video.avi import is_packed
from gambol.video.index import FrameIndex, index_of
from gambol.video.packets import NO_TIME, open_stream


def is_stamped(stream: VideoStream, marks: np.ndarray) -> bool:
    """Whether the packets' time stamps, sorted, are the frames that will be shown, one each."""
    pts = marks["pts"]                                                                # (packet,)
    if pts.min() == NO_TIME or len(np.unique(pts)) != len(pts) or not marks["is_key"].any():
        return False
    return stream.codec_context.name != "mpeg4" or not is_packed(marks)


def begins_with_keyframe(stream: VideoStream, marks: np.ndarray) -> bool:
    """Whether the file's own table of contents has its first packet as a keyframe, though it may not look like one."""
    if not len(stream.index_entries):
        return False
    first = stream.index_entries[0]
    return first.is_keyframe and first.timestamp in (marks["pts"][0], marks["dts"][0])


def by_times(path: Path, marks: np.ndarray, by_pts: bool) -> FrameIndex:
    """The index of frames in the order of their time stamps.

    Frames before the first keyframe of a file that begins within a group count only if they can be decoded; a
    player does not show them either.
    """
    first = int(np.argmax(marks["is_key"]))
    leads = (np.arange(len(marks)) < first) | (marks["pts"] < marks["pts"][first])    # (packet,)
    if leads.any() and not marks["is_gone"][:first].any():
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
