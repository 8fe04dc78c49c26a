"""Names of the files in a run folder."""

import os
import platform
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

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
        """Whether the training came to its end: every part of the split has its figures."""
        parts = [part for part in PARTS if self.labels(part).is_file()]
        return self.resolved.is_file() and bool(parts) and all(self.metrics(part).is_file() for part in parts)

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


def default_run(labels: Path, pipeline: str, frames: int, now: datetime) -> Path:
    """Where a run goes when nobody says: `models/<time>.<pipeline>.n=<labels>/` beside the project."""
    return labels.resolve().parent / "models" / f"{now:%y%m%d_%H%M%S}.{pipeline}.n={frames}"


def environment() -> dict[str, str | int | None]:
    """What is worth knowing of the machine and the versions when a result is to be understood later."""
    packages = {name: version(name) for name in ("gambol", "torch", "numpy", "av", "opencv-python-headless")}
    return {
        **packages, "python": platform.python_version(), "system": platform.platform(), "cores": os.cpu_count(),
    }
