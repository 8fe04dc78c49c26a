"""The training of one stage."""

import csv
import threading
from itertools import count
from pathlib import Path

import numpy as np
import pytest
import torch

from gambol.errors import DeviceError, JobError, LabelsError
from gambol.pipelines.saved import read_weights
from gambol.training.budget import Budget
from gambol.training.checkpoint import Checkpoint, Checkpoints, read
from gambol.training.loop import StageTraining

QUICK = {"learning_rate": 0.003, "warmup": 0}


def weights(training: StageTraining) -> list[torch.Tensor]:
    stage = training.plan.stage
    return list(read_weights(training.folder.stage(stage.name), stage).state_dict().values())


def equal(one: list[torch.Tensor], other: list[torch.Tensor]) -> bool:
    return all(torch.equal(first, second) for first, second in zip(one, other, strict=True))


@pytest.fixture
def validation_losses(monkeypatch):
    """Let the validation give these losses, epoch by epoch, whatever the weights are."""

    def give(*losses: float) -> None:
        coming = iter(losses)
        monkeypatch.setattr(StageTraining, "_validation_loss", lambda training: next(coming))

    return give


@pytest.mark.usefixtures("short_epochs")
class TestTraining:
    def test_the_loss_falls(self, stage):
        rows = [event.data for event in stage(epochs=6, optimizer=QUICK).run() if event.kind == "epoch"]
        assert len(rows) == 6
        assert rows[-1]["train_loss"] < 0.9 * rows[0]["train_loss"]
        assert rows[-1]["val_loss"] < rows[0]["val_loss"]

    def test_what_happens_is_told_in_order(self, stage, short_epochs):
        events = list(stage(epochs=2).run())
        assert [event.data["phase"] for event in events if event.kind == "phase"] == [
            "build", "first step", "validation", "previews", "steps", "validation", "previews"]
        assert events[-1].kind == "finished"
        assert events[-1].data["steps"] == 2 * short_epochs
        assert {event.stage for event in events} == {"single"}

    def test_waiting_for_data_is_told(self, stage):
        events = list(stage().run())
        told = [event.data["waited"] for event in events if event.kind in ("step", "epoch")]
        assert len(told) >= 2
        assert all(seconds >= 0 for seconds in told)
        assert told == sorted(told)

    def test_minutes_end_it_in_the_middle_of_an_epoch(self, stage, monkeypatch, short_epochs):
        monkeypatch.setattr(Budget, "used", lambda budget, step: step / 11)
        events = list(stage(epochs=None, minutes=1).run())
        assert events[-1].data["steps"] == 11
        assert short_epochs < 11 < 2 * short_epochs

    def test_accuracy_is_measured_every_few_epochs_and_at_the_end(self, stage):
        rows = [event.data for event in stage(epochs=4, check_every=2).run() if event.kind == "epoch"]
        assert ["accuracy_found" in row for row in rows] == [True, False, True, True]

    def test_the_table_of_epochs_is_on_disk(self, stage):
        training = stage(epochs=3, check_every=2)
        told = [event.data for event in training.run() if event.kind == "epoch"]
        with training.folder.log("single").open(newline="") as file:
            rows = list(csv.DictReader(file))
        assert [float(row["val_loss"]) for row in rows] == pytest.approx([row["val_loss"] for row in told])
        assert rows[1]["accuracy_found"] == ""

    def test_a_loss_that_is_no_number_ends_it_in_words(self, stage, monkeypatch):
        monkeypatch.setattr(StageTraining, "_learn", lambda *_: float("nan"))
        with pytest.raises(JobError, match="Lower the learning rate"):
            list(stage().run())


@pytest.mark.usefixtures("short_epochs")
class TestBestWeights:
    def test_those_of_the_lowest_validation_loss_stay_on_disk(self, stage, validation_losses):
        validation_losses(3, 1, 2)
        training, saved = stage(epochs=3), []
        for event in training.run():
            if event.kind == "epoch":
                saved.append(weights(training))
        assert equal(saved[2], saved[1])
        assert not equal(saved[1], saved[0])
        assert (training.reached.best, training.reached.best_epoch) == (1, 1)

    def test_a_stage_that_gets_no_better_ends_early(self, stage, validation_losses):
        validation_losses(2, 1, 1, 1, 0)
        rows = [event.data["epoch"] for event in stage(epochs=5, patience=2).run() if event.kind == "epoch"]
        assert rows == [0, 1, 2, 3]


