"""A network that learns."""

import pytest
import torch

from gambol.pipelines.saved import read_weights
from gambol.training.learner import Learner
from gambol.training.loop import StageTraining


def weights(training: StageTraining) -> list[torch.Tensor]:
    stage = training.plan.stage
    return list(read_weights(training.folder.stage(stage.name), stage).state_dict().values())


def equal(one: list[torch.Tensor], other: list[torch.Tensor]) -> bool:
    return all(torch.equal(first, second) for first, second in zip(one, other, strict=True))


@pytest.mark.usefixtures("short_epochs")
class TestLearner:
    def test_the_same_seed_gives_the_same_weights_and_another_gives_others(self, stage, tmp_path):
        runs = [stage(tmp_path / name, epochs=2, seed=seed) for name, seed in (("a", 3), ("b", 3), ("c", 4))]
        for training in runs:
            list(training.run())
        first, again, other = map(weights, runs)
        assert equal(first, again)
        assert not equal(first, other)

    def test_what_is_kept_is_the_average_of_the_last_steps(self, stage):
        training = stage(epochs=1)
        list(training.run())
        assert equal(weights(training), list(training.learner.average.model.state_dict().values()))
        assert not equal(weights(training), list(training.learner.network.state_dict().values()))

    def test_maps_on_which_nothing_is_drawn_lose_what_is_to_be_learnt(self, stage):
        training = stage()
        learner = Learner(training.plan, training.job, training.folder)
        nothing = learner.loss_on(training.data.validation, empty=True)
        assert nothing > 0
        assert learner.loss_on(training.data.validation) == pytest.approx(nothing, rel=0.05)  # it begins near it

    def test_saved_weights_come_back(self, stage):
        training = stage()
        list(training.run())
        fresh = Learner(training.plan, training.job, training.folder)
        assert not equal(weights(training), list(fresh.network.state_dict().values()))
        fresh.load_saved()
        for network in (fresh.network, fresh.average.model):
            assert equal(weights(training), list(network.state_dict().values()))
