"""Before the first step: labels read and split, stages planned, frames decoded, the run folder begun."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Literal

import numpy as np
import yaml

from gambol.data.crops import Crop
from gambol.data.frames import FrameStore
from gambol.errors import LabelsError, SkeletonMismatch
from gambol.formats import load, save
from gambol.labels.checks import doubt_nodes, require_trainable
from gambol.labels.columns import Columns
from gambol.labels.convert import labelled_for_training
from gambol.labels.paths import resolve
from gambol.labels.splits import fewer, split
from gambol.pipelines.sizing import measure, sides
from gambol.pipelines.stage import Plan
from gambol.runs.events import Event
from gambol.runs.layout import RunFolder, default_run
from gambol.storage import write_text
from gambol.training.job import TrainingJob
from gambol.training.kept_split import Earlier, doubles, earlier, write_split
from gambol.training.start_from import require_sources
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
    require_sources(job)
    labels, before = _trainable(job.labels), earlier(job)
    if job.validation is not None:
        return _with_validation(job, labels, before)
    sides, told = before.sides(_located(labels, job.labels.resolve().parent) if before.runs else labels)
    parts = split(labels, job.split, sides)
    chosen = {"train": parts.train, "val": parts.validation, "test": parts.test}
    shared = {name: labels.select_frames(own) for name, own in chosen.items() if len(own)}
    if "train" not in shared or not len(shared["train"].kinds):
        raise LabelsError(
            f"The split of {job.labels.name} leaves no animal to train on: all that are labelled validate or test. "
            "A network cannot learn from empty frames alone. "
            "Label more frames with animals, or try another split with --set split.seed=1.")
    if not len(shared["val"].kinds):
        return shared | {"val": shared["train"]}, _together(told, (
            "No animal is labelled in the frames set aside for validation, so training frames validate as well. "
            "The validation score says nothing about other frames. "
            "Label more frames with animals, or try another split with --set split.seed=1."))
    return shared, _together(told, parts.warning)


def _with_validation(job: TrainingJob, labels: Columns, before: Earlier) -> tuple[dict[str, Columns], str | None]:
    """The labels to learn from and those of the job's validation file; and a warning if they do not go together."""
    path = job.validation or job.labels
    validation = _trainable(path)
    if validation.skeleton.nodes != labels.skeleton.nodes:
        raise SkeletonMismatch(
            f"{path.name} has other nodes than {job.labels.name}. "
            "The validation would measure other body parts than were trained. "
            "Give validation labels with the same nodes in the same order.")
    parts = {"train": labels.select_frames(fewer(np.arange(len(labels)), job.split)), "val": validation}
    placed = located(job, parts) if before.runs else parts
    return parts, before.leaks(placed["train"], placed["val"])


def _together(*texts: str | None) -> str | None:
    return " ".join(text for text in texts if text) or None


def run_folder(job: TrainingJob, parts: Mapping[str, Columns], now: datetime) -> RunFolder:
    """Where the run goes, by default under a name that tells how many frames are labelled."""
    labelled = sum(len(parts[name]) for name in distinct(parts))
    return RunFolder(job.out or default_run(job.labels, job.pipeline.kind, labelled, now))


def prepare(prepared: Prepared) -> Iterator[Event]:
    """Decode the frames, write the split, plan the stages; fills `prepared` and tells what it does."""
    from gambol.nn.device import choose_device  # so that a training can be explained without torch
    from gambol.training.head_start import take_over
    from gambol.training.preflight import preflight

    job, folder = prepared.job, prepared.folder
    choose_device(job.device)  # known to be there before anything takes time
    for options in job.pipeline.options.values():
        options.backbone.require_weights()
    prepared.parts = located(job, prepared.parts)
    channels = channels_of(job, prepared.parts["train"])
    yield from decode(prepared, channels)
    for name, part in prepared.parts.items():
        save(part, folder.labels(name))
    write_split(folder, prepared.parts, prepared.frames, earlier(job))
    if text := doubles(prepared.parts, prepared.frames):
        yield Event("warning", None, {"text": text})
    train = prepared.parts["train"]
    sizes = [prepared.frames["train"].size(*train.frame_at(position)) for position in range(len(train))]
    frame = max(height for height, _ in sizes), max(width for _, width in sizes)
    prepared.plans = job.pipeline.plan(train, channels, frame)
    yield from take_over(prepared)
    yield from preflight(prepared)
    stages = [plan.model_dump(mode="json") for plan in prepared.plans]
    resolved = prepared.job.model_dump(mode="json") | {"stages": stages}
    write_text(folder.resolved, yaml.safe_dump(resolved, sort_keys=False))
    for text in doubts(job, train):
        yield Event("warning", None, {"text": text})
    for plan in prepared.plans:
        yield from warn_of_cuts(plan, train)


