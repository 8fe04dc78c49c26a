"""A file in, a predictions file out: the work of `gambol predict`, told as it goes on."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from gambol.errors import GambolError, OutputError, SkeletonMismatch
from gambol.formats import load
from gambol.formats.slp import SlpWriter
from gambol.inference.frames import predict_frames
from gambol.inference.predictor import Predictor, load_predictor
from gambol.inference.targets import Frames, choose_frames, parse_frames, require_frames
from gambol.labels.columns import PREDICTED, Columns
from gambol.labels.convert import from_poses
from gambol.labels.paths import resolve
from gambol.pipelines.base import PredictOptions
from gambol.poses import Poses
from gambol.runs.layout import environment
from gambol.storage import refuse_existing
from gambol.video.reader import VideoReader, open_video
from gambol.video.source import VideoSource

BLOCK = 256  # frames that are written at a time


@dataclass(frozen=True)
class PredictionRequest:
    """What to predict, with which models, and where the result goes."""

    source: Path
    models: list[Path]
    out: Path | None = None
    on: str = "all"
    frames: str | None = None
    options: PredictOptions = field(default_factory=PredictOptions)
    device: str = "auto"
    overwrite: bool = False

    @property
    def output(self) -> Path:
        """Where predictions go: `<input>.predictions.slp` beside the input, unless asked otherwise."""
        source = self.source if self.source.name not in ("", "..") else self.source.resolve()
        stem = source.name.removesuffix(".slp").removesuffix(".pkg")
        return self.out or source.with_name(f"{stem}.predictions.slp")


@dataclass(frozen=True)
class Progress:
    """How far a prediction is. instances counts animals, with_animals the frames that have any."""

    done: int
    total: int
    instances: int
    with_animals: int
    seconds: float
    warning: str | None = None


def predict(request: PredictionRequest) -> Iterator[Progress]:
    """Predict, and write the result; yields how far it is, at most once a batch.

    Raises a `GambolError` before any work if the input, the models, the frames or the output cannot be used.
    """
    _refuse_unclear(request)
    labels, sources = _read_input(request.source)
    predictor = load_predictor(request.models, request.options, request.device)
    if labels is not None:
        _require_same_nodes(predictor, labels, request.source)
    with ExitStack() as open_files:
        readers = {video: open_files.enter_context(open_video(source)) for video, source in enumerate(sources)}
        if request.frames is not None:
            chosen = require_frames(parse_frames(request.frames), readers)
        else:
            chosen = choose_frames(request.on, readers, labels)
        total = sum(len(frames) for frames in chosen.values())
        yield Progress(0, total, 0, 0, 0.0, _colour_warning(predictor, readers))
        writer = open_files.enter_context(
            SlpWriter(request.output, predictor.skeleton, sources, overwrite=request.overwrite)
        )
        state = Progress(0, total, 0, 0, 0.0)
        for state in _stream(predictor, readers, chosen, writer):
            yield state
        writer.finish(_provenance(request, predictor, state))


def _stream(
    predictor: Predictor, readers: dict[int, VideoReader], chosen: Frames, writer: SlpWriter
) -> Iterator[Progress]:
    started, total = time.monotonic(), sum(len(frames) for frames in chosen.values())
    done = instances = with_animals = 0
    for video, frames in chosen.items():
        block: list[tuple[int, int, Poses]] = []
        images = readers[video].stream(frames, predictor.channels)
        for frame, poses in predict_frames(predictor.pipeline, images):
            block.append((video, frame, poses))
            if len(block) == BLOCK:
                writer.append(from_poses(predictor.skeleton, [r.source for r in readers.values()], block, PREDICTED))
                block = []
            done, instances, with_animals = done + 1, instances + len(poses), with_animals + bool(len(poses))
            yield Progress(done, total, instances, with_animals, time.monotonic() - started)
        if block:
            writer.append(from_poses(predictor.skeleton, [r.source for r in readers.values()], block, PREDICTED))


def _refuse_unclear(request: PredictionRequest) -> None:
    if request.output.resolve() == request.source.resolve():
        raise OutputError(
            f"The predictions would take the place of {request.source} itself. "
            "Its labels would be lost. "
            "Choose another file with --out.")
    if request.output.suffix.lower() != ".slp":
        raise OutputError(
            f"{request.output} does not end in .slp. "
            "Predictions are written as a SLEAP project, which no program would expect under that name. "
            f"Call it {request.output.with_suffix('.slp').name}.")
    if request.frames is not None and request.on != "all":
        raise GambolError(
            f"Frames were asked for twice, by --frames {request.frames} and by --on {request.on}. "
            "It is not clear which of them should be predicted. "
            "Leave one of the two out.")
    refuse_existing(request.output, request.overwrite)


def _read_input(source: Path) -> tuple[Columns | None, list[VideoSource]]:
    """The project, if it is one, and its videos where they lie now."""
    if source.suffix.lower() == ".slp":
        labels = load(source)
        return labels, [resolve(video, source.resolve().parent) for video in labels.videos]
    return None, [VideoSource(source.resolve())]


def _require_same_nodes(predictor: Predictor, labels: Columns, path: Path) -> None:
    trained, own = predictor.skeleton.nodes, labels.skeleton.nodes
    if set(trained) != set(own):
        missing = ", ".join(sorted(set(trained) - set(own))) or "none"
        unknown = ", ".join(sorted(set(own) - set(trained))) or "none"
        raise SkeletonMismatch(
            f"The model and {path.name} have different nodes (only in the model: {missing}; only in the project: "
            f"{unknown}). Predictions would not fit the project's skeleton. "
            "Use a model that was trained on this skeleton, or predict the video file by itself.")


def _colour_warning(predictor: Predictor, readers: dict[int, VideoReader]) -> str | None:
    wrong = [reader.source.name for reader in readers.values() if reader.channels != predictor.channels]
    if not wrong:
        return None
    trained, given = ("colour", "grey") if predictor.channels == 3 else ("grey", "colour")
    return (
        f"The model was trained on {trained} images, but {', '.join(wrong)} is {given}. "
        "Its images are converted, which can cost accuracy. "
        "Train on images of the same kind if the predictions are poor.")


def _provenance(request: PredictionRequest, predictor: Predictor, end: Progress) -> dict[str, Any]:
    return {
        "software": "gambol",
        "environment": environment(),
        "models": {name: folder.resolve().as_posix() for name, folder in predictor.folders.items()},
        "source": request.source.resolve().as_posix(),
        "on": request.frames if request.frames is not None else request.on,
        "options": request.options.model_dump(mode="json"),
        "device": predictor.device,
        "frames": end.done,
        "seconds": round(end.seconds, 3),
        "frames_per_second": round(end.done / max(end.seconds, 1e-9), 2),
        "finished": datetime.now().astimezone().isoformat(timespec="seconds"),
    }
