"""The frames of a file whose packets carry sound time stamps: nothing need be decoded to know them."""

from itertools import pairwise
from pathlib import Path

import av
import numpy as np
from av.container import InputContainer
from av.video.stream import VideoStream

from gambol.errors import VideoError
from gambol.video.index import FrameIndex, index_of
from gambol.video.packets import MARK, NO_TIME, open_stream

LARGEST_SKIPPED_FRAME = 19  # bytes of an MPEG-4 packet that only says "nothing here" (FFmpeg's MAX_NVOP_SIZE)
REORDERED = 16  # packets by which a frame can be shown earlier or later than it is stored (H.264, A.3.1)


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
    return codec != "vp8"  # it has packets that are never shown


def by_times(path: Path, marks: np.ndarray, by_pts: bool) -> FrameIndex:
    """The index by time stamps. Raises `VideoError` if packets are gone and it cannot be known how many.

    Frames before the first keyframe count only if they can be decoded; a player does not show them either.
    """
    marks = _with_gone(path, marks)
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


def _with_gone(path: Path, marks: np.ndarray) -> np.ndarray:
    """The packets, and for each that was lost in a damaged stretch of the file another in its place.

    How many were lost follows from the time that passes across the stretch, if frames otherwise follow one
    another at a constant rate; gaps elsewhere are no damage, but what a camera left out.
    """
    gaps = np.flatnonzero(marks["is_after_gap"])
    times = np.sort(marks["pts"])
    steps = np.diff(times)                                                            # (frame - 1,)
    if not len(gaps) or len(steps) < 2:
        return marks
    step = float(steps[steps < 1.5 * np.median(steps)].mean())
    off = np.abs(steps - np.rint(steps / step) * step)
    is_regular = np.mean(off <= np.maximum(1.5, 0.05 * step)) > 0.98
    for gap in gaps[::-1]:
        near = marks["pts"][max(0, gap - REORDERED):gap + REORDERED]
        around = times[(times >= near.min()) & (times <= near.max())]
        gone = [round(before + (after - before) * number / count)
                for before, after in pairwise(around.tolist())
                for count in [round((after - before) / step)] for number in range(1, count)]
        if gone and not is_regular:
            raise VideoError(
                f"{path} is damaged within, and its frames do not follow one another at a constant rate. "
                "How many frames were lost cannot be known, so poses after the damage would land on wrong frames. "
                "Copy it again from where it was recorded.")
        rows = np.zeros(len(gone), MARK)
        rows["pts"], rows["dts"], rows["place"], rows["is_gone"] = gone, NO_TIME, -1, True
        marks = np.insert(marks, gap, rows)
        times = np.sort(marks["pts"])
    return marks
