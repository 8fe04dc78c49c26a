"""Video files, read with PyAV (FFmpeg): exact random access, and grey straight from the luma plane."""

import re
from itertools import chain

import cv2
import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange
from jaxtyping import UInt, UInt8

from gambol.errors import FrameLost
from gambol.video.colour import Image, as_channels, looks_grey, luma_table
from gambol.video.index import decode, frame_index, open_stream
from gambol.video.reader import VideoReader, out_of_range
from gambol.video.source import VideoSource

LUMA_FIRST = re.compile(r"(?:yuv[aj]?4\d\dp|gray|nv(?:12|16|21|24|42))(?:(\d+)le)?")
NO_COLOUR = 128
WORTH_A_SEEK = 8  # frames: decoding so many more costs less than emptying the decoder


class PyAVReader(VideoReader):
    """A video file. Frames that follow one another are decoded in one go; others from the keyframe before."""

    def __init__(self, source: VideoSource) -> None:
        """Index the file and decode its first frame. Raises `VideoError`."""
        self.source = source
        self._index = frame_index(source.path)
        self.frame_numbers = range(len(self._index))
        self.lost: list[int] = []
        self._container, self._stream = open_stream(source.path)
        self._last: tuple[int, VideoFrame] | None = None
        self._channels: int | None = None
        self._next = 0
        self._frames = decode(self._container.demux(self._stream))
        first = self._frame(0)
        self._size = (first.height, first.width) if first.rotation % 180 == 0 else (first.width, first.height)

    @property
    def channels(self) -> int:
        """1 if the first and the middle frame are grey, else 3."""
        if self._channels is None:
            looked_at = (0, len(self) // 2)
            self._channels = 1 if all(looks_grey(_rgb(self._frame(index))) for index in looked_at) else 3
        return self._channels

    def size(self, index: int) -> tuple[int, int]:
        """(height, width) in pixels, the same for every frame, as shown (after the recorded rotation)."""
        self._require(index)
        return self._size

    def read(self, index: int, channels: int | None = None) -> Image:
        """One frame: grey is the luma plane stretched to 0-255, RGB goes by the stream's own matrix and range."""
        self._require(index)
        channels = self.channels if channels is None else channels
        frame = self._frame(index)
        image = _grey(frame) if channels == 1 else _rgb(frame)
        turns = round(frame.rotation / 90) % 4
        return as_channels(np.rot90(image, turns) if turns else image, channels)

    def close(self) -> None:
        """Let go of the file."""
        self._last = None
        self._container.close()

    def _require(self, index: int) -> None:
        if index not in self.frame_numbers:
            raise out_of_range(self.source, index, self.frame_numbers)

    def _frame(self, index: int) -> VideoFrame:
        """The decoded frame, from where the decoder is or from the nearest keyframe before it."""
        if self._last is not None and self._last[0] == index:
            return self._last[1]
        start = self._index.start_for(index)
        if index >= self._next and (start < 0 or self._index.keyframes[start] <= self._next + WORTH_A_SEEK):
            frame = self._advance_to(index)
            if frame is not None:
                return frame
        landed = False
        for keyframe in range(start, max(start - 2, -1), -1):  # a keyframe may be of no use without the one before it
            if self._seek(keyframe):
                landed = True
                frame = self._advance_to(index)
                if frame is not None:
                    return frame
        if not landed:
            self._rewind()
            frame = self._advance_to(index)
            if frame is not None:
                return frame
        raise FrameLost(
            f"Frame {index} of {self.source.path} cannot be decoded. "
            "The file is damaged there, so what this frame shows is not known. "
            "Leave the frame out, copy the video again, or convert it with ffmpeg.")

    def _advance_to(self, index: int) -> VideoFrame | None:
        """Decode on until this frame comes out; `None` if it is passed over."""
        for frame in self._frames:
            position = self._index.position(frame.pts)
            if position is None:
                continue
            self._next = position + 1
            if position >= index:
                self._last = (position, frame)
                return frame if position == index else None
        self._next = len(self._index)
        return None

    def _seek(self, keyframe: int) -> bool:
        """Put the decoder before a keyframe, given by its place in the index; false if it came to lie past it."""
        self._container.seek(int(self._index.seeks[keyframe]), stream=self._stream, backward=True)
        packets = self._container.demux(self._stream)
        first = next(packets)
        self._next = int(self._index.keyframes[keyframe])
        self._frames = decode(chain([first], packets))
        position = self._index.position(first.pts)
        return position is not None and position <= self._next

    def _rewind(self) -> None:
        """Put the decoder at the file's beginning, also where a file cannot seek."""
        self._container.close()
        self._container, self._stream = open_stream(self.source.path)
        self._next = 0
        self._frames = decode(self._container.demux(self._stream))


def _grey(frame: VideoFrame) -> UInt8[np.ndarray, "height width"]:
    """The luma plane stretched to 0-255 as its range demands; other pixel formats are converted."""
    luma = LUMA_FIRST.fullmatch(frame.format.name)
    if luma is None:
        if frame.format.is_rgb or frame.format.has_palette:
            return as_channels(frame.to_ndarray(format="rgb24"), 1)[..., 0]
        return frame.to_ndarray(format="gray")
    bits = int(luma.group(1) or 8)
    plane = _plane(frame, 0, bits)                                                  # (height, width)
    full_range = _is_full_range(frame)
    if bits == 8:
        return plane.copy() if full_range else np.asarray(cv2.LUT(plane, luma_table(bits, full_range)))
    return np.asarray(np.take(luma_table(bits, full_range), plane))


def _rgb(frame: VideoFrame) -> Image:
    """RGB; without colour in it, exactly the grey image three times."""
    if frame.format.name.startswith("gray") or _has_flat_chroma(frame):
        return as_channels(_grey(frame), 3)
    return frame.to_ndarray(format="rgb24")


def _has_flat_chroma(frame: VideoFrame) -> bool:
    """Whether both chroma planes say "no colour" everywhere, give or take the rounding of a lossy codec."""
    if not re.fullmatch(r"yuvj?4\d\dp", frame.format.name):
        return False
    for number in (1, 2):
        low, high, _, _ = cv2.minMaxLoc(_plane(frame, number))
        if low < NO_COLOUR - 1 or high > NO_COLOUR + 1:
            return False
    return True


def _plane(frame: VideoFrame, number: int, bits: int = 8) -> UInt[np.ndarray, "height width"]:
    """One plane without the padding at its right; it lives as long as the frame."""
    plane = frame.planes[number]
    rows = np.frombuffer(memoryview(plane), dtype=np.uint8 if bits == 8 else np.uint16).reshape(plane.height, -1)
    return rows[:, :plane.width]


def _is_full_range(frame: VideoFrame) -> bool:
    """Whether luma uses all levels; where the stream does not say, grey formats do and YUV formats do not."""
    if frame.format.name.startswith("yuvj"):
        return True
    if frame.color_range in (ColorRange.MPEG, ColorRange.JPEG):
        return frame.color_range == ColorRange.JPEG
    return frame.format.name.startswith("gray")
