"""The training of one stage: a plain loop that tells what happens as events. Leaving the loop stops the training."""

import csv
import io
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from gambol.data.batch import Batch
from gambol.data.dataset import Dataset, steps_per_epoch
from gambol.data.loader import Loader
from gambol.errors import LabelsError
from gambol.pipelines.base import Network
from gambol.pipelines.stage import Plan
from gambol.runs.control import Control
from gambol.runs.events import Event
from gambol.runs.layout import RunFolder
from gambol.storage import write_text
from gambol.training.budget import Budget
from gambol.training.checkpoint import Checkpoint, Checkpoints, Damaged, read
from gambol.training.faults import (
    FINDS_NOTHING,
    RAN_AWAY,
    SLOWER,
    begun_again,
    finds_nothing,
    ran_away,
    require_another_try,
)
from gambol.training.job import TrainingJob
from gambol.training.learner import Learner
from gambol.training.memory import enough_memory
from gambol.training.state import Reached, fingerprint

SECONDS_BETWEEN_STEP_EVENTS = 0.5
SECONDS_BETWEEN_CHECKPOINTS = 60.0  # within an epoch; there is one at the end of each as well
EPOCHS_WITHOUT_BUDGET = 100


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
            self.learner = Learner(self.plan, self.job, self.folder)
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
                if ran_away(self.reached):
                    yield from self._begin_again(RAN_AWAY, budget, best=self.reached.best_epoch >= 0)
                    continue
                yield from self._validate(budget)
                if ran_away(self.reached):
                    yield from self._begin_again(RAN_AWAY, budget, best=self.reached.best_epoch >= 0)
                elif finds_nothing(self.reached, lambda: self.learner.loss_on(self.data.validation, empty=True)):
                    yield from self._begin_again(FINDS_NOTHING, budget, best=False)
        except (KeyboardInterrupt, GeneratorExit):  # stopped, here or in whoever listens
            if self.reached.best_epoch < 0 and self.reached.step > 0:
                self.learner.save()
            raise

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
        self.learner.put_back(dict(checkpoint.tensors), updates)
        self.reached = reached

    def _repeat_last_epoch(self) -> Iterator[Event]:
        """What comes after the checkpoint at an epoch's end, which the interruption may have prevented."""
        if self.reached.losses or not self.reached.log:
            return
        if self.reached.best_epoch == self.reached.epoch - 1:
            self.learner.save()
        self._write_log(self.folder.log(self.plan.stage.name))
        yield Event("epoch", self.plan.stage.name, self._told_of_last_epoch())

    def _keep(self, budget: Budget) -> None:
        """Write a checkpoint of this moment."""
        self.reached.seconds, self.reached.waited = budget.seconds(), self.loader.waited
        facts = asdict(self.reached) | {"updates": self.learner.average.updates, "data": self.data.fingerprint}
        self.checkpoints.write(self.reached.step, Checkpoint(self.learner.take(), facts))
        self.kept = time.monotonic()

    def _epoch(self, steps: int, budget: Budget) -> Iterator[Event]:
        """What is left of an epoch of training steps, cut short when the budget is used up."""
        reached, told, untold = self.reached, 0.0, 0
        for batch in self.loader.epoch(reached.epoch, steps, start=len(reached.losses)):
            used = budget.used(reached.step)
            if used >= 1 and reached.losses:
                break
            reached.losses.append(self._learn(batch, used))
            reached.step += 1
            if ran_away(reached) or self._asked_to_stop:
                break
            if time.monotonic() - self.kept > SECONDS_BETWEEN_CHECKPOINTS:
                self._keep(budget)
            if time.monotonic() - told > SECONDS_BETWEEN_STEP_EVENTS:
                told = time.monotonic()
                yield self._step(reached.losses[untold:], budget)
                untold = len(reached.losses)
        if untold < len(reached.losses):
            yield self._step(reached.losses[untold:], budget)
        if self._asked_to_stop:
            yield Event("stopped", self.plan.stage.name, {"text": "It ends early, as it was asked to."})

    def _step(self, losses: list[float], budget: Budget) -> Event:
        """How far it is; losses: of all steps since this was told last."""
        used = budget.used(self.reached.step)
        figures = {"step": self.reached.step, "epoch": self.reached.epoch, "loss": losses[-1], "losses": losses}
        figures |= {"progress": used, "rate": self._rate(used)}
        return Event("step", self.plan.stage.name, figures | {
            "seconds": budget.seconds(), "waited": self.loader.waited})

    @property
    def _asked_to_stop(self) -> bool:
        return self.control is not None and self.control.stop

    def _rate(self, used: float) -> float:
        """The learning rate of the next step."""
        again = SLOWER**self.reached.retries
        return again * self.job.optimizer.rate(self.reached.step - self.reached.since, used)

    def _learn(self, batch: Batch, used: float) -> float:
        return self.learner.learn(batch, self._rate(used))

    def _validate(self, budget: Budget) -> Iterator[Event]:
        """Close an epoch: loss and, every few epochs, accuracy on the validation frames.

        The checkpoint comes before the best weights and the table: both can be made again from it, at any moment.
        """
        name, reached, epoch = self.plan.stage.name, self.reached, self.reached.epoch
        yield Event("phase", name, {"phase": "validation"})
        last = self._asked_to_stop or budget.used(reached.step) >= 1
        figures: dict[str, Any] = {"epoch": epoch, "step": reached.step, "train_loss": float(np.mean(reached.losses))}
        figures["val_loss"] = self._validation_loss()
        engine = self.learner.engine()
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
            self.learner.save()
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

    def _begin_again(self, fault: str, budget: Budget, best: bool) -> Iterator[Event]:
        """Go back to the best weights, or to fresh ones, and learn more slowly from there on.

        Raises `JobError` if that has been tried already.
        """
        name, reached = self.plan.stage.name, self.reached
        require_another_try(name, fault, reached)
        self.learner = Learner(self.plan, self.job, self.folder)
        if best:
            self.learner.load_saved()
        else:
            reached.best, reached.best_epoch = float("inf"), -1
        reached.epoch += bool(reached.losses)
        reached.losses, reached.since, reached.retries = [], reached.step, reached.retries + 1
        reached.over = budget.used(reached.step) >= 1
        self._keep(budget)
        yield Event("warning", name, {"text": begun_again(name, fault, reached.epoch, best)})

    def _validation_loss(self) -> float:
        return self.learner.loss_on(self.data.validation)

    def _write_log(self, path: Path) -> None:
        keys, file = list(dict.fromkeys(key for row in self.reached.log for key in row)), io.StringIO()
        table = csv.DictWriter(file, keys, lineterminator="\n")
        table.writeheader()
        table.writerows(self.reached.log)
        write_text(path, file.getvalue())
