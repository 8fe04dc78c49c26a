"""Candidate cells of maps and the values around them: the dense part of decoding, done where the maps are.

NumPy maps are searched by NumPy, tensors by torch on their device; only the few peaks travel.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float, Int

if TYPE_CHECKING:
    from torch import Tensor

    Maps = Float[np.ndarray, "batch map h w"] | Float[Tensor, "batch map h w"]
    Values = Float[np.ndarray, " value"] | Float[Tensor, " value"]


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
    batch, count, height, width = maps.shape
    best = _numpy(maps.reshape(batch, count, -1).argmax(-1)).reshape(-1)  # (peak,)
    return _peaks(maps.reshape(-1), np.arange(batch * count) * height * width + best, maps.shape, radius)


def local(maps: Maps, radius: int, threshold: float) -> Peaks:
    """Every cell above the threshold that no neighbour exceeds; of equal neighbours the first one stands for all."""
    values = maps.reshape(-1)
    bright = values > threshold
    cells = np.flatnonzero(bright) if isinstance(bright, np.ndarray) else _numpy(bright.nonzero()[:, 0])
    around = _patches(values, cells, maps.shape, 1).reshape(-1, 9)  # in reading order, the cell itself is number 4
    value = around[:, 4:5]
    top = (value > around[:, :4]).all(1) & (value >= around[:, 5:]).all(1)
    return _peaks(values, cells[top], maps.shape, radius)


def _peaks(values: Values, cells: Int[np.ndarray, " peak"], shape: Sequence[int], radius: int) -> Peaks:
    """Peaks at cells, given as places in all values of all maps."""
    _, count, height, width = shape
    patches = _patches(values, cells, shape, radius)
    which, place = np.divmod(cells, height * width)
    row, column = np.divmod(place, width)
    at = np.stack([column, row], -1)
    return Peaks(which // count, which % count, at, patches[:, radius, radius].astype(np.float64), patches)


def _patches(
    values: Values, cells: Int[np.ndarray, " peak"], shape: Sequence[int], radius: int
) -> Float[np.ndarray, "peak side side"]:
    """The values in a square around cells, 0 beyond the map's border."""
    height, width = shape[-2:]
    row, column = np.divmod(cells % (height * width), width)
    reach = np.arange(-radius, radius + 1)
    index = cells[:, None, None] + (reach[:, None] * width + reach)  # (peak, side, side)
    at_border = np.flatnonzero(
        (row < radius) | (row >= height - radius) | (column < radius) | (column >= width - radius))
    rows, columns = row[at_border, None] + reach, column[at_border, None] + reach  # (peak at the border, side)
    inside = ((rows >= 0) & (rows < height))[:, :, None] & ((columns >= 0) & (columns < width))[:, None]
    index[at_border] = np.where(inside, index[at_border], cells[at_border, None, None])
    if isinstance(values, np.ndarray):
        found = values[index]
    else:
        import torch

        found = _numpy(values[torch.from_numpy(index).to(values.device)])
    found[at_border] = np.where(inside, found[at_border], 0)
    return np.asarray(found)


def _numpy(tensor: np.ndarray | Tensor) -> np.ndarray:
    if isinstance(tensor, np.ndarray):
        return tensor
    tensor = tensor.detach().cpu()
    return np.asarray(tensor.float() if tensor.is_floating_point() else tensor)  # NumPy knows no bfloat16
