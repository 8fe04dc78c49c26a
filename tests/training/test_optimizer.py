"""The learning rate: up in the warm-up, down to nothing as the budget ends."""

import pytest
import torch

from gambol.training.optimizer import OptimizerConfig


class TestRate:
    def test_it_rises_evenly_in_the_warm_up(self):
        config = OptimizerConfig(learning_rate=1.0, warmup=4)
        assert [config.rate(step, 0) for step in range(5)] == pytest.approx([0.25, 0.5, 0.75, 1, 1])

    def test_it_falls_to_nothing_by_the_end_of_the_budget(self):
        config = OptimizerConfig(learning_rate=1.0, warmup=0)
        rates = [config.rate(100, progress / 10) for progress in range(11)]
        assert rates == sorted(rates, reverse=True)
        assert (rates[0], rates[-1]) == (1, 0)

    def test_it_is_never_negative(self):
        assert OptimizerConfig().rate(100, 1.3) == 0


def test_the_optimizer_moves_the_weights_it_is_given():
    weights = torch.nn.Parameter(torch.ones(3))
    optimizer = OptimizerConfig(learning_rate=0.1).build([weights])
    weights.sum().backward()
    optimizer.step()
    assert (weights < 1).all()
