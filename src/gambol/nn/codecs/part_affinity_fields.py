"""Part affinity fields: along each edge a vector field that points from its source to its destination.

They tell which of several peaks belong to one animal (Cao 2017, arXiv:1611.08050). Two maps for each edge, x before y.
Across the line a field fades as a Gaussian; where lines of several animals overlap, their fields add up.
A map of stride s samples the input at 0, s, 2s, ... (cell i lies at input pixel i * s), in both directions.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float, Int

if TYPE_CHECKING:
    from torch import Tensor

Edges = Sequence[tuple[int, int]]
STEPS = np.linspace(0, 1, 10)[:, None]  # where along a candidate line the field is read, ends included
REACH = 4.0  # sigmas from a line beyond which its field is nothing


def encode(
    points: Float[Tensor, "batch animal node 2"], edges: Edges, size: tuple[int, int], sigma: float, stride: int
) -> Float[Tensor, "batch field h w"]:
    """The fields of all animals; an edge with an end that is NaN has none, nor has one whose ends coincide.

    Points and sigma in input pixels, (x, y); size is the maps' (height, width) in cells.
    """
    import torch

    ends = torch.tensor(edges, dtype=torch.long, device=points.device).reshape(-1, 2)
    sources, lines = points[:, :, ends[:, 0]], points[:, :, ends[:, 1]] - points[:, :, ends[:, 0]]
    lengths = lines.norm(dim=-1)  # (batch, animal, edge)
    limit = points.new_tensor([size[1] - 1, size[0] - 1]) * stride
    low, high = torch.minimum(sources, sources + lines), torch.maximum(sources, sources + lines)
    near = ((high > -REACH * sigma) & (low < limit + REACH * sigma)).all(-1)  # NaN is not near either
    image, animal, edge = (near & (lengths > 0)).nonzero(as_tuple=True)  # (segment,)
    fields = points.new_zeros(points.shape[0] * len(edges), 2, *size)
    start, length = sources[image, animal, edge], lengths[image, animal, edge][:, None]
    direction = lines[image, animal, edge] / length  # (segment, 2)
    height, width = (torch.arange(cells, device=points.device) * stride for cells in size)
    x, y = width - start[:, :1], height - start[:, 1:]  # (segment, w), (segment, h)
    ux, uy = direction[:, :1], direction[:, 1:]
    along = (uy * y)[:, :, None] + (ux * x)[:, None, :]  # (segment, h, w): how far along the line
    across = (ux * y)[:, :, None] - (uy * x)[:, None, :]
    beyond = ((along - length[..., None] / 2).abs() - length[..., None] / 2).clamp(min=0)
    strength = torch.exp(-(across**2 + beyond**2) / (2 * sigma**2))  # (segment, h, w)
    fields.index_add_(0, image * len(edges) + edge, strength[:, None] * direction[:, :, None, None])
    return fields.reshape(points.shape[0], 2 * len(edges), *size)


def along_lines(
    fields: Float[np.ndarray, "batch field h w"] | Float[Tensor, "batch field h w"],
    image: Int[np.ndarray, " line"],
    edge: Int[np.ndarray, " line"],
    starts: Float[np.ndarray, "line 2"],
    ends: Float[np.ndarray, "line 2"],
    stride: int,
) -> Float[np.ndarray, " line"]:
    """How much the field of an edge points along each line, on average: 1 on the edge itself, 0 where nothing is.

    Starts and ends in input pixels. The field is read where it lies, NumPy or torch; only the averages travel.
    """
    lines = ends - starts  # (line, 2)
    lengths = np.linalg.norm(lines, axis=-1, keepdims=True)
    directions = lines / np.maximum(lengths, 1e-9)  # none for coinciding ends: they score 0
    places = (starts[:, None] + STEPS * lines[:, None]) / stride  # (line, sample, 2), cells
    return np.asarray((_read(fields, image, edge, places) * directions[:, None]).sum(-1).mean(-1))


def _read(
    fields: Float[np.ndarray, "batch field h w"] | Float[Tensor, "batch field h w"],
    image: Int[np.ndarray, " line"],
    edge: Int[np.ndarray, " line"],
    places: Float[np.ndarray, "line sample 2"],
) -> Float[np.ndarray, "line sample 2"]:
    """The vectors at places between the cells, bilinear; beyond the border those at the border."""
    count, height, width = fields.shape[1:]
    last = np.array([width - 1, height - 1])
    places = np.clip(places, 0, last)
    corner = np.minimum(places.astype(int), np.maximum(last - 1, 0))  # (line, sample, 2): left, top
    right, down = min(1, width - 1), width * min(1, height - 1)  # steps to the neighbours, none in a map of one cell
    first = ((image * count + 2 * edge) * height * width)[:, None]  # (line, 1): the edge's map along x
    cell = first + corner[..., 1] * width + corner[..., 0]  # (line, sample) of all cells
    around = np.array([0, right, down, right + down])[:, None] + [0, height * width]  # (corner, 2): map along x, y
    corners = cell[..., None, None] + around  # (line, sample, corner, 2)
    if isinstance(fields, np.ndarray):
        values = fields.reshape(-1)[corners]
    else:
        import torch

        flat = fields.detach().reshape(-1)
        values = np.asarray(flat[torch.from_numpy(corners).to(fields.device)].float().cpu())
    fx, fy = (places - corner).transpose(2, 0, 1)[..., None]  # (line, sample, 1)
    upper, lower = (values[:, :, row] * (1 - fx) + values[:, :, row + 1] * fx for row in (0, 2))
    return np.asarray(upper * (1 - fy) + lower * fy)
