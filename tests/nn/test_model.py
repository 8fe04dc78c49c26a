"""A whole network: it runs wherever its tensors are, and it learns."""

from collections.abc import Callable

import numpy as np
import pytest
import torch

from gambol.nn.backbones import UNetConfig
from gambol.nn.codecs.confidence_maps import decode_best
from gambol.nn.heads import AnyHead, CentroidsConfig, ConfidenceMapsConfig
from gambol.nn.model import Model

SMALL = UNetConfig(filters=8, max_stride=8, output_stride=2)
NODES = ConfidenceMapsConfig(nodes=2, sigma=4.0, stride=2)


def _both_heads(backbone: UNetConfig) -> Model:
    heads: dict[str, AnyHead] = {"nodes": NODES, "centroids": CentroidsConfig(anchor=0, stride=4)}
    return Model(backbone, heads, in_channels=1)


class TestModel:
    def test_each_head_reads_the_features_of_its_own_stride(self):
        maps = _both_heads(SMALL)(torch.rand(2, 1, 32, 48))
        assert {name: tuple(map_.shape) for name, map_ in maps.items()} == {
            "nodes": (2, 2, 16, 24), "centroids": (2, 1, 8, 12)}

    def test_bytes_are_read_as_values_from_zero_to_one(self):
        model = _both_heads(SMALL)
        images = torch.randint(0, 256, (1, 1, 16, 16), dtype=torch.uint8)
        torch.testing.assert_close(model(images)["nodes"], model(images.float() / 255)["nodes"])

    def test_the_loss_is_the_sum_of_the_heads(self):
        model = _both_heads(SMALL)
        points = torch.rand(1, 3, 2, 2) * 16
        maps = model(torch.rand(1, 1, 16, 16))
        parts = [head.loss(maps[name], points) for name, head in model.heads.items()]
        assert model.loss(maps, points).item() == pytest.approx(sum(part.item() for part in parts))

    def test_maps_are_float32_under_bfloat16(self):
        model = _both_heads(SMALL)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            maps = model(torch.rand(1, 1, 16, 16))
            loss = model.loss(maps, torch.zeros(1, 1, 2, 2))
        assert {map_.dtype for map_ in maps.values()} == {loss.dtype} == {torch.float32}

    @pytest.mark.parametrize("fallback", ["box", "mean"])
    @pytest.mark.parametrize("backbone", [
        SMALL, UNetConfig(filters=4, stem_stride=2, output_stride=2), UNetConfig(filters=4, stem_stride=2, stem="patch",
                                                                             output_stride=2, up_interpolate=False)])
    def test_nothing_strays_to_the_cpu(self, backbone, fallback):
        with torch.device("cpu"):
            heads = {"nodes": NODES, "centroids": CentroidsConfig(anchor=0, fallback=fallback, stride=4)}
            model = Model(backbone, heads, in_channels=1).to("meta")
        for animals in (0, 2):
            images = torch.zeros(2, 1, 64, 64, dtype=torch.uint8, device="meta")
            loss = model.loss(model(images), torch.zeros(2, animals, 2, 2, device="meta"))
            loss.backward()
            assert loss.device.type == "meta"

    def test_it_learns_a_single_image_by_heart_in_a_few_steps(self, bump: Callable[..., np.ndarray]):
        """A bright and a dark dot on grey; after a few steps both are found to within a pixel."""
        points = torch.tensor([[[[20.3, 40.8], [45.6, 17.2]]]])  # (1, 1 animal, 2 nodes, 2)
        light, dark = (bump(tuple(point), (64, 64), (3, 3)) for point in points[0, 0].tolist())
        images = torch.from_numpy(0.5 + 0.4 * light - 0.4 * dark).float()[None, None]
        torch.manual_seed(0)
        model = Model(SMALL, {"nodes": NODES}, in_channels=1)
        optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
        for _ in range(80):
            optimizer.zero_grad()
            model.loss(model(images), points).backward()
            optimizer.step()
        found, _ = decode_best(model(images)["nodes"], NODES.sigma, NODES.stride, threshold=0.2)
        assert np.linalg.norm(found[0] - points[0, 0].numpy(), axis=-1).max() < 1
