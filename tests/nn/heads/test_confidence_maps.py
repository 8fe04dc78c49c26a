"""Confidence maps of all nodes: what they ought to be, and what teaches."""

import numpy as np
import pytest
import torch

from gambol.nn.codecs.confidence_maps import decode_all
from gambol.nn.heads import ConfidenceMapsConfig, HardNodesConfig
from gambol.nn.heads.confidence_maps import ConfidenceMaps

NAN = (np.nan, np.nan)
SIZE = (12, 16)  # cells


@pytest.fixture
def head() -> ConfidenceMaps:
    """Three nodes, stride 4, sigma 6 px."""
    return ConfidenceMapsConfig(nodes=3, sigma=6.0, stride=4).build(channels=5)


@pytest.fixture
def two_mice() -> torch.Tensor:
    """One image of two mice with three nodes; nobody labelled the tails, and the second nose is not visible."""
    return torch.tensor([[[(8, 20), (20, 20), NAN], [NAN, (52, 40), NAN]]], dtype=torch.float32)


class TestTarget:
    def test_each_node_has_one_map_with_a_bump_for_every_animal(self, head, two_mice):
        target = head.target(two_mice, SIZE)
        assert target.shape == (1, 3, *SIZE)
        noses, middles, tails = (decode_all(target[:, [node]], 6.0, 4, 0.5)[0][0] for node in range(3))
        assert noses == pytest.approx(np.array([(8, 20)]), abs=0.01)
        assert sorted(map(tuple, middles)) == [pytest.approx((20, 20), abs=0.01), pytest.approx((52, 40), abs=0.01)]
        assert len(tails) == 0

    def test_where_two_animals_meet_the_brighter_counts(self, head):
        one, other = torch.tensor([[[[20.0, 20.0]]]]), torch.tensor([[[[26.0, 20.0]]]])
        both = head.target(torch.cat([one, other], 1), SIZE)
        assert torch.equal(both, torch.maximum(head.target(one, SIZE), head.target(other, SIZE)))
        assert both.max() <= 1


class TestLoss:
    def test_the_target_itself_costs_nothing(self, head, two_mice):
        assert head.loss(head.target(two_mice, SIZE), two_mice).item() == 0

    def test_a_node_that_nobody_labelled_teaches_nothing(self, head, two_mice):
        maps = torch.rand(1, 3, *SIZE, requires_grad=True)
        head.loss(maps, two_mice).backward()
        taught = maps.grad.abs().amax((2, 3))[0] > 0
        assert taught.tolist() == [True, True, False]

    def test_whatever_its_map_shows_the_loss_is_the_same(self, head, two_mice):
        maps = torch.rand(1, 3, *SIZE)
        before = head.loss(maps, two_mice)
        maps[:, 2] = 100.0
        assert head.loss(maps, two_mice) == before

    def test_images_without_labels_teach_nothing_and_break_nothing(self, head):
        for points in (torch.full((2, 1, 3, 2), torch.nan), torch.zeros(2, 0, 3, 2)):
            maps = torch.rand(2, 3, *SIZE, requires_grad=True)
            loss = head.loss(maps, points)
            loss.backward()
            assert loss.item() == 0 and not maps.grad.any()

    def test_padding_of_animals_changes_nothing(self, head, two_mice):
        maps = torch.rand(1, 3, *SIZE)
        padded = torch.cat([two_mice, torch.full((1, 4, 3, 2), torch.nan)], 1)
        assert head.loss(maps, padded) == head.loss(maps, two_mice)


class TestHardNodes:
    @pytest.fixture
    def mining(self) -> ConfidenceMaps:
        """Three nodes without any weight of peaks; the single hardest one counts twice more."""
        hard = HardNodesConfig(least=1, most=1, weight=2.0)
        return ConfidenceMapsConfig(nodes=3, sigma=6.0, stride=4, peak_weight=0, hard_nodes=hard).build(channels=5)

    def test_the_hardest_node_counts_once_more(self, mining, two_mice):
        maps = mining.target(two_mice, SIZE)
        maps[:, 0] += 0.1
        maps[:, 1] += 0.3
        usual = (0.1**2 + 0.3**2) / 2  # over the two nodes that somebody labelled
        assert mining.loss(maps, two_mice).item() == pytest.approx(usual + 2 * 0.3**2, rel=1e-5)

    def test_a_peak_has_its_weight_in_it_too(self, two_mice):
        settings = {"nodes": 3, "sigma": 6.0, "stride": 4, "peak_weight": 20.0}
        plain = ConfidenceMapsConfig(**settings).build(channels=5)
        hard = HardNodesConfig(least=1, most=1, weight=2.0)
        mining = ConfidenceMapsConfig(**settings, hard_nodes=hard).build(channels=5)
        maps = plain.target(two_mice, SIZE)
        maps[:, 1] *= 0.5  # the only node that is wrong: the usual mean over two nodes is half of its own
        assert mining.loss(maps, two_mice).item() == pytest.approx(5 * plain.loss(maps, two_mice).item(), rel=1e-5)

    def test_a_node_that_nobody_labelled_teaches_nothing_however_wrong(self, mining, two_mice):
        maps = mining.target(two_mice, SIZE) + 0.1
        maps[:, 2] = 100.0
        maps.requires_grad_()
        mining.loss(maps, two_mice).backward()
        assert (maps.grad.abs().amax((2, 3))[0] > 0).tolist()[2] is False

    def test_images_without_labels_teach_nothing_and_break_nothing(self, mining):
        for points in (torch.full((2, 1, 3, 2), torch.nan), torch.zeros(2, 0, 3, 2)):
            maps = torch.rand(2, 3, *SIZE, requires_grad=True)
            loss = mining.loss(maps, points)
            loss.backward()
            assert loss.item() == 0 and not maps.grad.any()
