"""Which labelled frames teach, which check the training, which score the result: seeded, by content.

Two ways: by single frames, or by blocks of neighbouring frames of a video, which stay on one side. Neighbours look
alike, so a model scored on frames beside those that taught it looks better than it is.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
from jaxtyping import Int
from pydantic import Field, field_validator, model_validator

from gambol.config import Config
from gambol.labels.columns import Columns
from gambol.labels.fingerprints import TEST, TRAIN, UNKNOWN, VALIDATION

LEARN_FROM = 1  # last word of the seed that draws the frames to learn from


class SplitConfig(Config):
    """How labelled frames are shared out among training, validation and test."""

    validation: float = Field(0.1, gt=0, lt=1, description="Share of the labelled frames that check the training.")
    test: float = Field(0.0, ge=0, lt=1, description="Share of the labelled frames kept aside to score the result.")
    by: Literal["frame", "block"] = Field(
        "frame", description="Share out single frames, or blocks of neighbouring frames that stay on one side.")
    block: int = Field(100, ge=1, description="Length of a block in frames of the video, for sharing out by block.")
    seed: int = Field(0, ge=0, description="Another number gives another split; the same one always the same.")
    keep: bool | Path = Field(
        True, description="An earlier run: frames that it knew stay on their side, only others are shared out. "
        "true: the run that this training starts from, if it does; false: none.")
    learn_from: int | None = Field(
        None, ge=1, description="Learn from only so many of the training frames, drawn by the seed; a larger number "
        "adds to those of a smaller one, and validation and test stay as they are. Empty: from all.")

    @field_validator("keep")
    @classmethod
    def _from_anywhere(cls, keep: bool | Path) -> bool | Path:
        return keep.absolute() if isinstance(keep, Path) else keep

    @model_validator(mode="after")
    def _leaves_some_to_train(self) -> "SplitConfig":
        if self.validation + self.test >= 1:
            raise ValueError("validation and test together leave no frame to train on")
        return self


@dataclass(frozen=True)
class Split:
    """Positions of frames in the columns, sorted; `warning` says in words if the split is not what was asked for."""

    train: Int[np.ndarray, " train"]
    validation: Int[np.ndarray, " validation"]
    test: Int[np.ndarray, " test"]
    warning: str | None = None


def split(columns: Columns, config: SplitConfig, earlier: Int[np.ndarray, " frame"] | None = None) -> Split:
    """Share out the frames; the same labels and settings give the same split, whatever order the file had.

    Validation gets round(share * frames), at least 1, and training keeps at least 1. A single frame is both.
    earlier: the side that each frame was on before (`fingerprints.recognise`), where it stays; the others are shared
    out so that together the shares come out as asked, as nearly as they can. Raises ValueError if there is no frame.
    """
    if len(columns) == 0:
        raise ValueError("no frames to split")
    known = np.full(len(columns), UNKNOWN) if earlier is None else earlier
    parts = _kept(columns, config, known) if (known != UNKNOWN).any() else _fresh(columns, config)
    return replace(parts, train=fewer(parts.train, config, known))


def fewer(train: Int[np.ndarray, " train"], config: SplitConfig, earlier: Int[np.ndarray, " frame"] | None = None
          ) -> Int[np.ndarray, " chosen"]:
    """The training frames to learn from: all, or as many as `config.learn_from` says; first those that trained before.

    train: positions, sorted. The draw of a smaller number is part of that of a larger one.
    """
    if config.learn_from is None or config.learn_from >= len(train):
        return train
    drawn = train[np.random.default_rng([config.seed, len(train), LEARN_FROM]).permutation(len(train))]
    if earlier is not None:
        drawn = drawn[np.argsort(earlier[drawn] != TRAIN, kind="stable")]
    return np.sort(drawn[: config.learn_from])


def _fresh(columns: Columns, config: SplitConfig) -> Split:
    count = len(columns)
    if count == 1:
        only = np.zeros(1, np.int64)
        return Split(only, only, np.empty(0, np.int64),
                     "There is only one labelled frame: it is used for training and for validation, so the "
                     "validation score says nothing about other frames.")
    validation, test = _wanted(config, count)
    groups = np.arange(count) if config.by == "frame" else blocks(columns, config.block)     # (frame,)
    if groups[-1] + 1 < (3 if test else 2):
        warning = (f"All labelled frames lie within {config.block} frames of each other, so they were cut into "
                   "stretches instead: training and validation have neighbours in common at the cuts.")
        groups = np.repeat([0, 1, 2], [count - validation - test, validation, test])
        return _split(groups, warning)
    return _split(_drawn(groups, config.seed, (validation, test), reserved=1))


def _kept(columns: Columns, config: SplitConfig, earlier: Int[np.ndarray, " frame"]) -> Split:
    """Frames that were on a side stay there, unknown neighbours of theirs in a block join them, the rest is drawn."""
    count, sides = len(columns), earlier.copy()
    groups = np.arange(count) if config.by == "frame" else blocks(columns, config.block)     # (frame,)
    for group in np.unique(groups[earlier == UNKNOWN]) if config.by == "block" else ():
        mine = np.flatnonzero(groups == group)
        known, new = mine[earlier[mine] != UNKNOWN], mine[earlier[mine] == UNKNOWN]
        if len(known):
            nearest = np.abs(columns.frame_index[new][:, None] - columns.frame_index[known]).argmin(1)
            sides[new] = earlier[known[nearest]]
    free = np.flatnonzero(sides == UNKNOWN)
    have = np.bincount(sides[sides != UNKNOWN], minlength=3)
    wanted = _wanted(config, max(count, 2))
    missing = max(0, wanted[0] - int(have[VALIDATION])), max(0, wanted[1] - int(have[TEST]))
    if len(free):
        own = np.unique(groups[free], return_inverse=True)[1]
        sides[free] = _drawn(own, config.seed, missing, reserved=0 if have[TRAIN] else 1)
    parts = _split(sides)
    if len(parts.validation):
        return parts
    return replace(parts, validation=parts.train, warning=(
        "No frame is left to validate on that did not train the earlier run, so training frames validate as well. "
        "The validation score says nothing about other frames. Label further frames."))


def _wanted(config: SplitConfig, count: int) -> tuple[int, int]:
    """How many of so many frames validate and test."""
    validation = int(np.clip(round(config.validation * count), 1, count - 1))
    return validation, int(np.clip(round(config.test * count), 0, count - 1 - validation))


def _drawn(groups: Int[np.ndarray, " frame"], seed: int, wanted: tuple[int, int], reserved: int
           ) -> Int[np.ndarray, " frame"]:
    """Sides of frames in groups 0, 1, …, drawn group by group; so many groups are reserved for training."""
    order = np.random.default_rng([seed, len(groups)]).permutation(groups.max() + 1)         # (group,)
    side = np.empty(len(order), np.int64)
    side[order] = _fill(np.bincount(groups)[order], wanted, reserved)
    return np.asarray(side[groups])


def blocks(columns: Columns, length: int) -> Int[np.ndarray, " frame"]:
    """For each labelled frame the number of its block, from 0.

    A block begins at each video, after each gap of `length` frames or more, and wherever a stretch without such gap
    grows longer than `length`; such a stretch is cut into equal parts.
    """
    video, frame = columns.frame_video, columns.frame_index                                  # (frame,)
    begins = np.ones(len(frame), bool)
    begins[1:] = (np.diff(video) != 0) | (np.diff(frame) >= length)
    stretch = np.cumsum(begins) - 1                                                          # (frame,)
    first = frame[begins][stretch]
    span = np.append(np.flatnonzero(begins)[1:], len(frame)) - 1                             # (stretch,) last frame
    covered = frame[span][stretch] - first + 1                                               # (frame,) video frames
    parts = -(-covered // length)                                                            # ceil
    part = (frame - first) * parts // covered
    return np.unique(np.stack([stretch, part], 1), axis=0, return_inverse=True)[1].reshape(-1)


def _split(sides: Int[np.ndarray, " frame"], warning: str | None = None) -> Split:
    train, validation, test = (np.flatnonzero(sides == side) for side in (TRAIN, VALIDATION, TEST))
    return Split(train, validation, test, warning)


def _fill(sizes: Int[np.ndarray, " group"], wanted: tuple[int, int], reserved: int) -> Int[np.ndarray, " group"]:
    """Sides of groups in their drawn order, each side filled to what it should have; the last ones always train.

    If there are several to draw from, validation leaves one for the test part that is wanted.
    """
    sides, group, drawn = np.zeros(len(sizes), np.int64), 0, len(sizes) - reserved
    for side, count in enumerate(wanted, start=1):
        filled, left = 0, 1 if side == VALIDATION and wanted[1] and drawn > 1 else 0
        while filled < count and group < drawn - left:
            sides[group] = side
            filled += int(sizes[group])
            group += 1
    return sides
