"""What a video can be known again by, without reading it: its size, its first and last bytes, its images' names."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from gambol.errors import VideoError
from gambol.video.images import folder_images
from gambol.video.reader import require_file
from gambol.video.source import VideoSource

PIECE = 1 << 16  # bytes looked at on either end of a file


def fingerprint(source: VideoSource) -> dict[str, Any]:
    """A few figures, for JSON, that differ if the video is another one; where it lies does not matter.

    A file: `bytes` and a `hash` of head and tail. An image list or a folder of images: how many `images`, a hash of
    their `names`, `bytes` and `hash` of the first and last. Images embedded in a project: how many `images`, a hash of
    the first and last, so that labels beside them may change. `name` is for people. Raises `VideoError` if it is gone.
    """
    images = source.images or (folder_images(source.path) if source.path.is_dir() else ())
    if images:
        ends = [images[0], images[-1]]
        names = hashlib.sha256("\n".join(image.name for image in images).encode()).hexdigest()
        return {"name": source.name, "images": len(images), "names": names, "bytes": sum(map(_size, ends)),
                "hash": _hash(*map(_ends, ends))}
    if source.dataset is not None:
        return {"name": source.name, **_embedded(source)}
    return {"name": source.name, "bytes": _size(source.path), "hash": _hash(_ends(source.path))}


def changed(source: VideoSource, stored: Mapping[str, Any]) -> str | None:
    """In a few words why this is not the video whose fingerprint is `stored`; None if it is, or if nothing is known.

    A video that is gone has changed, too.
    """
    if not stored:
        return None
    try:
        now = fingerprint(source)
    except VideoError:
        return f"{source.name} is gone"
    for key, what in (("images", "images"), ("bytes", "bytes")):
        if now.get(key) != stored.get(key):
            return f"{source.name} has {_count(now, key)} {what}, and had {_count(stored, key)}"
    if now.get("names") != stored.get("names"):
        return f"the images of {source.name} have other names"
    if now.get("hash") != stored.get("hash"):
        return f"the content of {source.name} has changed"
    return None


def _count(known: Mapping[str, Any], key: str) -> str:
    return str(known.get(key, "no"))


def _size(path: Path) -> int:
    require_file(path)
    return path.stat().st_size


def _ends(path: Path) -> bytes:
    """The first and the last bytes of a file."""
    with path.open("rb") as file:
        head = file.read(PIECE)
        file.seek(max(PIECE, path.stat().st_size - PIECE))
        return head + file.read(PIECE)


def _embedded(source: VideoSource) -> dict[str, Any]:
    import h5py

    require_file(source.path)
    try:
        with h5py.File(source.path, "r") as file:
            images = file[source.dataset]
            frames = images.parent.get("frame_numbers")
            numbers = b"" if frames is None else np.asarray(frames[()], np.int64).tobytes()
            ends = [np.asarray(images[place]).tobytes() for place in (0, -1)] if len(images) else []
            about = json.dumps([list(images.shape), str(images.attrs.get("format", ""))]).encode()
            return {"images": len(images), "hash": _hash(about, numbers, *ends)}
    except (OSError, KeyError, ValueError) as error:
        raise VideoError(
            f"The images in {source.path} ({source.dataset}) cannot be read ({error}). "
            "Whether they are those of before cannot be told. "
            "Copy the file again, or make the package anew.") from error


def _hash(*pieces: bytes) -> str:
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(len(piece).to_bytes(8, "big") + piece)
    return digest.hexdigest()
