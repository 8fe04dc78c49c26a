"""PyTorch: the reference, and the engine of every GPU."""

from collections.abc import Mapping

import numpy as np
import torch
from jaxtyping import UInt8
from torch import Tensor

from gambol.nn.device import gains_from_bf16
from gambol.nn.model import Model


class TorchEngine:
    """A network on a device, in channels-last layout, in bfloat16 where the device gains from it."""

    def __init__(self, model: Model, device: torch.device, bf16: bool | None = None) -> None:
        self.model = model.to(device, memory_format=torch.channels_last).eval()  # type: ignore[call-overload]
        self.device = device
        self.bf16 = gains_from_bf16(device) if bf16 is None else bf16

    def __call__(self, inputs: UInt8[np.ndarray, "batch h w channel"]) -> Mapping[str, Tensor]:
        """Maps (batch, map, h, w), float32, on the device, by head."""
        images = torch.from_numpy(inputs).to(self.device).permute(0, 3, 1, 2)
        training = self.model.training
        self.model.eval()
        with torch.inference_mode(), torch.autocast(self.device.type, torch.bfloat16, enabled=self.bf16):
            maps: Mapping[str, Tensor] = self.model(images)
        self.model.train(training)
        return maps
