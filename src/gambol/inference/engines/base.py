"""What every engine promises."""

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
from jaxtyping import UInt8


class Engine(Protocol):
    """Runs one trained network. Calls may come from several threads at once."""

    @property
    def name(self) -> str:
        """The library, and the numbers in which the network computes: `torch fp32`, `openvino bf16`."""
        ...

    @property
    def parallel(self) -> int:
        """How many calls it works on at a time; more of them wait for each other."""
        ...

    def __call__(self, inputs: UInt8[np.ndarray, "batch h w channel"]) -> Mapping[str, Any]:
        """Maps (batch, map, h, w), float32, by head: NumPy arrays, or tensors where the network ran.

        Raises `MemoryError` if there is too little memory for that many inputs.
        """
        ...


class EngineUnavailable(Exception):
    """An engine cannot be used here; its text is the reason, to stand in a sentence."""


def ran_out_of_memory(error: BaseException) -> bool:
    """Whether an error of a library means that there was too little memory: each has words of its own for it."""
    words = ("out of memory", "allocate memory", "bad_alloc", "not enough memory")
    return isinstance(error, MemoryError) or any(word in str(error).lower() for word in words)
