"""After the last step: what the trained networks predict on each part of the split, and how good that is."""

import json
from collections.abc import Iterator

from gambol.evaluation.report import evaluate
from gambol.formats import save
from gambol.inference.engines.exported import export_run
from gambol.inference.frames import predict_frames
from gambol.inference.predictor import load_predictor
from gambol.labels.columns import PREDICTED
from gambol.labels.convert import from_poses
from gambol.pipelines.base import PredictOptions
from gambol.poses import Poses
from gambol.runs.events import Event
from gambol.storage import write_text
from gambol.training.prepare import Prepared


def finish(prepared: Prepared) -> Iterator[Event]:
    """Predict and score train, val and test, except what was scored before; the last event holds all figures."""
    export_run(prepared.folder.path)
    predictor = load_predictor([prepared.folder.path], PredictOptions(), prepared.job.device)
    results = {}
    for name, labels in prepared.parts.items():
        figures = prepared.folder.metrics(name)
        if figures.is_file():  # the last file of a part
            results[name] = json.loads(figures.read_text(encoding="utf-8"))
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
        results[name] = evaluate(labels, predicted).as_json()
        write_text(figures, json.dumps(results[name], indent=1))
    yield Event("finished", None, {"run": str(prepared.folder.path), "metrics": results})
