"""One map with a bump on each animal."""

import numpy as np
import pytest
import torch

from gambol.geometry import anchors
from gambol.nn.codecs.confidence_maps import decode_all
from gambol.nn.heads import CentroidsConfig
from gambol.nn.heads.centroids import anchor_points

SIZE = (12, 16)  # cells


@pytest.fixture
def half_seen_mice() -> torch.Tensor:
    """Two images of three mice with four nodes, some invisible: of the last mouse, of another, and here and there."""
    generator = torch.Generator().manual_seed(3)
    points = torch.rand(2, 3, 4, 2, generator=generator) * 60
    points[torch.rand(2, 3, 4, generator=generator) < 0.3] = torch.nan
    points[1, 2] = torch.nan
    points[0, 0, 1] = torch.nan
    return points


class TestAnchorPoints:
    @pytest.mark.parametrize("anchor", [None, 0, 1])
    @pytest.mark.parametrize("fallback", ["box", "mean"])
    def test_animals_are_where_crops_are_cut(self, half_seen_mice, anchor, fallback):
        ours = anchor_points(half_seen_mice, CentroidsConfig(anchor=anchor, fallback=fallback))
        theirs = [anchors.anchor_points(image.numpy(), anchor, fallback) for image in half_seen_mice]
        np.testing.assert_allclose(ours.numpy(), np.stack(theirs), rtol=1e-6)
        assert ours[1, 2].isnan().all() and not ours[0].isnan().any()


class TestCentroids:
    @pytest.fixture
    def head(self):
        return CentroidsConfig(anchor=1, sigma=6.0, stride=4).build(channels=5)

    def test_the_map_has_a_bump_on_each_animal(self, head):
        points = torch.tensor([[[(0, 0), (12, 20)], [(40, 30), (np.nan, np.nan)]]], dtype=torch.float32)
        ((found, _),) = decode_all(head.target(points, SIZE), 6.0, 4, 0.5)
        assert sorted(map(tuple, found)) == [pytest.approx((12, 20), abs=0.01), pytest.approx((40, 30), abs=0.01)]

    @pytest.mark.parametrize("nobody", [torch.full((1, 2, 3, 2), torch.nan), torch.zeros(1, 0, 3, 2)])
    def test_a_frame_without_animals_teaches_that_there_are_none(self, head, nobody):
        assert head.loss(torch.zeros(1, 1, *SIZE), nobody).item() == 0
        maps = torch.full((1, 1, *SIZE), 0.5, requires_grad=True)
        loss = head.loss(maps, nobody)
        loss.backward()
        assert loss.item() == pytest.approx(0.25)
        assert (maps.grad > 0).all()

    def test_an_animal_of_which_nothing_is_visible_is_none(self, head):
        mouse = torch.tensor([[[(12.0, 20.0), (13.0, 21.0)]]])
        ghost = torch.full((1, 1, 2, 2), torch.nan)
        assert torch.equal(head.target(torch.cat([mouse, ghost], 1), SIZE), head.target(mouse, SIZE))
