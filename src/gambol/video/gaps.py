"""Packets that a damaged stretch of a file has swallowed, so that the frames after it keep their numbers.

Matroska and transport streams have no list of their packets. After a damaged stretch FFmpeg goes on where it
finds the next intact piece, and says nothing. How many packets lay between follows from the time that passes, if
frames otherwise follow one another at a constant rate. A gap in time alone is no damage: cameras leave frames out.
"""

from itertools import pairwise
from pathlib import Path

import numpy as np
from av.container import InputContainer
from av.video.stream import VideoStream
from jaxtyping import Int64

from gambol.errors import VideoError
from gambol.video.matroska import ends_well, first_cluster
from gambol.video.packets import MARK, NO_TIME, OVERHEAD

REORDERED = 16  # packets by which a frame can be shown earlier or later than it is stored (H.264, A.3.1)
SYNC = 0x47
PACKETS = ((188, 0), (192, 4), (204, 0))  # (length, offset of the sync byte) in transport streams, ISO/IEC 13818-1


def with_gone(path: Path, container: InputContainer, stream: VideoStream, marks: np.ndarray) -> np.ndarray:
    """The packets, and for each that was lost another in its place that says so.

    Raises `VideoError` if packets were lost and it cannot be known how many.
    """
    begin: int | None = None if marks["pts"][0] == NO_TIME else int(marks["pts"].min())
    end: float | None = None
    if "matroska" in container.format.name:
        gaps = np.flatnonzero(marks["is_after_gap"])
        if len(gaps) > 0.2 * len(marks):  # something else lies between the packets throughout
            gaps = gaps[:0]
        if not ends_well(path, int(marks["place"][-1] + marks["size"][-1])):
            gaps, end = np.append(gaps, len(marks)), _end(container, stream)
        first, time = first_cluster(path)
        if begin is not None and marks["place"][0] > first + OVERHEAD:
            gaps, begin = np.insert(gaps, 0, 0), time
    elif container.format.name == "mpegts":
        gaps = np.unique(np.searchsorted(np.maximum.accumulate(marks["place"]), _out_of_step(path)))
        begin = None if 0 in gaps else begin
    else:
        return marks
    return _filled(path, marks, gaps, begin, end) if len(gaps) else marks


def _filled(
    path: Path, marks: np.ndarray, gaps: Int64[np.ndarray, "gap"], begin: int | None, end: float | None
) -> np.ndarray:
    """The packets, with those that must have been before the packets numbered `gaps`.

    begin, end: when the first frame begins and the last one ends. The packet before a gap was hit as well: it is
    taken for lost, too.
    """
    intact = np.delete(marks, gaps[gaps > 0] - 1)
    times = np.sort(intact["pts"])
    steps = np.diff(times)                                                            # (frame - 1,)
    if len(steps) < 2 or times[0] == NO_TIME:
        raise _uncountable(path)
    step = float(steps[steps < 1.5 * np.median(steps)].mean())
    is_regular = np.mean(np.abs(steps - step) <= max(1.5, 0.05 * step)) > 0.85
    for gap in gaps[::-1].tolist():
        place = gap - int(np.sum((gaps > 0) & (gaps <= gap)))                         # in `intact`
        near = intact["pts"][max(0, place - REORDERED):place + REORDERED]
        around = times[(times >= near.min()) & (times <= near.max())].tolist()
        if place == 0 and begin is not None:
            around.insert(0, round(begin - step))
        if gap == len(marks) and end is not None:
            around.append(round(end))
        gone = [round(before + (after - before) * number / count)
                for before, after in pairwise(around)
                for count in [round((after - before) / step)] for number in range(1, count)]
        if (gone and not is_regular) or (place == 0 and begin is None):
            raise _uncountable(path)
        rows = np.zeros(len(gone), MARK)
        rows["pts"], rows["dts"], rows["place"], rows["is_gone"] = gone, NO_TIME, -1, True
        intact = np.insert(intact, place, rows)
        times = np.sort(np.append(times, np.array(gone, np.int64)))
    return intact


def _end(container: InputContainer, stream: VideoStream) -> float | None:
    """When the last frame ends by the file's own word, in the stream's time base; `None` if it does not say."""
    stated = stream.metadata.get("DURATION")
    if stated is not None:
        hours, minutes, seconds = stated.split(":")
        duration = int(hours) * 3600 + int(minutes) * 60 + float(seconds)
    elif container.duration is not None and len(container.streams) == 1:
        duration = container.duration / 1e6
    else:
        return None
    return duration / float(stream.time_base) if stream.time_base else None


def _out_of_step(path: Path) -> Int64[np.ndarray, "packet"]:
    """Where in a transport stream packets do not begin with the byte that they must begin with."""
    content = np.memmap(path, np.uint8, "r")
    for length, offset in PACKETS:
        starts = content[offset::length]
        if np.mean(starts[:1000] == SYNC) > 0.5:
            return np.flatnonzero(starts != SYNC) * length
    return np.empty(0, np.int64)


def _uncountable(path: Path) -> VideoError:
    return VideoError(
        f"{path} is damaged within, and its frames do not follow one another at a constant rate. "
        "How many frames were lost cannot be known, so poses after the damage would land on wrong frames. "
        "Copy it again from where it was recorded.")
