"""Names of the files in a run folder."""

import os
import platform
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from gambol.runs.reading import yaml_of

PARTS = ("train", "val", "test")
PACKAGE_MANIFEST = "manifest.json"  # in the folder of an unpacked training package, which has a job but is no run


@dataclass(frozen=True)
class RunFolder:
    """One training run on disk; each stage has a folder of its own inside."""

    path: Path

    @property
    def job(self) -> Path:
        """The job as it was asked for."""
        return self.path / "job.yaml"

    @property
    def resolved(self) -> Path:
        """The job with every default and every automatic choice filled in."""
        return self.path / "resolved.yaml"

    @property
    def environment(self) -> Path:
        """The machine and the versions that the run had."""
        return self.path / "environment.json"

    @property
    def split(self) -> Path:
        """What the frames of each part are known again by."""
        return self.path / "split.json"

    @property
    def events(self) -> Path:
        """The diary: one JSON object a line."""
        return self.path / "events.jsonl"

    @property
    def control(self) -> Path:
        """What the running training is asked for, see `control.py`."""
        return self.path / "control.json"

    @property
    def heartbeat(self) -> Path:
        """The sign of life of the process that is at it, see `heartbeat.py`."""
        return self.path / "heartbeat.json"

    @property
    def complete(self) -> bool:
        """Whether the run came to its end: it is scored, and what the job wants predicted afterwards is."""
        return self.scored and (self.prediction.is_file() or not self._wants_prediction)

    @property
    def scored(self) -> bool:
        """Whether the networks are trained: every part of the split has its figures."""
        parts = [part for part in PARTS if self.labels(part).is_file()]
        return self.resolved.is_file() and bool(parts) and all(self.metrics(part).is_file() for part in parts)

    @property
    def _wants_prediction(self) -> bool:
        after = yaml_of(self.resolved).get("after")
        return isinstance(after, dict) and after.get("predict") is not None

    def stage(self, name: str) -> Path:
        """The folder of a stage."""
        return self.path / name

    def log(self, stage: str) -> Path:
        """The table of a stage's epochs."""
        return self.stage(stage) / "training_log.csv"

    def checkpoint(self, stage: str) -> Path:
        """The folder of what the training of a stage needs to go on."""
        return self.stage(stage) / "checkpoint"

    def finished(self, stage: str) -> Path:
        """What a stage came to; it is there when the stage needs no more training."""
        return self.checkpoint(stage) / "finished.json"

    def start(self, stage: str) -> Path:
        """The weights that a stage begins with, if it starts from another run; until it is finished."""
        return self.checkpoint(stage) / "start.weights"

    def previews(self, stage: str) -> Path:
        """The folder of pictures that show how a stage learns."""
        return self.stage(stage) / "previews"

    def labels(self, part: str) -> Path:
        """The labels of a part of the split: train, val or test."""
        return self.path / f"labels.{part}.slp"

    def predictions(self, part: str) -> Path:
        """What the trained model predicts on that part."""
        return self.path / f"predictions.{part}.slp"

    def metrics(self, part: str) -> Path:
        """How good these predictions are."""
        return self.path / f"metrics.{part}.json"

    @property
    def speed(self) -> Path:
        """How fast the trained model predicts on this machine, measured when it is scored: see `training/speed.py`.

        frames_per_second: images in memory to poses, after a warm-up, over `frames` in `seconds`; decoding of the
        video, which goes on beside it, is not in it. device, engine, batch, workers: what ran the networks, and how.
        height, width: of the largest image. animals_per_frame: how many were found, on average.
        """
        return self.path / "speed.json"

    @property
    def project_predictions(self) -> Path:
        """What the trained model predicts on the project's videos, if the job asks for it and does not say where."""
        return self.path / "predictions.slp"

    @property
    def prediction(self) -> Path:
        """What came of the prediction that the job asks for; it is there when that is over.

        out, on: the file, and which frames · frames, of them frames_with_animals and frames_without_animals ·
        frames_lost: could not be decoded · instances. If it failed: problem, and by_hand, the command to type.
        """
        return self.path / "prediction.json"


def default_run(labels: Path, pipeline: str, frames: int, now: datetime) -> Path:
    """Where a run goes when nobody says: `models/<time>.<pipeline>.n=<labels>/` beside the project."""
    return labels.resolve().parent / "models" / f"{now:%y%m%d_%H%M%S}.{pipeline}.n={frames}"


def environment() -> dict[str, str | int | None]:
    """What is worth knowing of the machine and the versions when a result is to be understood later."""
    packages = {name: version(name) for name in ("gambol", "torch", "numpy", "av", "opencv-python-headless")}
    return {
        **packages, "python": platform.python_version(), "system": platform.platform(), "cores": os.cpu_count(),
    }
