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
from gambol.pipelines.saved import read_weights, write_stage
from gambol.pipelines.stage import Plan
from gambol.runs.control import Control
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
SLOWER = 0.25  # times the learning rate, when a training that failed is begun again
RETRIES = 1
PATIENT = 600  # steps in which a network may find nothing
NOTHING = 0.95  # times the loss of empty maps: not better than nothing


@dataclass(frozen=True)
class StageData:
    """What a stage learns from, what it is validated on, and how its accuracy is measured there.

    preview: keeps a picture of what a network finds after an epoch; its answer is for the user, if there is one.
    """

    train: Dataset
    validation: Dataset
    accuracy: Callable[[Network], dict[str, float]]
    preview: Callable[[Network, int], str | None] = lambda network, epoch: None

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
    control: Control | None = None
    place: tuple[int, int] = (1, 1)  # the number of this stage, and of how many
    reached: Reached = field(default_factory=Reached)

    def run(self) -> Iterator[Event]:
        """Train. The best weights so far are always on disk; an interruption leaves them there.

        Raises `DeviceError` if memory runs out, `LabelsError` if a checkpoint belongs to other labels, `JobError` if
        the loss is no longer a number, `OutputError` if the disk is full.
        """
        name = self.plan.stage.name
        self.control = self.control or Control(self.folder)
        yield Event("phase", name, {"phase": "build", "number": self.place[0], "of": self.place[1]})
        self.control.forget()
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
                if not math.isfinite(self.reached.losses[-1]):
                    yield from self._begin_again("ran away: its loss is no longer a number", budget)
                    continue
                yield from self._validate(budget)
                if self._found_nothing():
                    yield from self._begin_again("finds nothing: it has learnt to leave all maps empty", budget)
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
        yield Event("epoch", self.plan.stage.name, self._told_of_last_epoch())

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
        untold = len(reached.losses)
        for batch in self.loader.epoch(reached.epoch, steps, start=len(reached.losses)):
            used = budget.used(reached.step)
            if used >= 1 and reached.losses:
                return
            reached.losses.append(self._learn(batch, used))
            reached.step += 1
            if not math.isfinite(reached.losses[-1]):
                return
            if self._asked_to_stop:
                yield Event("stopped", self.plan.stage.name, {"text": "It ends early, as it was asked to."})
                return
            if time.monotonic() - self.kept > SECONDS_BETWEEN_CHECKPOINTS:
                self._keep(budget)
            if time.monotonic() - told > SECONDS_BETWEEN_STEP_EVENTS:
                told = time.monotonic()
                figures = {"step": reached.step, "epoch": reached.epoch, "loss": reached.losses[-1], "progress": used}
                figures |= {"seconds": budget.seconds(), "waited": self.loader.waited, "rate": self._rate(used)}
                lately, untold = reached.losses[untold:], len(reached.losses)
                yield Event("step", self.plan.stage.name, figures | {"losses": lately})

    @property
    def _asked_to_stop(self) -> bool:
        return self.control is not None and self.control.stop

    def _rate(self, used: float) -> float:
        """The learning rate of the next step."""
        again = SLOWER**self.reached.retries
        return again * self.job.optimizer.rate(self.reached.step - self.reached.since, used)

    def _learn(self, batch: Batch, used: float) -> float:
        for group in self.optimizer.param_groups:
            group["lr"] = self._rate(used)
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
        yield Event("phase", name, {"phase": "validation"})
        last = self._asked_to_stop or budget.used(reached.step) >= 1
        figures: dict[str, Any] = {"epoch": epoch, "step": reached.step, "train_loss": float(np.mean(reached.losses))}
        figures["val_loss"] = self._validation_loss()
        engine = TorchEngine(self.average.model, self.fabric.device, self.bf16)
        if last or epoch % self.job.check_every == 0:
            figures |= {f"accuracy_{key}": value for key, value in self.data.accuracy(engine).items()}
        if self.job.previews and (last or epoch % self.job.previews == 0):
            yield Event("phase", name, {"phase": "previews"})
            if (refused := self.data.preview(engine, epoch)) is not None:
                yield Event("warning", name, {"text": refused})
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
        yield Event("epoch", name, self._told_of_last_epoch())
        if not reached.over:
            yield Event("phase", name, {"phase": "steps"})

    def _told_of_last_epoch(self) -> dict[str, Any]:
        """The row of the last epoch, and what follows from all rows: what a person wants to see of it."""
        reached, row = self.reached, self.reached.log[-1]
        before = reached.log[-2]["seconds"] if len(reached.log) > 1 else 0.0
        used, seconds = row["progress"], row["seconds"]
        return row | {
            "epoch_seconds": seconds - before, "rate": self._rate(used), "best_epoch": reached.best_epoch,
            "best_loss": reached.best, "plateau": row["epoch"] - reached.best_epoch, "patience": self.job.patience,
            "left": 0.0 if reached.over else seconds / used * (1 - used) if used else None,
        }

    def _found_nothing(self) -> bool:
        """Whether the network has learnt to draw nothing, where there is something: its loss is that of empty maps."""
        row = self.reached.log[-1]
        if row.get("accuracy_found", 1) > 0 or self.reached.step - self.reached.since < PATIENT:
            return False
        empty = self._validation_loss(empty=True)
        return empty > 0 and bool(row["val_loss"] > NOTHING * empty)

    def _begin_again(self, fault: str, budget: Budget) -> Iterator[Event]:
        """Go back to the best weights, or to fresh ones if there are none, and learn more slowly from there on.

        Raises `JobError` if that has been tried already.
        """
        name, reached = self.plan.stage.name, self.reached
        if reached.retries >= RETRIES:
            raise JobError(
                f"The training of '{name}' {fault} (epoch {reached.epoch + 1}), also at a lower learning rate. "
                "Weights that are learnt from here on would find nothing. "
                "Lower the learning rate, for example --set optimizer.learning_rate=0.0002, or look whether labels are "
                f"misplaced and animals large enough (pipeline.{name}.scale and .sigma), and train again.")
        collapsed = math.isfinite(reached.losses[-1]) if reached.losses else True
        self._build()
        if reached.best_epoch >= 0 and not collapsed:
            best = read_weights(self.folder.stage(name), self.plan.stage).state_dict()
            self.network.load_state_dict(best)
            self.average.model.load_state_dict(best)
        reached.epoch += bool(reached.losses)
        reached.losses, reached.since, reached.retries = [], reached.step, reached.retries + 1
        reached.over = budget.used(reached.step) >= 1
        self._keep(budget)
        kept = "from the best weights so far" if reached.best_epoch >= 0 and not collapsed else "from fresh weights"
        yield Event("warning", name, {"text": (
            f"The training of '{name}' {fault} (epoch {reached.epoch}). "
            "Going on like this would lead nowhere. "
            f"It goes on {kept} at {SLOWER:g} times the learning rate; nothing needs to be done.")})

    def _validation_loss(self, empty: bool = False) -> float:
        """The loss on all validation examples; empty: that of maps on which nothing is drawn."""
        model: Model = self.average.model
        loader = Loader(self.data.validation, self.plan.batch)
        total, count = 0.0, 0
        with torch.inference_mode(), torch.autocast(self.fabric.device.type, torch.bfloat16, enabled=self.bf16):
            for batch in loader.once():
                total += float(self._loss(_blank(model) if empty else model, batch)) * len(batch)
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


def _blank(model: Model) -> Callable[[Tensor], dict[str, Tensor]]:
    """A network that draws nothing, on maps of the same sizes."""
    return lambda images: {name: torch.zeros_like(maps) for name, maps in model(images).items()}
