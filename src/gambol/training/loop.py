"""The training of one stage: a plain loop that tells what happens as events. Leaving the loop stops the training."""

import csv
import io
import logging
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from lightning_fabric import Fabric
from torch import Tensor

from gambol.data.batch import Batch
from gambol.data.dataset import Dataset, steps_per_epoch
from gambol.data.loader import Loader
from gambol.errors import JobError
from gambol.inference.engines.torch import TorchEngine
from gambol.nn.device import choose_device, gains_from_bf16
from gambol.nn.model import Model
from gambol.pipelines.base import Network
from gambol.pipelines.saved import write_stage
from gambol.pipelines.stage import Plan
from gambol.runs.events import Event
from gambol.runs.layout import RunFolder
from gambol.storage import write_text
from gambol.training.average import Average
from gambol.training.job import TrainingJob

SECONDS_BETWEEN_STEP_EVENTS = 0.5
EPOCHS_WITHOUT_BUDGET = 100


@dataclass(frozen=True)
class StageData:
    """What a stage learns from, what it is validated on, and how its accuracy is measured there."""

    train: Dataset
    validation: Dataset
    accuracy: Callable[[Network], dict[str, float]]


@dataclass
class Budget:
    """How much of the allowed training is used: by time if minutes were given, else by steps."""

    minutes: float | None
    steps: int
    started: float | None = None

    def used(self, step: int) -> float:
        """Share of the budget, 0..1; the clock starts with the first question."""
        if self.started is None:
            self.started = time.monotonic()
        by_steps = step / self.steps
        if self.minutes is None:
            return min(1.0, by_steps)
        return min(1.0, max((time.monotonic() - self.started) / (60 * self.minutes), by_steps))


