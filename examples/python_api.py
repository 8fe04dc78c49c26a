"""Train, predict and evaluate from Python, on a made-up world: no data is needed.

    python examples/python_api.py FOLDER [SETTING=VALUE ...]

Settings are those of the job, such as minutes=5 or pipeline.kind=bottom-up.
"""

import sys
from pathlib import Path

import gambol
from gambol.inference.predict import PredictionRequest
from gambol.training.job import make_job
from gambol.worlds.film import render, truth_columns
from gambol.worlds.world import World, WorldConfig


def main(folder: Path, changes: list[str]) -> None:
    """Film two geckos, label every fourth frame, train, predict all frames, and say how far off that is."""
    world, video = World(WorldConfig(animals=2, frames=60)), folder / "geckos.mp4"
    render(world, video)
    truth = truth_columns(world, video)
    gambol.save(truth.select_frames(truth.frame_index % 4 == 0), folder / "labels.slp")

    job = {"labels": folder / "labels.slp", "pipeline": {"kind": "top-down"}, "minutes": 1, "out": folder / "run"}
    for event in gambol.train(make_job(job, changes)):
        if event.kind == "epoch":
            print(f"{event.stage}: epoch {event.data['epoch'] + 1}, loss {event.data['val_loss']:.4f}")
    for progress in gambol.predict(PredictionRequest(video, [folder / "run"], folder / "predictions.slp")):
        print(f"{progress.done} of {progress.total} frames", end="\r")
    figures = gambol.evaluate(truth, gambol.load(folder / "predictions.slp")).as_json()
    print(f"{figures['missed_instances']} of {figures['instances']} animals missed; median error in px:",
          figures["error_px"]["median"])


if __name__ == "__main__":
    main(Path(sys.argv[1]).absolute(), sys.argv[2:])
