"""What all heads share."""

import pytest
import torch

from gambol.nn.heads import CentroidsConfig
from gambol.nn.heads.base import weighted_square_error


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
