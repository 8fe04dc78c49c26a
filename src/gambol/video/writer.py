"""Writing a video that every player opens: H.264 in MP4, whole or not there at all."""

from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self, cast

import av
import cv2
import numpy as np
from av.video.reformatter import ColorRange, Colorspace
from av.video.stream import VideoStream
from jaxtyping import UInt8

from gambol.errors import OutputError
from gambol.storage import replacing

CODECS = {"libx264": {"crf": "18", "preset": "fast"}, "mpeg4": {"q": "2"}}  # the first that FFmpeg was built with
NO_COLOUR = 128
LIMITED_RANGE = np.rint(16 + np.arange(256) * 219 / 255).astype(np.uint8)  # grey -> luma, ITU-R BT.601


class VideoWriter:
    """A context manager that takes frames one by one; the file appears at its place when the block ends well.

    Colours are stored as BT.601 limited range and say so. A side of odd length gets one more row or
    column at the bottom or right (H.264 wants even sides), so no pixel moves.
    """

    def __init__(self, path: Path, fps: float, size: tuple[int, int], preset: str = "fast") -> None:
        """Prepare to write frames of one size, (height, width) in pixels, at `fps` frames per second.

        preset: x264's choice between speed and care, such as "veryfast".
        """
        self.path = path
        self.fps = Fraction(fps).limit_denominator(10_000)
        self.height, self.width = size
        self.frames = 0
        self._preset = preset

    def __enter__(self) -> Self:
        """Open a temporary file beside the place. Raises `OutputError` if the folder cannot be written."""
        with ExitStack() as files:
            temporary = files.enter_context(replacing(self.path))
            temporary.touch()  # an unwritable folder is found now, not when the first frame comes
            self._container = av.open(str(temporary), "w", format="mp4", container_options={"movflags": "faststart"})
            files.callback(self._container.close)
            self._stream = self._add_stream()
            self._files = files.pop_all()
        return self

    def write(self, image: UInt8[np.ndarray, "height width *channel"]) -> None:
        """Append a frame, grey or RGB. Raises `OutputError` if the disk is full."""
        if image.shape[:2] != (self.height, self.width):
            raise ValueError(f"the video's frames are {(self.height, self.width)}, this image is {image.shape[:2]}")
        frame = av.VideoFrame.from_ndarray(_planes(image), format="yuv420p")
        frame.pts = self.frames
        frame.time_base = 1 / self.fps
        self._container.mux(self._stream.encode(frame))
        self.frames += 1

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        """Finish the file and put it in its place, or leave nothing if the block failed."""
        with self._files:
            if error is not None:
                raise error
            if not self.frames:
                raise OutputError(
                    f"No frame was written to {self.path}. "
                    "A video without frames cannot be opened by any program, so none was made. "
                    "Check that the frames asked for exist.")
            self._container.mux(self._stream.encode(None))

    def _add_stream(self) -> VideoStream:
        codec = next((name for name in CODECS if name in av.codecs_available), None)
        if codec is None:
            raise OutputError(
                f"This FFmpeg can encode none of {', '.join(CODECS)}. "
                "Without an encoder no video can be written. "
                "Install PyAV from PyPI (pip install av), which brings libx264.")
        options = CODECS[codec] | ({"preset": self._preset} if "preset" in CODECS[codec] else {})
        stream = cast(VideoStream, self._container.add_stream(codec, rate=self.fps, options=options))
        stream.width, stream.height = self.width + self.width % 2, self.height + self.height % 2
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = 1 / self.fps
        stream.codec_context.color_range = ColorRange.MPEG
        stream.codec_context.colorspace = Colorspace.SMPTE170M
        return stream


def _planes(image: UInt8[np.ndarray, "height width *channel"]) -> UInt8[np.ndarray, "rows width"]:
    """An image as YUV 4:2:0 planes, one below the other, with even sides."""
    height, width = image.shape[:2]
    image = cv2.copyMakeBorder(image, 0, height % 2, 0, width % 2, cv2.BORDER_REPLICATE)
    if image.ndim == 3 and image.shape[2] == 3:
        return np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2YUV_I420))           # (height * 3/2, width)
    luma = cv2.LUT(image, LIMITED_RANGE).reshape(image.shape[0], image.shape[1])  # (height, width)
    chroma = np.full((image.shape[0] // 2, image.shape[1]), NO_COLOUR, np.uint8)
    return np.concatenate([luma, chroma])                                        # (height * 3/2, width)
