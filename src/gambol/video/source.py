"""Where a video's pixels come from, before anything is opened."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class VideoSource:
    """A video file, a list of images, or images embedded in an HDF5 file.

    path: the video or HDF5 file, or the folder's first image where `images` lists them all.
    images: the files of an image list, in frame order; empty for anything else.
    dataset: the HDF5 dataset that holds the images (`video0/video` in a SLEAP package), else None.
    shape: (frames, height, width, channels) as a project remembers it, or None if unknown.
    original: where embedded images came from, if the package says so.
    stored: what a project file said of the video, kept so that it can be written back unchanged.
    """

    path: Path
    images: tuple[Path, ...] = ()
    dataset: str | None = None
    shape: tuple[int, int, int, int] | None = None
    original: "VideoSource | None" = None
    stored: Mapping[str, Any] = field(default_factory=dict, compare=False)

    @property
    def name(self) -> str:
        """What a person calls it: the file's name."""
        return self.path.name
