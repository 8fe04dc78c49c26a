"""Layers of normalisation: what they learn in training is what they do when they are applied."""

import pytest
import torch

from gambol.nn.backbones.normalisation import RAMP, BatchNorm, ChannelNorm


def seen(norm: BatchNorm, batches: int, shape: tuple[int, ...], mean: float = 3.0, spread: float = 2.0) -> None:
    """Train on so many batches of noise."""
    draw = torch.Generator().manual_seed(0)
    for _ in range(batches):
        norm(mean + spread * torch.randn(*shape, generator=draw))


class TestBatchNorm:
    def test_applied_it_is_as_pytorchs(self):
        own, theirs = BatchNorm(3), torch.nn.BatchNorm2d(3, eps=1e-3)
        seen(own, 5, (4, 3, 8, 8))
        theirs.load_state_dict(own.state_dict())
        images = torch.randn(2, 3, 4, 4)
        assert torch.equal(own.eval()(images), theirs.eval()(images))

    def test_in_its_first_batch_it_normalises_as_pytorchs(self):
        features = torch.randn(4, 3, 8, 8) * 5 + 2
        torch.testing.assert_close(BatchNorm(3)(features), torch.nn.BatchNorm2d(3, eps=1e-3)(features))

    @pytest.mark.parametrize("shape", [(8, 2, 8, 8), (1, 2, 2, 2), (1, 2, 1, 1)])
    def test_the_running_statistics_are_those_of_what_it_sees(self, shape):
        """Of a single value there is no variance; its mean is still right."""
        norm = BatchNorm(2)
        seen(norm, 400, shape)
        assert (norm.running_mean - 3).abs().max() < 1
        if shape[-1] > 1:
            assert (norm.running_var.sqrt() - 2).abs().max() < 0.5

    def test_after_a_while_a_small_batch_is_normalised_as_it_will_be_when_applied(self):
        """Four cells that all lie high: by themselves their mean would vanish."""
        norm, plain = BatchNorm(1), torch.nn.BatchNorm2d(1)
        seen(norm, 2 * RAMP, (8, 1, 8, 8))
        high = torch.tensor([5.0, 5.5, 6.0, 6.5]).reshape(1, 1, 2, 2)
        taught = norm(high)
        applied = norm.eval()(high)
        torch.testing.assert_close(taught, applied, rtol=0.1, atol=0.05)
        assert plain(high).mean().abs() < 1e-3 < applied.mean()

    def test_gradients_pass_through_the_batch(self):
        norm = BatchNorm(2)
        seen(norm, 300, (4, 2, 8, 8))
        features = torch.randn(2, 2, 4, 4, requires_grad=True)
        norm(features).square().sum().backward()
        assert features.grad.abs().max() > 0
        assert norm.weight.grad.abs().min() > 0

    def test_frozen_it_normalises_as_it_will_be_applied_and_learns_no_statistics(self):
        norm = BatchNorm(2)
        seen(norm, 5, (4, 2, 8, 8))
        before = {name: tensor.clone() for name, tensor in norm.named_buffers()}
        norm.frozen = True
        features = torch.randn(2, 2, 4, 4)
        taught = norm(features)
        assert all(torch.equal(tensor, before[name]) for name, tensor in norm.named_buffers())
        assert torch.equal(taught, norm.eval()(features))

    def test_bfloat16_features_are_counted_in_float32(self):
        norm = BatchNorm(1)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            norm(torch.full((1, 1, 64, 64), 3.01, dtype=torch.bfloat16))
        assert norm.running_mean.dtype == torch.float32
        assert abs(norm.running_mean.item() - 3.01) < 0.01


class TestChannelNorm:
    def test_each_cell_has_mean_zero_and_spread_one_over_its_channels(self):
        normal = ChannelNorm(64)(torch.randn(2, 64, 3, 5) * 7 + 1)
        assert normal.mean(1).abs().max() < 1e-5
        torch.testing.assert_close(normal.std(1, correction=0), torch.ones(2, 3, 5), rtol=0, atol=1e-4)

    def test_each_channel_is_scaled_and_shifted(self):
        norm, features = ChannelNorm(2), torch.randn(1, 2, 3, 3)
        plain = norm(features)
        norm.weight.data = torch.tensor([1.0, 3.0])
        norm.bias.data = torch.tensor([0.0, -1.0])
        torch.testing.assert_close(norm(features)[:, 1], 3 * plain[:, 1] - 1)
