"""The training of one stage: a plain loop that tells what happens as events. Leaving the loop stops the training."""

import csv
import io
import logging
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from lightning_fabric import Fabric
from torch import Tensor

from gambol.data.batch import Batch
from gambol.data.dataset import Dataset, steps_per_epoch
from gambol.data.loader import Loader
from gambol.errors import JobError, LabelsError
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
from gambol.training.budget import Budget
from gambol.training.checkpoint import Checkpoint, Checkpoints, Damaged, read
from gambol.training.head_start import begin
from gambol.training.job import TrainingJob
from gambol.training.memory import enough_memory
from gambol.training.state import Reached, fingerprint, put_back, take

SECONDS_BETWEEN_STEP_EVENTS = 0.5
SECONDS_BETWEEN_CHECKPOINTS = 60.0  # within an epoch; there is one at the end of each as well
EPOCHS_WITHOUT_BUDGET = 100


@dataclass(frozen=True)
class StageData:
    """What a stage learns from, what it is validated on, and how its accuracy is measured there."""

    train: Dataset
    validation: Dataset
    accuracy: Callable[[Network], dict[str, float]]

    @cached_property
    def fingerprint(self) -> str:
        """A short word for all labels; a checkpoint belongs to those that it was made with."""
        return fingerprint(self.train, self.validation)