@dataclass
class StageTraining:
    """One network on its way from fresh weights to the best ones that the budget allows."""

    plan: Plan
    data: StageData
    job: TrainingJob
    folder: RunFolder
    step: int = 0
    best: float = float("inf")
    best_epoch: int = -1
    log: list[dict[str, Any]] = field(default_factory=list)

    def run(self) -> Iterator[Event]:
        """Train. The best weights so far are always on disk; an interruption leaves them there."""
        name = self.plan.stage.name
        yield Event("phase", name, {"phase": "build"})
        torch.manual_seed(self.job.seed)
        self._build()
        per_epoch = steps_per_epoch(len(self.data.train), self.plan.batch)
        epochs = self.job.epochs or (EPOCHS_WITHOUT_BUDGET if self.job.minutes is None else 1_000_000)
        minutes = None if self.job.minutes is None else self.job.minutes * self.plan.effort
        budget = Budget(minutes, steps=epochs * per_epoch)
        self.loader = Loader(self.data.train, self.plan.batch)
        yield Event("phase", name, {"phase": "first step"})
        try:
            for epoch in range(epochs):
                losses: list[float] = []
                yield from self._epoch(epoch, per_epoch, budget, losses)
                last = budget.used(self.step) >= 1
                yield from self._validate(epoch, losses, budget, last)
                if last or epoch - self.best_epoch >= self.job.patience:
                    break
        except (KeyboardInterrupt, GeneratorExit):  # stopped, here or in whoever listens
            if self.best_epoch < 0 and self.step > 0:
                self._save()
            raise
        yield Event("finished", name, {"best_epoch": self.best_epoch, "val_loss": self.best, "steps": self.step})

    def _build(self) -> None:
        device = choose_device(self.job.device)
        self.bf16 = gains_from_bf16(device) if self.job.precision == "auto" else self.job.precision == "bf16"
        logging.getLogger("lightning_fabric").setLevel(logging.WARNING)  # it announces the precision on stdout
        self.fabric = Fabric(
            accelerator=device.type,
            devices=[device.index or 0] if device.type == "cuda" else 1,
            precision="bf16-mixed" if self.bf16 else "32-true",
        )
        self.network = self.plan.stage.build().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.optimizer = self.job.optimizer.build(self.network.parameters())
        self.model, self.optimizer = self.fabric.setup(self.network, self.optimizer)
        self.average = Average(self.network, self.job.optimizer.average)

    def _epoch(self, epoch: int, steps: int, budget: Budget, losses: list[float]) -> Iterator[Event]:
        """One epoch of training steps, cut short when the budget is used up."""
        told = 0.0
        for batch in self.loader.epoch(epoch, steps):
            used = budget.used(self.step)
            if used >= 1 and losses:
                return
            losses.append(self._learn(batch, used))
            self.step += 1
            if time.monotonic() - told > SECONDS_BETWEEN_STEP_EVENTS:
                told = time.monotonic()
                figures = {"step": self.step, "epoch": epoch, "loss": losses[-1], "progress": used}
                seconds = told - (budget.started or told)
                yield Event("step", self.plan.stage.name, figures | {"seconds": seconds, "waited": self.loader.waited})

    def _learn(self, batch: Batch, used: float) -> float:
        for group in self.optimizer.param_groups:
            group["lr"] = self.job.optimizer.rate(self.step, used)
        loss = self._loss(self.model, batch)
        self.optimizer.zero_grad(set_to_none=True)
        self.fabric.backward(loss)
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), self.job.optimizer.clip)
        self.optimizer.step()
        self.average.update(self.network)
        return float(loss.detach())

    def _loss(self, model: Any, batch: Batch) -> Tensor:
        device = self.fabric.device
        images = torch.from_numpy(batch.images).permute(0, 3, 1, 2).to(device, memory_format=torch.channels_last)
        loss: Tensor = self.network.loss(model(images), torch.from_numpy(batch.points).to(device))
        return loss

    def _validate(self, epoch: int, losses: list[float], budget: Budget, last: bool) -> Iterator[Event]:
        """Loss and, every few epochs, accuracy on the validation frames; the best weights are written."""
        name = self.plan.stage.name
        figures: dict[str, Any] = {"epoch": epoch, "step": self.step, "train_loss": float(np.mean(losses))}
        if not math.isfinite(figures["train_loss"]):
            raise JobError(
                f"The training of '{name}' ran away: its loss is no longer a number (epoch {epoch + 1}). "
                "Weights that are learnt from here on would find nothing. "
                "Lower the learning rate, for example --set optimizer.learning_rate=0.0005, and train again.")
        figures["val_loss"] = self._validation_loss()
        if last or epoch % self.job.check_every == 0:
            engine = TorchEngine(self.average.model, self.fabric.device, self.bf16)
            figures |= {f"accuracy_{key}": value for key, value in self.data.accuracy(engine).items()}
        figures |= {"progress": budget.used(self.step), "waited": self.loader.waited}
        self.log.append(figures)
        if figures["val_loss"] < self.best:
            self.best, self.best_epoch = figures["val_loss"], epoch
            self._save()
            yield Event("best", name, {"epoch": epoch, "val_loss": self.best})
        self._write_log(self.folder.log(name))
        yield Event("epoch", name, figures)

    def _validation_loss(self) -> float:
        model: Model = self.average.model
        loader = Loader(self.data.validation, self.plan.batch)
        total, count = 0.0, 0
        with torch.inference_mode(), torch.autocast(self.fabric.device.type, torch.bfloat16, enabled=self.bf16):
            for batch in loader.once():
                total += float(self._loss(model, batch)) * len(batch)
                count += len(batch)
        return total / max(1, count)

    def _save(self) -> None:
        write_stage(self.folder.stage(self.plan.stage.name), self.plan.stage, self.average.model.state_dict())

    def _write_log(self, path: Path) -> None:
        keys, file = list(dict.fromkeys(key for row in self.log for key in row)), io.StringIO()
        table = csv.DictWriter(file, keys, lineterminator="\n")
        table.writeheader()
        table.writerows(self.log)
        write_text(path, file.getvalue())
