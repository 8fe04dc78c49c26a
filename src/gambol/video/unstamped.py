"""The frames of a file whose time stamps are missing or only guessed: what comes out of the decoder, in that order.

So that a frame can be found again, it is known by the number of the packet that it comes from.
"""

from pathlib import Path

import av
import numpy as np
from jaxtyping import Int64

from gambol.errors import VideoError
from gambol.video.avi import LARGEST_SKIPPED_FRAME, uncountable
from gambol.video.index import FrameIndex, index_of
from gambol.video.packets import THREADS, numbered, open_stream

ONE_FRAME_A_PACKET = ("avi", "mov", "matroska", "flv", "asf")  # containers that keep packets apart


def by_decoding(path: Path, marks: np.ndarray, container_name: str, by_pts: bool) -> FrameIndex:
    """The index of the frames that come out when the whole file is decoded.

    Where the file is damaged, the frames from a keyframe to the next are all taken for lost, as their order is not
    known. Raises `VideoError` if it cannot be known how many frames were lost.
    """
    places = marks["place"]
    if places.min() < 0 or (np.diff(places) <= 0).any():
        places = np.empty(0, np.int64)
    shown, unsound = _decoded(path, places, THREADS)
    if unsound:
        shown, unsound = _decoded(path, places, 1)  # the decoder's complaints can be laid to single packets
    unsound |= set(np.flatnonzero(marks["is_gone"] | marks["is_blank"]).tolist())
    unsound = {number for number in unsound if number >= np.argmax(marks["is_key"])}
    if not unsound:
        order, lost = np.array(shown, np.int64), frozenset[int]()
    elif any(name in container_name for name in ONE_FRAME_A_PACKET):
        order, lost = _completed(path, shown, unsound, marks)
    else:
        raise uncountable(path)
    if not len(order) or len(np.unique(order)) != len(order):
        raise VideoError(
            f"The frames of {path} carry no usable time stamps. "
            "Without them no frame can be found again for certain, and poses would land on wrong frames. "
            f"Convert it first: ffmpeg -i {path.name} -c:v libx264 -crf 15 {path.stem}.mp4")
    return index_of(marks, order, by_pts, by_number=True, damaged=lost)


def _decoded(path: Path, places: Int64[np.ndarray, "packet"], threads: int) -> tuple[list[int], set[int]]:
    """The packets whose frames come out of the decoder, in that order, and those that it complains of."""
    shown: list[int] = []
    unsound: set[int] = set()
    container, stream = open_stream(path, threads)
    with container:
        for packet in numbered(container.demux(stream), places):
            try:
                frames = packet.decode()
            except av.FFmpegError:
                unsound |= set() if packet.pts is None else {packet.pts}
                continue
            numbers = [frame.pts for frame in frames if frame.pts is not None]
            shown += numbers
            unsound |= {frame.pts for frame in frames if frame.pts is not None and frame.is_corrupt}
    return shown, unsound


def _completed(
    path: Path, shown: list[int], unsound: set[int], marks: np.ndarray
) -> tuple[Int64[np.ndarray, "frame"], frozenset[int]]:
    """All packets in the order in which they are shown, the lost ones too; and which are lost."""
    for counts in (np.ones(len(marks), np.bool_), marks["size"] > LARGEST_SKIPPED_FRAME):
        order: list[int] = []
        lost: set[int] = set()
        starts = np.flatnonzero(marks["is_key"])                                      # (group,)
        stops = [*starts[1:], len(marks)]
        groups = np.searchsorted(starts, shown, side="right") - 1                     # of each frame shown
        order += np.array(shown, np.int64)[groups < 0].tolist()
        fits = True
        for group, (start, stop) in enumerate(zip(starts, stops, strict=True)):
            held = (start + np.flatnonzero(counts[start:stop])).tolist()
            came = np.array(shown, np.int64)[groups == group].tolist()
            if unsound.isdisjoint(range(start, stop)):
                fits = fits and len(came) == len(held)
                leads = came[:came.index(start)] if start in came else came  # predicted from the group before, too
                lost |= set(leads) if lost and order[-1] in lost else set()
                order += came
            else:
                order += held
                lost |= set(held)
        if fits:
            return np.array(order, np.int64), frozenset(lost)
    raise uncountable(path)
