"""Candidate cells of maps and the values around them: the dense part of decoding, done where the maps are.

NumPy maps are searched by NumPy, tensors by torch on their device; only the few peaks travel.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float, Int

if TYPE_CHECKING:
    from torch import Tensor

    Maps = Float[np.ndarray, "batch map h w"] | Float[Tensor, "batch map h w"]


@dataclass(frozen=True)
class Peaks:
    """Peaks of several maps, each with its surroundings; cells outside the map are 0.

    image, map (peak,): where it was found · cells (peak, 2): (column, row) · values (peak,) ·
    patches (peak, side, side): the map around it, side = 2 radius + 1.
    """

    image: Int[np.ndarray, " peak"]
    map: Int[np.ndarray, " peak"]
    cells: Int[np.ndarray, "peak 2"]
    values: Float[np.ndarray, " peak"]
    patches: Float[np.ndarray, "peak side side"]


def highest(maps: Maps, radius: int) -> Peaks:
    """The highest cell of every map, in the order (image, map); the first one where several are equal."""
    batch, count, _, width = maps.shape
    best = _numpy(maps.reshape(batch, count, -1).argmax(-1)).reshape(-1)  # (peak,)
    image, which = np.indices((batch, count)).reshape(2, -1)
    return _gather(maps, np.stack([image, which, best // width, best % width]), radius)


def local(maps: Maps, radius: int, threshold: float) -> Peaks:
    """Every cell above the threshold that no neighbour exceeds; of equal neighbours the first one stands for all."""
    if isinstance(maps, np.ndarray):
        bright = np.stack((maps > threshold).nonzero())
    else:
        bright = _numpy((maps > threshold).nonzero().T)
    around = _gather(maps, bright, radius=1).patches.reshape(-1, 9)  # in reading order, the cell itself is number 4
    value = around[:, 4:5]
    top = (value > around[:, :4]).all(1) & (value >= around[:, 5:]).all(1)
    return _gather(maps, bright[:, top], radius)


def _gather(maps: Maps, at: Int[np.ndarray, "4 peak"], radius: int) -> Peaks:
    """The values in a square around the given cells (image, map, row, column), 0 beyond the map's border."""
    image, which, row, column = at
    height, width = maps.shape[-2:]
    reach = np.arange(-radius, radius + 1)
    rows = row[:, None, None] + reach[:, None]  # (peak, side, 1)
    columns = column[:, None, None] + reach  # (peak, 1, side)
    inside = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)  # (peak, side, side)
    index = (
        image[:, None, None], which[:, None, None],
        np.clip(rows, 0, height - 1), np.clip(columns, 0, width - 1),
    )
    if isinstance(maps, np.ndarray):
        values = maps[index]
    else:
        import torch

        values = _numpy(maps[tuple(torch.from_numpy(part).to(maps.device) for part in index)])
    patches = np.where(inside, values, 0).astype(np.float64)
    return Peaks(image, which, np.stack([column, row], -1), patches[:, radius, radius], patches)


def _numpy(tensor: np.ndarray | Tensor) -> np.ndarray:
    if isinstance(tensor, np.ndarray):
        return tensor
    tensor = tensor.detach().cpu()
    return np.asarray(tensor.float() if tensor.is_floating_point() else tensor)  # NumPy knows no bfloat16
