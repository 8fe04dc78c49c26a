"""A decoder that stands somewhere in a video file, and goes where it is sent."""

from collections.abc import Iterable, Iterator
from itertools import chain, dropwhile
from pathlib import Path
from typing import Self

import av
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from gambol.video.index import FrameIndex
from gambol.video.packets import NO_TIME, THREADS, numbered, open_stream

WORTH_A_SEEK = 8  # frames: decoding so many more costs less than emptying the decoder


class Track:
    """The frames of a file from some place on, by their positions in the index.

    suspects: the groups of frames (as `FrameIndex.group` counts them) in which something was found amiss.
    """

    def __init__(self, path: Path, index: FrameIndex, threads: int = THREADS) -> None:
        """Stand at the file's start."""
        self.suspects = {index.group(near) for lost in index.damaged for near in (max(0, lost - 1), lost)}
        self._path, self._index, self._threads = path, index, threads
        self._container, self._stream = open_stream(path, threads)
        self._packets: Iterable[Packet[VideoStream]] = self._named(self._container.demux(self._stream))
        self._frames = self.frames()
        self._next = 0                                       # the frame that comes out next if nothing is amiss

    def reach(self, position: int) -> VideoFrame | None:
        """This frame, from where the decoder stands or from the nearest keyframe before it; `None` if none is sound."""
        index, start = self._index, self._index.group(position)
        if position >= self._next and (start < 0 or index.keyframes[start] <= self._next + WORTH_A_SEEK):
            frame = self._advance_to(position)
            if frame is not None:
                return frame
        for keyframe in range(start, max(start - 2, -1), -1):  # a keyframe may be of no use without the one before it
            self.stand_at(keyframe)
            frame = self._advance_to(position)
            if frame is not None:
                return frame
        if start < 0:
            self.stand_at(start)
            return self._advance_to(position)
        return None

    def stand_at(self, keyframe: int) -> None:
        """Go to a keyframe, given by its place in the index; -1 is the file's start."""
        if keyframe < 0 or not self._seek(keyframe):
            self._begin(keyframe)

    def frames(self) -> Iterator[tuple[int, VideoFrame | None]]:
        """(position, frame) as they come out; where a packet cannot be decoded, its position and `None`."""
        for packet in self._packets:
            try:
                frames = packet.decode()
            except av.FFmpegError:
                fed = self._index.position(packet.pts)
                yield self._next if fed is None else fed, None
                continue
            for frame in frames:
                position = self._index.position(frame.pts)
                if isinstance(frame, VideoFrame) and position is not None:
                    yield position, frame

    def close(self) -> None:
        """Let go of the file."""
        self._container.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _advance_to(self, wanted: int) -> VideoFrame | None:
        """Decode on until this frame comes out; `None` if it is passed over or unsound."""
        for position, frame in self._frames:
            if frame is None:
                self._suspect(min(self._next, position), max(self._next, position))
                continue
            if position < self._next:  # it leads a keyframe that was sought, and lacks what it is predicted from
                continue
            if frame.is_corrupt or position > self._next:
                self._suspect(self._next, position)
            self._next = position + 1
            if position >= wanted:
                return frame if position == wanted and not frame.is_corrupt else None
        self._suspect(self._next, len(self._index) - 1)
        self._next = len(self._index)
        return None

    def _suspect(self, first: int, last: int) -> None:
        self.suspects.update(range(self._index.group(first), self._index.group(last) + 1))

    def _seek(self, keyframe: int) -> bool:
        """Put the decoder before a keyframe; false if the file cannot seek, or if it came to lie elsewhere."""
        index, stamp = self._index, int(self._index.seeks[keyframe])
        if stamp == NO_TIME or (index.places is not None and not len(index.places)):
            return False
        try:
            self._container.seek(stamp, stream=self._stream, backward=True)
            packets = self._named(self._container.demux(self._stream))
            first = next(packets)
        except av.FFmpegError:
            return False
        self._stand_before(chain([first], packets), int(index.keyframes[keyframe]))
        position = index.position(first.pts)
        return position is not None and position <= self._next

    def _begin(self, keyframe: int) -> None:
        """Open the file again and pass over, undecoded, what comes before a keyframe."""
        self._container.close()
        self._container, self._stream = open_stream(self._path, self._threads)
        packets = self._named(self._container.demux(self._stream))
        if keyframe < 0:
            self._stand_before(packets, 0)
        else:
            first = int(self._index.keyframes[keyframe])
            name = int(self._index.names[first])
            self._stand_before(dropwhile(lambda packet: packet.size and packet.pts != name, packets), first)

    def _stand_before(self, packets: Iterable["Packet[VideoStream]"], position: int) -> None:
        self._packets, self._next = packets, position
        self._frames = self.frames()

    def _named(self, packets: Iterable["Packet[VideoStream]"]) -> Iterator["Packet[VideoStream]"]:
        """Packets whose stamps are the names by which the index knows frames."""
        return iter(packets) if self._index.places is None else numbered(packets, self._index.places)
