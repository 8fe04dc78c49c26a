"""Before the first step: labels read and split, stages planned, frames decoded, the run folder begun."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Literal

import yaml

from gambol.data.crops import Crop
from gambol.data.frames import FrameStore
from gambol.errors import JobError, SkeletonMismatch
from gambol.formats import load, save
from gambol.labels.checks import require_trainable
from gambol.labels.columns import Columns
from gambol.labels.convert import labelled_for_training
from gambol.labels.paths import resolve
from gambol.labels.splits import split
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
    return {name: labels.select_frames(own) for name, own in chosen.items() if len(own)}, parts.warning


def begin(job: TrainingJob, train: Columns, total: int, now: datetime) -> RunFolder:
    """Make the run folder and write the job into it. Raises `OutputError` if a run is there already."""
    path = job.out or default_run(job.labels, job.pipeline.kind, total, now)
    folder = RunFolder(path)
    if path.is_dir() and not any(path.iterdir()):
        path.rmdir()
    refuse_existing(path, job.overwrite)
    if path.exists():
        if not folder.job.is_file():
            raise JobError(
                f"{path} is not a run folder, so --overwrite does not replace it. "
                "What lies in it would be lost. "
                "Choose another folder with --out.")
        shutil.rmtree(path)
    write_text(folder.job, yaml.safe_dump(job.model_dump(mode="json", exclude_unset=True), sort_keys=False))
    write_text(folder.environment, json.dumps(environment(), indent=1))
    return folder


def prepare(prepared: Prepared) -> Iterator[Event]:
    """Decode the frames, write the split, plan the stages; fills `prepared` and tells what it does."""
    job, folder = prepared.job, prepared.folder
    channels = _channels(job, prepared.parts["train"])
    total, done = sum(len(part) for part in prepared.parts.values()), 0
    for name, part in prepared.parts.items():
        store = FrameStore(part, _project(job, name).parent, channels, int(job.memory * 1e9))
        prepared.frames[name] = store
        for count in store.filling():
            yield Event("phase", None, {"phase": "cache", "done": done + count, "total": total})
        done += len(part)
        save(_at_home(part, _project(job, name).parent), folder.labels(name))
    train = prepared.parts["train"]
    sizes = [prepared.frames["train"].size(*train.frame_at(position)) for position in range(len(train))]
    frame = max(height for height, _ in sizes), max(width for _, width in sizes)
    prepared.plans = job.pipeline.plan(train, channels, frame)
    resolved = job.model_dump(mode="json") | {"stages": [plan.model_dump(mode="json") for plan in prepared.plans]}
    write_text(folder.resolved, yaml.safe_dump(resolved, sort_keys=False))
    for plan in prepared.plans:
        yield from _warn_of_cuts(plan, train)


def _trainable(path: Path) -> Columns:
    labels = load(path)
    require_trainable(labels, path)
    return labelled_for_training(labels)


def _project(job: TrainingJob, part: str) -> Path:
    """The file that a part of the split comes from."""
    return (job.validation if part == "val" and job.validation else job.labels).resolve()


def _at_home(part: Columns, base: Path) -> Columns:
    """The labels with their videos where they were found, so that the run folder can be opened by itself."""
    return replace(part, videos=[resolve(source, base) for source in part.videos])


def _channels(job: TrainingJob, labels: Columns) -> Literal[1, 3]:
    if job.images != "auto":
        return 1 if job.images == "grey" else 3
    for source in labels.videos:
        with open_video(resolve(source, job.labels.resolve().parent)) as reader:
            if reader.channels == 3:
                return 3
    return 1


def _warn_of_cuts(plan: Plan, labels: Columns) -> Iterator[Event]:
    """Name the animals that do not fit into the crop."""
    stage = plan.stage
    if not isinstance(stage.view, Crop):
        return
    sizes = measure(labels, stage.anchor)
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
