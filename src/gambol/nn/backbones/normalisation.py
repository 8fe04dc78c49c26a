"""Layers that keep features in a range in which deep networks learn."""

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

RAMP = 200  # batches until the corrections are at their widest
WIDEST_SCALE, WIDEST_SHIFT = 3.0, 5.0  # Ioffe's


class BatchNorm(nn.BatchNorm2d):
    """Batch normalisation that serves for small batches, too; applied, it is as `nn.BatchNorm2d` is.

    What a batch is normalised with is corrected towards the running statistics, which are what counts when the
    network is applied; so a batch of a few cells teaches no other network than the one that will be used. Source:
    Ioffe 2017, arXiv:1702.03275 (batch renormalisation). `frozen`: the running statistics stay as they are, and
    normalise in training, too: right for pretrained weights, which were trained with them.
    """

    running_mean: Tensor
    running_var: Tensor
    num_batches_tracked: Tensor

    def __init__(self, channels: int, eps: float = 1e-3, momentum: float = 0.05) -> None:
        super().__init__(channels, eps=eps, momentum=momentum)
        self.frozen = False

    def forward(self, features: Float[Tensor, "batch channel h w"]) -> Float[Tensor, "batch channel h w"]:
        """The features, each channel normalised, scaled and shifted."""
        if self.frozen or not self.training:
            return functional.batch_norm(
                features, self.running_mean, self.running_var, self.weight, self.bias, eps=self.eps)
        scale, shift = self._corrections(features)
        weight, bias = self.weight * scale, self.weight * shift + self.bias
        return torch.batch_norm(  # `functional`'s would refuse a single value, which teaches through the shift here
            features, weight, bias, None, None, True, 0.0, self.eps, torch.backends.cudnn.enabled)

    @torch.no_grad()
    def _corrections(self, features: Tensor) -> tuple[Float[Tensor, " channel"], Float[Tensor, " channel"]]:
        """From the batch's statistics to the running ones, within bounds; then these take in the batch's."""
        var, mean = torch.var_mean(features.detach().float(), (0, 2, 3), correction=0)  # (channel,)
        spread, usual = (var + self.eps).sqrt(), (self.running_var + self.eps).sqrt()
        trust = (self.num_batches_tracked / RAMP).clamp(max=1)
        most = 1 + (WIDEST_SCALE - 1) * trust
        scale = torch.minimum(torch.maximum(spread / usual, 1 / most), most)
        shift = (mean - self.running_mean) / usual
        shift = torch.minimum(torch.maximum(shift, -WIDEST_SHIFT * trust), WIDEST_SHIFT * trust)
        share = torch.maximum(torch.full_like(trust, self.momentum or 0), 1 / (self.num_batches_tracked + 1))
        self.running_mean.lerp_(mean, share)  # of the first batches the mean, later a moving average
        self.running_var.lerp_(var, share)
        self.num_batches_tracked.add_(1)
        return scale, shift


class ChannelNorm(nn.Module):
    """Layer normalisation over the channels of each cell (Ba 2016, arXiv:1607.06450; as ConvNeXt has it)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, features: Float[Tensor, "batch channel h w"]) -> Float[Tensor, "batch channel h w"]:
        """The features, each cell normalised; each channel scaled and shifted."""
        last = features.permute(0, 2, 3, 1)
        return functional.layer_norm(last, self.weight.shape, self.weight, self.bias, 1e-6).permute(0, 3, 1, 2)
