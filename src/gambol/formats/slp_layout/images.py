"""Images within a `.slp`: kept, copied from another package, or embedded from the videos."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import h5py
import numpy as np
from jaxtyping import UInt8

from gambol.formats.slp_layout.extras import is_images
from gambol.formats.slp_layout.metadata import ATTRIBUTE_LIMIT
from gambol.labels.columns import Columns
from gambol.labels.paths import resolve
from gambol.labels.stored_videos import EMBEDDED, moved, stored_from_source
from gambol.video.reader import open_video
from gambol.video.source import VideoSource


def place(
    file: h5py.File, columns: Columns, path: Path, embed: bool, progress: Callable[[int, int], None] | None = None
) -> list[VideoSource]:
    """Bring the images that belong into the new project `file` there; the videos as that project has to name them.

    path: where the new project will stand. Images that the project at `path` holds stay in it. With `embed`, all
    videos' labelled and suggested frames are put in, and progress is called with (images stored, images in all).
    Raises `VideoError` if a video to embed cannot be read.
    """
    base = columns.origin.path.parent if columns.origin else path.parent
    placed = []
    wanted = [0 if _is_packed(video) else len(_frames(columns, number)) for number, video in enumerate(columns.videos)]
    for number, video in enumerate(columns.videos):
        if _is_packed(video) and (embed or video.path.resolve() == path.resolve()):
            _copy(file, number, video)
            placed.append(_placed(file, number, path, video.original))
        elif embed:
            found = resolve(video, base)
            for done in _embed(file, number, _frames(columns, number), found):
                if progress is not None:
                    progress(sum(wanted[:number]) + done, sum(wanted))
            placed.append(_placed(file, number, path, found))
        else:
            placed.append(moved(video, base, path.parent))
    return placed


def read_original(file: h5py.File, dataset: str) -> dict[str, Any] | None:
    """What a package says of the video that these embedded images were taken from, None if nothing."""
    group = dataset.removesuffix("/video")
    for name in ("source_video", "original_video"):
        if f"{group}/{name}" in file:
            stored = file[f"{group}/{name}"]
            text = stored["json"][()] if "json" in stored else stored.attrs["json"]  # too long for an attribute
            return dict(json.loads(text))
    return None


def _is_packed(video: VideoSource) -> bool:
    group, _, name = (video.dataset or "").partition("/")
    return is_images(group) and name == "video" and video.path.exists()


def _copy(file: h5py.File, number: int, video: VideoSource) -> None:
    group = str(video.dataset).partition("/")[0]
    with h5py.File(video.path, "r") as source:
        source.copy(group, file, name=f"video{number}")
        images = file[f"video{number}/video"]
        if "channel_order" not in images.attrs and "metadata" in source:
            images.attrs["channel_order"] = "BGR" if source["metadata"].attrs.get("format_id", 0) < 1.4 else "RGB"


def _frames(columns: Columns, number: int) -> list[int]:
    """The labelled and the suggested frames of a video."""
    labelled = columns.frame_index[columns.frame_video == number].tolist()
    return sorted({*labelled, *(frame for place, frame in columns.suggestions if place == number)})


def _embed(file: h5py.File, number: int, frames: list[int], video: VideoSource) -> Iterator[int]:
    """Put the images of these frames in, one after another; tells how many are there."""
    group = file.create_group(f"video{number}")
    with open_video(video) as reader:
        images = group.create_dataset("video", (len(frames),), h5py.vlen_dtype(np.int8))
        for place, (_, image) in enumerate(reader.every(frames)):
            images[place] = _png(image)
            yield place + 1
        height, width = reader.size(frames[0]) if frames else (0, 0)
        images.attrs.update({"format": "png", "channel_order": "RGB", "frames": len(reader), "height": height,
                             "width": width, "channels": reader.channels})
    group.create_dataset("frame_numbers", data=np.array(frames, np.int64))
    source = group.create_group("source_video")
    text = json.dumps(stored_from_source(video, Path()), separators=(",", ":"))
    if len(text.encode()) > ATTRIBUTE_LIMIT:
        source["json"] = np.bytes_(text)
    else:
        source.attrs["json"] = text


def _placed(file: h5py.File, number: int, path: Path, original: VideoSource | None) -> VideoSource:
    dataset = f"video{number}/video"
    images = file[dataset]
    sizes = [int(images.attrs.get(name, 0)) for name in ("height", "width", "channels")]
    shape = list(images.shape) if images.ndim == 4 else [len(images), *sizes]
    stored: dict[str, Any] = {"backend": {
        "type": "HDF5Video", "shape": shape, "filename": EMBEDDED, "dataset": dataset, "convert_range": False,
        "input_format": "channels_last", "has_embedded_images": images.ndim != 4, "grayscale": shape[3] == 1}}
    if "fps" in images.attrs:
        stored["backend"]["fps"] = float(images.attrs["fps"])
    if original is not None:
        stored["source_video"] = stored_from_source(original, path)
    return VideoSource(path, dataset=dataset, original=original, stored=stored)


def _png(image: UInt8[np.ndarray, "height width channel"]) -> np.ndarray[Any, np.dtype[np.int8]]:
    colours = image if image.shape[2] == 1 else cv2.cvtColor(image, cv2.COLOR_RGB2BGR)
    return cv2.imencode(".png", colours)[1].reshape(-1).view(np.int8)
