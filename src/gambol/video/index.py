"""Which frames a video file has, when each is shown, and where decoding may begin.

Frame n is the n-th frame shown. Counts and frame rates in file headers are often wrong, so the packets
themselves are read, once per file, without decoding them unless their time stamps cannot be trusted.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import NamedTuple

import av
import numpy as np
from av.container import InputContainer
from av.packet import Packet
from av.stream import Disposition
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from jaxtyping import Int64

from gambol.errors import VideoError
from gambol.video.complete import bytes_missing
from gambol.video.reader import require_file

THREADS = 4  # more would only decode further ahead of a frame that is read alone
NOT_VIDEO = frozenset({"tty"})  # FFmpeg renders plain text as if it were film
SOUGHT_BY_PTS = ("mov", "matroska")  # other containers are searched by decoding time
LARGEST_SKIPPED_FRAME = 19  # bytes of an MPEG-4 packet that only says "nothing here" (FFmpeg's MAX_NVOP_SIZE)


class _Mark(NamedTuple):
    """What the index keeps of a packet."""

    pts: int | None
    dts: int | None
    size: int
    is_key: bool


@dataclass(frozen=True)
class FrameIndex:
    """The frames of a file in the order in which they are shown.

    times: the time stamp by which each frame is known, in the stream's time base; unique.
    keyframes: positions of the frames at which decoding may begin, ascending.
    seeks: the time stamp that brings the file to each of these.
    """

    times: Int64[np.ndarray, "frame"]
    keyframes: Int64[np.ndarray, "keyframe"]
    seeks: Int64[np.ndarray, "keyframe"]

    def __len__(self) -> int:
        return len(self.times)

    def position(self, time: int | None) -> int | None:
        """The frame that is known by a time stamp, or `None`."""
        if time is None:
            return None
        order, ordered = self._by_time
        at = int(np.searchsorted(ordered, time))
        return int(order[at]) if at < len(ordered) and ordered[at] == time else None

    def start_for(self, frame: int) -> int:
        """Which keyframe (its place in `keyframes`) decoding must begin at to reach a frame; -1: the file's start."""
        return int(np.searchsorted(self.keyframes, frame, side="right")) - 1

    @cached_property
    def _by_time(self) -> tuple[Int64[np.ndarray, "frame"], Int64[np.ndarray, "frame"]]:
        order = np.argsort(self.times)
        return order, self.times[order]


def frame_index(path: Path) -> FrameIndex:
    """The index of a file, made once for as long as the file does not change. Raises `VideoError`."""
    require_file(path)
    stat = path.stat()
    return _frame_index(path, stat.st_size, stat.st_mtime_ns)


@lru_cache(maxsize=64)
def _frame_index(path: Path, size: int, modified: int) -> FrameIndex:
    container, stream = open_stream(path)
    with container:
        packets = [_Mark(packet.pts, packet.dts, packet.size, packet.is_keyframe)
                   for packet in container.demux(stream) if packet.size and not packet.is_discard]
        by_pts = any(name in container.format.name for name in SOUGHT_BY_PTS)
        if _trustworthy(packets, container, stream):
            times = np.sort(np.array([packet.pts for packet in packets], dtype=np.int64))
        else:
            times = _decoded_times(path)
    if not len(times):
        raise VideoError(
            f"{path} has no frames in it. "
            "There is nothing to find animals in. "
            "Check that the recording was finished properly, or convert it with ffmpeg.")
    numbers = FrameIndex(times, np.empty(0, np.int64), np.empty(0, np.int64))
    starts: dict[int, int] = {}
    for packet in packets:
        frame = numbers.position(packet.pts) if packet.is_key else None
        if frame is not None and packet.pts is not None:
            starts[frame] = packet.pts if by_pts or packet.dts is None else packet.dts
    keyframes = np.array(sorted(starts), dtype=np.int64)                              # (keyframe,)
    return FrameIndex(times, keyframes, np.array([starts[int(frame)] for frame in keyframes], dtype=np.int64))


def open_stream(path: Path) -> tuple[InputContainer, VideoStream]:
    """Open a video file and choose its picture stream. Raises `VideoError` if there is none."""
    require_file(path)
    if missing := bytes_missing(path):
        raise VideoError(
            f"{path} is cut short: {missing:,} bytes of it are missing. "
            "Frames would be missing or wrong from some point on. "
            "Copy it again from where it was recorded.")
    try:
        container = av.open(str(path))
    except (av.FFmpegError, UnicodeDecodeError) as error:
        raise VideoError(
            f"{path} cannot be read as a video ({getattr(error, 'strerror', error)}). "
            "It may be damaged, cut short, still being recorded, or not a video at all. "
            "Play it in a video player; if it does not play, copy it again or convert it with ffmpeg.") from error
    streams = [stream for stream in container.streams.video if not stream.disposition & Disposition.attached_pic]
    if not streams or container.format.name in NOT_VIDEO:
        container.close()
        raise VideoError(
            f"{path} is not a video: it has no moving picture in it ({container.format.long_name}). "
            "There are no frames to find animals in. "
            "Choose a video file, such as .mp4 or .avi, or a folder of images.")
    stream = streams[0]
    stream.codec_context.thread_type = "AUTO"
    stream.codec_context.thread_count = THREADS
    return container, stream


def decode(packets: Iterable["Packet[VideoStream]"]) -> Iterator[VideoFrame]:
    """The frames of packets, as they come out; a damaged packet gives none."""
    for packet in packets:
        try:
            frames = packet.decode()
        except av.FFmpegError:
            continue
        for frame in frames:
            if isinstance(frame, VideoFrame):
                yield frame


def _trustworthy(packets: list[_Mark], container: InputContainer, stream: VideoStream) -> bool:
    """Whether the packets' time stamps, sorted, are the frames that will be shown, one each."""
    if not packets:
        return True
    times = [packet.pts for packet in packets if packet.pts is not None]
    if len(set(times)) != len(packets) or not packets[0].is_key or packets[0].pts != min(times):
        return False
    codec = stream.codec_context.name
    if container.format.name == "avi" and stream.codec_context.has_b_frames:
        return codec not in ("h264", "hevc")  # AVI stores no presentation times, and these are only guessed
    if codec == "mpeg4":
        return all(packet.size > LARGEST_SKIPPED_FRAME for packet in packets)
    return codec != "vp8"  # it has packets that are never shown


def _decoded_times(path: Path) -> Int64[np.ndarray, "frame"]:
    """The time stamps of the frames that come out when the whole file is decoded, in that order."""
    container, stream = open_stream(path)
    with container:
        times = [frame.pts for frame in decode(container.demux(stream))]
    if None in times or len(set(times)) != len(times):
        raise VideoError(
            f"The frames of {path} carry no usable time stamps. "
            "Without them no frame can be found again for certain, and poses would land on wrong frames. "
            f"Convert it first: ffmpeg -i {path.name} -c:v libx264 -crf 15 {path.stem}.mp4")
    return np.array(times, dtype=np.int64)
