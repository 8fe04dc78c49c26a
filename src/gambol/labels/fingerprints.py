"""What a labelled frame is known again by, wherever its project went: its video's content, its pixels, its look.

A project may be saved again, reordered, merged, or packed with its images, and its videos may move or be renamed. The
file of a video stays the same through most of that, and its pixels through the rest, as PNG loses nothing. What is
encoded anew (JPEG, another codec, another program's grey) has other pixels; such a frame is known again if its video
has the same name, its number is the same, and it looks the same when it is shrunk to 8 x 8 grey cells.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Int

from gambol.errors import VideoError
from gambol.labels.columns import Columns
from gambol.labels.paths import resolve
from gambol.video.colour import Image, as_channels
from gambol.video.fingerprint import fingerprint
from gambol.video.reader import open_video
from gambol.video.source import VideoSource

CELLS = 8  # of a look, on either side
ALIKE = 4  # grey levels by which cells of the same image may differ: JPEG, H.264 and other greys stayed within 1
TRAIN, VALIDATION, TEST, UNKNOWN = 0, 1, 2, -1


@dataclass(frozen=True)
class Fingerprint:
    """One frame, in words that JSON can say.

    file: hash of the video file (`video.fingerprint`) and the frame's number. place: the video's name and the number,
    or the name of a listed image. content: hash of the pixels. look: 8 x 8 grey levels, hexadecimal. The last two are
    empty where the frame was not decoded.
    """

    file: str
    place: str
    content: str = ""
    look: str = ""

    def seen(self, image: Image) -> "Fingerprint":
        """The same with what its pixels say. image: as its video has it, neither made grey nor coloured."""
        import cv2

        content = hashlib.sha256(f"{image.shape}".encode() + np.ascontiguousarray(image).tobytes()).hexdigest()[:32]
        look = cv2.resize(as_channels(image, 1), (CELLS, CELLS), interpolation=cv2.INTER_AREA)
        return replace(self, content=content, look=look.tobytes().hex())

    def looks_like(self, other: "Fingerprint") -> bool:
        """Whether both were decoded and show the same, as far as small pictures tell."""
        if not self.look or len(self.look) != len(other.look):
            return False
        one, two = (np.frombuffer(bytes.fromhex(own.look), np.uint8).astype(int) for own in (self, other))
        return bool(np.abs(one - two).max() <= ALIKE)


def undecoded(source: VideoSource, frames: Iterable[int]) -> dict[int, Fingerprint]:
    """Frames of a video by number, as far as they can be told without decoding. Raises `VideoError` if it is gone.

    Images in a package count as the video that they were taken from, if that is still there.
    """
    file, first = _file(source), _first(source)
    return {frame: Fingerprint(f"{file}:{frame}", _place(first, frame)) for frame in frames}


def fingerprints(columns: Columns) -> list[Fingerprint]:
    """All labelled frames, decoded. Raises `VideoError` if a video is not where the columns say."""
    known = _undecoded(columns)
    return [own for _, own in _decoded(columns, known, range(len(columns)))]


@dataclass(frozen=True)
class Recognised:
    """For each labelled frame the side (TRAIN, VALIDATION, TEST) that it was on, or UNKNOWN; disputed: how many had
    been on several, of which the one counts that a network saw most of: training before validation before test.
    """

    sides: Int[np.ndarray, " frame"]
    disputed: int = 0


def recognise(columns: Columns, earlier: Mapping[int, Iterable[Fingerprint]]) -> Recognised:
    """Find frames again among those of earlier trainings. earlier: side → frames.

    Only frames whose file does not settle it are decoded. Raises `VideoError` if a video is not where columns say.
    """
    memory, known = Memory(earlier), _undecoded(columns)
    sides, disputed = np.full(len(columns), UNKNOWN), 0
    open_questions = []
    for position, own in enumerate(known):
        settled = memory.by_file.get(own.file, set())
        if len(settled) == 1:
            sides[position] = min(settled)
        else:
            open_questions.append(position)
    for position, own in _decoded(columns, known, open_questions):
        found = memory.sides(own)
        sides[position] = min(found, default=UNKNOWN)
        disputed += len(found) > 1
    return Recognised(sides, disputed)


class Memory:
    """The frames of earlier trainings, by each of the ways in which they are known again."""

    def __init__(self, earlier: Mapping[int, Iterable[Fingerprint]]) -> None:
        self.by_file: dict[str, set[int]] = defaultdict(set)
        self._by_content_and_place: dict[tuple[str, str], set[int]] = defaultdict(set)
        self._by_content: dict[str, set[int]] = defaultdict(set)
        self._by_place: dict[str, list[tuple[int, Fingerprint]]] = defaultdict(list)
        for side, frames in earlier.items():
            for own in frames:
                self.by_file[own.file].add(side)
                self._by_place[own.place].append((side, own))
                if own.content:
                    self._by_content_and_place[own.content, own.place].add(side)
                    self._by_content[own.content].add(side)

    def sides(self, frame: Fingerprint) -> set[int]:
        """The sides on which a decoded frame was, by the surest way that knows it; none if it was not there."""
        return (
            self._by_content_and_place.get((frame.content, frame.place))
            or self._by_content.get(frame.content)
            or self.by_file.get(frame.file)
            or {side for side, own in self._by_place.get(frame.place, []) if own.looks_like(frame)}
        )


def _undecoded(columns: Columns) -> list[Fingerprint]:
    known = {
        (video, frame): own for video in sorted(set(columns.frame_video.tolist()))
        for frame, own in undecoded(
            columns.videos[video], columns.frame_index[columns.frame_video == video].tolist()).items()}
    return [known[columns.frame_at(position)] for position in range(len(columns))]


def _decoded(
    columns: Columns, known: list[Fingerprint], positions: Iterable[int]
) -> Iterator[tuple[int, Fingerprint]]:
    """(position, frame with its pixels) of some labelled frames; each video is opened once."""
    by_video: dict[int, dict[int, int]] = defaultdict(dict)
    for position in positions:
        video, frame = columns.frame_at(position)
        by_video[video][frame] = position
    for video, wanted in by_video.items():
        with open_video(columns.videos[video]) as reader:
            for frame, image in reader.every(wanted):
                yield wanted[frame], known[wanted[frame]].seen(image)


def _file(source: VideoSource) -> str:
    """A hash of the video file's facts, without its name."""
    if source.original is not None:
        try:
            return _file(resolve(source.original, source.path.parent))
        except VideoError:
            pass  # a package may travel without the video
    facts = {name: value for name, value in fingerprint(source).items() if name != "name"}
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:32]


def _first(source: VideoSource) -> VideoSource:
    """The video that embedded images were taken from in the beginning."""
    return source if source.original is None else _first(source.original)


def _place(source: VideoSource, frame: int) -> str:
    return source.images[frame].stem if frame < len(source.images) else f"{source.path.stem}:{frame}"
