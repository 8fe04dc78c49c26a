"""PyTorch: the reference, and the engine of every GPU."""

from collections.abc import Mapping

import numpy as np
import torch
from jaxtyping import UInt8
from torch import Tensor

from gambol.inference.engines.base import ran_out_of_memory
from gambol.nn.device import gains_from_bf16
from gambol.nn.model import Model


class TorchEngine:
    """A network on a device, in channels-last layout, in bfloat16 where the device gains from it."""

    parallel = 1  # the threads of the CPU, or of the GPU, all work on one call

    def __init__(self, model: Model, device: torch.device, bf16: bool | None = None) -> None:
        self.model = model.to(device, memory_format=torch.channels_last).eval()  # type: ignore[call-overload]
        self.device = device
        self.bf16 = gains_from_bf16(device) if bf16 is None else bf16

    @property
    def name(self) -> str:
        """`torch bf16` or `torch fp32`."""
        return "torch bf16" if self.bf16 else "torch fp32"

    def __call__(self, inputs: UInt8[np.ndarray, "batch h w channel"]) -> Mapping[str, Tensor]:
        """Maps (batch, map, h, w), float32, on the device, by head; a GPU may still be at work on them."""
        training = self.model.training
        if training:
            self.model.eval()
        try:
            with torch.inference_mode(), torch.autocast(self.device.type, torch.bfloat16, enabled=self.bf16):
                maps: Mapping[str, Tensor] = self.model(self._there(inputs))
        except RuntimeError as error:
            if ran_out_of_memory(error):
                raise MemoryError(str(error)) from error
            raise
        finally:
            if training:
                self.model.train()
        return maps

    def _there(self, inputs: UInt8[np.ndarray, "batch h w channel"]) -> Tensor:
        """The inputs on the device, as (batch, channel, h, w); a GPU fetches them while it is still at work."""
        images = torch.from_numpy(inputs)
        if self.device.type == "cuda":
            images = images.pin_memory()
        return images.to(self.device, non_blocking=True).permute(0, 3, 1, 2)
