"""Weights averaged over the last steps: steadier than any single step's (Polyak 1992, doi:10.1137/0330046)."""

import copy

import torch
from torch import Tensor

from gambol.nn.model import Model


class Average:
    """An exponential moving average of a network's weights; early on it forgets faster, so that it is never stale."""

    def __init__(self, network: Model, decay: float) -> None:
        self.model = copy.deepcopy(network).requires_grad_(False)
        self.decay = decay
        self.updates = 0

    @torch.no_grad()
    def update(self, network: Model) -> None:
        """Take in the weights after one more step."""
        self.updates += 1
        decay = min(self.decay, self.updates / (self.updates + 9))
        averaged: list[Tensor] = list(self.model.parameters())
        weights: list[Tensor] = list(network.parameters())
        torch._foreach_lerp_(averaged, weights, 1 - decay)
