"""Video files, read with PyAV (FFmpeg): exact random access, and grey straight from the luma plane."""

import re

import cv2
import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange
from jaxtyping import UInt, UInt8

from gambol.errors import FrameLost, VideoError
from gambol.video.colour import Image, as_channels, looks_grey, luma_table
from gambol.video.damage import lost_frames
from gambol.video.indexing import frame_index
from gambol.video.reader import VideoReader, out_of_range
from gambol.video.source import VideoSource
from gambol.video.track import Track

LUMA_FIRST = re.compile(r"(?:yuv[aj]?4\d\dp|gray|nv(?:12|16|21|24|42))(?:(\d+)le)?")
NO_COLOUR = 128
TRIES = 50  # keyframes that are looked at before a file is given up


class PyAVReader(VideoReader):
    """A video file. Frames that follow one another are decoded in one go; others from the keyframe before."""

    def __init__(self, source: VideoSource) -> None:
        """Index the file and decode its first frame. Raises `VideoError`."""
        self.source = source
        self._index = frame_index(source.path)
        self.frame_numbers = range(len(self._index))
        self.lost: list[int] = []
        self._track = Track(source.path, self._index)
        self._careful: Track | None = None
        self._lost_of: dict[int, frozenset[int]] = {}
        self._last: tuple[int, VideoFrame] | None = None
        self._channels: int | None = None
        first = self._sound_frame(0)
        self._size = (first.height, first.width) if first.rotation % 180 == 0 else (first.width, first.height)

    @property
    def channels(self) -> int:
        """1 if the first and the middle frame are grey, else 3."""
        if self._channels is None:
            looked_at = (0, len(self) // 2)
            self._channels = 1 if all(looks_grey(_rgb(self._sound_frame(index))) for index in looked_at) else 3
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
        self._track.close()
        if self._careful is not None:
            self._careful.close()

    def _require(self, index: int) -> None:
        if index not in self.frame_numbers:
            raise out_of_range(self.source, index, self.frame_numbers)

    def _frame(self, index: int) -> VideoFrame:
        """The decoded frame. Raises `FrameLost`."""
        if self._last is not None and self._last[0] == index:
            return self._last[1]
        group = self._index.group(index)
        frame = self._track.reach(index) if group not in self._lost_of else None
        if group in self._track.suspects or (frame is None and group not in self._lost_of):
            self._lost_of[group] = lost_frames(self.source.path, self._index, group)
            self._track.suspects.discard(group)
            frame = None
        if frame is None and index not in self._lost_of[group]:
            frame = self._reach_carefully(index, is_damaged=bool(self._lost_of[group]))
        if frame is None:
            raise FrameLost(
                f"Frame {index} of {self.source.path} cannot be decoded. "
                "The file is damaged there, so what this frame shows is not known. "
                "Leave the frame out, copy the video again, or convert it with ffmpeg.")
        self._last = (index, frame)
        return frame

    def _reach_carefully(self, index: int, is_damaged: bool) -> VideoFrame | None:
        """A frame of a group that was examined: several threads at once lose a little more than the damage took."""
        frame = None if is_damaged else self._track.reach(index)
        if frame is None:
            self._careful = self._careful or Track(self.source.path, self._index, threads=1)
            frame = self._careful.reach(index)
        return frame

    def _sound_frame(self, index: int) -> VideoFrame:
        """This frame; if it is lost, a keyframe that is not. Raises `VideoError` if there is none."""
        keyframes = np.roll(self._index.keyframes, -1 - self._index.group(index))
        for number in (index, *keyframes[::max(1, len(keyframes) // TRIES)].tolist()):
            try:
                return self._frame(number)
            except FrameLost:
                continue
        raise VideoError(
            f"No frame of {self.source.path} can be decoded. "
            "The file is damaged throughout, or holds something else than its name says. "
            "Play it in a video player; if it does not play, copy it again.")


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
