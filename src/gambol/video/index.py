"""Which frames a video file has, when each is shown, and where decoding may begin.

Frame n is the n-th frame shown. Counts and frame rates in file headers are often wrong, so the packets
themselves are read, once per file, without decoding them unless their time stamps cannot be trusted.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

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
NO_TIME = np.iinfo(np.int64).min  # as FFmpeg's AV_NOPTS_VALUE
MARK = np.dtype([("pts", np.int64), ("dts", np.int64), ("size", np.int64), ("is_key", np.bool_)])  # kept of a packet


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
        packets = np.fromiter(
            ((_time(packet.pts), _time(packet.dts), packet.size, packet.is_keyframe)
             for packet in container.demux(stream) if packet.size and not packet.is_discard), MARK)  # (packet,)
        if not len(packets):
            raise VideoError(
                f"{path} has no frames in it. "
                "There is nothing to find animals in. "
                "Check that the recording was finished properly, or convert it with ffmpeg.")
        times = np.sort(packets["pts"]) if _trustworthy(packets, container, stream) else _decoded_times(path)
        by_pts = any(name in container.format.name for name in SOUGHT_BY_PTS)
    keys = packets[packets["is_key"]]                                                 # (key,)
    order = np.argsort(times)
    at = np.searchsorted(times, keys["pts"], sorter=order).clip(max=len(times) - 1)
    is_shown = times[order[at]] == keys["pts"]  # a keyframe that is never shown is of no use
    seeks = keys["pts"] if by_pts else np.where(keys["dts"] == NO_TIME, keys["pts"], keys["dts"])
    keyframes, first = np.unique(order[at][is_shown], return_index=True)              # (keyframe,)
    return FrameIndex(times, keyframes, seeks[is_shown][first])


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


def _time(stamp: int | None) -> int:
    return NO_TIME if stamp is None else stamp


def _trustworthy(packets: np.ndarray, container: InputContainer, stream: VideoStream) -> bool:
    """Whether the packets' time stamps, sorted, are the frames that will be shown, one each."""
    pts = packets["pts"]                                                              # (packet,)
    if pts.min() == NO_TIME or len(np.unique(pts)) != len(pts):
        return False
    if not packets["is_key"][0] or pts[0] != pts.min():  # it begins within a group: what comes first cannot be decoded
        return False
    codec = stream.codec_context.name
    if container.format.name == "avi" and stream.codec_context.has_b_frames:
        return codec not in ("h264", "hevc")  # AVI stores no presentation times, and these are only guessed
    if codec == "mpeg4":
        return bool(packets["size"].min() > LARGEST_SKIPPED_FRAME)
    return codec != "vp8"  # it has packets that are never shown


def _decoded_times(path: Path) -> Int64[np.ndarray, "frame"]:
    """The time stamps of the frames that come out when the whole file is decoded, in that order."""
    container, stream = open_stream(path)
    with container:
        times = [frame.pts for frame in decode(container.demux(stream))]
    if not times or None in times or len(set(times)) != len(times):
        raise VideoError(
            f"The frames of {path} carry no usable time stamps. "
            "Without them no frame can be found again for certain, and poses would land on wrong frames. "
            f"Convert it first: ffmpeg -i {path.name} -c:v libx264 -crf 15 {path.stem}.mp4")
    return np.array(times, dtype=np.int64)
