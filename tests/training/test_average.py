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

    def test_running_statistics_are_averaged_as_weights_are_and_counts_copied(self):
        network = torch.nn.BatchNorm2d(1, momentum=1.0)
        average = Average(network, 0.5)
        for mean in (1.0, 1.0, 3.0):
            network(mean + torch.tensor([-1.0, 1.0]).reshape(2, 1, 1, 1))
            average.update(network)
        first = 1 / 10 * 0 + 9 / 10 * 1.0  # after n updates what was counts by n / (n + 9)
        second = 2 / 11 * first + 9 / 11 * 1.0
        assert average.model.running_mean.item() == pytest.approx(3 / 12 * second + 9 / 12 * 3.0)
        assert average.model.num_batches_tracked == 3

    def test_it_is_applied_with_the_statistics_that_it_has_and_never_learns_others(self):
        network = torch.nn.BatchNorm2d(1)
        average = Average(network, 0.5)
        features = torch.rand(2, 1, 4, 4) + 5
        assert average.model(features).mean() > 4
        assert average.model.running_mean == 0
        assert network.training

    def test_the_network_itself_is_left_alone_and_the_average_learns_nothing(self, network):
        average = Average(network, 0.9)
        average.update(network)
        assert average.model is not network
        assert not any(weights.requires_grad for weights in average.model.parameters())
        assert all(weights.requires_grad for weights in network.parameters())
