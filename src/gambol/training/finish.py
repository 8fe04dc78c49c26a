"""After the last step: how fast the trained networks are, how good on each part of the split, and what they predict."""

import json
from collections.abc import Generator, Iterator

import numpy as np

from gambol.evaluation.report import evaluate
from gambol.formats import save
from gambol.inference.engines.exported import export_run
from gambol.inference.frames import predict_frames
from gambol.inference.predictor import Predictor, load_predictor
from gambol.labels.columns import PREDICTED
from gambol.labels.convert import from_poses
from gambol.pipelines.base import PredictOptions
from gambol.poses import Poses
from gambol.runs.events import Event
from gambol.runs.layout import PARTS
from gambol.runs.reading import json_of
from gambol.storage import write_text
from gambol.training.prediction import predict_after
from gambol.training.prepare import Prepared
from gambol.training.speed import measure_speed

FRAMES_FOR_SPEED = 64


def finish(prepared: Prepared) -> Iterator[Event]:
    """Score the model, then predict what the job asks for, except what was done before.

    The last event holds all figures: metrics by part, speed, and what came of the prediction.
    """
    folder = prepared.folder
    if not folder.scored:
        yield from _score(prepared)
    prepared.frames.clear()  # they may fill the memory that a prediction needs
    figures = {"metrics": {part: content for part in PARTS if (content := json_of(folder.metrics(part)))}}
    figures |= {"speed": json_of(folder.speed)}
    prediction = yield from predict_after(prepared.job, folder)
    if prediction is not None:
        figures |= {"prediction": prediction}
    yield Event("finished", None, {"run": str(folder.path), **figures})


def _score(prepared: Prepared) -> Generator[Event]:
    """Measure the speed, then predict and score train, val and test."""
    export_run(prepared.folder.path)
    predictor = load_predictor([prepared.folder.path], PredictOptions(), prepared.job.device)
    if not prepared.folder.speed.is_file():
        yield Event("phase", None, {"phase": "speed"})
        write_text(prepared.folder.speed, json.dumps(_speed(predictor, prepared), indent=1))
    for name, labels in prepared.parts.items():
        figures = prepared.folder.metrics(name)
        if figures.is_file():  # the last file of a part
            continue
        store = prepared.frames[name]
        places = [labels.frame_at(position) for position in range(len(labels))]
        images = ((position, store.image(*place)) for position, place in enumerate(places))
        found: list[tuple[int, int, Poses]] = []
        for position, poses in predict_frames(predictor.pipeline, images, workers=predictor.workers):
            found.append((*places[position], poses))
            yield Event("phase", None, {"phase": f"metrics ({name})", "done": position + 1, "total": len(labels)})
        predicted = from_poses(labels.skeleton, labels.videos, found, PREDICTED)
        save(predicted, prepared.folder.predictions(name))
        write_text(figures, json.dumps(evaluate(labels, predicted).as_json(), indent=1))


def _speed(predictor: Predictor, prepared: Prepared) -> dict[str, object]:
    """Frames in a second, on training frames spread over the project."""
    labels, store = prepared.parts["train"], prepared.frames["train"]
    chosen = np.unique(np.linspace(0, len(labels) - 1, min(len(labels), FRAMES_FOR_SPEED)).round().astype(int))
    places = [labels.frame_at(int(position)) for position in chosen]
    return measure_speed(predictor, lambda number: store.image(*places[number]), len(places))
