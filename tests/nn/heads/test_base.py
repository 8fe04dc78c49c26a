"""What all heads share."""

import pytest
import torch

from gambol.nn.heads import CentroidsConfig, HardNodesConfig
from gambol.nn.heads.base import of_hard_nodes, weighted_square_error


class TestHead:
    def test_maps_are_float32_although_the_network_computes_in_bfloat16(self):
        head = CentroidsConfig().build(channels=8)
        features = torch.rand(1, 8, 4, 4)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            mixed = head(features.bfloat16())
        assert mixed.dtype == torch.float32
        assert torch.equal(mixed, head(features.bfloat16().float()))  # and computed so, not cast at the end

    def test_it_begins_near_zero_as_maps_are_nearly_empty(self):
        head = CentroidsConfig().build(channels=64)
        head.start()
        torch.nn.init.zeros_(head.maps.bias)
        assert head(torch.ones(1, 64, 2, 2)).abs().max() < 0.1


class TestWeightedSquareError:
    def test_a_peak_counts_more_than_empty_ground_by_its_weight(self):
        target, taught = torch.tensor([[[[1.0, 0.0]]]]), torch.ones(1, 1, dtype=torch.bool)
        at_peak, on_ground = torch.tensor([[[[0.5, 0.0]]]]), torch.tensor([[[[1.0, 0.5]]]])
        losses = [weighted_square_error(maps, target, taught, peak_weight=20.0) for maps in (at_peak, on_ground)]
        assert [loss.item() for loss in losses] == pytest.approx([21 * 0.25 / 2, 0.25 / 2])

    def test_the_mean_is_over_the_maps_that_teach(self):
        maps, target = torch.ones(2, 3, 4, 4), torch.zeros(2, 3, 4, 4)
        taught = torch.tensor([[True, False, False], [False, False, True]])
        assert weighted_square_error(maps, target, taught, 0.0).item() == 1
        assert weighted_square_error(maps, target, torch.zeros_like(taught), 0.0).item() == 0


class TestHardNodes:
    """Four nodes in two images; their mean errors are 1, 3, 4 and 9, the last one seen in the first image only."""

    ERRORS = torch.tensor([[1.0, 2.0, 6.0, 9.0], [1.0, 4.0, 2.0, 77.0]])
    SEEN = torch.tensor([[True, True, True, True], [True, True, True, False]])

    @pytest.mark.parametrize(("settings", "expected"), [
        ({}, 5 * (9 + 4 + 3) / 3),  # those of at least twice the easiest
        ({"ratio": 3.5}, 5 * (9 + 4) / 2),
        ({"ratio": 5.0}, 5 * (9 + 4) / 2),  # only one is hard, but two are mined in any case
        ({"ratio": 5.0, "least": 1}, 5 * 9),
        ({"ratio": 1.0}, 5 * (9 + 4 + 3 + 1) / 4),
        ({"most": 2}, 5 * (9 + 4) / 2),
        ({"least": 9}, 5 * (9 + 4 + 3 + 1) / 4),  # there are no more
        ({"weight": 0.5}, 0.5 * (9 + 4 + 3) / 3),
    ])
    def test_the_mean_of_the_hardest_is_added(self, settings, expected):
        assert of_hard_nodes(self.ERRORS, self.SEEN, HardNodesConfig(**settings)).item() == pytest.approx(expected)

    def test_a_node_that_nobody_labelled_is_neither_hard_nor_the_easiest(self):
        for wrong in (0.0, 1000.0, torch.nan):
            errors = torch.cat([self.ERRORS, torch.full((2, 1), wrong)], 1)
            seen = torch.cat([self.SEEN, torch.zeros(2, 1, dtype=torch.bool)], 1)
            added = of_hard_nodes(errors, seen, HardNodesConfig())
            assert added.item() == pytest.approx(5 * (9 + 4 + 3) / 3)

    def test_only_the_hardest_are_taught_by_it(self):
        errors = self.ERRORS.clone().requires_grad_()
        of_hard_nodes(errors, self.SEEN, HardNodesConfig(most=2)).backward()
        assert errors.grad.tolist() == [[0, 0, 1.25, 2.5], [0, 0, 1.25, 0]]  # 5 / 2, shared among the images

    def test_where_nothing_is_labelled_it_is_nothing(self):
        errors = torch.ones(2, 4, requires_grad=True)
        added = of_hard_nodes(errors, torch.zeros(2, 4, dtype=torch.bool), HardNodesConfig())
        added.backward()
        assert added.item() == 0 and not errors.grad.any()