@dataclass
class StageTraining:
    """One network on its way from fresh weights, or from its last checkpoint, to the best that the budget allows."""

    plan: Plan
    data: StageData
    job: TrainingJob
    folder: RunFolder
    reached: Reached = field(default_factory=Reached)

    def run(self) -> Iterator[Event]:
        """Train. The best weights so far are always on disk; an interruption leaves them there.

        Raises `DeviceError` if memory runs out, `LabelsError` if a checkpoint belongs to other labels, `JobError` if
        the loss is no longer a number, `OutputError` if the disk is full.
        """
        name = self.plan.stage.name
        yield Event("phase", name, {"phase": "build"})
        with enough_memory(self.plan):
            self._build()
            self.checkpoints = Checkpoints(self.folder, name)
            yield from self._take_up()
            yield Event("phase", name, {"phase": "first step"})
            yield from self._train()
        reached = self.reached
        figures = {"best_epoch": reached.best_epoch, "val_loss": reached.best, "steps": reached.step}
        figures |= {"seconds": reached.seconds}
        self.checkpoints.finish(figures)
        yield Event("finished", name, figures)

    def _train(self) -> Iterator[Event]:
        per_epoch = steps_per_epoch(len(self.data.train), self.plan.batch)
        epochs = self.job.epochs or (EPOCHS_WITHOUT_BUDGET if self.job.minutes is None else 1_000_000)
        minutes = None if self.job.minutes is None else self.job.minutes * self.plan.effort
        budget = Budget(minutes, steps=epochs * per_epoch, before=self.reached.seconds)
        self.loader = Loader(self.data.train, self.plan.batch)
        self.loader.waited = self.reached.waited
        self.kept = time.monotonic()
        try:
            while not self.reached.over:
                yield from self._epoch(per_epoch, budget)
                yield from self._validate(budget)
        except (KeyboardInterrupt, GeneratorExit):  # stopped, here or in whoever listens
            if self.reached.best_epoch < 0 and self.reached.step > 0:
                self._save()
            raise

    def _build(self) -> None:
        torch.manual_seed(self.job.seed)
        device = choose_device(self.job.device)
        self.bf16 = gains_from_bf16(device) if self.job.precision == "auto" else self.job.precision == "bf16"
        logging.getLogger("lightning_fabric").setLevel(logging.WARNING)  # it announces the precision on stdout
        self.fabric = Fabric(
            accelerator=device.type,
            devices=[device.index or 0] if device.type == "cuda" else 1,
            precision="bf16-mixed" if self.bf16 else "32-true",
        )
        self.network = self.plan.stage.build().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        begin(self.network, self.folder, self.plan.stage.name)
        self.optimizer = self.job.optimizer.build(self.network.parameters())
        self.model, self.optimizer = self.fabric.setup(self.network, self.optimizer)
        self.average = Average(self.network, self.job.optimizer.average)

    def _take_up(self) -> Iterator[Event]:
        """Go on from the last checkpoint that can be used, if there is one; else everything is as it was built."""
        name = self.plan.stage.name
        for path in self.checkpoints.paths():
            try:
                self._restore(read(path))
            except Damaged as damage:
                path.unlink()
                yield Event("warning", name, {"text": (
                    f"The checkpoint {path} cannot be used ({damage}). "
                    "What was learnt after the one before it has to be learnt again. "
                    "Training goes on from there, or begins this stage anew if there is none.")})
                continue
            yield Event("phase", name, {"phase": "resume", "epoch": self.reached.epoch, "step": self.reached.step})
            yield from self._repeat_last_epoch()
            return

    def _restore(self, checkpoint: Checkpoint) -> None:
        facts = dict(checkpoint.facts)
        if facts.pop("data") != self.data.fingerprint:
            raise LabelsError(
                f"The labels in {self.folder.path} are not those with which its training began. "
                "What was learnt from them does not go together with what these would teach. "
                "Put back labels.train.slp and labels.val.slp as they were, or train anew on the labels you want.")
        updates, reached = facts.pop("updates"), Reached(**facts)
        put_back(checkpoint.tensors, self._networks(), self.optimizer)
        self.average.updates, self.reached = updates, reached

    def _repeat_last_epoch(self) -> Iterator[Event]:
        """What comes after the checkpoint at an epoch's end, which the interruption may have prevented."""
        if self.reached.losses or not self.reached.log:
            return
        if self.reached.best_epoch == self.reached.epoch - 1:
            self._save()
        self._write_log(self.folder.log(self.plan.stage.name))
        yield Event("epoch", self.plan.stage.name, self.reached.log[-1])

    def _keep(self, budget: Budget) -> None:
        """Write a checkpoint of this moment."""
        self.reached.seconds, self.reached.waited = budget.seconds(), self.loader.waited
        facts = asdict(self.reached) | {"updates": self.average.updates, "data": self.data.fingerprint}
        self.checkpoints.write(self.reached.step, Checkpoint(take(self._networks(), self.optimizer), facts))
        self.kept = time.monotonic()

    def _networks(self) -> dict[str, torch.nn.Module]:
        return {"network": self.network, "average": self.average.model}

    def _epoch(self, steps: int, budget: Budget) -> Iterator[Event]:
        """What is left of an epoch of training steps, cut short when the budget is used up."""
        reached, told = self.reached, 0.0
        for batch in self.loader.epoch(reached.epoch, steps, start=len(reached.losses)):
            used = budget.used(reached.step)
            if used >= 1 and reached.losses:
                return
            reached.losses.append(self._learn(batch, used))
            reached.step += 1
            if time.monotonic() - self.kept > SECONDS_BETWEEN_CHECKPOINTS:
                self._keep(budget)
            if time.monotonic() - told > SECONDS_BETWEEN_STEP_EVENTS:
                told = time.monotonic()
                figures = {"step": reached.step, "epoch": reached.epoch, "loss": reached.losses[-1], "progress": used}
                figures |= {"seconds": budget.seconds(), "waited": self.loader.waited}
                yield Event("step", self.plan.stage.name, figures)

    def _learn(self, batch: Batch, used: float) -> float:
        for group in self.optimizer.param_groups:
            group["lr"] = self.job.optimizer.rate(self.reached.step, used)
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

    def _validate(self, budget: Budget) -> Iterator[Event]:
        """Close an epoch: loss and, every few epochs, accuracy on the validation frames.

        The checkpoint comes before the best weights and the table: both can be made again from it, at any moment.
        """
        name, reached, epoch = self.plan.stage.name, self.reached, self.reached.epoch
        last = budget.used(reached.step) >= 1
        figures: dict[str, Any] = {"epoch": epoch, "step": reached.step, "train_loss": float(np.mean(reached.losses))}
        if not math.isfinite(figures["train_loss"]):
            raise JobError(
                f"The training of '{name}' ran away: its loss is no longer a number (epoch {epoch + 1}). "
                "Weights that are learnt from here on would find nothing. "
                "Lower the learning rate, for example --set optimizer.learning_rate=0.0005, and train again.")
        figures["val_loss"] = self._validation_loss()
        if last or epoch % self.job.check_every == 0:
            engine = TorchEngine(self.average.model, self.fabric.device, self.bf16)
            figures |= {f"accuracy_{key}": value for key, value in self.data.accuracy(engine).items()}
        figures |= {"progress": budget.used(reached.step), "seconds": budget.seconds(), "waited": self.loader.waited}
        better = figures["val_loss"] < reached.best
        if better:
            reached.best, reached.best_epoch = figures["val_loss"], epoch
        reached.log.append(figures)
        reached.epoch, reached.losses = epoch + 1, []
        reached.over = last or epoch - reached.best_epoch >= self.job.patience
        self._keep(budget)
        if better:
            self._save()
            yield Event("best", name, {"epoch": epoch, "val_loss": reached.best})
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
        keys, file = list(dict.fromkeys(key for row in self.reached.log for key in row)), io.StringIO()
        table = csv.DictWriter(file, keys, lineterminator="\n")
        table.writeheader()
        table.writerows(self.reached.log)
        write_text(path, file.getvalue())
