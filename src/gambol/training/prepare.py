"""Before the first step: labels read and split, stages planned, frames decoded, the run folder begun."""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Literal

import yaml

from gambol.data.crops import Crop
from gambol.data.frames import FrameStore
from gambol.errors import JobError, LabelsError, SkeletonMismatch
from gambol.formats import load, save
from gambol.labels.checks import require_trainable
from gambol.labels.columns import Columns
from gambol.labels.convert import labelled_for_training
from gambol.labels.paths import resolve
from gambol.labels.splits import split
from gambol.nn.device import choose_device
from gambol.pipelines.sizing import measure
from gambol.pipelines.stage import Plan
from gambol.runs.events import Event
from gambol.runs.layout import RunFolder, default_run, environment
from gambol.storage import refuse_existing, write_text
from gambol.training.job import TrainingJob
from gambol.video.reader import open_video


@dataclass
class Prepared:
    """A training that can begin: the parts of the split, their frames, and the stages in their order."""

    job: TrainingJob
    folder: RunFolder
    parts: dict[str, Columns] = field(default_factory=dict)
    frames: dict[str, FrameStore] = field(default_factory=dict)
    plans: list[Plan] = field(default_factory=list)


def read_labels(job: TrainingJob) -> tuple[dict[str, Columns], str | None]:
    """The parts train, val and (if asked for) test, with user labels only; and a warning, if there is one to give."""
    labels = _trainable(job.labels)
    if job.validation is not None:
        validation = _trainable(job.validation)
        if validation.skeleton.nodes != labels.skeleton.nodes:
            raise SkeletonMismatch(
                f"{job.validation.name} has other nodes than {job.labels.name}. "
                "The validation would measure other body parts than were trained. "
                "Give validation labels with the same nodes in the same order.")
        return {"train": labels, "val": validation}, None
    parts = split(labels, job.split)
    chosen = {"train": parts.train, "val": parts.validation, "test": parts.test}
    shared = {name: labels.select_frames(own) for name, own in chosen.items() if len(own)}
    if not len(shared["train"].kinds):
        raise LabelsError(
            f"The split of {job.labels.name} leaves no animal to train on: all that are labelled validate or test. "
            "A network cannot learn from empty frames alone. "
            "Label more frames with animals, or try another split with --set split.seed=1.")
    if not len(shared["val"].kinds):
        return shared | {"val": shared["train"]}, (
            "No animal is labelled in the frames set aside for validation, so training frames validate as well. "
            "The validation score says nothing about other frames. "
            "Label more frames with animals, or try another split with --set split.seed=1.")
    return shared, parts.warning


@contextmanager
def begun(job: TrainingJob, total: int, now: datetime) -> Iterator[RunFolder]:
    """The run folder, with the job in it; if the block fails, the folder is gone, and what it replaced is back.

    total: labelled frames, for the folder's name. Raises `OutputError` if a run is there already.
    """
    folder = RunFolder(job.out or default_run(job.labels, job.pipeline.kind, total, now))
    path, earlier = folder.path, _require_place(folder, job.overwrite)
    missing = [place for place in (path, *path.parents) if not place.exists()]
    if earlier is not None:
        path.rename(earlier)
    try:
        write_text(folder.job, yaml.safe_dump(job.model_dump(mode="json", exclude_unset=True), sort_keys=False))
        write_text(folder.environment, json.dumps(environment(), indent=1))
        yield folder
    except BaseException:
        _take_back(folder, missing, earlier)
        raise
    if earlier is not None:
        shutil.rmtree(earlier)


def _require_place(folder: RunFolder, overwrite: bool) -> Path | None:
    """Raise unless the run may be made there; where an earlier run waits until this one can begin, if there is one."""
    path = folder.path
    if not path.exists() or (path.is_dir() and not any(path.iterdir())):
        return None
    refuse_existing(path, overwrite, folder=True)
    if not folder.job.is_file():
        raise JobError(
            f"{path} is not a run folder, so --overwrite does not replace it. "
            "What lies in it would be lost. "
            "Choose another folder with --out.")
    return path.with_name(f".{path.name}.{os.getpid()}.earlier")


