"""Films made on the spot, each of whose frames shows its own number, so that a wrong frame is seen in its pixels."""

import re
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

BITS = 12
FRAMES = 60


def picture(number: int, size: tuple[int, int] = (48, 64)) -> np.ndarray:
    """An RGB image (height, width, 3) that shows a number.

    +--+--+--+--+
    |  |##|  |##|   12 squares, white where the number has a one;
    +--+--+--+--+   below them a red disc that moves from frame to frame,
    |  (red)    |   so that frames are predicted from one another and have colour
    """
    height, width = size
    image = np.full((height, width, 3), 40, np.uint8)
    side = width // (BITS // 2)
    for bit in range(BITS):
        row, column = divmod(bit, BITS // 2)
        image[row * side:(row + 1) * side, column * side:(column + 1) * side] = 235 * (number >> bit & 1)
    y, x = np.mgrid[:height, :width]
    image[(x - number % width) ** 2 + (y - height + 8) ** 2 < 36] = (200, 30, 30)
    return image


def number_in(image: np.ndarray) -> int:
    """The number that a picture shows, read from the middles of its squares."""
    side = image.shape[1] // (BITS // 2)
    middles = [divmod(bit, BITS // 2) for bit in range(BITS)]
    return sum(int(image[int((row + 0.5) * side), int((column + 0.5) * side), 0] > 128) << bit
               for bit, (row, column) in enumerate(middles))


def make_film(path: Path, codec: str = "libx264", pixels: str = "yuv420p", frames: Sequence[np.ndarray] | None = None,
              *, times: Sequence[int] | None = None, full_range: bool | None = None, rotation: int | None = None,
              **options: str) -> Path:
    """Encode frames (by default 60 numbered pictures) at 25 frames per second, or at the given times in 1/1000 s.

    Frames are RGB, or planes already laid out as `pixels` asks, if `full_range` says what their luma means.
    """
    frames = [picture(number) for number in range(FRAMES)] if frames is None else frames
    container_options = {"movflags": options.pop("movflags")} if "movflags" in options else {}
    container = av.open(str(path), "w", container_options=container_options)
    stream = container.add_stream(codec, rate=25, options=options)
    first = av.VideoFrame.from_ndarray(frames[0], format="rgb24" if full_range is None else pixels)
    stream.width, stream.height, stream.pix_fmt = first.width, first.height, pixels
    stream.codec_context.time_base = Fraction(1, 25) if times is None else Fraction(1, 1000)
    if full_range is not None:
        stream.codec_context.color_range = 2 if full_range else 1
    if rotation is not None:
        stream.set_display_rotation(rotation)
    for position, image in enumerate(frames):
        frame = av.VideoFrame.from_ndarray(image, format="rgb24" if full_range is None else pixels)
        if full_range is not None:
            frame.color_range = 2 if full_range else 1
        frame.pts = position if times is None else times[position]
        frame.time_base = stream.codec_context.time_base
        container.mux(stream.encode(frame))
    container.mux(stream.encode(None))
    container.close()
    return path


def played(path: Path) -> list[np.ndarray]:
    """The film's frames as FFmpeg plays them, without any index or seek: (height, width, 3), RGB."""
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


def packets_of(path: Path) -> list[av.Packet]:
    """The packets of a film's pictures, in the order of the file."""
    with av.open(str(path)) as container:
        return [packet for packet in container.demux(video=0) if packet.size]


def pack(path: Path) -> Path:
    """An AVI as Xvid and DivX made them: a B-frame lies in one packet with the frame that it is predicted from.

    frames shown     0    1   2     3   4
    packets stored  [0]  [2 + 1]  [-]  [4 + 3]  [-]     [-] says only "nothing here", and keeps the count
    """
    source = packets_of(make_film(path.with_suffix(".mp4"), "mpeg4", bf="1", g="12"))
    with av.open(str(path.with_suffix(".mp4"))) as container:
        header = container.streams.video[0].codec_context.extradata
    packed = [header[:header.index(b"\0\0\1\xb2")] + b"\0\0\1\xb2DivX503b1393p" + bytes(source[0])]
    for forward, backward in zip(source[1::2], source[2::2], strict=False):
        packed += [bytes(forward) + bytes(backward), b"\0\0\1\xb6\x40\x7f"]
    packed += [bytes(packet) for packet in source[len(packed):]]
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=25)
        stream.width, stream.height, stream.pix_fmt, stream.codec_context.codec_tag = 64, 48, "yuv420p", "XVID"
        for number, content in enumerate(packed):
            packet = av.Packet(content)
            packet.stream, packet.time_base, packet.pts, packet.dts = stream, Fraction(1, 25), number, number
            packet.is_keyframe = source[number].is_keyframe
            container.mux(packet)
    return path


UNEVEN = list(np.cumsum([7 + 90 * (number % 5 == 0) for number in range(FRAMES)]))

FILMS: dict[str, Callable[[Path], Path]] = {
    "three B-frames in MP4": lambda f: make_film(f / "b.mp4", bf="3", g="24"),
    "open groups of pictures": lambda f: make_film(f / "open.mp4", bf="3", g="12", **{"x264-params": "open-gop=1"}),
    "variable frame rate": lambda f: make_film(f / "uneven.mp4", times=UNEVEN, bf="3", g="24"),
    "one keyframe only": lambda f: make_film(f / "one.mp4", g="1000"),
    "10 bits of HEVC": lambda f: make_film(f / "ten.mp4", "libx265", "yuv420p10le", **{"x265-params": "log-level=0"}),
    "B-frames in AVI": lambda f: make_film(f / "b.avi", bf="3", g="24"),
    "MPEG-4 in AVI": lambda f: make_film(f / "mpeg4.avi", "mpeg4", bf="2", g="12"),
    "Motion JPEG in AVI": lambda f: make_film(f / "jpeg.avi", "mjpeg", "yuvj420p"),
    "B-frames in Matroska": lambda f: make_film(f / "b.mkv", bf="3", g="24"),
    "packed B-frames in AVI": lambda f: pack(f / "packed.avi"),
    "no time stamps at all": lambda f: make_film(f / "raw.h264", bf="3", g="24"),
    "B-frames in a program stream": lambda f: make_film(f / "b.mpg", "mpeg2video", bf="2", g="12"),
    "no keyframes but a wandering refresh": lambda f: make_film(
        f / "refresh.mp4", bf="0", g="20", **{"x264-params": "intra-refresh=1"}),
    "VP8 in WebM": lambda f: make_film(f / "vp8.webm", "libvpx", g="24", deadline="realtime"),
    "VP9 in WebM": lambda f: make_film(f / "vp9.webm", "libvpx-vp9", g="24", deadline="realtime"),
    "B-frames in a transport stream": lambda f: make_film(f / "b.ts", bf="3", g="24"),
    "lossless RGB in QuickTime": lambda f: make_film(f / "rgb.mov", "png", "rgb24"),
    "odd sides in MPEG-4": lambda f: make_film(
        f / "odd.mp4", "mpeg4", frames=[picture(n, (51, 67)) for n in range(FRAMES)], q="3"),
    "odd sides": lambda f: make_film(f / "odd.mkv", "ffv1", frames=[picture(n, (51, 67)) for n in range(FRAMES)]),
}


@pytest.fixture(scope="session", params=list(FILMS))
def film(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Each kind of film in turn."""
    return FILMS[request.param](tmp_path_factory.mktemp("film"))


@pytest.fixture(scope="session")
def b_frames(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """60 frames, B-frames between them, a keyframe every 24."""
    return FILMS["three B-frames in MP4"](tmp_path_factory.mktemp("film"))


def says_three_things(error: Exception) -> bool:
    """Whether a message is three sentences: what happened, why it matters, what to do."""
    return len(re.split(r"(?<=[.!?]) (?=[A-Z])", str(error))) == 3
