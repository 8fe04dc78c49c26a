"""FrameStore: every labelled frame decoded once, kept in memory as far as that goes, and on disk beyond."""

import hashlib
import shutil
import tempfile
import threading
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from jaxtyping import UInt8

from gambol.labels.columns import Columns
from gambol.labels.fingerprints import Fingerprint, undecoded
from gambol.labels.paths import resolve
from gambol.storage import replacing
from gambol.video.reader import open_video
from gambol.video.source import VideoSource

Image = UInt8[np.ndarray, "height width channel"]
Progress = Callable[[int, int], None]
BUDGET = 2_000_000_000  # bytes


class FrameStore:
    """The images of a project's labelled frames, by (video, frame); safe to read from many threads.

    Videos are decoded in order, each once, by `fill` (or on the first `image`). Frames stay in memory up
    to `budget` bytes; the rest lies in the folder `cache` under names that follow from the file's path,
    time and size, so that a later training finds them there and a changed video is decoded again.
    Without `cache` a temporary folder is used, which goes with the store.

    fingerprints: what each frame that was decoded is known again by, by (video, frame).
    """

    def __init__(
        self, columns: Columns, base: Path | None = None, channels: int = 1, budget: int = BUDGET,
        cache: Path | None = None,
    ) -> None:
        """`base` is the folder of the project, where videos are looked for; channels is 1 (grey) or 3 (RGB)."""
        self.channels = channels
        self._sources = columns.videos
        self._wanted: dict[int, list[int]] = {}
        for position in range(len(columns)):
            video, frame = columns.frame_at(position)
            self._wanted.setdefault(video, []).append(frame)
        self._base = base
        self._budget = self._room = budget
        self._cache = cache
        self._temporary: Path | None = None
        self._images: dict[tuple[int, int], Image | Path] = {}
        self.fingerprints: dict[tuple[int, int], Fingerprint] = {}
        self._filled = False
        self._filling = threading.Lock()

    def __len__(self) -> int:
        return sum(len(frames) for frames in self._wanted.values())

    def fill(self, progress: Progress | None = None) -> None:
        """Decode what is not there yet; `progress(done, total)` is called after each frame. Errors as for `filling`."""
        for done in self.filling():
            if progress is not None:
                progress(done, len(self))

    def filling(self) -> Iterator[int]:
        """Decode what is not there yet, and say after each frame how many are done.

        Raises `VideoError` for a video that is missing or damaged, `FrameLost` naming the labelled frames that
        cannot be decoded, `FrameOutOfRange` for one that its video does not have, `OutputError` if the disk cache
        cannot be written.
        """
        with self._filling:
            if self._filled:
                return
            done, self._room = 0, self._budget
            for video, frames in sorted(self._wanted.items()):
                source = self._sources[video]
                if self._base is not None:
                    source = resolve(source, self._base)
                for frame, image in self._read(source, frames, video):
                    self._images[video, frame] = image
                    done += 1
                    yield done
            self._filled = True

    def image(self, video: int, frame: int) -> Image:
        """The image of a labelled frame, read-only; `KeyError` for one that is not labelled."""
        if not self._filled:
            self.fill()
        image = self._images[video, frame]
        return np.asarray(np.load(image, mmap_mode="r")) if isinstance(image, Path) else image

    def size(self, video: int, frame: int) -> tuple[int, int]:
        """The (height, width) of a labelled frame."""
        height, width, _ = self.image(video, frame).shape
        return height, width

    def _read(self, source: VideoSource, frames: list[int], video: int) -> Iterator[tuple[int, Image | Path]]:
        """Each frame's image, or the file that holds it; a frame that an earlier store left on disk is not decoded."""
        with open_video(source) as reader:
            names = {frame: _file_name(reader.source, frame, self.channels) for frame in frames}
            cached = {} if self._cache is None else {
                frame: self._cache / name for frame, name in names.items() if (self._cache / name).exists()}
            missing = [frame for frame in frames if frame not in cached]
            known, as_it_is = undecoded(source, missing), not missing or reader.channels == self.channels
            for frame, image in reader.every(missing, channels=self.channels):
                own = image if as_it_is else reader.read(frame)  # the reader still has it at hand
                self.fingerprints[video, frame] = known[frame].seen(own)
                yield frame, _own(image) if self._fits(image) else _write(self._folder() / names[frame], image)
            for frame, place in cached.items():
                image = np.load(place, mmap_mode="r")
                yield frame, _own(image) if self._fits(image) else place

    def _fits(self, image: Image) -> bool:
        """Take memory for an image if there is enough of it left."""
        fits = image.nbytes <= self._room
        self._room -= image.nbytes if fits else 0
        return fits

    def _folder(self) -> Path:
        if self._cache is not None:
            return self._cache
        if self._temporary is None:
            self._temporary = Path(tempfile.mkdtemp(prefix="gambol-frames-"))
            weakref.finalize(self, shutil.rmtree, self._temporary, ignore_errors=True)
        return self._temporary


def _file_name(source: VideoSource, frame: int, channels: int) -> str:
    """A name that another frame, another video or another state of this video cannot have."""
    file = (source.images[frame] if frame < len(source.images) else source.path).resolve()
    state = file.stat()
    content = f"{file.as_posix()}|{state.st_mtime_ns}|{state.st_size}|{source.dataset}|{frame}|{channels}"
    return f"{hashlib.sha256(content.encode()).hexdigest()[:32]}.npy"


def _own(image: Image) -> Image:
    """A read-only copy, so that no buffer of a reader lives on."""
    copy = np.array(image)
    copy.setflags(write=False)
    return copy


def _write(place: Path, image: Image) -> Path:
    with replacing(place) as temporary, temporary.open("wb") as file:
        np.save(file, image)
    return place
