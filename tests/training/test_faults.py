"""A training that leads nowhere."""

from dataclasses import replace

import pytest
import torch

from gambol.errors import JobError
from gambol.pipelines.saved import read_weights
from gambol.training.loop import StageTraining

QUICK = {"learning_rate": 0.003, "warmup": 0}


def weights(training: StageTraining) -> list[torch.Tensor]:
    stage = training.plan.stage
    return list(read_weights(training.folder.stage(stage.name), stage).state_dict().values())


@pytest.mark.usefixtures("short_epochs")
class TestBeginningAgain:
    @pytest.fixture
    def diverging(self, monkeypatch):
        """Let the loss be no number from this step on, once or always."""

        def diverge(step: int, once: bool) -> None:
            learn = StageTraining._learn

            def learning(training, batch, used):
                if training.reached.step >= step and not (once and training.reached.retries):
                    return float("nan")
                return learn(training, batch, used)

            monkeypatch.setattr(StageTraining, "_learn", learning)

        return diverge

    def test_a_loss_that_is_no_number_is_tried_again_more_slowly(self, stage, diverging):
        diverging(2, once=True)
        training = stage(epochs=3, optimizer=QUICK)
        events = list(training.run())
        [warning] = [event for event in events if event.kind == "warning"]
        assert "ran away" in warning.data["text"] and "from fresh weights" in warning.data["text"]
        begun_again = events.index(warning)
        before, after = ([event.data["rate"] for event in part if event.kind == "step"]
                         for part in (events[:begun_again], events[begun_again:]))
        assert max(after) <= QUICK["learning_rate"] / 4 < max(before)
        assert events[-1].kind == "finished"

    def test_it_goes_back_to_the_best_weights_if_there_are_any(self, stage, diverging, short_epochs):
        diverging(short_epochs + 2, once=True)
        training, best = stage(epochs=4), None
        for event in training.run():
            if event.kind == "best" and best is None:
                best = weights(training)
            if event.kind == "warning":
                assert "from the best weights so far" in event.data["text"]
                now = list(training.learner.network.state_dict().values())
                assert all(torch.equal(one, other) for one, other in zip(best, now, strict=True))
        assert training.reached.retries == 1

    def test_a_validation_loss_that_is_no_number_is_noticed_as_well(self, stage, monkeypatch):
        monkeypatch.setattr(StageTraining, "_validation_loss", lambda training: float("nan"))
        with pytest.raises(JobError, match="also at a lower learning rate"):
            list(stage(epochs=5).run())

    def test_a_second_time_it_is_given_up_in_words(self, stage, diverging):
        diverging(2, once=False)
        with pytest.raises(JobError, match="also at a lower learning rate"):
            list(stage(epochs=50).run())

    @pytest.mark.parametrize(("rate", "empty"), [(1e-9, True), (QUICK["learning_rate"], False)])
    def test_where_nothing_is_found_the_loss_tells_whether_it_learns(
        self, stage, monkeypatch, short_epochs, rate, empty
    ):
        monkeypatch.setattr("gambol.training.faults.PATIENT", 4 * short_epochs)
        training = stage(epochs=6, check_every=1, optimizer={"learning_rate": rate, "warmup": 0})
        training.data = replace(training.data, accuracy=lambda network: {"found": 0.0})
        warnings = [event.data["text"] for event in training.run() if event.kind == "warning"]
        assert ["leave all maps empty" in text for text in warnings] == [True] * empty