@pytest.mark.usefixtures("short_epochs")
class TestStopping:
    @pytest.fixture
    def interrupted_at(self, monkeypatch):
        """Ctrl-C in the middle of a step."""

        def at(step: int) -> None:
            learn = StageTraining._learn

            def interrupted(training, batch, used):
                if training.reached.step == step:
                    raise KeyboardInterrupt
                return learn(training, batch, used)

            monkeypatch.setattr(StageTraining, "_learn", interrupted)

        return at

    def test_ctrl_c_keeps_the_best_weights(self, stage, interrupted_at, validation_losses, short_epochs):
        validation_losses(1, 2)
        interrupted_at(2 * short_epochs + 3)
        training, best = stage(epochs=9), None
        with pytest.raises(KeyboardInterrupt):
            for event in training.run():
                if event.kind == "best":
                    best = weights(training)
        assert equal(weights(training), best)

    def test_ctrl_c_before_the_first_validation_keeps_what_was_learnt(self, stage, interrupted_at):
        interrupted_at(3)
        training = stage()
        with pytest.raises(KeyboardInterrupt):
            list(training.run())
        assert equal(weights(training), list(training.learner.average.model.state_dict().values()))

    def test_ctrl_c_before_the_first_step_leaves_no_weights(self, stage, interrupted_at):
        interrupted_at(0)
        training = stage()
        with pytest.raises(KeyboardInterrupt):
            list(training.run())
        assert not training.folder.stage("single").exists()

    def test_leaving_the_loop_keeps_weights_and_ends_all_threads(self, stage):
        training = stage(epochs=50)
        events = training.run()
        for event in events:
            if event.kind == "step":
                break
        events.close()
        assert len(weights(training)) > 0
        assert not [thread for thread in threading.enumerate() if thread.name.startswith("gambol-data")]


@pytest.mark.usefixtures("short_epochs")
def test_a_last_learning_rate_of_nearly_nothing_changes_nearly_nothing(stage, monkeypatch):
    rates: list[float] = []
    learn = StageTraining._learn

    def overheard(training, batch, used):
        loss = learn(training, batch, used)
        rates.append(training.learner.optimizer.param_groups[0]["lr"])
        return loss

    monkeypatch.setattr(StageTraining, "_learn", overheard)
    list(stage(epochs=2, optimizer={"learning_rate": 0.01, "warmup": 4}).run())
    assert np.argmax(rates) == 3
    assert rates[-1] == pytest.approx(0.01 / 16)


class Killed(BaseException):
    """As near to `kill -9` as one process can come."""


def reached(training: StageTraining) -> tuple:
    """All that training came to, as far as it does not tell the time."""
    rows = [{key: value for key, value in row.items() if key not in ("waited", "seconds")} for row in
            training.reached.log]
    with training.folder.log("single").open(newline="") as file:
        table = [row["train_loss"] for row in csv.DictReader(file)]
    return rows, table, training.reached.best, training.reached.best_epoch, training.reached.step