def doubts(job: TrainingJob, labels: Columns) -> list[str]:
    """What speaks against training this pipeline on these labels, each in words for a person."""
    return doubt_nodes(labels) + job.pipeline.doubts(labels)


def decode(prepared: Prepared, channels: Literal[1, 3]) -> Iterator[Event]:
    """Decode the labelled frames, each once, also where a part has those of another; fills `prepared.frames`."""
    parts, names = prepared.parts, distinct(prepared.parts)
    total, done = sum(len(parts[name]) for name in names), 0
    for name in names:
        store = FrameStore(
            parts[name], channels=channels, budget=int(prepared.job.memory * 1e9 * len(parts[name]) / total)
        )
        for count in store.filling():
            yield Event("phase", None, {"phase": "cache", "done": done + count, "total": total})
        done += len(parts[name])
        prepared.frames |= {other: store for other, part in parts.items() if _same_frames(part, parts[name])}


def distinct(parts: Mapping[str, Columns]) -> list[str]:
    """The names of parts without those whose frames an earlier part has: a single frame trains and validates."""
    names: list[str] = []
    for name, part in parts.items():
        if not any(_same_frames(part, parts[earlier]) for earlier in names):
            names.append(name)
    return names


def _same_frames(one: Columns, other: Columns) -> bool:
    return (
        one.videos == other.videos
        and np.array_equal(one.frame_video, other.frame_video)
        and np.array_equal(one.frame_index, other.frame_index)
    )


def located(job: TrainingJob, parts: Mapping[str, Columns]) -> dict[str, Columns]:
    """The parts with their videos where they are now. Raises `VideoError` for one that is not found."""
    return {name: _located(part, _project(job, name).parent) for name, part in parts.items()}


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


def channels_of(job: TrainingJob, labels: Columns) -> Literal[1, 3]:
    """How many channels the networks see: as asked, or 3 if any labelled video has colour."""
    if job.images != "auto":
        return 1 if job.images == "grey" else 3
    for video in sorted(set(labels.frame_video.tolist())):
        with open_video(labels.videos[video]) as reader:
            if reader.channels == 3:
                return 3
    return 1


def warn_of_cuts(plan: Plan, labels: Columns) -> Iterator[Event]:
    """Name the animals that do not fit into the crop, turned as they are in training."""
    stage = plan.stage
    if not isinstance(stage.view, Crop):
        return
    rows, rotation = measure(labels, stage.anchor, stage.fallback).rows, plan.augment.rotation
    turns = rotation.degrees if rotation.probability else (0.0, 0.0)
    room = stage.view.size / stage.view.scale  # image pixels
    cut = rows[sides(labels, stage.anchor, stage.fallback, turns) > room]
    if not len(cut):
        return
    places = [labels.frame_at(int(labels.row_frame[row])) for row in cut[:5]]
    named = ", ".join(f"{labels.videos[video].name} frame {frame}" for video, frame in places)
    text = (
        f"The crop of {room:.0f} px cuts off parts of {len(cut)} of {len(rows)} labelled animals "
        f"({named}{', …' if len(cut) > len(places) else ''}). Nodes outside the crop cannot be learnt there. "
        "Check these labels for misplaced points, or pass --set pipeline.centered_instance.crop_size=N.")
    yield Event("warning", stage.name, {"text": text})
