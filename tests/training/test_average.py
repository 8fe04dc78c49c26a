"""Averaged weights."""

import pytest
import torch

from gambol.training.average import Average


@pytest.fixture
def network() -> torch.nn.Linear:
    """One weight, which is 0."""
    network = torch.nn.Linear(1, 1, bias=False)
    torch.nn.init.zeros_(network.weight)
    return network


def follow(network: torch.nn.Linear, decay: float, values: list[float]) -> float:
    average = Average(network, decay)
    for value in values:
        torch.nn.init.constant_(network.weight, value)
        average.update(network)
    return float(average.model.weight.detach())


class TestAverage:
    def test_it_begins_as_the_network_is(self, network):
        assert follow(network, 0.9, []) == 0

    def test_it_forgets_faster_early_on(self, network):
        assert follow(network, 0.9, [1.0]) == pytest.approx(0.9)  # decay 1 / 10

    def test_later_weights_count_by_the_decay(self, network):
        before = follow(network, 0.5, [1.0] * 30)
        assert before == pytest.approx(1)
        assert follow(network, 0.5, [1.0] * 30 + [3.0]) == pytest.approx(2)

    def test_without_decay_it_is_the_last_weights(self, network):
        assert follow(network, 0.0, [1.0, 5.0]) == 5

    def test_the_network_itself_is_left_alone_and_the_average_learns_nothing(self, network):
        average = Average(network, 0.9)
        average.update(network)
        assert average.model is not network
        assert not any(weights.requires_grad for weights in average.model.parameters())
        assert all(weights.requires_grad for weights in network.parameters())
