"""Which frames a video file has, in the order in which they are shown, and where decoding may begin."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from jaxtyping import Int64

from gambol.video.packets import NO_TIME


@dataclass(frozen=True)
class FrameIndex:
    """The frames of a file in the order in which they are shown.

    names: by which the decoder knows each frame; unique. Its time stamp, or the number of its packet in the file.
    packets: the place of each frame's packet in the order of the file, which is that of decoding.
    keyframes: positions of the frames at which decoding may begin, ascending.
    seeks: the time stamp that brings the file to each of these; `NO_TIME` if none does.
    damaged: positions of frames whose packets are seen to be gone or wiped before anything is decoded.
    places: where the packets lie in the file, if names are their numbers; empty if not even that is known; else None.
    times: when frames are shown, in the stream's time base, ascending; empty if the file does not say.
    """

    names: Int64[np.ndarray, "frame"]
    packets: Int64[np.ndarray, "frame"]
    keyframes: Int64[np.ndarray, "keyframe"]
    seeks: Int64[np.ndarray, "keyframe"]
    damaged: frozenset[int] = frozenset()
    places: Int64[np.ndarray, "packet"] | None = None
    times: Int64[np.ndarray, "time"] = field(default_factory=lambda: np.empty(0, np.int64))

    def __len__(self) -> int:
        return len(self.names)

    def position(self, name: int | None) -> int | None:
        """The frame that is known by a name, or `None`."""
        if name is None:
            return None
        order, ordered = self._by_name
        at = int(np.searchsorted(ordered, name))
        return int(order[at]) if at < len(ordered) and ordered[at] == name else None

    def group(self, frame: int) -> int:
        """Which keyframe (its place in `keyframes`) decoding must begin at to reach a frame; -1: the file's start."""
        return int(np.searchsorted(self.keyframes, frame, side="right")) - 1

    def members(self, group: int) -> range:
        """The frames whose `group` this is."""
        first = 0 if group < 0 else int(self.keyframes[group])
        return range(first, len(self) if group + 1 >= len(self.keyframes) else int(self.keyframes[group + 1]))

    @cached_property
    def _by_name(self) -> tuple[Int64[np.ndarray, "frame"], Int64[np.ndarray, "frame"]]:
        order = np.argsort(self.names)
        return order, self.names[order]


def index_of(
    marks: np.ndarray, order: Int64[np.ndarray, "frame"], by_pts: bool, *, by_number: bool = False,
    damaged: frozenset[int] = frozenset(),
) -> FrameIndex:
    """The index of packets (`MARK`s in the order of the file) whose frames are shown in some order of them.

    by_pts: the container is searched by the time of presentation, not of decoding.
    by_number: frames are known by the numbers of their packets, not by time stamps.
    damaged: numbers of packets that are known to be lost, beside those marked so.
    """
    shown = marks[order]                                                              # (frame,)
    keyframes = np.flatnonzero(shown["is_key"])  # a keyframe that is never shown is of no use
    keys = shown[keyframes]
    seeks = keys["pts"] if by_pts else np.where(keys["dts"] == NO_TIME, keys["pts"], keys["dts"])
    lost = shown["is_gone"] | shown["is_blank"] | np.isin(order, list(damaged))
    places = marks["place"]
    if len(places) and (places[0] < 0 or (np.diff(places) <= 0).any()):
        places = np.empty(0, np.int64)
    is_timed = bool(len(shown)) and shown["pts"].min() != NO_TIME
    return FrameIndex(
        order if by_number else shown["pts"], order, keyframes, seeks, frozenset(np.flatnonzero(lost).tolist()),
        places if by_number else None, np.sort(shown["pts"]) if is_timed else np.empty(0, np.int64))
