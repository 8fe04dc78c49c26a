"""Weights averaged over the last steps: steadier than any single step's (Polyak 1992, doi:10.1137/0330046)."""

import copy

import torch
from torch import Tensor

from gambol.nn.model import Model


class Average:
    """An exponential moving average of a network's weights; early on it forgets faster, so that it is never stale.

    Running statistics are averaged alike, as they describe what the weights of their time made; counts are copied.
    The averaged network is there to be applied, never trained: it is in evaluation mode.
    """

    def __init__(self, network: Model, decay: float) -> None:
        self.model = copy.deepcopy(network).requires_grad_(False).eval()
        self.decay = decay
        self.updates = 0

    @torch.no_grad()
    def update(self, network: Model) -> None:
        """Take in the weights after one more step."""
        self.updates += 1
        decay = min(self.decay, self.updates / (self.updates + 9))
        averaged, latest = _tensors(self.model), _tensors(network)
        for own, new in zip(averaged, latest, strict=True):
            if not own.is_floating_point():
                own.copy_(new)
        pairs = [(own, new) for own, new in zip(averaged, latest, strict=True) if own.is_floating_point()]
        torch._foreach_lerp_([own for own, _ in pairs], [new for _, new in pairs], 1 - decay)


def _tensors(network: Model) -> list[Tensor]:
    """All that the network's results depend on: parameters, then buffers."""
    return [*network.parameters(), *network.buffers()]
