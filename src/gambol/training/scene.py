"""What settings follow from: the labels that teach, their images, and the device. Free of torch where that can be."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from gambol.labels.columns import Columns
from gambol.training.job import TrainingJob
from gambol.training.prepare import channels_of, distinct, located, read_labels
from gambol.video.reader import open_video

ACCELERATORS = "/dev/nvidiactl", "/dev/kfd", "/dev/dxg"  # where Linux shows the drivers of graphics cards


@dataclass(frozen=True)
class Scene:
    """What a training is made for.

    labels: the part that teaches · frames: labelled frames, those set aside to check with among them ·
    frame: (height, width) of the largest image, pixels · channels: 1 grey, 3 colour · device: cpu, cuda, mps, ... ·
    warning: about the split, if there is one to give.
    """

    labels: Columns
    frames: int
    frame: tuple[int, int]
    channels: Literal[1, 3]
    device: str
    warning: str | None = None


def look(job: TrainingJob) -> Scene:
    """What a job's pipeline will see, read from its labels and videos; whatever pipeline it asks for.

    Raises what a training raises for labels or videos that it cannot use; no frame of a video is decoded.
    """
    parts, warning = read_labels(job)
    train = located(job, parts)["train"]
    frames = sum(len(parts[name]) for name in distinct(parts))
    return Scene(train, frames, _largest(train), channels_of(job, train), device_word(job.device), warning)


def device_word(asked: str) -> str:
    """The kind of device that a job will run on; torch is only asked where there may be more than a processor."""
    if asked != "auto":
        return asked.partition(":")[0]
    if sys.platform == "linux" and not any(Path(place).exists() for place in ACCELERATORS):
        return "cpu"
    from gambol.nn.device import choose_device

    return choose_device("auto").type


def _largest(labels: Columns) -> tuple[int, int]:
    """The largest height and the largest width among labelled frames."""
    sizes = []
    for video in sorted(set(labels.frame_video.tolist())):
        with open_video(labels.videos[video]) as reader:
            frames = labels.frame_index[labels.frame_video == video]
            sizes += [reader.size(int(frame)) for frame in frames]
    return max(height for height, _ in sizes), max(width for _, width in sizes)
