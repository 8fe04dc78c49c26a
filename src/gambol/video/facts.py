"""What there is to know about a video: its size, speed and coding, and how exactly its frames can be found."""

from pathlib import Path
from typing import Any

import numpy as np

from gambol.video.indexing import frame_index
from gambol.video.packets import open_stream
from gambol.video.rate import frame_rate
from gambol.video.reader import HDF5_SUFFIXES, IMAGE_SUFFIXES, VideoReader, open_video
from gambol.video.source import VideoSource

RANGES = {1: "limited (16-235)", 2: "full (0-255)"}  # FFmpeg's AVCOL_RANGE
UNEVEN = 0.1  # of the usual time between frames: what differs more makes a frame rate variable


def video_facts(path: Path) -> dict[str, Any]:
    """All about a video file, a folder of images, an image or an HDF5 file with images, ready for JSON.

    Reads the whole file's packets, but decodes hardly any frame. Raises `VideoError` if it is none.
    """
    with open_video(VideoSource(path)) as reader:
        source, first = reader.source, reader.frame_numbers[0]
        height, width = reader.size(first)
        facts: dict[str, Any] = {
            "kind": "video", "path": path.as_posix(), "source": _kind(source), "width": width, "height": height,
            "channels": reader.channels, "frames": len(reader)}
        if source.images:
            return facts | _of_images(reader, source)
        if source.dataset is not None:
            return facts | {
                "bytes": path.stat().st_size, "dataset": source.dataset, "first": int(first),
                "last": int(reader.frame_numbers[-1]), "exact": True}
    return facts | _of_file(path)


def glance(source: VideoSource) -> dict[str, Any]:
    """The little that can be said of a video at once, by its header: width, height, frames, fps (None if unknown).

    Raises `VideoError` if it cannot be opened.
    """
    if source.dataset is None and not source.images and source.path.is_file() and _kind(source) == "video file":
        container, stream = open_stream(source.path)
        with container:
            rate = stream.average_rate
            return {"width": stream.codec_context.width, "height": stream.codec_context.height,
                    "frames": stream.frames or None, "fps": float(rate) if rate else None}
    with open_video(source) as reader:
        height, width = reader.size(reader.frame_numbers[0])
        return {"width": width, "height": height, "frames": len(reader), "fps": None}


def _kind(source: VideoSource) -> str:
    if source.images or source.path.is_dir() or source.path.suffix.lower() in IMAGE_SUFFIXES:
        return "images"
    return "embedded images" if source.dataset or source.path.suffix.lower() in HDF5_SUFFIXES else "video file"


def _of_images(reader: VideoReader, source: VideoSource) -> dict[str, Any]:
    sizes = {reader.size(index) for index in list(reader.frame_numbers)[:: max(1, len(reader) // 50)]}
    return {
        "bytes": sum(image.stat().st_size for image in source.images), "first_image": source.images[0].name,
        "last_image": source.images[-1].name, "sizes": sorted([width, height] for height, width in sizes),
        "exact": True}


def _of_file(path: Path) -> dict[str, Any]:
    index = frame_index(path)
    container, stream = open_stream(path)
    with container:
        context, tick = stream.codec_context, float(stream.time_base or 0)
        apart = np.diff(index.times) * tick                                              # (frame - 1,) seconds
        usual = float(np.median(apart)) if len(apart) else 0.0
        uneven = bool(len(apart)) and bool(np.abs(apart - usual).max() > max(UNEVEN * usual, 1.5 * tick))
        facts = {
            "bytes": path.stat().st_size, "container": container.format.long_name, "codec": context.codec.name,
            "pixel_format": context.pix_fmt, "colour_range": RANGES.get(int(context.color_range or 0), "not stated"),
            "frames_stated": stream.frames or None}
        facts["found_by"] = "time stamps" if index.places is None else "numbers of packets"
    between = np.diff(index.keyframes)                                                   # (keyframe - 1,)
    rate = frame_rate(path)
    return facts | {
        "fps": rate, "seconds": len(index) / rate if rate else None, "variable_rate": uneven,
        "keyframes": len(index.keyframes),
        "keyframe_interval": {"median": float(np.median(between)), "longest": int(between.max())} if len(between)
        else None,
        "damaged": sorted(index.damaged), "exact": True}
