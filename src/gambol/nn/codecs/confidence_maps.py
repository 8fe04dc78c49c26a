"""Confidence maps: a Gaussian bump wherever a point is, and the way back (Tompson 2014, arXiv:1406.2984).

A map of stride s samples the input at 0, s, 2s, ... (cell i lies at input pixel i * s), in both directions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Bool, Float, Int

from gambol.nn.codecs import peaks
from gambol.nn.codecs.refine import patch_radius, refine, within

if TYPE_CHECKING:
    from torch import Tensor


def encode(
    points: Float[Tensor, "*batch node 2"], size: tuple[int, int], sigma: float, stride: int
) -> Float[Tensor, "*batch node h w"]:
    """One bump of height 1 for each point; a point that is NaN gets an empty map.

    Points and sigma in input pixels, (x, y); size is the map's (height, width) in cells.
    """
    import torch

    height, width = (torch.arange(cells, device=points.device) * stride for cells in size)
    dx = width - points[..., 0, None]  # (*batch, node, w)
    dy = height - points[..., 1, None]  # (*batch, node, h)
    across, down = (torch.nan_to_num(torch.exp(-(d**2) / (2 * sigma**2))) for d in (dx, dy))
    return down[..., :, None] * across[..., None, :]  # (*batch, node, h, w): a Gaussian is a product


def brightest(
    points: Float[Tensor, "batch animal node 2"], size: tuple[int, int], sigma: float, stride: int
) -> Float[Tensor, "batch node h w"]:
    """The maps of all animals in one: where two overlap, the brighter one counts; all empty if there are none."""
    if points.shape[1] == 0:
        return points.new_zeros(points.shape[0], points.shape[2], *size)
    return encode(points, size, sigma, stride).amax(dim=1)


def decode_best(
    maps: Float[np.ndarray, "batch node h w"] | Float[Tensor, "batch node h w"],
    sigma: float,
    stride: int,
    threshold: float,
) -> tuple[Float[np.ndarray, "batch node 2"], Float[np.ndarray, "batch node"]]:
    """The highest peak of each map: points in input pixels, and scores (the peak's value).

    A peak below the threshold is a node that was not found: NaN, score 0.
    """
    found = peaks.highest(maps, patch_radius(sigma / stride))
    batch, nodes = maps.shape[:2]
    offsets = refine(found.patches, sigma / stride)  # (peak, 2)
    points = within(found.cells + offsets, maps.shape[-2:], sigma / stride) * stride  # (peak, 2)
    missing = ~(found.values >= threshold)
    points[missing] = np.nan
    return points.reshape(batch, nodes, 2), np.where(missing, 0.0, found.values).reshape(batch, nodes)


@dataclass(frozen=True)
class Found:
    """Peaks of several maps, ordered by image, map and falling value.

    image, map (peak,): where each was found · points (peak, 2): input pixels · values (peak,).
    """

    image: Int[np.ndarray, " peak"]
    map: Int[np.ndarray, " peak"]
    points: Float[np.ndarray, "peak 2"]
    values: Float[np.ndarray, " peak"]


def decode_all(
    maps: Float[np.ndarray, "batch 1 h w"] | Float[Tensor, "batch 1 h w"],
    sigma: float,
    stride: int,
    threshold: float,
) -> list[tuple[Float[np.ndarray, "peak 2"], Float[np.ndarray, " peak"]]]:
    """For each image all local peaks of its only map, best first: points in input pixels, and their values."""
    found = decode_each(maps, sigma, stride, threshold)
    borders = np.searchsorted(found.image, np.arange(1, maps.shape[0]))
    return list(zip(np.split(found.points, borders), np.split(found.values, borders), strict=True))


def decode_each(
    maps: Float[np.ndarray, "batch map h w"] | Float[Tensor, "batch map h w"],
    sigma: float,
    stride: int,
    threshold: float,
) -> Found:
    """All local peaks above the threshold, of every map.

    Two candidates of a map that refine to the same place (within a cell) are one peak: the better one stays.
    """
    found = peaks.local(maps, patch_radius(sigma / stride), threshold)
    offsets = refine(found.patches, sigma / stride)  # (peak, 2)
    cells = within(found.cells + offsets, maps.shape[-2:], sigma / stride)
    order = np.lexsort((-found.values, found.map, found.image))
    image, which, cells = found.image[order], found.map[order], cells[order]
    kept = _apart(cells, image * maps.shape[1] + which, distance=1.0)
    return Found(image[kept], which[kept], cells[kept] * stride, found.values[order][kept])


def _apart(
    points: Float[np.ndarray, "peak 2"], group: Int[np.ndarray, " peak"], distance: float
) -> Bool[np.ndarray, " peak"]:
    """Which points stay when each one silences later ones of its group nearer than `distance`."""
    kept = np.ones(len(points), bool)
    if len(points) < 2:
        return kept
    near = np.sort(_near(points, group, distance), 1)  # (pair, 2): earlier, later
    for earlier, later in near[np.lexsort(near.T[::-1])]:
        kept[later] &= not kept[earlier]
    return kept


def _near(
    points: Float[np.ndarray, "peak 2"], group: Int[np.ndarray, " peak"], distance: float
) -> Int[np.ndarray, "pair 2"]:
    """All pairs of points of one group that are nearer to each other than `distance`, found from left to right."""
    order = np.lexsort((points[:, 0], group))
    places, groups = points[order], group[order]
    pairs = [np.empty((0, 2), int)]
    for step in range(1, len(order)):
        ahead = (groups[step:] == groups[:-step]) & (places[step:, 0] - places[:-step, 0] < distance)
        if not ahead.any():  # nor is it for any larger step
            break
        near = ahead & (np.hypot(*(places[step:] - places[:-step]).T) < distance)
        pairs.append(np.column_stack([order[:-step][near], order[step:][near]]))
    return np.concatenate(pairs)
