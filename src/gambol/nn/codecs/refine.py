"""Where between the cells a peak lies.

A Gaussian is fitted to the logarithm of the map by least squares, each cell weighted by its value squared (Guo 2011,
doi:10.1109/MSP.2011.941846) and by a soft window around the present estimate; the window follows the estimate until
both agree. Exact for a Gaussian of any width at every sub-pixel phase, at borders too, and independent of which of
two nearly equal cells the search began at.
"""

import math

import numpy as np
from jaxtyping import Float

ROUNDS = 12
SETTLED = 1e-4  # cells


def patch_radius(sigma: float) -> int:
    """Cells to each side of a peak that refinement wants to see; sigma in cells."""
    return math.ceil(2 * _window(sigma)) + 2


def refine(patches: Float[np.ndarray, "peak side side"], sigma: float) -> Float[np.ndarray, "peak 2"]:
    """Offsets (x, y) in cells from the centre of each patch to its peak; sigma is the expected spread in cells."""
    radius = patches.shape[-1] // 2
    reach = np.arange(-radius, radius + 1, dtype=np.float64)
    grid = np.stack(np.meshgrid(reach, reach), -1).reshape(-1, 2)  # (cell, 2)
    values = np.clip(patches.reshape(len(patches), -1), 0, None)  # (peak, cell)
    height = values.max(-1, keepdims=True, initial=1e-12)
    logs = np.log(np.maximum(values / height, 1e-12))
    weights = (values / height) ** 2
    offsets = np.zeros((len(patches), 2))
    for _ in range(ROUNDS):
        steps = _fit(grid - offsets[:, None], logs, weights, sigma)
        offsets = np.clip(offsets + steps, -radius, radius)
        if not (np.abs(steps) > SETTLED).any():
            break
    return offsets


def _fit(
    away: Float[np.ndarray, "peak cell 2"],
    logs: Float[np.ndarray, "peak cell"],
    weights: Float[np.ndarray, "peak cell"],
    sigma: float,
) -> Float[np.ndarray, "peak 2"]:
    """One step towards the top of log v = a + b·u + c|u|², u = cell - estimate: to u = -b / 2c, at most a cell."""
    square = (away**2).sum(-1)  # (peak, cell)
    weights = weights * np.exp(-square / (2 * _window(sigma) ** 2))
    terms = np.stack([np.ones_like(square), away[..., 0], away[..., 1], square], -1)  # (peak, cell, 4)
    weighted = terms * weights[..., None]
    normal = np.swapaxes(weighted, 1, 2) @ terms  # (peak, 4, 4)
    right = (weighted * logs[..., None]).sum(1)  # (peak, 4)
    faith = 1e-7  # a trace of the expected shape, so that a patch with too few cells still has an answer
    normal[:, range(4), range(4)] += faith
    curvature = -1 / (2 * sigma**2)
    right[:, 3] += faith * curvature
    _, bx, by, c = np.moveaxis(np.linalg.solve(normal, right[..., None])[..., 0], -1, 0)
    c = np.clip(c, 9 * curvature, curvature / 9)  # a peak, from a third to three times as wide as expected
    return np.clip(np.stack([bx, by], -1) / (-2 * c)[:, None], -1, 1)


def _window(sigma: float) -> float:
    return max(sigma, 0.8)
