"""Confidence maps of all nodes: what they ought to be, and what teaches."""

import numpy as np
import pytest
import torch

from gambol.nn.codecs.confidence_maps import decode_all
from gambol.nn.heads import ConfidenceMapsConfig
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
