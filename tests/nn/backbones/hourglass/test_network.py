"""The layers of stacked hourglasses."""

import torch

from gambol.nn.backbones import HourglassConfig

SMALL = {"filters": 4, "filter_increase": 2, "stem_filters": 4, "max_stride": 16}


class TestHourglass:
    def test_at_first_the_last_hourglass_sees_what_the_stem_saw(self):
        network = HourglassConfig(**SMALL, stacks=3).build(in_channels=1).eval()
        network.start()
        images = torch.rand(1, 1, 32, 32)
        torch.testing.assert_close(network(images)[4], network.stacks[-1](network.stem(images))[4])

    def test_afterwards_it_sees_what_those_before_changed(self):
        network = HourglassConfig(**SMALL, stacks=2).build(in_channels=1).eval()
        torch.nn.init.ones_(network.between[0].weight)
        images = torch.rand(1, 1, 32, 32)
        assert not torch.allclose(network(images)[4], network.stacks[-1](network.stem(images))[4])

    def test_a_single_one_works(self):
        network = HourglassConfig(**SMALL, stacks=1).build(in_channels=3)
        assert {stride: level.shape[1] for stride, level in network(torch.rand(1, 3, 32, 32)).items()} == {
            4: 4, 8: 6, 16: 8}
