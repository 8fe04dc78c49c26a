"""Which labelled frames teach, which check the training, which score the result: seeded, by content.

Two ways: by single frames, or by blocks of neighbouring frames of a video, which stay on one side. Neighbours look
alike, so a model scored on frames beside those that taught it looks better than it is.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Int
from pydantic import Field, model_validator

from gambol.config import Config
from gambol.labels.columns import Columns


class SplitConfig(Config):
    """How labelled frames are shared out among training, validation and test."""

    validation: float = Field(0.1, gt=0, lt=1, description="Share of the labelled frames that check the training.")
    test: float = Field(0.0, ge=0, lt=1, description="Share of the labelled frames kept aside to score the result.")
    by: Literal["frame", "block"] = Field(
        "frame", description="Share out single frames, or blocks of neighbouring frames that stay on one side.")
    block: int = Field(100, ge=1, description="Length of a block in frames of the video, for sharing out by block.")
    seed: int = Field(0, ge=0, description="Another number gives another split; the same one always the same.")

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


def split(columns: Columns, config: SplitConfig) -> Split:
    """Share out the frames; the same labels and settings give the same split, whatever order the file had.

    Validation gets round(share * frames), at least 1, and training keeps at least 1. A single frame is both.
    Raises ValueError if there is no frame.
    """
    count = len(columns)
    if count == 0:
        raise ValueError("no frames to split")
    if count == 1:
        only = np.zeros(1, np.int64)
        return Split(only, only, np.empty(0, np.int64),
                     "There is only one labelled frame: it is used for training and for validation, so the "
                     "validation score says nothing about other frames.")
    validation = int(np.clip(round(config.validation * count), 1, count - 1))
    test = int(np.clip(round(config.test * count), 0, count - 1 - validation))
    groups = np.arange(count) if config.by == "frame" else blocks(columns, config.block)     # (frame,)
    if groups[-1] + 1 < (3 if test else 2):
        warning = (f"All labelled frames lie within {config.block} frames of each other, so they were cut into "
                   "stretches instead: training and validation have neighbours in common at the cuts.")
        groups = np.repeat([0, 1, 2], [count - validation - test, validation, test])
        return _split(groups, warning)
    order = np.random.default_rng([config.seed, count]).permutation(groups[-1] + 1)          # (group,)
    sides = _fill(np.bincount(groups)[order], (validation, test))
    side = np.empty(len(order), np.int64)
    side[order] = sides
    return _split(side[groups])


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
    return Split(np.flatnonzero(sides == 0), np.flatnonzero(sides == 1), np.flatnonzero(sides == 2), warning)


def _fill(sizes: Int[np.ndarray, " group"], wanted: tuple[int, int]) -> Int[np.ndarray, " group"]:
    """Sides (0 training, 1 validation, 2 test) of groups in their drawn order, each side filled to what it should
    have; the last group always trains.
    """
    sides = np.zeros(len(sizes), np.int64)
    group = 0
    for side, count in enumerate(wanted, start=1):
        filled = 0
        reserved = 2 if side == 1 and wanted[1] else 1
        while filled < count and group < len(sizes) - reserved:
            sides[group] = side
            filled += int(sizes[group])
            group += 1
    return sides
