"""How far networks see: as far as a gradient reaches."""

import pytest
import torch
from torch import nn
from torch.nn import functional

from gambol.nn.backbones import UNetConfig
from gambol.training.sight import receptive_field

NETWORKS = {
    "shallow": {"max_stride": 8}, "usual": {}, "deep": {"max_stride": 32}, "fine": {"output_stride": 2},
    "coarse": {"output_stride": 16}, "of one convolution": {"convs_per_block": 1}, "no middle": {"middle_block": False},
    "folding stem": {"stem": "patch", "stem_stride": 2, "max_stride": 16}, "stem": {"stem_stride": 4},
    "learned enlarging": {"up_interpolate": False},
}


def reached(config: UNetConfig, monkeypatch) -> int:
    """The most rows of the image on which a cell of the finest map depends, by the gradient."""
    monkeypatch.setattr(functional, "max_pool2d", lambda features, size: functional.avg_pool2d(features, size))
    network = config.build(1).double()
    for name, weight in network.named_parameters():
        (nn.init.zeros_ if name.endswith("bias") else nn.init.ones_)(weight)
        if weight.ndim == 4:
            weight.data /= weight[0].numel()  # nothing cancels, nothing overflows
    for layer in network.modules():
        if isinstance(layer, nn.MaxPool2d):
            layer.forward = lambda features: functional.avg_pool2d(features, 2)
    image = torch.ones(1, 1, 768, config.max_stride, dtype=torch.double, requires_grad=True)
    maps = network(image)[config.output_stride][0, 0, :, 0]
    middle, rows = len(maps) // 2, []
    for cell in range(config.max_stride // config.output_stride):
        gradient = torch.autograd.grad(maps[middle + cell], image, retain_graph=True)[0]
        touched = gradient[0, 0].abs().sum(1).nonzero()
        rows.append(int(touched.max() - touched.min()) + 1)
    return max(rows)


class TestReceptiveField:
    @pytest.mark.parametrize("settings", NETWORKS.values(), ids=NETWORKS)
    def test_it_is_as_wide_as_a_gradient_reaches(self, settings, monkeypatch):
        config = UNetConfig(filters=1, filters_rate=1, **settings)
        assert receptive_field(config) == reached(config, monkeypatch)

    def test_a_level_more_doubles_it_or_nearly(self):
        few, more = (receptive_field(UNetConfig(max_stride=stride)) for stride in (16, 32))
        assert 1.9 < more / few < 2.4
