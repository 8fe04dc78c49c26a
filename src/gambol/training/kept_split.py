"""The split of a run, written down by what frames are known again by, and kept by the runs that come after it.

A frame that a network has learnt from says nothing about how good that network is, so it must not validate the
networks that start from it; and one that chose among networks or scored them must not teach those.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Int

from gambol.errors import GambolError, JobError
from gambol.formats import load
from gambol.labels.columns import Columns
from gambol.labels.fingerprints import TEST, TRAIN, UNKNOWN, VALIDATION, Fingerprint, fingerprints, recognise
from gambol.runs.find import is_run
from gambol.runs.layout import PARTS, RunFolder
from gambol.storage import write_text

if TYPE_CHECKING:
    from gambol.data.frames import FrameStore
    from gambol.training.job import TrainingJob

SIDES = dict(zip(PARTS, (TRAIN, VALIDATION, TEST), strict=True))
TOO_GOOD = "What the networks have learnt already may be what validates them, so validation figures are too good. "


@dataclass(frozen=True)
class Earlier:
    """The frames of the runs whose split is kept, by side; warning: what speaks against it, in words."""

    frames: Mapping[int, list[Fingerprint]]
    runs: tuple[Path, ...] = ()
    warning: str | None = None

    def sides(self, labels: Columns) -> tuple[Int[np.ndarray, " frame"] | None, str | None]:
        """Where the labelled frames were, None if no run's split is kept; and what is to be said of it."""
        if not self.runs:
            return None, self.warning
        found = recognise(labels, self.frames)
        known = int((found.sides != UNKNOWN).sum())
        told = (f"{known} of {len(labels)} labelled frames were known to {self._names()} and stay on the side of the "
                "split where they were.")
        if known < len(labels):
            told += f" The other {len(labels) - known} are shared out."
        if found.disputed:
            told += f" {found.disputed} had been on several sides, and count as what the networks learnt most from."
        return found.sides, f"{told} {self.warning}" if self.warning else told

    def leaks(self, train: Columns, validation: Columns) -> str | None:
        """What is to be said if labels that were given for training or validation have been on the other side."""
        if not self.runs:
            return self.warning
        learnt = int((recognise(validation, self.frames).sides == TRAIN).sum())
        kept_apart = int(np.isin(recognise(train, self.frames).sides, (VALIDATION, TEST)).sum())
        if not learnt and not kept_apart:
            return self.warning
        return (f"{learnt} of {len(validation)} validation frames trained {self._names()}, and {kept_apart} of "
                f"{len(train)} training frames validated or tested it. {TOO_GOOD}"
                "Leave out --val, and the split of that run is kept.")

    def _names(self) -> str:
        return " and ".join(map(str, self.runs))


def earlier(job: "TrainingJob") -> Earlier:
    """The frames that the job's split has to keep on their sides, as `split.keep` and `start_from` say.

    Raises `JobError` if a run was named for it and its split cannot be read.
    """
    keep, start = job.split.keep, job.start_from
    named = [RunFolder(keep)] if isinstance(keep, Path) else []
    frames = _together(_split_of(run) for run in named)
    if start is None:
        return Earlier(frames, tuple(run.path for run in named))
    if keep is False:
        return Earlier({}, warning="The split of the run to start from is not kept, as split.keep is false. "
                                   f"{TOO_GOOD}Leave split.keep out, or validate on other recordings with --val.")
    runs = list(dict.fromkeys([*named, *start.run_folders()]))
    try:
        frames = _together(_split_of(run) for run in runs)
    except GambolError as error:
        return Earlier(frames, tuple(run.path for run in named), (
            f"The split of the run to start from cannot be kept: {_first_sentence(error)}. "
            f"{TOO_GOOD}Validate on other recordings with --val, or train without --start-from."))
    if not runs:
        return Earlier({}, warning="The split of what this training starts from is not known, as it is no whole run. "
                                   f"{TOO_GOOD}Name its run with --set split.keep=RUN.")
    return Earlier(frames, tuple(run.path for run in runs))


def _together(splits: Iterable[Mapping[int, list[Fingerprint]]]) -> dict[int, list[Fingerprint]]:
    frames: dict[int, list[Fingerprint]] = defaultdict(list)
    for split in splits:
        for side, own in split.items():
            frames[side] += own
    return dict(frames)


def write_split(
    folder: RunFolder, parts: Mapping[str, Columns], frames: Mapping[str, "FrameStore"], before: Earlier
) -> None:
    """Write what the frames of each part are known again by.

    Those of the runs before that are not labelled any more are among them: the networks have learnt from them too.
    """
    known = {part: _known(labels, frames[part]) for part, labels in parts.items()}
    here = {word for own in known.values() for frame in own for word in (frame.file, frame.content)}
    for part, side in SIDES.items():
        gone = [frame for frame in before.frames.get(side, []) if not {frame.file, frame.content} & here]
        if gone:
            known[part] = [*known.get(part, []), *dict.fromkeys(gone)]
    content = {part: [asdict(frame) for frame in own] for part, own in known.items()}
    write_text(folder.split, json.dumps(content, indent=1))


def doubles(parts: Mapping[str, Columns], frames: Mapping[str, "FrameStore"]) -> str | None:
    """What is to be said of validation frames that show exactly what training frames show, if there are any."""
    if frames["train"] is frames["val"]:  # told already
        return None
    learnt = {frame.content for frame in _known(parts["train"], frames["train"])}
    count = sum(frame.content in learnt for frame in _known(parts["val"], frames["val"]))
    if not count:
        return None
    return (f"{count} of {len(parts['val'])} validation frames show exactly what training frames show. "
            "They say nothing about other frames, so the validation score is too good. "
            "Label other frames instead of them, or validate on another recording with --val.")


def _known(labels: Columns, store: "FrameStore") -> list[Fingerprint]:
    places = [labels.frame_at(position) for position in range(len(labels))]
    if all(place in store.fingerprints for place in places):
        return [store.fingerprints[place] for place in places]
    return fingerprints(labels)  # some were in the cache, and not decoded


def _split_of(run: RunFolder) -> dict[int, list[Fingerprint]]:
    """A run's split: as it was written down, or from the labels that it kept."""
    if not is_run(run.path):
        raise JobError(
            f"{run.path} is not a run folder. "
            "Which frames it learnt from is not known, so its split cannot be kept. "
            "Give the folder of a run, or remove split.keep.")
    if run.split.is_file():
        return _read(run.split)
    parts = {part: run.labels(part) for part in PARTS if run.labels(part).is_file()}
    if not parts:
        raise JobError(
            f"{run.path} has neither a split.json nor labels. "
            "Which frames it learnt from is not known, so its split cannot be kept. "
            "Put back its labels.train.slp and labels.val.slp, or pass --set split.keep=false.")
    return {SIDES[part]: fingerprints(load(path)) for part, path in parts.items()}


def _read(file: Path) -> dict[int, list[Fingerprint]]:
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        return {SIDES[part]: [Fingerprint(**frame) for frame in frames] for part, frames in content.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise JobError(
            f"{file} cannot be read as a split ({str(error).splitlines()[0]}). "
            "Which frames that run learnt from is not known, so its split cannot be kept. "
            "Copy the run again from where it was trained, or pass --set split.keep=false.") from error


def _first_sentence(error: GambolError) -> str:
    return str(error).split(". ")[0]
