"""The prediction that a job asks for when its networks are trained: carried out, told, and counted."""

import json
import shlex
import time
from collections.abc import Generator
from contextlib import closing
from typing import Any

from gambol.errors import GambolError, OutputError
from gambol.formats import load
from gambol.inference.predict import Progress, predict
from gambol.inference.predictor import load_predictor
from gambol.inference.request import PredictionRequest, refuse_unclear
from gambol.pipelines.base import PredictOptions
from gambol.runs.events import Event
from gambol.runs.layout import RunFolder
from gambol.runs.reading import json_of
from gambol.storage import write_text
from gambol.training.job import TrainingJob

SECONDS_BETWEEN_EVENTS = 0.5
FLAGS = {"animals": "--animals", "batch": "--batch", "node_threshold": "--threshold",
         "animal_threshold": "--animal-threshold"}


def require_possible(job: TrainingJob, folder: RunFolder) -> None:
    """Raise a `GambolError` if the prediction that is to follow would be refused in any case."""
    wanted = request_of(job, folder)
    if wanted is not None:
        refuse_unclear(wanted)
        if wanted.output.exists() and not wanted.overwrite:
            raise OutputError(
                f"{wanted.output}, to which predictions are to go after the training, exists already. "
                "The training was not begun, so that it is not lost when nobody watches. "
                "Choose another file by after.predict.out, or pass --set after.predict.overwrite=true.")


def request_of(job: TrainingJob, folder: RunFolder) -> PredictionRequest | None:
    """What is to be predicted after the training; None if nothing is."""
    wanted = job.after.predict
    return None if wanted is None else wanted.request(job.labels, folder.path, folder.project_predictions, job.device)


def predict_after(job: TrainingJob, folder: RunFolder) -> Generator[Event, None, dict[str, Any] | None]:
    """Predict what the job asks for, unless that was done before; gives what came of it, None if nothing is asked for.

    A `GambolError` does not take the model along: then `problem` is the whole of its text, and a warning says how to
    predict by hand. Raises `OutputError` only if the run folder itself can no longer be written.
    """
    request = request_of(job, folder)
    if request is None:
        return None
    if folder.prediction.is_file():
        return json_of(folder.prediction)
    try:
        came_of_it = _found_before(request) or (yield from _told(request))
    except GambolError as error:
        yield Event("warning", None, {"text": _in_words(request, error)})
        came_of_it = {"problem": str(error), "by_hand": by_hand(request)}
    write_text(folder.prediction, json.dumps(came_of_it, indent=1))
    return came_of_it


def _told(request: PredictionRequest) -> Generator[Event, None, dict[str, Any]]:
    """Predict, telling how far it is; parts stay on the disk when it is left, and it goes on from them."""
    told = 0.0
    with closing(predict(request)) as states:
        for state in states:
            if state.warning is not None:
                yield Event("warning", None, {"text": state.warning})
            if time.monotonic() - told > SECONDS_BETWEEN_EVENTS or state.done + state.lost == state.total:
                told = time.monotonic()
                yield Event("phase", None, {
                    "phase": "prediction", "done": state.done + state.lost, "total": state.total,
                    "seconds": state.seconds})
    return _counted(request, state)


def _counted(request: PredictionRequest, state: Progress) -> dict[str, Any]:
    return {
        "out": request.output.as_posix(), "on": request.asked, "frames": state.done,
        "frames_with_animals": state.with_animals, "frames_without_animals": state.done - state.with_animals,
        "instances": state.instances, "frames_lost": state.lost}


def _found_before(request: PredictionRequest) -> dict[str, Any] | None:
    """What an earlier process of this run predicted, if it died just after that."""
    if not request.output.is_file():
        return None
    found = load(request.output, lazy=True)
    known, model = found.provenance, load_predictor(request.models, request.options, request.device)
    if (known.get("model"), known.get("on")) != (model.fingerprint, request.asked):
        return None
    lost = sum(video["count"] for video in known.get("lost_frames", ()))
    with_animals = int((found.row_start[1:] > found.row_start[:-1]).sum())
    state = Progress(len(found), len(found) + lost, int(found.row_start[-1]), with_animals, 0.0, lost=lost)
    return _counted(request, state)


def _in_words(request: PredictionRequest, error: GambolError) -> str:
    reason = str(error).partition(". ")[0].rstrip(".")
    return (
        f"The videos of {request.source.name} were not predicted: {reason}. "
        "The model is finished and can be used all the same; only these predictions are missing. "
        f"Mend that, then predict by hand: {by_hand(request)}")


def by_hand(request: PredictionRequest) -> str:
    """The command that does what is asked for."""
    words = ["gambol", "predict", request.source, "-m", *request.models, "-o", request.output]
    words += ["--frames", request.frames] if request.frames is not None else ["--on", request.on]
    usual = PredictOptions()
    for name, flag in FLAGS.items():
        value = getattr(request.options, name)
        words += [flag, value] if value != getattr(usual, name) else []
    words += ["--device", request.device] if request.device != "auto" else []
    words += ["--overwrite"] if request.overwrite and request.output.exists() else []
    return shlex.join(map(str, words))
