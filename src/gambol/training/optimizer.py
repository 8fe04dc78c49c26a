"""The optimizer: AdamW, a warm-up, and a learning rate that falls to nothing as the budget is used up."""

from typing import TYPE_CHECKING

from pydantic import Field

from gambol.config import Config

if TYPE_CHECKING:
    from collections.abc import Iterable

    from torch import nn
    from torch.optim import Optimizer


class OptimizerConfig(Config):
    """How weights follow the gradient (AdamW: Loshchilov 2019, arXiv:1711.05101)."""

    learning_rate: float = Field(2e-3, gt=0, description="The highest learning rate, reached after the warm-up.")
    warmup: int = Field(50, ge=0, description="Steps in which the learning rate rises from zero.")
    weight_decay: float = Field(1e-4, ge=0, description="How strongly weights are drawn to zero.")
    clip: float = Field(1.0, gt=0, description="Largest norm of a gradient; longer ones are shortened to it.")
    average: float = Field(
        0.998, ge=0, lt=1,
        description="Weights are averaged over about 1 / (1 - this) steps, and the averages kept; 0: the last ones.",
    )

    def build(self, parameters: "Iterable[nn.Parameter]") -> "Optimizer":
        """AdamW on these parameters."""
        import torch

        return torch.optim.AdamW(parameters, lr=self.learning_rate, weight_decay=self.weight_decay, fused=True)

    def rate(self, step: int, progress: float) -> float:
        """The learning rate of a step, counted from 0; progress is the share of the budget that is used, 0..1."""
        return self.learning_rate * min(1.0, (step + 1) / max(1, self.warmup)) * max(0.0, 1 - progress)
