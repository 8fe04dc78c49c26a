"""An engine beside others: its calls take turns, are timed, and do less at a time when memory runs out."""

from collections.abc import Callable, Mapping, Sequence
from threading import Semaphore
from typing import Any

import numpy as np
from jaxtyping import UInt8

from gambol.errors import DeviceError
from gambol.inference.engines.base import Engine
from gambol.pipelines.timings import Timings


class Guarded:
    """Runs an engine on as many inputs at a time as fit into memory; what comes out does not depend on how many."""

    def __init__(
        self, engine: Engine, most_pixels: float, turn: Semaphore, timings: Timings,
        tell: Callable[[str], None],
    ) -> None:
        """most_pixels: of the inputs of one call, altogether. turn: held while the engine works, shared with others.

        tell: gets three sentences for the user whenever less is done at a time from then on.
        """
        self.engine, self.most_pixels = engine, most_pixels
        self.turn, self.timings, self.tell = turn, timings, tell

    def __call__(self, inputs: UInt8[np.ndarray, "batch h w channel"]) -> Mapping[str, Any]:
        """The engine's maps of all inputs. Raises `DeviceError` if there is not even memory for one of them."""
        pixels = inputs.shape[1] * inputs.shape[2]
        parts: list[Mapping[str, Any]] = []
        done = 0
        while done < len(inputs):
            part = inputs[done : done + max(1, int(self.most_pixels / pixels))]
            try:
                parts.append(self._run(part))
                done += len(part)
            except MemoryError as error:
                self._do_less(part, error)
        return {name: _joined([part[name] for part in parts]) for name in parts[0]}

    def _run(self, inputs: UInt8[np.ndarray, "batch h w channel"]) -> Mapping[str, Any]:
        with self.timings.of("waiting for a turn"):
            self.turn.acquire()
        try:
            with self.timings.of("network"):
                return self.engine(inputs)
        finally:
            self.turn.release()

    def _do_less(self, inputs: UInt8[np.ndarray, "batch h w channel"], error: MemoryError) -> None:
        count, height, width, _ = inputs.shape
        if count == 1:
            raise DeviceError(
                f"There is not enough memory to look at a single image of {width} x {height} pixels ({self.engine.name}"
                "). Nothing can be predicted without it. "
                "Close other programs, choose another --device, or train a model with a smaller scale or fewer filters."
            ) from error
        if count // 2 * height * width < self.most_pixels:
            self.most_pixels = count // 2 * height * width
            self.tell(
                f"Memory ran out with {count} images at a time. "
                f"No more than {count // 2} are taken from now on, which may be slower and changes no result. "
                "Close other programs, or choose a smaller --batch."
            )


def _joined(maps: Sequence[Any]) -> Any:
    """Maps of consecutive inputs as one array, or one tensor."""
    if len(maps) == 1:
        return maps[0]
    if isinstance(maps[0], np.ndarray):
        return np.concatenate(maps)
    import torch

    return torch.cat(list(maps))
