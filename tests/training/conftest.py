"""Jobs of the training room: tiny networks, and epochs of a few steps."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gambol.data.dataset import Dataset, samples_from
from gambol.labels.columns import Columns
from gambol.runs.layout import RunFolder
from gambol.training.job import TrainingJob
from gambol.training.loop import StageData, StageTraining
from gambol.training.prepare import Prepared, prepare, read_labels

STEPS = 8


@pytest.fixture
def short_epochs(monkeypatch: pytest.MonkeyPatch) -> int:
    """Epochs of 8 steps."""
    monkeypatch.setattr("gambol.training.loop.steps_per_epoch", lambda samples, batch: STEPS)
    return STEPS


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Sums are made in one order only; and networks this small gain nothing from a second thread."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def job(lone_gecko, tiny: dict[str, Any], tmp_path: Path) -> Callable[..., TrainingJob]:
    """A job for the lone gecko, one epoch, on the CPU; words change it."""

    def make(**changes: Any) -> TrainingJob:
        content = {"labels": lone_gecko.labels, "out": tmp_path / "run", "pipeline": tiny["single"], "epochs": 1}
        return TrainingJob.model_validate(content | {"device": "cpu", "precision": "fp32"} | changes)

    return make


@pytest.fixture
def stage(job: Callable[..., TrainingJob], tmp_path: Path) -> Callable[..., StageTraining]:
    """The training of the lone gecko's only stage, data ready; words change the job."""

    def make(folder: Path = tmp_path / "run", **changes: Any) -> StageTraining:
        asked = job(**changes)
        prepared = Prepared(asked, RunFolder(folder), read_labels(asked)[0])
        list(prepare(prepared))
        plan = prepared.plans[0]
        train, validation = (
            Dataset(samples_from(labels, plan.stage.view), prepared.frames[name], plan.stage.view,
                    labels.skeleton.mirrored, augment, asked.seed)
            for name, labels, augment in (("train", prepared.parts["train"], plan.augment),
                                          ("val", prepared.parts["val"], None)))
        return StageTraining(plan, StageData(train, validation, lambda network: {"found": 0.5}), asked, prepared.folder)

    return make


@pytest.fixture
def labels(lone_gecko) -> Columns:
    """The lone gecko's labels, to be changed."""
    from gambol.formats import load

    return load(lone_gecko.labels)


@pytest.fixture(autouse=True)
def speed_at_a_glance(monkeypatch: pytest.MonkeyPatch) -> None:
    """The speed of a trained model is of no interest here, so it is measured on few frames."""
    monkeypatch.setattr("gambol.training.speed.FRAMES", 8)
    monkeypatch.setattr("gambol.training.speed.SECONDS", 0.01)
