"""Writing a `.slp` piece by piece: rows go to the disk as they come, the file appears when it is whole."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from io import FileIO
from pathlib import Path
from types import TracebackType
from typing import Any

import h5py
import numpy as np

from gambol.formats.slp_layout import metadata, tables
from gambol.labels.columns import Columns
from gambol.labels.skeleton import Skeleton
from gambol.labels.stored_videos import stored_from_source
from gambol.storage import refuse_existing, replacing
from gambol.video.source import VideoSource

CHUNK = 64, 8192  # rows: fewest and most that HDF5 keeps together


class SlpWriter:
    """A project written with bounded memory: the predictions of a video, as they come.

    ```
    with SlpWriter(path, skeleton, videos) as writer:
        for block in blocks:                   # columns, in the order of (video, frame)
            writer.append(block)
        writer.finish({"model": ...})
    ```
    Videos are named by absolute paths, unless they came from a project and were not looked for since.
    Rows go to a temporary file, which `finish` puts in place; leaving the block without it leaves nothing behind.
    Raises `OutputError` if `path` exists (unless `overwrite`), cannot be written, or the disk is full.
    """

    def __init__(self, path: Path, skeleton: Skeleton, videos: list[VideoSource], overwrite: bool = False) -> None:
        self.path = Path(path).absolute()
        refuse_existing(self.path, overwrite)
        self.skeleton, self.videos = skeleton, list(videos)
        self.tracks: list[str] = []
        self._counts = dict.fromkeys(tables.TABLES, 0)
        self._used_videos: set[int] = set()
        self._finished = False

    def __enter__(self) -> "SlpWriter":
        with ExitStack() as stack:
            temporary = stack.enter_context(replacing(self.path))
            self._disk = stack.enter_context(closing(_Disk(temporary, "w+")))
            self.file = stack.enter_context(_hdf5(self._disk))
            self._stack = stack.pop_all()
        return self

    def append(self, block: Columns) -> None:
        """Add the frames and animals of a block; they must come after those added before.

        Tracks may be added from block to block: each list continues that of the block before. A user instance's
        prediction is in the same block.
        """
        if len(block.tracks) > len(self.tracks):
            self.tracks = list(block.tracks)
        self._used_videos.update(np.unique(block.frame_video).tolist())
        written = tables.tables(block, self._counts)
        for name, table in written.items():
            if name not in self.file:
                chunk = min(max(len(table), CHUNK[0]), CHUNK[1])
                self.file.create_dataset(name, (0,), table.dtype, maxshape=(None,), chunks=(chunk,))
            dataset = self.file[name]
            dataset.resize(len(dataset) + len(table), axis=0)
            dataset[len(dataset) - len(table):] = table
            self._counts[name] = len(dataset)
        self._disk.check()

    def finish(self, provenance: Mapping[str, Any], project: Columns | None = None) -> None:
        """Add what is known last, and put the file in place.

        provenance: how the content came about, anything JSON can hold. project: where suggestions and the skeleton's
        stored form are taken from, if the file continues a project.
        """
        for name, dtype in tables.TABLES.items():
            self.file.require_dataset(name, (self._counts[name],), dtype, maxshape=(None,))
        self._number_videos()
        metadata.write_json_rows(self.file, "videos_json", [stored_from_source(v, self.path) for v in self.videos])
        metadata.write_json_rows(self.file, "tracks_json", [[0, track] for track in self.tracks])
        metadata.write_suggestions(self.file, project)
        metadata.write_metadata(self.file, self.skeleton, provenance, project.origin if project else None)
        self._stack.close()
        self._finished = True

    def _number_videos(self) -> None:
        """Exchange positions of videos for their numbers, where those differ; known only when all frames are in."""
        numbers = metadata.video_ids(self.videos, self._used_videos)
        if any(numbers[video] != video for video in self._used_videos):
            for name, column in (("frames", "video"), ("negative_frames", "video_id")):
                table = self.file[name][()]
                table[column] = numbers[table[column]]
                self.file[name][...] = table
        if not len(self.file["negative_frames"]):
            del self.file["negative_frames"]  # as SLEAP writes it: only where there are some

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._finished:
            error = error or _Unfinished()
            self._stack.__exit__(type(error), error, trace)


class _Unfinished(Exception):
    """Leaves the writer without putting the file in place."""


class _Disk(FileIO):
    """A file that HDF5 writes to, and that never fails it.

    HDF5 does not survive a write that fails while it closes (it crashes later). So the first error is kept for
    `check`, and what follows goes nowhere; the file is given up anyway.
    """

    error: OSError | None = None

    def write(self, data: Any) -> int:
        rest = memoryview(data)
        try:
            while rest and self.error is None:
                rest = rest[super().write(rest):]
        except OSError as error:
            self.error = error
        return len(data)

    def truncate(self, size: int | None = None) -> int:
        try:
            return super().truncate(size)
        except OSError as error:
            self.error = self.error or error
            return size or 0

    def check(self) -> None:
        """Raise the first error that the system reported."""
        if self.error is not None:
            raise self.error


@contextmanager
def _hdf5(disk: _Disk) -> Iterator[h5py.File]:
    try:
        with h5py.File(disk, "w") as file:
            yield file
    except (OSError, RuntimeError):
        disk.check()  # what HDF5 says then is only the consequence
        raise
    disk.check()