@pytest.mark.usefixtures("short_epochs")
class TestGoingOn:
    """A training that was killed and goes on comes to what the undisturbed one comes to, bit for bit."""

    @pytest.fixture
    def undisturbed(self, stage, tmp_path) -> StageTraining:
        """Two epochs of 8 steps, without interruption."""
        training = stage(tmp_path / "undisturbed", epochs=2)
        list(training.run())
        return training

    @pytest.fixture
    def killed_at(self, stage, monkeypatch):
        """Train two epochs until a step, then die."""

        def train(step: int, **changes) -> StageTraining:
            def dying(training, batch, used, learn=StageTraining._learn):
                if training.reached.step == step:
                    raise Killed
                return learn(training, batch, used)

            training = stage(epochs=2, **changes)
            with monkeypatch.context() as patch, pytest.raises(Killed):
                patch.setattr(StageTraining, "_learn", dying)
                list(training.run())
            return training

        return train

    def test_from_the_end_of_an_epoch(self, stage, undisturbed, killed_at):
        killed_at(11)
        training = stage(epochs=2)
        events = list(training.run())
        assert [event.data for event in events if event.data.get("phase") == "resume"] == [
            {"phase": "resume", "epoch": 1, "step": 8}]
        assert reached(training) == reached(undisturbed)
        assert equal(weights(training), weights(undisturbed))

    @pytest.mark.parametrize("step", [3, 8, 13])
    def test_from_the_middle_of_an_epoch(self, stage, undisturbed, killed_at, monkeypatch, step):
        monkeypatch.setattr("gambol.training.loop.SECONDS_BETWEEN_CHECKPOINTS", -1)
        killed_at(step)
        training = stage(epochs=2)
        [resumed] = [event.data for event in training.run() if event.data.get("phase") == "resume"]
        assert resumed["step"] == step
        assert reached(training) == reached(undisturbed)
        assert equal(weights(training), weights(undisturbed))

    def test_from_before_the_first_checkpoint(self, stage, undisturbed, killed_at):
        killed_at(5)
        training = stage(epochs=2)
        assert not [event for event in training.run() if event.data.get("phase") == "resume"]
        assert equal(weights(training), weights(undisturbed))

    def test_whatever_file_was_being_written(self, stage, undisturbed, tmp_path, killed_while_writing):
        for number in count(1):
            folder = tmp_path / f"killed while writing {number}"
            if not killed_while_writing(number, stage(folder, epochs=2)):
                break
            training = stage(folder, epochs=2)
            list(training.run())
            assert reached(training) == reached(undisturbed)
            assert equal(weights(training), weights(undisturbed))
        assert number > 2 * 4  # checkpoint, weights, settings and table of each epoch

    @pytest.fixture
    def killed_while_writing(self, monkeypatch):
        """Train until a file by its number is about to take its place, then die; false if there are fewer."""

        def train(number: int, training: StageTraining) -> bool:
            files, replace = count(1), Path.replace

            def dying(path: Path, target: Path) -> Path:
                if next(files) == number:
                    raise Killed
                return replace(path, target)

            with monkeypatch.context() as patch:
                patch.setattr(Path, "replace", dying)
                try:
                    list(training.run())
                except Killed:
                    return True
            return False

        return train

    def test_a_damaged_checkpoint_gives_way_to_the_one_before(self, stage, undisturbed, killed_at, monkeypatch):
        monkeypatch.setattr("gambol.training.loop.SECONDS_BETWEEN_CHECKPOINTS", -1)
        training = killed_at(13)
        last = training.checkpoints.paths()[0]
        last.write_bytes(last.read_bytes()[:-1])
        training, events = stage(epochs=2), []
        for event in training.run():
            events.append(event)
            assert not (event.kind == "warning" and last.exists())  # it must not pass for the newest one again
        [warning] = [event.data["text"] for event in events if event.kind == "warning"]
        assert last.name in warning
        assert [event.data["step"] for event in events if event.data.get("phase") == "resume"] == [12]
        assert equal(weights(training), weights(undisturbed))

    @pytest.mark.parametrize("cause", ["damaged", "of another network"])
    def test_without_a_usable_one_the_stage_begins_anew(self, stage, undisturbed, killed_at, monkeypatch, cause):
        monkeypatch.setattr("gambol.training.loop.SECONDS_BETWEEN_CHECKPOINTS", -1)
        for path in killed_at(13).checkpoints.paths():
            if cause == "damaged":
                path.write_bytes(b"")
            else:
                content = read(path)
                tensors = {name: tensor for name, tensor in content.tensors.items() if not name.endswith("bias")}
                training = stage(epochs=2)
                Checkpoints(training.folder, "single").write(int(path.stem), Checkpoint(tensors, content.facts))
        training = stage(epochs=2)
        events = list(training.run())
        assert len([event for event in events if event.kind == "warning"]) == 2
        assert reached(training) == reached(undisturbed)
        assert equal(weights(training), weights(undisturbed))

    def test_not_on_other_labels(self, stage, killed_at):
        killed_at(11)
        training = stage(epochs=2)
        training.data.train.samples[0].points[0, 0] += 1
        with pytest.raises(LabelsError, match="not those with which its training began"):
            list(training.run())

    def test_each_epoch_is_told_and_stands_in_the_table_once(self, stage, killed_at):
        killed_at(11)
        training = stage(epochs=2)
        told = [event.data["epoch"] for event in training.run() if event.kind == "epoch"]
        assert told == [0, 1]  # the last one again, for the kill may have come before it was told
        with training.folder.log("single").open(newline="") as file:
            assert [row["epoch"] for row in csv.DictReader(file)] == ["0", "1"]

    def test_time_that_was_used_is_remembered(self, stage, killed_at, monkeypatch):
        killed_at(11)
        training = stage(epochs=2)
        [path] = Checkpoints(training.folder, "single").paths()
        facts = read(path).facts
        assert 0 < facts["seconds"] < 60
        seconds = [event.data["seconds"] for event in training.run() if event.kind == "step"]
        assert seconds[0] > facts["seconds"]

    def test_a_stage_that_is_over_is_not_trained_on(self, stage, undisturbed, monkeypatch):
        def dying(checkpoints, figures):
            raise Killed

        training = stage(epochs=2)
        with monkeypatch.context() as patch, pytest.raises(Killed):
            patch.setattr(Checkpoints, "finish", dying)
            list(training.run())
        monkeypatch.setattr(StageTraining, "_learn", lambda *_: pytest.fail("it was trained on"))
        training = stage(epochs=2)
        events = list(training.run())
        assert events[-1].kind == "finished"
        assert equal(weights(training), weights(undisturbed))