def _take_back(folder: RunFolder, missing: list[Path], earlier: Path | None) -> None:
    """Leave everything as it was before the run folder was made."""
    if earlier is not None or folder.path in missing:
        shutil.rmtree(folder.path, ignore_errors=True)
    else:  # an empty folder that somebody made for the run
        for place in folder.path.iterdir():
            place.unlink()
    for place in missing[1:]:
        with suppress(OSError):
            place.rmdir()
    if earlier is not None:
        earlier.rename(folder.path)


def prepare(prepared: Prepared) -> Iterator[Event]:
    """Decode the frames, write the split, plan the stages; fills `prepared` and tells what it does."""
    job, folder = prepared.job, prepared.folder
    choose_device(job.device)  # known to be there before anything takes time
    prepared.parts = {name: _located(part, _project(job, name).parent) for name, part in prepared.parts.items()}
    channels = _channels(job, prepared.parts["train"])
    total, done = sum(len(part) for part in prepared.parts.values()), 0
    for name, part in prepared.parts.items():
        store = FrameStore(part, channels=channels, budget=int(job.memory * 1e9 * len(part) / total))
        prepared.frames[name] = store
        for count in store.filling():
            yield Event("phase", None, {"phase": "cache", "done": done + count, "total": total})
        done += len(part)
        save(part, folder.labels(name))
    train = prepared.parts["train"]
    sizes = [prepared.frames["train"].size(*train.frame_at(position)) for position in range(len(train))]
    frame = max(height for height, _ in sizes), max(width for _, width in sizes)
    prepared.plans = job.pipeline.plan(train, channels, frame)
    resolved = job.model_dump(mode="json") | {"stages": [plan.model_dump(mode="json") for plan in prepared.plans]}
    write_text(folder.resolved, yaml.safe_dump(resolved, sort_keys=False))
    for text in job.pipeline.doubts(train):
        yield Event("warning", None, {"text": text})
    for plan in prepared.plans:
        yield from _warn_of_cuts(plan, train)


def _trainable(path: Path) -> Columns:
    labels = load(path)
    require_trainable(labels, path)
    return labelled_for_training(labels)


def _project(job: TrainingJob, part: str) -> Path:
    """The file that a part of the split comes from."""
    return (job.validation if part == "val" and job.validation else job.labels).resolve()


def _located(part: Columns, base: Path) -> Columns:
    """The labels with their videos where they are now, so that files in the run folder can be opened by themselves."""
    labelled = set(part.frame_video.tolist())
    videos = [resolve(source, base) if video in labelled else source for video, source in enumerate(part.videos)]
    return replace(part, videos=videos)


def _channels(job: TrainingJob, labels: Columns) -> Literal[1, 3]:
    if job.images != "auto":
        return 1 if job.images == "grey" else 3
    for video in sorted(set(labels.frame_video.tolist())):
        with open_video(labels.videos[video]) as reader:
            if reader.channels == 3:
                return 3
    return 1


def _warn_of_cuts(plan: Plan, labels: Columns) -> Iterator[Event]:
    """Name the animals that do not fit into the crop."""
    stage = plan.stage
    if not isinstance(stage.view, Crop):
        return
    sizes = measure(labels, stage.anchor, stage.fallback)
    room = stage.view.size / 2 / stage.view.scale  # image pixels
    cut = sizes.rows[sizes.reaches > room]
    if not len(cut):
        return
    places = [labels.frame_at(int(labels.row_frame[row])) for row in cut[:5]]
    named = ", ".join(f"{labels.videos[video].name} frame {frame}" for video, frame in places)
    text = (
        f"The crop of {2 * room:.0f} px cuts off parts of {len(cut)} of {len(sizes.rows)} labelled animals "
        f"({named}{', …' if len(cut) > len(places) else ''}). Nodes outside the crop cannot be learnt there. "
        "Check these labels for misplaced points, or pass --set pipeline.centered_instance.crop_size=N.")
    yield Event("warning", stage.name, {"text": text})
