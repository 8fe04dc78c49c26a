"""What a prediction works through: the videos of its input, one open at a time, and which frames of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from gambol.errors import VideoError
from gambol.formats import load
from gambol.inference.request import PredictionRequest
from gambol.inference.targets import Frames, choose_frames, videos_asked
from gambol.labels.columns import Columns
from gambol.labels.paths import resolve
from gambol.labels.stored_videos import moved
from gambol.video.fingerprint import fingerprint
from gambol.video.frame_numbers import parse_frames, require_frames_of
from gambol.video.reader import VideoReader, open_video
from gambol.video.source import VideoSource


class Videos:
    """The videos of an input; each is found and opened when it is asked for, which closes the one before."""

    def __init__(self, sources: Sequence[VideoSource], base: Path | None = None) -> None:
        """Nothing is opened yet. base: the folder of the project that names the videos, None if they need no search."""
        self.sources = list(sources)
        self._base = base
        self._open: tuple[int, VideoReader] | None = None

    def reader(self, video: int) -> VideoReader:
        """The reader of a video, until another is asked for. Raises `VideoError` if it is not there or damaged."""
        if self._open is None or self._open[0] != video:
            self.close()
            if self._base is not None:
                self.sources[video] = resolve(self.sources[video], self._base)
            self._open = video, open_video(self.sources[video])
        return self._open[1]

    def placed(self, folder: Path) -> list[VideoSource]:
        """The videos as a project in `folder` has to name them, also those that were never asked for."""
        return [source if self._base is None else moved(source, self._base, folder) for source in self.sources]

    def fingerprints(self) -> list[dict[str, Any]]:
        """What each video can be known again by; nothing for those that were not needed and are not there."""
        return [self._fingerprint(source) for source in self.sources]

    def _fingerprint(self, source: VideoSource) -> dict[str, Any]:
        try:
            return fingerprint(source if self._base is None else resolve(source, self._base))
        except VideoError:
            return {}

    def close(self) -> None:
        """Let go of the video that is open."""
        if self._open is not None:
            self._open[1].close()
            self._open = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


@dataclass(frozen=True)
class Plan:
    """The frames that are to be predicted, by video; and of the videos that were looked into, names and channels."""

    frames: Frames
    names: dict[int, str]
    channels: dict[int, int]

    @property
    def total(self) -> int:
        """How many frames there are to predict."""
        return sum(len(frames) for frames in self.frames.values())

    def colour_warning(self, channels: int) -> str | None:
        """Three sentences if a model that wants images of so many channels gets others."""
        wrong = [self.names[video] for video in self.frames if self.channels[video] != channels]
        if not wrong:
            return None
        trained, given = ("colour", "grey") if channels == 3 else ("grey", "colour")
        return (
            f"The model was trained on {trained} images, but {', '.join(wrong)} is {given}. "
            "Its images are converted, which can cost accuracy. "
            "Train on images of the same kind if the predictions are poor.")


def read_input(source: Path) -> tuple[Columns | None, Videos]:
    """The project, if it is one, and its videos. Raises `LabelsError` if it cannot be read."""
    if source.suffix.lower() == ".slp":
        labels = load(source, lazy=True)
        return labels, Videos(labels.videos, source.resolve().parent)
    return None, Videos([VideoSource(source.resolve())])


def make_plan(request: PredictionRequest, videos: Videos, labels: Columns | None) -> Plan:
    """Look into each video that can have frames that are asked for, and choose these frames.

    Raises a `GambolError` if a video cannot be read, or if frames are asked for that are not there.
    """
    stretches = None if request.frames is None else parse_frames(request.frames)
    count = len(videos.sources)
    frames: Frames = {}
    names, channels = {}, {}
    for video in range(count) if stretches is not None else videos_asked(request.on, count, labels):
        reader = videos.reader(video)
        names[video], channels[video] = reader.source.name, reader.channels
        frames[video] = reader.frame_numbers if stretches is None else require_frames_of(reader, stretches)
    if stretches is None:
        frames = choose_frames(request.on, frames, labels)
    return Plan(frames, names, channels)
