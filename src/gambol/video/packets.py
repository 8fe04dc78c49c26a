"""The packets of a video file: what its container says of each, before anything is decoded."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.container import InputContainer
from av.packet import Packet
from av.stream import Disposition
from av.video.stream import VideoStream
from jaxtyping import Int64

from gambol.errors import VideoError
from gambol.video.complete import bytes_missing
from gambol.video.reader import require_file

THREADS = 4  # more would only decode further ahead of a frame that is read alone
NOT_VIDEO = frozenset({"tty"})  # FFmpeg renders plain text as if it were film
NO_TIME = np.iinfo(np.int64).min  # as FFmpeg's AV_NOPTS_VALUE
NEVER_BLANK = frozenset({"h264", "hevc", "av1", "vp8", "vp9", "mpeg4", "mpeg2video", "mpeg1video", "mjpeg", "ffv1"})
BLANK = bytes(16)
VP8_SHOWN = 0x10  # the bit of a frame's first byte that says so; Source: RFC 6386, 9.1
OVERHEAD = 64  # bytes at most of what Matroska writes between two blocks

MARK = np.dtype([("pts", np.int64), ("dts", np.int64), ("place", np.int64), ("size", np.int64), ("is_key", np.bool_),
                 ("is_blank", np.bool_), ("is_after_gap", np.bool_), ("is_gone", np.bool_), ("kind", np.int8)])
"""Kept of a packet: time stamps, place in the file, whether it was wiped, something before it lost, or itself lost; in
MPEG-4, its kind of frame."""
UNKNOWN, INTRA, BIDIRECTIONAL, SEVERAL = -1, 0, 2, 9
FRAME_START = b"\0\0\1\xb6"  # in MPEG-4: then two bits for the kind of frame; Source: ISO/IEC 14496-2, 6.2.5


def open_stream(path: Path, threads: int = THREADS) -> tuple[InputContainer, VideoStream]:
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
    stream.codec_context.thread_count = threads
    return container, stream


def marks_of(container: InputContainer, stream: VideoStream) -> np.ndarray:
    """A `MARK` for each packet of the stream that holds a frame to be shown, in the order of the file."""
    return np.fromiter(_marks(container, stream), MARK)                               # (packet,)


def _marks(container: InputContainer, stream: VideoStream) -> Iterator[tuple[int | bool, ...]]:
    is_chain = "matroska" in container.format.name  # packets lie one behind the other, those of sound among them
    is_mpeg4 = stream.codec_context.name == "mpeg4"
    never_blank = stream.codec_context.name in NEVER_BLANK
    end, gap = None, False
    for packet in container.demux() if is_chain else container.demux(stream):
        if is_chain and packet.pos is not None:
            gap |= end is not None and packet.pos > end + OVERHEAD
            end = packet.pos + packet.size
        if packet.stream_index == stream.index and holds_frame(packet):
            is_blank = never_blank and memoryview(packet)[:len(BLANK)] == BLANK
            yield (_known(packet.pts), _known(packet.dts), -1 if packet.pos is None else packet.pos, packet.size,
                   packet.is_keyframe, is_blank, gap, False,
                   _kind(packet) if is_mpeg4 else UNKNOWN)
            gap = False


def holds_frame(packet: "Packet[Any]") -> bool:
    """Whether a packet holds a frame to be shown: it is not empty, nor cut away by an edit list, nor hidden by VP8."""
    if not packet.size or packet.is_discard:
        return False
    return packet.stream.codec_context.name != "vp8" or bool(memoryview(packet)[0] & VP8_SHOWN)


def numbered(
    packets: Iterable["Packet[VideoStream]"], places: Int64[np.ndarray, "packet"]
) -> Iterator["Packet[VideoStream]"]:
    """Packets with their numbers in place of time stamps, so that a decoder says which of them a frame comes from.

    places: where the packets lie in the file, ascending; if empty, they are counted, from the file's start.
    A packet that lies elsewhere gets no stamp.
    """
    count = 0
    for packet in packets:
        if holds_frame(packet):
            packet.pts = packet.dts = number_at(places, packet.pos) if len(places) else count
            count += 1
        yield packet


def number_at(places: Int64[np.ndarray, "packet"], place: int | None) -> int | None:
    """Which packet lies there, or `None`."""
    at = int(np.searchsorted(places, -1 if place is None else place))
    return at if at < len(places) and places[at] == place else None


def _kind(packet: "Packet[Any]") -> int:
    content = bytes(packet)
    at = content.find(FRAME_START) + len(FRAME_START)
    if content.find(FRAME_START, at) >= 0:
        return SEVERAL
    return content[at] >> 6 if len(FRAME_START) <= at < len(content) else UNKNOWN


def _known(stamp: int | None) -> int:
    return NO_TIME if stamp is None else stamp
