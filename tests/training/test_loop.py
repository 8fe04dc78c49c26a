"""The training of one stage."""

import csv
import threading

import numpy as np
import pytest
import torch

from gambol.errors import JobError
from gambol.pipelines.saved import read_weights
from gambol.training.loop import Budget, StageTraining

QUICK = {"learning_rate": 0.003, "warmup": 0}


def weights(training: StageTraining) -> list[torch.Tensor]:
    stage = training.plan.stage
    return list(read_weights(training.folder.stage(stage.name), stage).state_dict().values())


def equal(one: list[torch.Tensor], other: list[torch.Tensor]) -> bool:
    return all(torch.equal(first, second) for first, second in zip(one, other, strict=True))


@pytest.fixture
def one_thread():
    """Sums are made in one order only."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def validation_losses(monkeypatch):
    """Let the validation give these losses, epoch by epoch, whatever the weights are."""

    def give(*losses: float) -> None:
        coming = iter(losses)
        monkeypatch.setattr(StageTraining, "_validation_loss", lambda training: next(coming))

    return give


class TestBudget:
    def test_without_minutes_it_is_used_up_by_steps(self):
        budget = Budget(None, steps=10)
        assert [budget.used(step) for step in (0, 5, 10, 12)] == [0, 0.5, 1, 1]

    def test_minutes_count_from_the_first_question(self, monkeypatch):
        now = [100.0]
        monkeypatch.setattr("gambol.training.loop.time.monotonic", lambda: now[0])
        budget = Budget(0.5, steps=1_000_000)
        used = []
        for now[0] in (100.0, 115.0, 130.0, 200.0):
            used.append(round(budget.used(0), 6))
        assert used == [0, 0.5, 1, 1]

    def test_of_minutes_and_steps_the_first_to_end_ends_it(self, monkeypatch):
        monkeypatch.setattr("gambol.training.loop.time.monotonic", lambda: 100.0)
        assert Budget(5, steps=10).used(10) == 1


@pytest.mark.usefixtures("short_epochs")
class TestTraining:
    def test_the_loss_falls(self, stage):
        rows = [event.data for event in stage(epochs=6, optimizer=QUICK).run() if event.kind == "epoch"]
        assert len(rows) == 6
        assert rows[-1]["train_loss"] < 0.9 * rows[0]["train_loss"]
        assert rows[-1]["val_loss"] < rows[0]["val_loss"]

    def test_the_same_seed_gives_the_same_weights_and_another_gives_others(self, stage, tmp_path, one_thread):
        runs = [stage(tmp_path / name, epochs=2, seed=seed) for name, seed in (("a", 3), ("b", 3), ("c", 4))]
        for training in runs:
            list(training.run())
        first, again, other = map(weights, runs)
        assert equal(first, again)
        assert not equal(first, other)

    def test_what_happens_is_told_in_order(self, stage, short_epochs):
        events = list(stage(epochs=2).run())
        assert [event.data["phase"] for event in events if event.kind == "phase"] == ["build", "first step"]
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
        assert (training.best, training.best_epoch) == (1, 1)

    def test_a_stage_that_gets_no_better_ends_early(self, stage, validation_losses):
        validation_losses(2, 1, 1, 1, 0)
        rows = [event.data["epoch"] for event in stage(epochs=5, patience=2).run() if event.kind == "epoch"]
        assert rows == [0, 1, 2, 3]

    def test_what_is_kept_is_the_average_of_the_last_steps(self, stage):
        training = stage(epochs=1)
        list(training.run())
        assert equal(weights(training), list(training.average.model.state_dict().values()))
        assert not equal(weights(training), list(training.network.state_dict().values()))


@pytest.mark.usefixtures("short_epochs")
class TestStopping:
    @pytest.fixture
    def interrupted_at(self, monkeypatch):
        """Ctrl-C in the middle of a step."""

        def at(step: int) -> None:
            learn = StageTraining._learn

            def interrupted(training, batch, used):
                if training.step == step:
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
        assert equal(weights(training), list(training.average.model.state_dict().values()))

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
        rates.append(training.optimizer.param_groups[0]["lr"])
        return loss

    monkeypatch.setattr(StageTraining, "_learn", overheard)
    list(stage(epochs=2, optimizer={"learning_rate": 0.01, "warmup": 4}).run())
    assert np.argmax(rates) == 3
    assert rates[-1] == pytest.approx(0.01 / 16)
