"""Which frames are to be predicted: `--on` and `--frames` in words, frame numbers out."""

from collections.abc import Iterable, Mapping
from itertools import chain

import numpy as np

from gambol.errors import FrameOutOfRange, GambolError
from gambol.labels.columns import USER, Columns
from gambol.video.reader import VideoReader

Frames = dict[int, list[int]]  # video number -> ascending frame indices


def choose_frames(
    on: str, readers: Mapping[int, VideoReader], labels: Columns | None, seed: int = 0
) -> Frames:
    """The frames that `on` names: all, labelled, unlabelled, suggested, or random:N (N of each video).

    Without a project (labels None) nothing is labelled or suggested. Raises `GambolError` for another word, or if no
    frame is left.
    """
    every = {video: list(reader.frame_numbers) for video, reader in readers.items()}
    kind, _, count = on.partition(":")
    if kind == "random" and count.isdecimal() and int(count) > 0:
        chosen = {video: _sample(frames, int(count), [seed, video]) for video, frames in every.items()}
    elif on == "all":
        chosen = every
    elif on in ("labelled", "unlabelled", "suggested"):
        chosen = _by_labels(on, every, labels)
    else:
        raise GambolError(
            f"'{on}' does not say which frames to predict. "
            "Nothing was predicted. "
            "Use all, labelled, unlabelled, suggested, or random:N with a number such as random:20.")
    chosen = {video: frames for video, frames in chosen.items() if frames}
    if not chosen:
        raise GambolError(
            f"No frame is {on}. "
            "There is nothing to predict. "
            "Choose other frames with --on or --frames.")
    return chosen


def parse_frames(text: str) -> list[range]:
    """Stretches of frame numbers from words such as `0-99,200`. Raises `GambolError` if they are something else."""
    stretches = []
    for part in text.replace(" ", "").split(","):
        first, dash, last = part.partition("-")
        if not first.isdecimal() or (dash and not (last.isdecimal() and int(first) <= int(last))):
            raise GambolError(
                f"'{text}' does not name frames. "
                "Nothing was predicted. "
                "Write numbers and ranges with commas between them, for example 0-99,200.")
        stretches.append(range(int(first), int(last or first) + 1))
    return stretches


def require_frames(stretches: Iterable[range], readers: Mapping[int, VideoReader]) -> Frames:
    """These frames of every video, each once. Raises `FrameOutOfRange` if a video does not have one of them."""
    stretches = list(stretches)
    for reader in readers.values():
        there = frozenset(reader.frame_numbers)
        for frame in chain(*stretches):  # however many are asked for, it ends at the first that is not there
            if frame not in there:
                raise FrameOutOfRange(
                    f"Frame {frame} was asked for, but {reader.source.name} has {len(reader)} frames, "
                    f"up to {max(there)}. "
                    "Poses for a frame that is not there would mean nothing. "
                    "Correct --frames, or check that this is the right video.")
    frames = sorted(set(chain(*stretches)))
    return {video: list(frames) for video in readers}


def _sample(frames: list[int], count: int, seed: list[int]) -> list[int]:
    chosen = np.random.default_rng(seed).choice(len(frames), size=min(count, len(frames)), replace=False)
    return [frames[index] for index in sorted(chosen)]


def _by_labels(on: str, every: Frames, labels: Columns | None) -> Frames:
    if labels is None:
        return every if on == "unlabelled" else {}
    if on == "suggested":
        wanted = {(int(video), int(frame)) for video, frame in labels.suggestions}
    else:
        user = labels.row_frame[labels.kinds == USER]
        wanted = {labels.frame_at(int(position)) for position in np.unique(user)}
    inverted = on == "unlabelled"
    return {
        video: [frame for frame in frames if ((video, frame) in wanted) != inverted]
        for video, frames in every.items()
    }
