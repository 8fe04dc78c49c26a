"""Results on their way into parts, and the count of what is done.

Which frames share a batch, and so the last digits of a result, depends on blocks: so many frames, counted in each video
from its first, lost ones left out. A part ends where a block ends. So it makes no difference when parts were written,
nor where an interruption fell.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

import numpy as np

from gambol.errors import OutputError
from gambol.inference.frames import predict_frames
from gambol.inference.parts import Part, Parts
from gambol.inference.predictor import Predictor
from gambol.labels.columns import PREDICTED, Columns
from gambol.labels.convert import from_poses
from gambol.poses import Poses
from gambol.video.frame_numbers import frames_in_words
from gambol.video.reader import VideoReader

SECONDS, FRAMES = 5.0, 1024  # a part is written after so long or so many frames, whichever comes first


@dataclass
class Tally:
    """What is done: frames predicted, of them `before` by an earlier process; and by video those that were lost."""

    frames: int = 0
    before: int = 0
    instances: int = 0
    with_animals: int = 0
    lost: dict[int, list[int]] = field(default_factory=dict)
    started: float = field(default_factory=time.monotonic)

    def count(self, poses: Poses) -> None:
        """A frame has been predicted."""
        self.frames += 1
        self.instances += len(poses)
        self.with_animals += bool(len(poses))

    def count_part(self, part: Part, columns: Columns, asked: Sequence[int]) -> None:
        """A part is there already; asked: the frames that it covers."""
        self.frames, self.before = self.frames + len(columns), self.before + len(columns)
        self.instances += len(columns.kinds)
        self.with_animals += int(np.count_nonzero(np.diff(columns.row_start)))
        self.lose(part.video, sorted(set(asked) - set(columns.frame_index.tolist())))

    def lose(self, video: int, frames: Sequence[int]) -> None:
        """These frames could not be decoded."""
        if frames:
            self.lost[video] = sorted({*self.lost.get(video, ()), *frames})

    @property
    def seconds(self) -> float:
        """How long this process has been at it."""
        return time.monotonic() - self.started

    def lost_in_words(self, names: Mapping[int, str]) -> str | None:
        """Which frames of which video were lost, in three sentences; names: what the videos are called."""
        if not self.lost:
            return None
        listed = "; ".join(f"{names[video]} {frames_in_words(frames)}" for video, frames in sorted(self.lost.items()))
        count = sum(map(len, self.lost.values()))
        return (
            f"{count} frame{'s' if count != 1 else ''} could not be decoded: {listed}. "
            "The video is damaged there, so nothing is predicted in them. "
            "Copy the video again from its source if they matter.")


def predict_stretch(
    predictor: Predictor, reader: VideoReader, asked: Sequence[int], part: Part, parts: Parts, tally: Tally, block: int
) -> Iterator[None]:
    """Predict the frames `asked`, which `part` stands for, into one or more parts; yields after each frame."""
    images = reader.stream(asked, predictor.channels)
    with _Collector(parts, part, asked, tally, block) as collector:
        for frame, poses in predict_frames(predictor.pipeline, images, workers=predictor.workers, block=block):
            collector.add(frame, poses)
            tally.count(poses)
            yield


class _Collector:
    """Gathers the results of a stretch; whole blocks of it are put on the disk, also when it is left early."""

    def __init__(self, parts: Parts, part: Part, asked: Sequence[int], tally: Tally, block: int) -> None:
        self._parts, self._part, self._asked, self._tally, self._block = parts, part, asked, tally, block
        self._written = self._next = 0                          # positions in `asked`
        self._waiting: list[tuple[int, int, Poses]] = []        # (position after it, frame, poses)
        self._since = time.monotonic()

    def add(self, frame: int, poses: Poses) -> None:
        """One more result, in the order asked for; frames that were passed over are lost."""
        first = self._next
        while self._asked[self._next] != frame:
            self._next += 1
        self._tally.lose(self._part.video, self._asked[first:self._next])
        self._next += 1
        self._waiting.append((self._next, frame, poses))
        due = len(self._waiting) >= FRAMES or time.monotonic() - self._since >= SECONDS
        if due and len(self._waiting) % self._block == 0:
            self._write(len(self._waiting), self._next)

    def _write(self, count: int, stop: int) -> None:
        """Put the first `count` results that wait on the disk, as the part that ends at position `stop`."""
        ready, self._waiting = self._waiting[:count], self._waiting[count:]
        entries = [(self._part.video, frame, poses) for _, frame, poses in ready]
        columns = from_poses(self._parts.skeleton, self._parts.videos, entries, PREDICTED)
        start = self._part.start
        self._parts.add(Part(self._part.video, start + self._written, start + stop), columns)
        self._written, self._since = stop, time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self._tally.lose(self._part.video, self._asked[self._next:])
            self._write(len(self._waiting), len(self._asked))
        elif not isinstance(error, OutputError):
            whole = len(self._waiting) - len(self._waiting) % self._block
            if whole:
                self._write(whole, self._waiting[whole - 1][0])
