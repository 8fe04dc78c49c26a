"""Candidate cells of maps and the values around them: the dense part of decoding, done where the maps are.

NumPy maps are searched by NumPy, tensors by torch on their device; only the few peaks travel.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

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
    image, which = (index.reshape(-1) for index in np.indices((batch, count)))
    return _gather(maps, image, which, best // width, best % width, radius)


def local(maps: Maps, radius: int, threshold: float) -> Peaks:
    """Every cell above the threshold that no neighbour exceeds; of equal neighbours the first one stands for all."""
    if isinstance(maps, np.ndarray):
        candidates = np.nonzero(maps > threshold)
    else:
        candidates = tuple(_numpy(index) for index in (maps > threshold).nonzero(as_tuple=True))
    around = _gather(maps, *candidates, radius=1)
    neighbours = around.patches.reshape(-1, 9)  # in reading order, the cell itself is number 4
    value = neighbours[:, 4:5]
    top = (value > neighbours[:, :4]).all(1) & (value >= neighbours[:, 5:]).all(1)
    return _gather(maps, *(index[top] for index in candidates), radius=radius)


def _gather(
    maps: Maps,
    image: Int[np.ndarray, " peak"],
    which: Int[np.ndarray, " peak"],
    row: Int[np.ndarray, " peak"],
    column: Int[np.ndarray, " peak"],
    radius: int,
) -> Peaks:
    """The values in a square around the given cells, 0 beyond the map's border."""
    height, width = maps.shape[-2:]
    reach = np.arange(-radius, radius + 1)
    rows = row[:, None, None] + reach[:, None]  # (peak, side, 1)
    columns = column[:, None, None] + reach  # (peak, 1, side)
    inside = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
    index = (
        image[:, None, None],
        which[:, None, None],
        np.clip(rows, 0, height - 1),
        np.clip(columns, 0, width - 1),
    )
    if isinstance(maps, np.ndarray):
        values = maps[index]
    else:
        import torch

        values = _numpy(maps[tuple(torch.from_numpy(part).to(maps.device) for part in index)])
    patches = np.where(inside, values, 0).astype(np.float64)
    return Peaks(image, which, np.stack([column, row], -1), patches[:, radius, radius], patches)


def _numpy(array: np.ndarray | Tensor) -> np.ndarray:
    if isinstance(array, np.ndarray):
        return array
    return cast(np.ndarray, array.detach().float().cpu().numpy() if array.is_floating_point() else array.cpu().numpy())
