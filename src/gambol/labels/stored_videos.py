"""What a SLEAP project says of a video: reading that dictionary, and writing it for videos that have none yet.

A project keeps one JSON object per video, `{"filename": ..., "backend": {...}, "source_video": {...}}`; older ones
only the backend. Facts of the layout: sleap-io 0.9.5, `io/slp.py`.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from gambol.video.source import VideoSource

EMBEDDED = "."


def source_from_stored(stored: Mapping[str, Any], project: Path) -> VideoSource:
    """The video that a project's JSON object describes, its paths as stored (see `labels.paths.resolve`).

    Images embedded in the project itself are a dataset of `project`. Windows separators become slashes.
    Raises KeyError if no file is named.
    """
    backend: Mapping[str, Any] = stored.get("backend") or {}
    name = backend["filename"] if backend.get("filename") is not None else stored["filename"]
    listed = backend.get("filenames") or (name if isinstance(name, list) else ())
    images = tuple(as_path(image) for image in listed)
    original = stored.get("source_video") or stored.get("original_video")
    shape = backend.get("shape")
    embedded = name == EMBEDDED
    return VideoSource(
        path=project if embedded else images[0] if images else as_path(name),
        images=images,
        dataset=backend.get("dataset") or None,
        shape=_shape(shape) if shape else None,
        original=source_from_stored(original, project) if original else None,
        stored=dict(stored),
    )


def stored_from_source(source: VideoSource, project: Path) -> dict[str, Any]:
    """The JSON object for a video in the file `project`.

    What a project once said of it stays; its paths too, unless the video has been found elsewhere since: then they
    are absolute, in posix form. Images embedded in `project` itself are at ".".
    """
    stored = _made(source) if not source.stored else dict(source.stored)
    stored.pop("video_crop", None)
    backend = dict(stored.get("backend") or {})
    if source.dataset and source.path == project:
        stored["filename"], backend["filename"], backend["dataset"] = project.as_posix(), EMBEDDED, source.dataset
    elif source.stored and source_from_stored(source.stored, project).images != source.images:
        backend["filenames"] = [image.as_posix() for image in source.images]
        stored["filename"], backend["filename"] = backend["filenames"], backend["filenames"][0]
    elif source.stored and source_from_stored(source.stored, project).path != source.path:
        stored["filename"] = backend["filename"] = source.path.as_posix()
    return {**stored, "backend": backend}


def moved(source: VideoSource, old: Path, new: Path) -> VideoSource:
    """The video for a project that moves from the folder `old` to `new`: a relative path that would break is made
    absolute, others stay.
    """
    if old.resolve() == new.resolve() or source.path.is_absolute() or not (old / source.path).exists():
        return source
    images = tuple((old / image).absolute() for image in source.images)
    return replace(source, path=(old / source.path).absolute(), images=images)


def _made(source: VideoSource) -> dict[str, Any]:
    shape = list(source.shape) if source.shape else None
    grey = None if source.shape is None else source.shape[3] == 1
    names: list[str] = [image.absolute().as_posix() for image in source.images]
    path = source.path.absolute().as_posix()
    if names:
        height, width, channels = source.shape[1:] if source.shape else (None, None, 3)
        backend = {"type": "ImageVideo", "shape": shape, "filename": names[0], "filenames": names,
                   "height_": height, "width_": width, "channels_": channels, "grayscale": grey}
    elif source.dataset:
        backend = {"type": "HDF5Video", "shape": shape, "filename": path, "dataset": source.dataset,
                   "input_format": "channels_last", "convert_range": False, "has_embedded_images": True,
                   "grayscale": grey}
    else:
        backend = {"type": "MediaVideo", "shape": shape, "filename": path, "grayscale": grey, "bgr": True,
                   "dataset": "", "input_format": ""}
    stored: dict[str, Any] = {"filename": names or path, "backend": backend}
    if source.original is not None:
        stored["source_video"] = stored_from_source(source.original, source.path)
    return stored


def as_path(name: str) -> Path:
    """A stored path as a `Path` on this machine: Windows separators become slashes, doubled ones too."""
    return Path(name.replace("\\", "/"))


def _shape(shape: Any) -> tuple[int, int, int, int] | None:
    if len(shape) != 4 or any(size is None for size in shape):
        return None
    frames, height, width, channels = (int(size) for size in shape)
    return frames, height, width, channels