@pytest.mark.usefixtures("short_epochs")
class TestMemory:
    @pytest.mark.parametrize("error", [
        RuntimeError("[enforce fail at alloc_cpu.cpp:127] DefaultCPUAllocator: can't allocate memory"),
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB."),
        MemoryError(),
    ], ids=["CPU", "GPU", "NumPy"])
    def test_too_little_of_it_is_said_with_the_setting_to_lower(self, stage, monkeypatch, error):
        def greedy(*_):
            raise error

        monkeypatch.setattr(StageTraining, "_learn", greedy)
        with pytest.raises(DeviceError, match=r"--set pipeline\.single\.batch=1"):
            list(stage().run())


@pytest.mark.usefixtures("short_epochs")
class TestAskedToStop:
    def test_the_stage_ends_with_its_best_weights_on_disk(self, stage, short_epochs):
        training, kinds = stage(epochs=50), []
        for event in training.run():
            kinds.append(event.kind)
            if event.kind == "best":
                training.control.stop = True
        assert kinds[-1] == "finished" and kinds.count("epoch") == 2
        assert "stopped" in kinds and training.reached.step == short_epochs + 1
        assert weights(training)

    def test_even_before_there_are_any(self, stage):
        training = stage(epochs=50)
        for event in training.run():
            if event.kind == "phase" and event.data["phase"] == "first step":
                training.control.stop = True
        assert (training.reached.step, training.reached.best_epoch) == (1, 0)
        assert weights(training)


@pytest.mark.usefixtures("short_epochs")
class TestWhatAWatcherSees:
    @pytest.mark.parametrize("seconds", [0, 1000])
    def test_every_batch_loss_is_told_once(self, stage, monkeypatch, short_epochs, seconds):
        monkeypatch.setattr("gambol.training.loop.SECONDS_BETWEEN_STEP_EVENTS", seconds)
        events = list(stage(epochs=2).run())
        losses = [loss for event in events if event.kind == "step" for loss in event.data["losses"]]
        assert len(losses) == 2 * short_epochs
        means = [event.data["train_loss"] for event in events if event.kind == "epoch"]
        assert means == pytest.approx([np.mean(losses[:short_epochs]), np.mean(losses[short_epochs:])])

    def test_an_epoch_tells_the_best_one_the_plateau_and_the_time(self, stage, validation_losses):
        validation_losses(3, 1, 2)
        told = [event.data for event in stage(epochs=3, patience=7).run() if event.kind == "epoch"]
        best = [(row["best_epoch"], row["best_loss"], row["plateau"]) for row in told]
        assert best == [(0, 3, 0), (1, 1, 0), (1, 1, 1)]
        assert {row["patience"] for row in told} == {7}
        assert sum(row["epoch_seconds"] for row in told) == pytest.approx(told[-1]["seconds"])
        assert told[0]["left"] == pytest.approx(2 * told[0]["seconds"]) and told[-1]["left"] == 0
