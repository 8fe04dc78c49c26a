"""A file in, a predictions file out: the work of `gambol predict`, told as it goes on."""

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from gambol.errors import SkeletonMismatch
from gambol.formats.slp import SlpWriter
from gambol.inference.basis import Basis, basis_of
from gambol.inference.collect import Tally, predict_stretch
from gambol.inference.parts import Part, Parts, finished
from gambol.inference.plan import Plan, Videos, make_plan, read_input
from gambol.inference.predictor import Predictor, load_predictor
from gambol.inference.request import PredictionRequest, refuse_unclear
from gambol.labels.columns import Columns
from gambol.runs.layout import environment
from gambol.storage import locked, refuse_existing
from gambol.video.frame_numbers import frames_in_words

__all__ = ["PredictionRequest", "Progress", "predict"]


@dataclass(frozen=True)
class Progress:
    """How far a prediction is.

    done: frames that have their result, of them `before` by an earlier process that was interrupted. lost: frames that
    could not be decoded. instances counts animals, with_animals the frames that have any. seconds: of this process.
    """

    done: int
    total: int
    instances: int
    with_animals: int
    seconds: float
    warning: str | None = None
    before: int = 0
    lost: int = 0


def predict(request: PredictionRequest) -> Generator[Progress]:
    """Predict, and write the result; yields how far it is, at most once a frame.

    The same request goes on where an earlier process was interrupted. Raises a `GambolError` before any work if the
    input, the models, the frames or the output cannot be used, or if another process is at it.
    """
    refuse_unclear(request)
    if finished(request.output) is None:
        refuse_existing(request.output, request.overwrite)
    labels, videos = read_input(request.source)
    predictor = load_predictor(
        request.models, request.options, request.device, request.engine, request.precision)
    if labels is not None:
        _require_same_nodes(predictor, labels, request.source)
    with videos:
        plan = make_plan(request, videos, labels)
        basis = basis_of(request, predictor, plan, videos)
        with locked(request.output):
            yield from _predict(request, predictor, videos, plan, basis)


def _predict(
    request: PredictionRequest, predictor: Predictor, videos: Videos, plan: Plan, basis: Basis
) -> Iterator[Progress]:
    """The work itself, once nobody else can be at it."""
    parts = Parts(request.output, predictor.skeleton, videos.placed(request.output.absolute().parent))
    parts.begin(basis, request.overwrite)
    summary = finished(request.output)
    if summary is not None:
        parts.discard()
        yield Progress(**summary)
        return
    tally = Tally()
    try:
        for part, columns in parts.read():
            tally.count_part(part, columns, plan.frames[part.video][part.start:part.stop])
        yield _progress(tally, plan, plan.colour_warning(predictor.channels))
        for video, frames in plan.frames.items():
            for gap in parts.missing(video, len(frames)):
                part = Part(video, gap.start, gap.stop)
                asked = frames[gap.start:gap.stop]
                for _ in predict_stretch(predictor, videos.reader(video), asked, part, parts, tally, basis.block):
                    yield _progress(tally, plan, predictor.news())
        end = _progress(tally, plan, tally.lost_in_words(plan.names))
        provenance = _provenance(request, predictor, plan, basis, tally)
        parts.publish(lambda path: _assemble(path, parts, provenance), vars(end))
    finally:
        parts.discard_if_empty()
    yield end


def _assemble(path: Path, parts: Parts, provenance: dict[str, Any]) -> None:
    """Write the whole result, part by part."""
    with SlpWriter(path, parts.skeleton, parts.videos, overwrite=True) as writer:
        for _, columns in parts.read():
            writer.append(columns)
        writer.finish(provenance)


def _progress(tally: Tally, plan: Plan, warning: str | None = None) -> Progress:
    lost = sum(map(len, tally.lost.values()))
    return Progress(
        tally.frames, plan.total, tally.instances, tally.with_animals, tally.seconds, warning, tally.before, lost)


def _require_same_nodes(predictor: Predictor, labels: Columns, path: Path) -> None:
    trained, own = predictor.skeleton.nodes, labels.skeleton.nodes
    if set(trained) != set(own):
        missing = ", ".join(sorted(set(trained) - set(own))) or "none"
        unknown = ", ".join(sorted(set(own) - set(trained))) or "none"
        raise SkeletonMismatch(
            f"The model and {path.name} have different nodes (only in the model: {missing}; only in the project: "
            f"{unknown}). Predictions would not fit the project's skeleton. "
            "Use a model that was trained on this skeleton, or predict the video file by itself.")


def _provenance(
    request: PredictionRequest, predictor: Predictor, plan: Plan, basis: Basis, tally: Tally
) -> dict[str, Any]:
    return {
        "software": "gambol",
        "environment": environment(),
        "models": {name: folder.resolve().as_posix() for name, folder in predictor.folders.items()},
        "model": basis.model,
        "source": request.source.resolve().as_posix(),
        "videos": list(basis.videos),
        "on": request.asked,
        "options": dict(basis.options),
        "device": predictor.device,
        "engine": predictor.engine,
        "frames": tally.frames,
        "frames_before": tally.before,
        "lost_frames": [
            {"video": video, "name": plan.names[video], "count": len(frames), "frames": frames_in_words(frames)}
            for video, frames in sorted(tally.lost.items())],
        "seconds": round(tally.seconds, 3),
        "frames_per_second": round((tally.frames - tally.before) / max(tally.seconds, 1e-9), 2),
        "finished": datetime.now().astimezone().isoformat(timespec="seconds"),
    }
