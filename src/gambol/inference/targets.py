"""Which frames are to be predicted: the words of `--on` in, frame numbers out."""

from collections.abc import Mapping, Sequence

import numpy as np

from gambol.errors import GambolError
from gambol.labels.columns import USER, Columns

WORDS, RANDOM = ("all", "labelled", "unlabelled", "suggested"), "random:"
Frames = dict[int, Sequence[int]]  # video number -> ascending frame indices


def videos_asked(on: str, count: int, labels: Columns | None) -> list[int]:
    """Which of `count` videos can have frames that `on` names, so that no other needs to be opened."""
    if on in ("labelled", "suggested"):
        return sorted({video for video, _ in _named(on, labels)})
    return list(range(count))


def choose_frames(
    on: str, every: Mapping[int, Sequence[int]], labels: Columns | None, seed: int = 0
) -> Frames:
    """The frames that `on` names: all, labelled, unlabelled, suggested, or random:N (N of each video).

    every: the frames that can be read, by video. Without a project (labels None) nothing is labelled or suggested.
    Raises `GambolError` for another word, or if no frame is left.
    """
    require_meaning(on)
    if on.startswith(RANDOM):
        count = int(on.removeprefix(RANDOM))
        chosen: Frames = {video: _sample(frames, count, [seed, video]) for video, frames in every.items()}
    elif on == "all":
        chosen = dict(every)
    else:
        named = _named(on, labels)
        chosen = {
            video: [frame for frame in frames if ((video, frame) in named) != (on == "unlabelled")]
            for video, frames in every.items()
        }
    chosen = {video: frames for video, frames in chosen.items() if frames}
    if not chosen:
        raise GambolError(
            f"No frame is {on}. "
            "There is nothing to predict. "
            "Choose other frames with --on or --frames.")
    return chosen


def require_meaning(on: str) -> None:
    """Raise `GambolError` unless `on` is one of the words that name frames."""
    count = on.removeprefix(RANDOM)
    if on in WORDS or (count != on and count.isdecimal() and int(count) > 0):
        return
    raise GambolError(
        f"'{on}' does not say which frames to predict. "
        "Nothing was predicted. "
        "Use all, labelled, unlabelled, suggested, or random:N with a number such as random:20.")


def _sample(frames: Sequence[int], count: int, seed: list[int]) -> list[int]:
    chosen = np.random.default_rng(seed).choice(len(frames), size=min(count, len(frames)), replace=False)
    return [frames[index] for index in sorted(chosen)]


def _named(on: str, labels: Columns | None) -> set[tuple[int, int]]:
    """(video, frame) of what is suggested, or of what a person labelled."""
    if labels is None:
        return set()
    if on == "suggested":
        return {(int(video), int(frame)) for video, frame in labels.suggestions}
    user = labels.row_frame[labels.kinds == USER]
    return {labels.frame_at(int(position)) for position in np.unique(user)}
